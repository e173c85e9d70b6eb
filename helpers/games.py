"""The perturbation game of a document (words kept or masked), and exact expectations over its masks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from helpers.reading import Array, Reading, finite
from helpers.text import tokenize

BLOCK = 2**17  # numbers of a working array: it stays in a core's cache


@dataclass(frozen=True)
class PerturbationGame:
    """f(z) = mean_i N_i(z) / D_i(z) for masks z in {0, 1}^d, N and D additive over the features.

    For head i and feature j, `kept_weight` (K, d) is Σ g_t and `kept_value` Σ g_t u_t over the
    feature's positions; `masked_weight` and `masked_value` are the same with ``[UNK]`` there.
    `rest_weight` and `rest_value` (K,) are of [CLS] and the padding. Weights must not be negative and
    D must be positive: `ValueError` otherwise. A common factor of a head's six arrays changes nothing.
    """

    labels: tuple[str, ...]
    text: tuple[str, ...]
    kept_weight: Array
    kept_value: Array
    masked_weight: Array
    masked_value: Array
    rest_weight: Array
    rest_value: Array

    def __post_init__(self) -> None:
        K, d = finite("kept_weight", self.kept_weight, (None, len(self.labels))).shape
        if d == 0:
            raise ValueError("a game needs at least one feature: the text has no word to mask")
        for name in ("kept_weight", "kept_value", "masked_weight", "masked_value"):
            object.__setattr__(self, name, finite(name, getattr(self, name), (K, d)))
        for name in ("rest_weight", "rest_value"):
            object.__setattr__(self, name, finite(name, getattr(self, name), (K,)))
        if min(self.kept_weight.min(), self.masked_weight.min(), self.rest_weight.min()) < 0:
            raise ValueError("attention weights must not be negative")
        if self.bounds[0].min() <= 0:
            raise ValueError("D(z) is zero for some mask: a head needs a positive weight there")

    @property
    def bounds(self) -> tuple[Array, Array]:
        """D_min and D_max of each head over all masks, two arrays (K,)."""
        low = np.minimum(self.kept_weight, self.masked_weight).sum(axis=1)
        high = np.maximum(self.kept_weight, self.masked_weight).sum(axis=1)
        return self.rest_weight + low, self.rest_weight + high

    @property
    def a(self) -> Array:
        """a_j, what keeping word j adds to D, (K, d)."""
        return self.kept_weight - self.masked_weight

    @property
    def b(self) -> Array:
        """b_j, what keeping word j adds to N, (K, d)."""
        return self.kept_value - self.masked_value

    @property
    def surviving_mass(self) -> Array:
        """r = D(0) / D(1) of each head: the attention mass that survives masking every word, (K,)."""
        empty = self.masked_weight.sum(axis=1) + self.rest_weight
        return empty / (self.kept_weight.sum(axis=1) + self.rest_weight)

    def head_values(self, z: Array) -> Array:
        """f_i(z) for each head: masks (..., d), 1 for kept and 0 for masked, give (..., K)."""
        z = np.asarray(z, dtype=np.float64)
        if z.shape[-1:] != (len(self.labels),) or not np.isin(z, (0.0, 1.0)).all():
            raise ValueError(
                f"masks are zeros and ones of shape (..., {len(self.labels)}); got {z.shape}"
            )
        D = z @ self.kept_weight.T + (1 - z) @ self.masked_weight.T + self.rest_weight
        return (z @ self.kept_value.T + (1 - z) @ self.masked_value.T + self.rest_value) / D

    def value(self, z: Array) -> Array:
        """f(z), a logit: masks (..., d) give (...)."""
        return self.head_values(z).mean(axis=-1)


@dataclass(frozen=True)
class TextGame:
    """Any black box as a game: `value` makes the perturbed texts and asks `predict` for their outputs."""

    predict: Callable[[Sequence[str]], Array]
    labels: tuple[str, ...]
    text: tuple[str, ...]
    mask: str | None

    def perturbed(self, z: Array) -> list[str]:
        """The texts of masks (n, d): masked words replaced by `mask`, or deleted if it is None."""
        place = {label: i for i, label in enumerate(self.labels)}
        columns = np.asarray(z, dtype=bool)[:, [place[word] for word in self.text]]
        gap = [] if self.mask is None else [self.mask]
        return [
            " ".join(w for word, k in zip(self.text, row) for w in ([word] if k else gap))
            for row in columns
        ]

    def value(self, z: Array) -> Array:
        """Outputs for masks (n, d), shape (n,). Raises `ValueError` if `predict` returns another shape."""
        return finite("the output of predict", self.predict(self.perturbed(z)), (len(z),))


def word_game(reading: Reading) -> PerturbationGame:
    """The game of a document's distinct words: masking a word puts ``[UNK]`` at all its positions."""
    words = reading.text[1:]
    labels = tuple(dict.fromkeys(words))
    place = {label: j for j, label in enumerate(labels)}
    return _game(reading, labels, [place[word] for word in words])


