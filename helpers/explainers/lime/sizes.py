"""How LIME for text weighs a perturbed text: by the number of words that it keeps."""

from __future__ import annotations

import numpy as np

from helpers.model.reading import Array

BANDWIDTH = 0.25


def positive_bandwidth(bandwidth: float) -> float:
    """`bandwidth` as a float, or a `ValueError` unless it is a positive number or infinity."""
    try:
        number = float(bandwidth)
    except (TypeError, ValueError):
        number = np.nan
    if isinstance(bandwidth, str) or not number > 0:
        raise ValueError(f"bandwidth is a positive number or infinity, not {bandwidth!r}")
    return number


def number_of_words(d: int) -> int:
    """`d` as an int, or a `ValueError` unless it is a whole number of at least one."""
    if isinstance(d, bool) or not isinstance(d, (int, np.integer)) or d < 1:
        raise ValueError(f"the number of words d is a whole number of at least 1, not {d!r}")
    return int(d)


def size_weights(d: int, bandwidth: float = BANDWIDTH) -> Array:
    """ω_m for m = 0..d kept words, (d + 1,): the probability of m times LIME's weight.

    s = d - m words are removed, s uniform on 1..d; the weight is exp(-(1 - sqrt(m/d))² / (2 ν²)),
    `bandwidth` ν > 0, infinity allowed. ω_d = 0.
    """
    d, bandwidth = number_of_words(d), positive_bandwidth(bandwidth)
    distance = 1 - np.sqrt(np.arange(d + 1) / d)
    weights = np.exp(-((distance / bandwidth) ** 2) / 2) / d
    weights[d] = 0.0
    return weights


def law(weights: Array) -> tuple[Array, Array, float]:
    """Of weights of the sizes m = 0..d: ω (d + 1,), their shares; m - E[m]; E[z_1 (1 - z_2)].

    Neither of the latter is a difference of large numbers. d >= 2.
    """
    d, share = len(weights) - 1, weights / weights.sum()
    m = np.arange(d + 1)
    removed = d - 1.0 - m
    return share, share @ removed - removed, float(share @ (m * (d - m)) / (d * (d - 1)))


def size_law(d: int, bandwidth: float = BANDWIDTH) -> tuple[Array, Array, float]:
    """`law` of LIME's sizes.

    Raises `ValueError` if fewer than two sizes have a weight, as with d = 1.
    """
    weights = size_weights(d, bandwidth)
    if np.count_nonzero(weights) < 2:
        raise ValueError(
            f"bandwidth {bandwidth} leaves weight on one size of text only: LIME has no slope"
        )
    return law(weights)


def coefficients(slope: float, moments: Array, spread: float) -> Array:
    """LIME's coefficients (d,): a mean slope, the same for all, and differences between words.

    `slope` is that of f on the number of kept words, `moments` (d,) are E[π z_j f] up to a common
    number, and `spread` is E[π z_1 (1 - z_2)], with weights π of mean one.
    """
    return slope + (moments - moments.mean()) / spread


def moments(d: int, bandwidth: float = BANDWIDTH) -> tuple[float, float, float]:
    """α_0, α_1, α_2 of Mardaoui and Garreau (2021): E[π z_1 … z_p] for p = 0, 1, 2."""
    weights, m = size_weights(d, bandwidth), np.arange(d + 1)
    second = weights @ (m * (m - 1)) / max(d * (d - 1), 1)
    return float(weights.sum()), float(weights @ m / d), float(second)


def gram_matrix(d: int, bandwidth: float = BANDWIDTH) -> Array:
    """E[π (1, z)(1, z)^T], (d + 1, d + 1)."""
    zero, one, two = moments(d, bandwidth)
    return bordered(zero, one, one, two, d)


def gram_inverse(d: int, bandwidth: float = BANDWIDTH) -> Array:
    """The inverse of `gram_matrix` in closed form, (d + 1, d + 1), d at least 2.

    Four different entries, all from E[z_1 (1 - z_2)] and the variance of the number of kept words.
    """
    weights, deviation, spread = size_law(d, bandwidth)
    alpha = size_weights(d, bandwidth).sum()
    m = np.arange(d + 1)
    mean, variance = weights @ m, weights @ deviation**2
    common = 1 / variance - 1 / (d * spread)
    corner, border = 1 + mean**2 / variance, -mean / variance
    return bordered(corner, border, common + 1 / spread, common, d) / alpha


def ridge_shift(scores: Array, n: int, alpha: float = 1.0, bandwidth: float = BANDWIDTH) -> Array:
    """What the ridge penalty `alpha` adds to the coefficients `scores` (d,) of `n` samples: (d,).

    With ε = alpha / n, s = E[z_1 (1 - z_2)] and v the variance of the number of kept words, under
    weights of sum α_0, the penalty shrinks the differences from the mean coefficient by the factor
    1 / (1 + ε / (α_0 s)), and the mean by 1 / (1 + ε d / (α_0 v)). Exact for the expected Gram
    matrix, n `gram_matrix`. d >= 2; raises `ValueError` for a bandwidth with weight on one size.
    """
    d, ridge = len(scores), alpha / n
    weights, deviation, spread = size_law(d, bandwidth)
    total, mean = size_weights(d, bandwidth).sum(), np.mean(scores)
    variance = weights @ deviation**2
    pull = (scores - mean) / (total * spread + ridge) + mean / (total * variance / d + ridge)
    return -ridge * pull


def bordered(corner: float, border: float, diagonal: float, other: float, d: int) -> Array:
    """The (d + 1, d + 1) matrix of these four entries, a border of width one around d words."""
    matrix = np.full((d + 1, d + 1), float(other))
    matrix[0], matrix[:, 0] = border, border
    np.fill_diagonal(matrix, diagonal)
    matrix[0, 0] = corner
    return matrix
