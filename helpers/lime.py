"""LIME for text (Ribeiro et al., 2016): exact, approximate, and sampled with error bars."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial

import numpy as np
from scipy.stats import binom
from tqdm import tqdm

from helpers.games import PerturbationGame, expectations, value_bound
from helpers.reading import Array, Explanation
from helpers.sampling import package, sampled

__all__ = [
    "exact", "gram_matrix", "large_d_constant", "mean_field", "moments", "package",
    "paper_approximation", "sampled", "size_weights",
]  # fmt: skip

BANDWIDTH = 0.25
ROUNDING = 8 * np.finfo(float).eps  # of one factor of a product


def size_weights(d: int, bandwidth: float = BANDWIDTH) -> Array:
    """ω_m for m = 0..d kept words, (d + 1,): the probability of m times LIME's weight.

    s = d - m words are removed, s uniform on 1..d; the weight is exp(-(1 - sqrt(m/d))² / (2 ν²)),
    `bandwidth` ν > 0, infinity allowed. ω_d = 0.
    """
    if not bandwidth > 0:
        raise ValueError(f"bandwidth is a positive number or infinity, not {bandwidth}")
    distance = 1 - np.sqrt(np.arange(d + 1) / d)
    weights = np.exp(-((distance / bandwidth) ** 2) / 2) / d
    weights[d] = 0.0
    return weights


def moments(d: int, bandwidth: float = BANDWIDTH) -> tuple[float, float, float]:
    """α_0, α_1, α_2 of Mardaoui and Garreau (2021): E[π z_1 … z_p] for p = 0, 1, 2."""
    weights, m = size_weights(d, bandwidth), np.arange(d + 1)
    second = weights @ (m * (m - 1)) / max(d * (d - 1), 1)
    return float(weights.sum()), float(weights @ m / d), float(second)


def gram_matrix(d: int, bandwidth: float = BANDWIDTH) -> Array:
    """E[π (1, z)(1, z)^T], (d + 1, d + 1)."""
    zero, one, two = moments(d, bandwidth)
    gram = np.full((d + 1, d + 1), two)
    gram[0], gram[:, 0] = one, one
    np.fill_diagonal(gram, one)
    gram[0, 0] = zero
    return gram


def exact(
    game: PerturbationGame | Sequence[PerturbationGame],
    bandwidth: float = BANDWIDTH,
    tolerance: float = 1e-13,
) -> Explanation | list[Explanation]:
    """β^∞, what LIME tends to as n → ∞ and its ridge penalty → 0, without sampling.

    `certificate` bounds the error of every score: of the rule for 1/D, of the mixture of
    Bernoulli masks, and of rounding. With one word (d = 1) LIME's line goes through f(1) and f(0).
    Many games are worked off on all cores, with a progress bar.
    """
    if not isinstance(game, PerturbationGame):
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            jobs = pool.map(partial(exact, bandwidth=bandwidth, tolerance=tolerance), game)
            return list(tqdm(jobs, total=len(game), desc="exact LIME", unit="document"))
    d = len(game.labels)
    full, empty = float(game.value(np.ones(d))), float(game.value(np.zeros(d)))
    if d == 1:
        bound = ROUNDING * float(value_bound(game).mean())
        return Explanation(
            game.labels, np.array([full - empty]), "exact LIME", game.text, 0.0, empty, None, bound
        )
    p, c, slope, residual = mixture(d, bandwidth)
    kept, average, error = expectations(game, p[1:-1], (c * p)[1:-1], slope[1:-1], tolerance)
    moment = kept + c[-1] * full
    average += slope[0] * empty + slope[-1] * full
    weights, deviation, spread = _sizes(d, bandwidth)
    scores = average + (moment - moment.mean()) / spread
    m = np.arange(d + 1)
    middle = (d * moment.mean() - average * (weights @ deviation**2)) / (weights @ m)
    size = float(value_bound(game).mean())
    noise = (error + ROUNDING * (d + 8) * size) * np.abs([slope, c]).sum(axis=1) + residual * size
    bound = float(noise @ [1.0, 2.0 / spread])
    return Explanation(
        game.labels,
        scores,
        "exact LIME",
        game.text,
        0.0,
        float(middle - average * (weights @ m)),
        None,
        bound,
    )


def _sizes(d: int, bandwidth: float) -> tuple[Array, Array, float]:
    """ω / α_0 (d + 1,), m - E[m] (d + 1,) and E[z_1 (1 - z_2)] under these weights; no cancellation."""
    weights = size_weights(d, bandwidth)
    weights = weights / weights.sum()
    removed = d - 1.0 - np.arange(d + 1)
    deviation = weights[:d] @ removed[:d] - removed
    m = np.arange(d + 1)
    if not weights @ deviation**2 > 0:
        raise ValueError(
            f"bandwidth {bandwidth} leaves weight on one size of text only: LIME has no slope"
        )
    return weights, deviation, float(weights @ (m * (d - m)) / (d * (d - 1)))


@cache
def mixture(d: int, bandwidth: float) -> tuple[Array, Array, Array, Array]:
    """Probabilities p (Q,), coefficients c and slope (Q,), and their residuals (2,), slope's first.

    "s uniform, then a uniform subset, weighted by π" is a signed mixture of independent masks:
    Σ_q c_q Binomial(m; d, p_q) = ω_m / α_0. With F_m the mean of f over the masks of m words, the mean of LIME's
    coefficients is the slope of F_m on m under these weights: `slope` is the mixture of that functional.
    The first p is 0, the last 1; the others crowd at both ends. Least squares, refined once;
    a residual is the sum over m of what is left.
    """
    count = 24 + math.ceil(4.6 * math.sqrt(d))
    angle = np.pi / 4 * (1 - np.cos(np.pi * (np.arange(count) + 0.5) / count))
    inner, m = np.sin(angle) ** 2, np.arange(d + 1)
    binomial = binom.pmf(m[:, None], d, inner)
    columns = np.column_stack([m == 0, binomial, m == d])
    weights, deviation, _ = _sizes(d, bandwidth)
    wanted = np.column_stack([weights * deviation / (weights @ deviation**2), weights])
    found = np.linalg.lstsq(columns, wanted, rcond=1e-15)[0]
    found += np.linalg.lstsq(columns, wanted - columns @ found, rcond=1e-15)[0]
    left = np.abs(columns @ found - wanted).sum(axis=0)
    return np.concatenate([[0.0], inner, [1.0]]), found[:, 1], found[:, 0], left


def mean_field(
    game: PerturbationGame, bandwidth: float = BANDWIDTH, leave_one_out: bool = False
) -> Explanation:
    """Mean-field law: β_j ≈ mean_i ∫ (b_j / D(p) - a_j N(p) / D(p)²) w(p) dp, w ∝ π(p) p (1 - p).

    D(p) and N(p) are the means of D and N when every word is kept with probability p.
    `leave_one_out` keeps word j's own weight exact: the mean of f over z_j = 1 less that over z_j = 0.
    """
    x, weights = np.polynomial.legendre.leggauss(64)
    p = (x + 1) / 2
    w = weights * p * (1 - p) * np.exp(-(((1 - np.sqrt(p)) / bandwidth) ** 2) / 2)
    w, p = w / w.sum(), p[:, None, None]
    D_j, N_j = (
        p * game.kept_weight + (1 - p) * game.masked_weight,
        p * game.kept_value + (1 - p) * game.masked_value,
    )
    D = game.rest_weight[:, None] + D_j.sum(axis=-1, keepdims=True)
    N = game.rest_value[:, None] + N_j.sum(axis=-1, keepdims=True)
    if leave_one_out:
        on = (N - N_j + game.kept_value) / (D - D_j + game.kept_weight)
        slopes = on - (N - N_j + game.masked_value) / (D - D_j + game.masked_weight)
    else:
        slopes = game.b / D - game.a * N / D**2
    name = "mean-field LIME, leave-one-out" if leave_one_out else "mean-field LIME"
    return Explanation(game.labels, np.tensordot(w, slopes, 1).mean(axis=0), name, game.text)


def paper_approximation(game: PerturbationGame, constant: float = 1.5) -> Explanation:
    """The paper's Eq. (19), as its released code computes it: 3/2 mean_i Σ_t (α_t u_t - α~_t h_t).

    α is the attention on the text, α~ that on the all-``[UNK]`` document.
    """
    full = (game.kept_weight.sum(axis=1) + game.rest_weight)[:, None]
    empty = (game.masked_weight.sum(axis=1) + game.rest_weight)[:, None]
    scores = constant * (game.kept_value / full - game.masked_value / empty).mean(axis=0)
    return Explanation(game.labels, scores, f"{constant:g} × (α u - α~ h)", game.text)


def large_d_constant(r: Array) -> Array:
    """c(r) = ∫ 6 p (1 - p) / (r + (1 - r) p) dp, by quadrature: 3 (r² - 2 r log r - 1) / (r - 1)³.

    The constant that replaces 3/2 for many words of one weight and an infinite bandwidth, where `r`
    is the share of attention mass that survives masking every word; r > 0.
    """
    r = np.asarray(r, dtype=np.float64)
    if not (r > 0).all():
        raise ValueError("r = D(0) / D(1) is positive")
    x, weights = np.polynomial.legendre.leggauss(200)
    p = ((x + 1) / 2) ** 3
    integrand = weights / 2 * 3 * ((x + 1) / 2) ** 2 * 6 * p * (1 - p)
    return (integrand / (r[..., None] + (1 - r[..., None]) * p)).sum(axis=-1)
