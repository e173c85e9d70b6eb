"""One curve per word: averages of it, which curves cross, and how flat they have to be."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from helpers.explainers import occlusion, shapley
from helpers.explainers.ties import TOLERANCE, settle
from helpers.games import PerturbationGame, as_game
from helpers.games.expectations import averages
from helpers.model.reading import Array, Reading, finite


def average(
    game: PerturbationGame | Reading, weight: Callable[[Array], Array], degree: int = 0
) -> Array:
    """∫ weight(p) m_j(p) dp of each word, (d,), for a polynomial `weight` of at most that degree.

    A semivalue (Dubey, Neyman and Weber, 1981) if the weight is not negative and has integral 1:
    1 gives Shapley values, 6 p (1 - p), of degree 2, what LIME without a bandwidth is close to.
    m_j has degree d - 1, so that a Gauss-Legendre rule is exact. O(K U d²).
    Raises `TypeError` for anything but a `Reading` or a `PerturbationGame`.
    """
    game = as_game(game)
    p, w = shapley.legendre(math.ceil((len(game.labels) + degree) / 2))
    return averages(game, p, effect=w * np.broadcast_to(weight(p), p.shape)).effect


def largest_pairs(curves: Array, count: int = 5) -> tuple[Array, Array]:
    """All pairs of the `count` words whose curves (d, Q) reach highest, as two arrays of places.

    A word counts by its largest |m_j|; one that never moves the output is left out.
    """
    heights = settle(np.abs(finite("curves", curves, (None, None))).max(axis=1))
    order = np.argsort(-heights, kind="stable")[:count]
    order = np.sort(order[heights[order] > 0])
    first, second = np.triu_indices(len(order), 1)
    return order[first], order[second]


def crossing(curves: Array, first: Array, second: Array) -> Array:
    """Whether the curves (d, Q) of words `first` and `second`, (n,) places each, cross, (n,).

    They do if their difference has both signs among the Q points, beyond a billionth of the
    largest value; so a pair may cross between two neighbouring points unseen.
    """
    curves = finite("curves", curves, (None, None))
    gap = curves[first] - curves[second]
    near = TOLERANCE * np.abs(curves).max(initial=0.0)
    return (gap > near).any(axis=1) & (gap < -near).any(axis=1)


@dataclass(frozen=True)
class Flatness:
    """How far curves can be from a level and from a straight line; five arrays (d,), for each word.

    `level` is the slope of f in the mask at the text; the line runs from `start`, at p = 0, to
    `end`. No |m_j(p) - level| exceeds `from_level`, no |m_j(p) - line| exceeds `from_line`.
    """

    level: Array
    start: Array
    end: Array
    from_level: Array
    from_line: Array


def flatness(game: PerturbationGame | Reading) -> Flatness:
    """The level and the line that curves approach if masking hardly moves D, and bounds. O(K d²).

    In one head let x_j = a_j / D(1), η_j = (b_j - a_j f(1)) / D(1), and X_j, H_j their sums over
    the other words, L_j the larger of the sums of positive and of negative η_k. Let ρ be the
    largest |D(1) / D(z) - 1| over all masks, ρ_j over those that keep j, σ the largest
    |D(z) / D(1) - 1|, and P = (1 + ρ) (1 + ρ_j). Then, for all p,

        |m_j(p) - η_j| <= ρ |η_j| + P |x_j| L_j,
        |m_j(p) - η_j (1 + x_j) - (1 - p) (η_j X_j + x_j H_j)|
            <= ρ σ |η_j| + (P - 1) |x_j| L_j.

    Several heads are averaged. Raises `ValueError` for a bag that can be empty, whose ρ is
    infinite, and `TypeError` for anything but a `Reading` or a `PerturbationGame`.
    """
    game = as_game(game)
    if game.pools.any():
        raise ValueError("D(0) is zero: no bound holds for a bag that can be empty")
    D = (game.rest_weight + game.kept_weight.sum(axis=1))[:, None]
    effect, share = occlusion.left_out(game)
    x, eta = game.a / D, effect * share  # b - a f would cancel where one word outweighs all others
    low, high = (ends[:, None] / D for ends in game.bounds)
    rho = _away(low, high)
    both = (1 + rho) * (1 + _away(low + np.maximum(x, 0), high + np.minimum(x, 0)))
    size = np.maximum(*(_others(np.maximum(sign * eta, 0)) for sign in (1, -1)))
    sigma = np.maximum(1 - low, high - 1)
    end = eta * (1 + x)
    parts = (
        eta,
        end + eta * _others(x) + x * _others(eta),
        end,
        rho * np.abs(eta) + both * np.abs(x) * size,
        rho * sigma * np.abs(eta) + (both - 1) * np.abs(x) * size,
    )
    return Flatness(*(part.mean(axis=0) for part in parts))


def _away(low: Array, high: Array) -> Array:
    """The largest |1 / D - 1| for D from `low` to `high`, which holds 1."""
    return np.maximum(1 / low - 1, 1 - 1 / high)


def _others(values: Array) -> Array:
    """Of each word (K, d), the sum of all other words' values."""
    return values.sum(axis=1, keepdims=True) - values
