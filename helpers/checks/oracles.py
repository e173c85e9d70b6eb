"""Slow truths about the model and about LIME that share no code with `helpers`.

Attention twice, independently: `by_definition`, head by head and token by token with Python's own
exponential and exact sums, and `full_attention`, all T × T weights as torch computes them, which
torch differentiates.
LIME twice: least squares on all 2^d masks, and the same in mpmath; `checks.recursion` is a third.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import mpmath
import numpy as np
import torch
from mpmath import mp, mpf

from helpers.games import PerturbationGame
from helpers.model.reading import Array, Heads, Reading

WEIGHTS = ("W_q", "W_k", "W_v", "W_l", "b_q", "b_k", "b_v")
DIGITS = 200  # a bandwidth of 0.05 weighs the empty text by exp(-200)
ARRAYS = (
    *("kept_weight", "kept_value", "masked_weight", "masked_value"),
    *("rest_weight", "rest_value"),
)


def by_definition(reading: Reading) -> float:
    """f, head by head and token by token, with one query and a vector for each key and value."""
    outputs = []
    for head in zip(*(getattr(reading.heads, name) for name in WEIGHTS), strict=True):
        W_q, W_k, W_v, W_l, b_q, b_k, b_v = head
        query = W_q @ reading.embeddings[0] + b_q
        logits, values = [], []
        for e in reading.embeddings:
            logits.append(float(query @ (W_k @ e + b_k)) / math.sqrt(len(query)))
            values.append(float(W_l @ (W_v @ e + b_v)))
        weights = [math.exp(logit - max(logits)) for logit in logits]
        voted = math.fsum(weight * value for weight, value in zip(weights, values))
        outputs.append(voted / math.fsum(weights))
    return math.fsum(outputs) / len(outputs)


def each_head(
    heads: Heads, e: torch.Tensor, asking: torch.Tensor | None = None
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Every row of attention (..., T, T) and the read-out of row 0 (...), for one head at a time.

    `e` (..., T, d_e) are embeddings; the queries come from `asking`, or from `e`.
    """
    arrays = (torch.as_tensor(getattr(heads, name), dtype=e.dtype) for name in WEIGHTS)
    for W_q, W_k, W_v, W_l, b_q, b_k, b_v in zip(*arrays, strict=True):
        q = (e if asking is None else asking) @ W_q.T + b_q
        k, v = e @ W_k.T + b_k, e @ W_v.T + b_v
        rows = torch.softmax(q @ k.mT / len(W_q) ** 0.5, dim=-1)
        yield rows, (rows @ v)[..., 0, :] @ W_l


def full_attention(
    heads: Heads, e: torch.Tensor, asking: torch.Tensor | None = None
) -> torch.Tensor:
    """f (...) of embeddings `e` (..., T, d_e), with all T × T attention weights computed."""
    return torch.stack([output for _, output in each_head(heads, e, asking)]).mean(dim=0)


def attention_rows(reading: Reading) -> Array:
    """All T rows of attention of each head, (K, T, T)."""
    e = torch.from_numpy(reading.embeddings)
    return np.array([rows.numpy() for rows, _ in each_head(reading.heads, e)])


def automatic(
    reading: Reading, embeddings: Array | None = None, fixed_query: bool = False
) -> tuple[float, Array]:
    """f and its gradient (T_max, d_e) by automatic differentiation, at `embeddings` or the text's.

    With `fixed_query` the queries are constants, so that [CLS] counts as a key and a value only.
    """
    at = reading.embeddings if embeddings is None else embeddings
    e = torch.tensor(at, requires_grad=True)
    f = full_attention(reading.heads, e, e.detach() if fixed_query else e)
    return f.item(), torch.autograd.grad(f, e)[0].numpy()


def value_scale(reading: Reading) -> float:
    """What errors of f are relative to: the largest projected value, but at least one."""
    return max(1.0, float(np.abs(reading.values).max()))


def every_mask(d: int) -> Array:
    """All masks of `d` words, (2^d, d) of zeros and ones."""
    return np.array([*itertools.product((0.0, 1.0), repeat=d)])


def all_masks(d: int, bandwidth: float) -> tuple[Array, Array]:
    """All 2^d masks, and LIME's probability of each times its weight; the whole text has none."""
    z = every_mask(d)
    kept = z.sum(axis=1).astype(int)
    probability = [0.0 if m == d else 1 / (d * math.comb(d, m)) for m in kept]
    return z, np.array(probability) * np.exp(-((1 - np.sqrt(kept / d)) ** 2) / (2 * bandwidth**2))


def enumerated(f: Array, d: int, bandwidth: float) -> Array:
    """LIME's coefficients (d,) of outputs f (2^d,): least squares on all masks, d > 1."""
    z, weights = all_masks(d, bandwidth)
    return regression(z, f, weights, 0.0)[1:]


def regression(z: Array, f: Array, weights: Array, penalty: float) -> Array:
    """Intercept and coefficients (1 + k,) of the best line through f (n,) on columns z (n, k).

    Least squares with `weights` (n,) and a ridge `penalty` that spares the intercept: the penalty
    enters as k more observations.
    """
    root, k = np.sqrt(weights), z.shape[1]
    design = np.column_stack([np.ones(len(z)), z]) * root[:, None]
    extra = np.sqrt(penalty) * np.eye(k, k + 1, 1)
    return np.linalg.lstsq(np.vstack([design, extra]), np.r_[root * f, np.zeros(k)], rcond=None)[0]


