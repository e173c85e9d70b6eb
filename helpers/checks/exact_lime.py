"""The statements on exact LIME, checked by the truths of `helpers.checks.oracles`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from mpmath import mp, mpf

from helpers.checks import counting, oracles, recursion
from helpers.checks.base import largest, statement
from helpers.explainers import lime
from helpers.explainers.lime import sizes
from helpers.games import PerturbationGame
from helpers.games.expectations import averages
from helpers.games.reciprocal import reciprocal_rule as rule

OURS = "this book"


@statement(
    "lem-reciprocal-rule",
    "1/D is a sum of exponentials, within the bound",
    OURS,
    1.0,
    "of the bound",
)
def reciprocal_rule(low: float, high: float, tolerance: float, formula: Callable = rule) -> float:
    """|1 - D Σ w exp(-u D)| as a share of the bound of `formula`, at worst on a grid of D.

    The bound is one in exact arithmetic; what the nodes, as float64 has them, can add is taken off
    the error: a few units in the last place of log u, which is as long as the range of D is.
    """
    u, w, bound = formula(low, high, tolerance)
    noise = 4 * np.finfo(float).eps * (10 + np.log(high / low))
    grid = np.unique(np.clip(np.geomspace(low, high, 50), low, high))
    with mp.workdps(40):
        nodes = [(mpf(a), mpf(b)) for a, b in zip(u.tolist(), w.tolist())]
        errors = [abs(1 - D * sum(b * mp.exp(-a * D) for a, b in nodes)) for D in map(mpf, grid)]
        return largest(*(max(float(error) - noise, 0.0) / bound for error in errors))


@statement("lem-bernoulli-product", "expectations under independent masks", OURS, 1e-12)
def bernoulli_product(game: PerturbationGame, p: float, formula: Callable = averages) -> float:
    """E[f], all E[f | z_j = 1] and all effects of `formula` against a sum over all masks.

    Errors are per largest |f|; that of an effect is multiplied by p (1 - p), as its use is.
    """
    with mp.workdps(40):
        q, values = mpf(p), oracles.outputs(game)
        chance = {z: q ** sum(z) * (1 - q) ** (len(z) - sum(z)) for z in values}
        mean = sum(chance[z] * f for z, f in values.items())
        on = [
            sum(chance[z] * f for z, f in values.items() if z[j]) / q
            for j in range(len(game.labels))
        ]
        effects = [q * (x - mean) for x in on]  # p (1 - p) times (E[f | 1] - E[f | 0])
        size = float(max(map(abs, values.values())))
        truth = np.array([float(x) for x in [mean, *on, *effects]])
    found = formula(game, [p], kept=[1.0], effect=[p * (1 - p)], tolerance=1e-14)
    return float(np.abs(np.r_[found.value, found.kept, found.effect] - truth).max()) / size


@statement(
    "lem-bernoulli-mixture", "LIME's sampling is a mixture of independent masks", OURS, 1e-12
)
def bernoulli_mixture(d: int, bandwidth: float, formula: Callable = lime.mixture) -> float:
    """Σ_m |Σ_q c_q Binomial(m; d, p_q) - ω_m|, and the same for the slope's weights; the larger."""
    found = formula(d, bandwidth)
    with mp.workdps(oracles.DIGITS):
        wanted = oracles.size_weights(d, bandwidth), oracles.slope_weights(d, bandwidth)
        mixed = [oracles.mixed(d, found.p, weights) for weights in (found.c, found.slope)]
        left = [sum(abs(x - y) for x, y in zip(*pair)) for pair in zip(mixed, wanted)]
        return largest(*map(float, left))


@statement("thm-exact-lime", "exact LIME is the least-squares fit over all masks", OURS, 1e-12)
def exact(game: PerturbationGame, bandwidth: float = 0.25, formula: Callable = lime.exact) -> float:
    """Scores of `formula` against brute force, d >= 2, per largest |f| that the game could have."""
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
    truth = recursion.recursion(game, bandwidth)
    return float(np.abs(formula(game, bandwidth).scores - truth).max() / np.abs(truth).max())


@statement("thm-certificate", "no error exceeds its certificate", OURS, 1.0, "of it")
def certificate(
    game: PerturbationGame,
    bandwidth: float = 0.25,
    tolerance: float = 1e-13,
    formula: Callable = lime.exact,
    truth: Callable = oracles.brute_force,
) -> float:
    """The largest error of a score, as a share of certificate + rounding that came with it."""
    found = formula(game, bandwidth, tolerance)
    error = float(np.abs(found.scores - truth(game, bandwidth)).max())
    return error / (found.certificate + found.rounding)


def operations(nodes: int, probabilities: int, d: int) -> int:
    """What one head costs: additions, multiplications, divisions and exponentials."""
    U, Q = nodes, probabilities
    return 13 * U * Q * d + 8 * U * d + 6 * U * Q + 3 * U + 2 * d + Q


@statement("prop-exact-cost", "operations are those that the engine does", OURS, 0.0)
def cost(nodes: int, probabilities: int, d: int, formula: Callable = operations) -> float:
    """`formula` less what numbers that count themselves say of the engine's own code."""
    return abs(formula(nodes, probabilities, d) - counting.engine(nodes, probabilities, d))


@statement("prop-mean-and-differences", "a mean slope and differences give LIME", OURS, 1e-12)
def mean_and_differences(
    values: dict[tuple[int, ...], float],
    weights: Sequence[float],
    law: Callable = sizes.law,
    formula: Callable = sizes.coefficients,
) -> float:
    """`formula` under `law` against the normal equations, for any function of masks.

    `weights` (d + 1,) are those of the sizes, for any function `values` of the masks.
    """
    z, f = np.array(list(values), dtype=float), np.array(list(values.values()))
    d, kept = len(weights) - 1, z.sum(axis=1).astype(int)
    share, deviation, spread = law(np.array(weights))
    pi = share[kept] / np.array([math.comb(d, m) for m in kept])
    slope = pi @ (deviation[kept] * f) / (share @ deviation**2)
    scores = formula(slope, z.T @ (pi * f), spread)
    with mp.workdps(40):
        exact_values = {z: mpf(value) for z, value in values.items()}
        truth = oracles.least_squares(exact_values, list(map(mpf, weights)))
        return float(np.abs(scores - truth).max())
