"""Exact LIME: what its coefficients tend to with the number of samples, without sampling."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from scipy.stats import binom
from tqdm import tqdm

from helpers.explainers.explanation import Explanation
from helpers.explainers.lime.sizes import BANDWIDTH, coefficients, positive_bandwidth, size_law
from helpers.games import PerturbationGame, as_game
from helpers.games.expectations import averages
from helpers.model.reading import Array, Reading


def exact(
    game: PerturbationGame | Reading, bandwidth: float = BANDWIDTH, tolerance: float = 1e-13
) -> Explanation:
    """β^∞, what LIME tends to as n → ∞ and its ridge penalty → 0, without sampling.

    A mean slope, the same for all words, plus differences between words: with E, Var under LIME's
    sizes m, δ the error of the rule for 1/D, V a bound on |f|, r and r' what the mixtures for the
    slope and for the sizes leave over, and B_m(p) the binomial weights,

        slope_j   = Σ_q s_q E_p[f],                        Σ_q s_q B_m(p_q) = ω_m (m - E m) / Var m
        moment_j  = Σ_q c_q p_q (1 - p_q) m_j(p_q),        Σ_q c_q B_m(p_q) = ω_m
        β_j       = slope + (moment_j - mean of moments) / E[z_1 (1 - z_2)].

    `certificate` is a proved bound, in exact arithmetic, on the error of every score. A relative
    error e(z), |e| <= ε, of 1/D changes E_p[f] by E_p[e f], where |e f| is at most δ. Masks of one
    size share a weight, so that it changes the slope by Σ_m σ_m E[e f | m], at most δ Σ_m |σ_m|,
    with σ the weights that the inner p make. Since p (1 - p) m_j(p) = E_p[(z_j - p) f], it changes
    moment_j - mean by Σ_m ω_m E[(z_j - m/d) e f | m], and E[|z_j - m/d| | m] = 2 (m/d)(1 - m/d),
    whose mean is 2 (1 - 1/d) E[z_1 (1 - z_2)]. What a mixture leaves over is such a weight, too:

        |error| <= δ (Σ_m |σ_m| + 2 (1 - 1/d)) + (V + δ) (ρ_s + ρ_c / E[z_1 (1 - z_2)]),
        ρ_s = Σ_m |r_m|,    ρ_c = Σ_m |r'_m| 2 (m/d)(1 - m/d).

    `rounding` bounds to first order what rounding adds, under the assumptions of `averages`; it is
    many times what is seen, because roundings cancel.

    With one word (d = 1) LIME has one size of text and no slope; the line goes through f(1), f(0).
    Raises `ValueError` if the bandwidth is so small that one size of text has all the weight.
    Fitting the mixture takes O(Q² d) once for each d and bandwidth, the rest O(K U Q d).
    """
    game, bandwidth = as_game(game), positive_bandwidth(bandwidth)
    d, size = len(game.labels), float(game.value_bound.mean())
    full, empty = game.value(np.stack([np.ones(d), np.zeros(d)])).tolist()
    if d == 1:
        bounds = {"certificate": 0.0, "rounding": 8 * np.finfo(float).eps * size}
        return Explanation(
            game.labels, np.array([full - empty]), "exact LIME", game.text, 0.0, empty, **bounds
        )
    mixed = mixture(d, bandwidth)
    p, c, s = mixed.p, mixed.c, mixed.slope
    inner = p[1:-1]
    found = averages(game, inner, effect=c[1:-1] * inner * (1 - inner), tolerance=tolerance)
    f = np.concatenate([[empty], found.value, [full]])
    _, _, spread = size_law(d, bandwidth)
    slope = float(s @ f)
    scores = coefficients(slope, found.effect, spread)
    left = mixed.slope_left + mixed.left / spread
    bound = found.error * (mixed.mass + 2 * (1 - 1 / d)) + (size + found.error) * left
    amount = np.abs(s).sum() + 4 * np.abs(c).sum() / spread
    return Explanation(
        game.labels,
        scores,
        "exact LIME",
        game.text,
        intercept=float(c @ f - mixed.mean * scores.mean()),
        certificate=float(bound),
        rounding=float(found.rounding * amount),
    )


def exact_many(
    games: Sequence[PerturbationGame | Reading],
    bandwidth: float = BANDWIDTH,
    tolerance: float = 1e-13,
) -> list[Explanation]:
    """`exact` of each of the games or readings, on all cores; a terminal gets a progress bar."""
    if isinstance(games, (str, PerturbationGame, Reading)) or not isinstance(games, Sequence):
        raise TypeError(
            f"exact_many takes a list of readings or games, not {type(games).__name__}; "
            "for one of them call lime.exact"
        )
    games = [as_game(game) for game in games]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = pool.map(partial(exact, bandwidth=bandwidth, tolerance=tolerance), games)
        bar = tqdm(jobs, total=len(games), desc="exact LIME", unit="document", disable=None)
        return list(bar)


@dataclass(frozen=True)
class Mixture:
    """LIME's sizes as a signed mixture of independent masks of probabilities `p` (Q,).

    Σ_q c_q B_m(p_q) = ω_m / α_0, and `slope` (Q,) the same for the weights of the mean slope.
    `left` is Σ_m 2 (m/d)(1 - m/d) |what is left of ω_m|, `slope_left` Σ_m |what is left| of the
    slope's weights, and `mass` Σ_m |Σ_q slope_q B_m(p_q)| over the p strictly between 0 and 1.
    `mean` is E[m].
    """

    p: Array
    c: Array
    slope: Array
    left: float
    slope_left: float
    mass: float
    mean: float


def probabilities(d: int) -> Array:
    """The probabilities strictly between 0 and 1 that `mixture` takes, about 4 sqrt(d)."""
    count = 16 + math.ceil(3.8 * math.sqrt(d))
    place = (np.arange(count) + 0.5) / count
    angle = np.pi / 2 * (0.75 * place + 0.25 * (1 - np.cos(np.pi * place)) / 2)
    return np.sin(angle) ** 2


@cache
def mixture(d: int, bandwidth: float) -> Mixture:
    """LIME's masks, "s uniform, then a uniform subset, weighted by π", as independent coin flips.

    With F_m the mean of f over the masks of m words, the mean of LIME's coefficients is the slope
    of F_m on m under LIME's weights; `slope` is the mixture of that functional. The first p is 0,
    the last 1; the others crowd at both ends. Both are found by least squares, refined once.
    """
    inner, m = probabilities(d), np.arange(d + 1)
    columns = np.column_stack([m == 0, binom.pmf(m[:, None], d, inner), m == d])
    weights, deviation, _ = size_law(d, bandwidth)
    wanted = np.column_stack([weights * deviation / (weights @ deviation**2), weights])
    found = np.linalg.lstsq(columns, wanted, rcond=1e-15)[0]
    found += np.linalg.lstsq(columns, wanted - columns @ found, rcond=1e-15)[0]
    slope, c = found.T
    slope_left, left = np.abs(columns @ found - wanted).T
    return Mixture(
        np.concatenate([[0.0], inner, [1.0]]),
        c,
        slope,
        float(left @ (2 * (m / d) * (1 - m / d))),
        float(slope_left.sum()),
        float(np.abs(columns[:, 1:-1] @ slope[1:-1]).sum()),
        float(weights @ m),
    )
