"""The statements on exact LIME, checked by the truths of `helpers.checks.oracles`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from mpmath import mp, mpf

from helpers.checks import oracles
from helpers.checks.base import largest, statement
from helpers.explainers import lime
from helpers.games import PerturbationGame, expectations

OURS = "this book"


@statement("lem-reciprocal-rule", "1/D is a sum of exponentials, within the bound", OURS, 1e-14)
def reciprocal_rule(
    low: float, high: float, tolerance: float, formula: Callable = expectations.reciprocal_rule
) -> float:
    """By how much |1 - D Σ w exp(-u D)| exceeds the bound of `formula`, at worst on a grid of D."""
    u, w, bound = formula(low, high, tolerance)
    grid = np.unique(np.clip(np.geomspace(low, high, 50), low, high))
    with mp.workdps(40):
        nodes = [(mpf(a), mpf(b)) for a, b in zip(u.tolist(), w.tolist())]
        errors = [abs(1 - D * sum(b * mp.exp(-a * D) for a, b in nodes)) for D in map(mpf, grid)]
        return largest(0.0, *(float(error) - bound for error in errors))


@statement("lem-bernoulli-product", "expectations under independent masks", OURS, 1e-12)
def bernoulli_product(
    game: PerturbationGame, p: float, formula: Callable = expectations.expectations
) -> float:
    """E[f] and all E[f | z_j = 1] of `formula` against a sum over all masks, per largest |f|."""
    with mp.workdps(40):
        q, values = mpf(p), oracles.outputs(game)
        chance = {z: q ** sum(z) * (1 - q) ** (len(z) - sum(z)) for z in values}
        mean = sum(chance[z] * f for z, f in values.items())
        on = [
            sum(chance[z] * f for z, f in values.items() if z[j]) / q
            for j in range(len(game.labels))
        ]
        size = float(max(map(abs, values.values())))
        truth = np.array([float(x) for x in [mean, *on]])
    one = np.ones(1)
    kept, average, _ = formula(game, p * one, one, one, 1e-14)
    return float(np.abs(np.r_[average, kept] - truth).max()) / size


@statement(
    "lem-bernoulli-mixture", "LIME's sampling is a mixture of independent masks", OURS, 1e-12
)
def bernoulli_mixture(d: int, bandwidth: float, formula: Callable = lime.mixture) -> float:
    """Σ_m |Σ_q c_q Binomial(m; d, p_q) - ω_m|, and the same for the slope's weights; the larger."""
    p, c, slope, _ = formula(d, bandwidth)
    with mp.workdps(oracles.DIGITS):
        omega = oracles.lime_weights(d, bandwidth)
        omega = [weight / sum(omega) for weight in omega]
        centre = sum(m * weight for m, weight in enumerate(omega))
        spread = sum((m - centre) ** 2 * weight for m, weight in enumerate(omega))
        slopes = [(m - centre) * weight / spread for m, weight in enumerate(omega)]
        left = [
            sum(abs(x - y) for x, y in zip(_mixed(d, p.tolist(), found.tolist()), wanted))
            for found, wanted in ((c, omega), (slope, slopes))
        ]
        return largest(*map(float, left))


def _mixed(d: int, p: Sequence[float], coefficients: Sequence[float]) -> list[mpf]:
    """Σ_q c_q Binomial(m; d, p_q) for m = 0..d, in mpmath."""
    total = [mpf(0)] * (d + 1)
    for q, c in zip(map(mpf, p), coefficients):
        for m in range(d + 1):
            total[m] += c * mp.binomial(d, m) * q**m * (1 - q) ** (d - m)
    return total


@statement("thm-exact-lime", "exact LIME is the least-squares fit over all masks", OURS, 1e-12)
def exact(game: PerturbationGame, bandwidth: float = 0.25, formula: Callable = lime.exact) -> float:
    """Scores of `formula` against brute force, per largest value |f| that the game could have."""
    error = np.abs(formula(game, bandwidth).scores - oracles.brute_force(game, bandwidth)).max()
    return float(error) / largest_value(game)


def largest_value(game: PerturbationGame) -> float:
    """The mean over heads of the largest projected value, in absolute terms: a bound on |f|."""
    weights = np.column_stack([game.kept_weight, game.masked_weight, game.rest_weight])
    values = np.column_stack([game.kept_value, game.masked_value, game.rest_value])
    ratios = np.divide(values, weights, out=np.zeros_like(values), where=weights > 0)
    return float(np.abs(ratios).max(axis=1).mean())


@statement("prop-size-recursion", "exact LIME agrees with a recursion over sizes", OURS, 1e-12)
def size_recursion(
    game: PerturbationGame, bandwidth: float = 0.25, formula: Callable = lime.exact
) -> float:
    """Scores of `formula` against the recursion, relative to the largest score."""
    truth = oracles.recursion(game, bandwidth)
    return float(np.abs(formula(game, bandwidth).scores - truth).max() / np.abs(truth).max())


@statement("thm-certificate", "no error exceeds its certificate", OURS, 0.0)
def certificate(
    game: PerturbationGame,
    bandwidth: float = 0.25,
    tolerance: float = 1e-13,
    formula: Callable = lime.exact,
    truth: Callable = oracles.brute_force,
) -> float:
    """By how much the largest error of a score exceeds the certificate that came with it."""
    found = formula(game, bandwidth, tolerance)
    error = float(np.abs(found.scores - truth(game, bandwidth)).max())
    return largest(0.0, error - found.certificate)


@statement("prop-mean-and-differences", "a mean slope and differences give LIME", OURS, 1e-12)
def mean_and_differences(
    values: dict[tuple[int, ...], float], sizes: Sequence[float], differences: float = 1.0
) -> float:
    """The formula against the normal equations, for any function of masks and any weights of sizes.

    `differences` multiplies the second term: anything but 1 is wrong.
    """
    d = len(sizes) - 1
    z = np.array(list(values), dtype=float)
    f, m = np.array(list(values.values())), z.sum(axis=1)
    pi = np.array([sizes[int(k)] / math.comb(d, int(k)) for k in m])
    pi /= pi.sum()
    slope = pi @ ((m - pi @ m) * f) / (pi @ (m - pi @ m) ** 2)
    moment = z.T @ (pi * f)
    gap = pi @ (z[:, 0] * (1 - z[:, 1]))
    scores = slope + differences * (moment - moment.mean()) / gap
    with mp.workdps(40):
        exact_values = {z: mpf(value) for z, value in values.items()}
        return float(
            np.abs(scores - oracles.least_squares(exact_values, list(map(mpf, sizes)))).max()
        )