def position_game(reading: Reading) -> PerturbationGame:
    """The game of a document's positions: each token of the text but ``[CLS]`` is a feature."""
    return _game(reading, reading.text[1:], list(range(reading.length - 1)))


def text_game(
    predict: Callable[[Sequence[str]], Array], text: str, mask: str | None = "unkwordz"
) -> TextGame:
    """The game of the distinct words of `text` for a black box ``predict(texts) -> (n,)``.

    `mask` is the word that replaces a masked one, in place; None deletes it, as `lime` does by default.
    """
    words = tuple(tokenize(text))
    return TextGame(predict, tuple(dict.fromkeys(words)), words, mask)


def _game(reading: Reading, labels: tuple[str, ...], place: list[int]) -> PerturbationGame:
    top = np.maximum(reading.logits, reading.masked_logits).max(axis=1, keepdims=True)
    kept, masked = np.exp(reading.logits - top), np.exp(reading.masked_logits - top)
    T = reading.length
    member = np.zeros((T - 1, len(labels)))
    member[np.arange(T - 1), place] = 1.0
    rest = kept * (np.arange(kept.shape[1]) % kept.shape[1] == 0)
    rest[:, T:] = kept[:, T:]
    return PerturbationGame(
        labels,
        reading.text[1:],
        kept_weight=kept[:, 1:T] @ member,
        kept_value=(kept * reading.values)[:, 1:T] @ member,
        masked_weight=masked[:, 1:T] @ member,
        masked_value=(masked * reading.masked_values)[:, 1:T] @ member,
        rest_weight=rest.sum(axis=1),
        rest_value=(rest * reading.values).sum(axis=1),
    )


def reciprocal_rule(low: float, high: float, tolerance: float) -> tuple[Array, Array, float]:
    """Nodes u and weights w with 1/D ≈ Σ w exp(-u D) for low <= D <= high, and a bound on |1 - D Σ|.

    1/D = ∫ exp(-u D) du with u = e^x, by the trapezoidal rule of step h. Its relative error is the
    same for all D up to a phase: at most 2 Σ_k |Γ(1 + 2πik/h)|. The infinitely many nodes with
    u D_max < 1 are replaced by a few Gauss nodes of the same moments; the last ones are cut off.
    """
    step = _step(tolerance)
    tail_nodes, tail_weights, tail_error = _tail(step, tolerance)
    count = math.ceil(math.log((5 - math.log(tolerance)) * high / low) / step) + 1
    x = np.exp(step * np.arange(count + 1))
    last = x[-1] * low / high
    cut = 2 * step * last * math.exp(-last)
    u = np.concatenate([tail_nodes, x[:-1]]) / high
    w = np.concatenate([tail_weights, step * x[:-1]]) / high
    return u, w, _aliasing(step) + tail_error + cut


def _aliasing(step: float) -> float:
    """2 Σ_k |Γ(1 + 2πik/h)|, with |Γ(1 + iy)|² = πy / sinh(πy); terms after the first are far smaller."""
    y = 2 * math.pi * np.arange(1, 4) / step
    return float(
        2 * np.sqrt(2 * math.pi * y * np.exp(-math.pi * y) / (1 - np.exp(-2 * math.pi * y))).sum()
    )


@cache
def _step(tolerance: float) -> float:
    """The largest step, among a fine grid, whose aliasing is below half of the tolerance."""
    return next(
        step for step in np.arange(1.0, 0.05, -0.005).tolist() if _aliasing(step) < tolerance / 2
    )