def mask_gradient(reading: Reading) -> Array:
    """∂f/∂z at the text by PyTorch, (d,): word j weighs z_j e^{l_t} + (1 - z_j) e^{l~_t}."""
    words = reading.text[1:]
    labels = tuple(dict.fromkeys(words))
    z = torch.ones(len(labels), dtype=torch.float64, requires_grad=True)
    share = torch.ones(len(reading.tokens), dtype=torch.float64)
    share[1 : reading.length] = z[[labels.index(word) for word in words]]
    logits, masked = torch.tensor(reading.logits), torch.tensor(reading.masked_logits)
    top = torch.maximum(logits, masked).max(dim=1, keepdim=True).values
    kept, gone = share * torch.exp(logits - top), (1 - share) * torch.exp(masked - top)
    total = kept * torch.tensor(reading.values) + gone * torch.tensor(reading.masked_values)
    (total.sum(dim=1) / (kept + gone).sum(dim=1)).mean().backward()
    return z.grad.numpy()


def leave_one_out(game: PerturbationGame) -> Array:
    """f of the whole text less f without each word, (d,)."""
    masks = 1 - np.eye(len(game.labels))
    return game.value(np.ones(len(masks))) - game.value(masks)


def brute_force(game: PerturbationGame, bandwidth: float) -> Array:
    """β^∞ from all 2^d masks: weighted least squares by its normal equations, in mpmath."""
    with mp.workdps(DIGITS):
        return least_squares(outputs(game), lime_weights(len(game.labels), bandwidth))


def outputs(game: PerturbationGame) -> dict[tuple[int, ...], mpf]:
    """f(z) of every mask z, from the definition, in mpmath's precision of the moment."""
    arrays = [np.vectorize(mpf, otypes=[object])(getattr(game, name)) for name in ARRAYS]
    kept, kept_value, masked, masked_value, rest, rest_value = arrays
    values = {}
    for place in every_mask(len(game.labels)) == 1:
        D = rest + np.where(place, kept, masked).sum(axis=1)
        N = rest_value + np.where(place, kept_value, masked_value).sum(axis=1)
        values[tuple(place.astype(int).tolist())] = (N / D).sum() / len(D)
    return values


def lime_weights(d: int, bandwidth: float) -> list[mpf]:
    """The probability of m kept words times LIME's weight, m = 0..d; `lime` keeps at most d - 1."""
    nu = mpf(bandwidth) if bandwidth < np.inf else mp.inf
    return [mp.exp(-(((1 - mp.sqrt(mpf(m) / d)) / nu) ** 2) / 2) / d for m in range(d)] + [mpf(0)]


def size_weights(d: int, bandwidth: float) -> list[mpf]:
    """`lime_weights` scaled to a sum of one, m = 0..d."""
    weights = lime_weights(d, bandwidth)
    return [weight / sum(weights) for weight in weights]


def slope_weights(d: int, bandwidth: float) -> list[mpf]:
    """What each size counts for in the slope of f on m: ω_m (m - E m) / Var m, m = 0..d."""
    omega = size_weights(d, bandwidth)
    centre = sum(m * weight for m, weight in enumerate(omega))
    spread = sum((m - centre) ** 2 * weight for m, weight in enumerate(omega))
    return [(m - centre) * weight / spread for m, weight in enumerate(omega)]


def mixed(d: int, p: Array, coefficients: Array) -> list[mpf]:
    """Σ_q c_q Binomial(m; d, p_q) for m = 0..d."""
    total = [mpf(0)] * (d + 1)
    for q, c in zip(map(mpf, p.tolist()), coefficients.tolist()):
        for m in range(d + 1):
            total[m] += c * mp.binomial(d, m) * q**m * (1 - q) ** (d - m)
    return total


def shapley(game: PerturbationGame) -> Array:
    """Shapley values by their definition, a sum over all 2^d masks, in mpmath."""
    with mp.workdps(50):
        return enumerated_shapley(outputs(game))


def enumerated_shapley(values: dict[tuple[int, ...], mpf | float]) -> Array:
    """Shapley values (d,) by their definition, from the `values` of all 2^d masks."""
    d = len(next(iter(values)))
    scores = [mpf(0)] * d
    for z, f in values.items():
        m = sum(z)
        for j in range(d):
            others = m - z[j]
            scores[j] += (2 * z[j] - 1) * f / (d * mp.binomial(d - 1, others))
    return np.array([float(x) for x in scores])


def least_squares(values: dict[tuple[int, ...], mpf], sizes: Sequence[mpf]) -> Array:
    """Coefficients of the best line through `values`; the masks of m words share ``sizes[m]``."""
    d = len(sizes) - 1
    left, right = mpmath.zeros(d + 1), mpmath.zeros(d + 1, 1)
    for z, f in values.items():
        weight = sizes[sum(z)] / mp.binomial(d, sum(z))
        on = [0, *(j + 1 for j in range(d) if z[j])]
        for i in on:
            right[i] += weight * f
            for j in on:
                left[i, j] += weight
    return np.array([float(x) for x in mp.lu_solve(left, right)[1:]])
