"""Exact LIME: what its coefficients tend to with the number of samples, without sampling."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial

import numpy as np
from scipy.stats import binom
from tqdm import tqdm

from helpers.explainers.explanation import Explanation
from helpers.explainers.lime.sizes import BANDWIDTH, size_law, size_weights
from helpers.games import PerturbationGame
from helpers.games.expectations import expectations
from helpers.model.reading import Array

ROUNDING = 8 * np.finfo(float).eps  # of one factor of a product


def exact(
    game: PerturbationGame | Sequence[PerturbationGame],
    bandwidth: float = BANDWIDTH,
    tolerance: float = 1e-13,
) -> Explanation | list[Explanation]:
    """β^∞, what LIME tends to as n → ∞ and its ridge penalty → 0, without sampling.

    `certificate` bounds the error of every score: the errors of the rule for 1/D and of the mixture
    of Bernoulli masks are bounded, that of rounding is estimated. With one word (d = 1) LIME's line
    goes through f(1) and f(0). Many games are worked off on all cores, with a progress bar.
    Raises `ValueError` if the bandwidth is so small that one size of text has all the weight.
    """
    if isinstance(game, PerturbationGame):
        return _exact(game, bandwidth, tolerance)
    if not isinstance(game, Sequence) or not all(isinstance(g, PerturbationGame) for g in game):
        raise TypeError(
            "exact LIME is for a PerturbationGame or a list of them; "
            f"not for {type(game).__name__}: a black box can only be sampled"
        )
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = pool.map(partial(_exact, bandwidth=bandwidth, tolerance=tolerance), game)
        return list(tqdm(jobs, total=len(game), desc="exact LIME", unit="document"))


def _exact(game: PerturbationGame, bandwidth: float, tolerance: float) -> Explanation:
    d, size = len(game.labels), float(game.value_bound.mean())
    full, empty = game.value(np.stack([np.ones(d), np.zeros(d)])).tolist()
    if d == 1:
        size_weights(d, bandwidth)  # a bad bandwidth is an error here, too
        scores, intercept, bound = np.array([full - empty]), empty, 4 * ROUNDING * size
    else:
        p, c, slope, residual = mixture(d, bandwidth)
        kept, average, error = expectations(game, p[1:-1], (c * p)[1:-1], slope[1:-1], tolerance)
        moment = kept + c[-1] * full
        average += slope[0] * empty + slope[-1] * full
        weights, deviation, spread = size_law(d, bandwidth)
        scores = average + (moment - moment.mean()) / spread
        m = np.arange(d + 1)
        value = (d * moment.mean() - average * (weights @ deviation**2)) / (weights @ m)
        intercept = float(value - average * (weights @ m))
        sums = np.abs([slope, c]).sum(axis=1)
        noise = (error + ROUNDING * (d + 8) * size) * sums + residual * size
        bound = float(noise @ [1.0, 2.0 / spread])
    return Explanation(
        game.labels, scores, "exact LIME", game.text, intercept=intercept, certificate=bound
    )


@cache
def mixture(d: int, bandwidth: float) -> tuple[Array, Array, Array, Array]:
    """Probabilities p (Q,), coefficients c and slope (Q,), and their residuals (2,), slope's first.

    "s uniform, then a uniform subset, weighted by π" is a signed mixture of independent masks:
    Σ_q c_q Binomial(m; d, p_q) = ω_m / α_0. With F_m the mean of f over the masks of m words, the
    mean of LIME's coefficients is the slope of F_m on m under these weights: `slope` is the mixture
    of that functional. The first p is 0, the last 1; the others crowd at both ends. Both are found
    by least squares, refined once; a residual is the sum over m of what is left.
    """
    count = 16 + math.ceil(3.8 * math.sqrt(d))
    place = (np.arange(count) + 0.5) / count
    angle = np.pi / 2 * (0.75 * place + 0.25 * (1 - np.cos(np.pi * place)) / 2)
    inner, m = np.sin(angle) ** 2, np.arange(d + 1)
    binomial = binom.pmf(m[:, None], d, inner)
    columns = np.column_stack([m == 0, binomial, m == d])
    weights, deviation, _ = size_law(d, bandwidth)
    wanted = np.column_stack([weights * deviation / (weights @ deviation**2), weights])
    found = np.linalg.lstsq(columns, wanted, rcond=1e-15)[0]
    found += np.linalg.lstsq(columns, wanted - columns @ found, rcond=1e-15)[0]
    left = np.abs(columns @ found - wanted).sum(axis=0)
    return np.concatenate([[0.0], inner, [1.0]]), found[:, 1], found[:, 0], left