@cache
def _tail(step: float, tolerance: float) -> tuple[Array, Array, float]:
    """Gauss nodes and weights for the measure Σ_{m<0} h e^{hm} δ(e^{hm}), and their relative error.

    With n nodes the error on exp(-u D), u D_max <= 1, is at most ∫ π_n² / (2n)!, π_n the monic
    orthogonal polynomial, whose squared norm is the product of the Lanczos coefficients.
    """
    points = np.exp(-step * np.arange(1, math.ceil(50 / step)))
    measure = step * points
    total = measure.sum()
    basis = [np.sqrt(measure / total)]
    diagonal, beside, norm = [], [], total
    while norm / math.factorial(2 * len(diagonal)) > tolerance / 10:
        v = points * basis[-1]
        diagonal.append(float(v @ basis[-1]))
        for _ in range(2):
            for q in basis:
                v = v - (v @ q) * q
        beside.append(float(np.linalg.norm(v)))
        basis.append(v / beside[-1])
        norm *= beside[-1] ** 2
    n = len(diagonal)
    off = beside[: n - 1]
    nodes, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1))
    return nodes, total * vectors[0] ** 2, norm / math.factorial(2 * n)


def expectations(
    game: PerturbationGame, p: Array, on: Array, mean: Array, tolerance: float
) -> tuple[Array, float, float]:
    """Σ_q on_q E[f | z_j = 1] for each j, and Σ_q mean_q E[f], under independent Bernoulli(p_q) masks.

    `p`, `on` and `mean` have shape (Q,) and 0 < p < 1. Returns an array (d,), a number, and a bound on
    the error of either that the rule for 1/D makes, per unit of Σ |on| or Σ |mean|.
    Each word is a factor p e^{-u g_j} + (1 - p) e^{-u g~_j} of E[exp(-u D)], and N adds one word at a time:
    all features, probabilities and nodes u in one pass, O(K d Q) for each node.
    """
    p = finite("p", p, (None,))
    if not ((p > 0) & (p < 1)).all():
        raise ValueError(
            "probabilities lie strictly between 0 and 1; the game's values give p = 0 and p = 1"
        )
    kept, middle, worst = np.zeros(len(game.labels)), 0.0, 0.0
    size = max(1, BLOCK // (len(p) * len(game.labels)))
    for head, (low, high) in enumerate(zip(*game.bounds)):
        u, w, error = reciprocal_rule(low, high, tolerance)
        for start in range(0, len(u), size):
            part = slice(start, start + size)
            one, other = _block(game, head, low, u[part], w[part], p, on, mean)
            kept += one
            middle += other
        worst += error * value_bound(game)[head]
    K = len(game.rest_weight)
    return kept / K, middle / K, worst / K


def _block(
    game: PerturbationGame,
    head: int,
    low: float,
    u: Array,
    w: Array,
    p: Array,
    on: Array,
    mean: Array,
) -> tuple[Array, float]:
    """The part of one head's expectations that the nodes `u` give; large arrays are (nodes, d, Q).

    Weights are taken above the smaller of g_j and g~_j, so that every factor is between
    min(p, 1 - p) and 1 and no product overflows; one that underflows is negligible.
    """
    least = np.minimum(game.kept_weight[head], game.masked_weight[head])
    x = np.exp(-u[:, None] * (game.kept_weight[head] - least))
    y = np.exp(-u[:, None] * (game.masked_weight[head] - least))
    b_on, b_off = game.kept_value[head], game.masked_value[head]
    factor = p * (x - y)[:, :, None]
    factor += y[:, :, None]
    product = factor.prod(axis=1) * (w * np.exp(-u * low))[:, None]
    inverse = np.reciprocal(factor, out=factor)
    parts = np.stack([b_on * x, b_off * y], axis=1) @ inverse
    total = game.rest_value[head] + p * parts[:, 0] + (1 - p) * parts[:, 1]
    column = product * on
    plain = inverse @ np.stack([column, column * total], axis=-1)
    inverse *= inverse
    square = inverse @ np.stack([column * p, column * (1 - p)], axis=-1)
    own = b_on * x * square[..., 0] + b_off * y * square[..., 1]
    kept = x * (plain[..., 1] - own + b_on * plain[..., 0])
    return kept.sum(axis=0), float((product * total @ mean).sum())


def value_bound(game: PerturbationGame) -> Array:
    """The largest |f_i(z)| possible, (K,): a head's output is an average of the values it meets."""
    weights = np.concatenate(
        [game.kept_weight, game.masked_weight, game.rest_weight[:, None]], axis=1
    )
    sums = np.concatenate([game.kept_value, game.masked_value, game.rest_value[:, None]], axis=1)
    return np.abs(np.divide(sums, weights, out=np.zeros_like(sums), where=weights > 0)).max(axis=1)
