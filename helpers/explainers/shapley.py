"""Shapley values of a document's words: exact for attention, sampled for any black box."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from helpers.explainers import occlusion
from helpers.explainers.explanation import Explanation
from helpers.explainers.orders import fewest_samples, intervals, sampled, samples_needed
from helpers.games import PerturbationGame, as_game
from helpers.games.expectations import averages
from helpers.model.reading import Array, Reading, finite

__all__ = [
    "curve", "exact", "fewest_samples", "intervals", "legendre", "sampled", "samples_needed",
]  # fmt: skip


def exact(game: PerturbationGame | Reading, tolerance: float = 1e-13) -> Explanation:
    """The Shapley value of each word (Shapley, 1953): its mean effect over all orders of the words.

    It is ∫_0^1 m_j(p) dp, where m_j(p) = E_p[f(z_j = 1) - f(z_j = 0)] and words are kept
    independently with probability p (Owen, 1972). m_j is a polynomial of degree d - 1, so that the
    Gauss-Legendre rule with ceil(d / 2) nodes is exact; for games that are products this is
    QuadraSHAP (arXiv 2605.05870), and the integral for 1/D makes an attention head a sum of such.
    The scores add up to f(1) - f(0); `intercept` is f(0).

    `certificate` is a proved bound, in exact arithmetic, on the error of every score: the rule for
    1/D changes f(z) by at most δ, an effect by at most 2 δ, and the weights of the rule in p are
    positive and add up to one. `rounding` bounds to first order what rounding adds, under the
    assumptions of `averages`, and those of the nodes in p: |m_j'| is at most
    2 V (d - 1) / sqrt(p (1 - p)) (Bernstein), a weight about π sqrt(p (1 - p)) / nodes.

    Raises `TypeError` for anything but a `Reading` or a `PerturbationGame`. O(K U d²).
    """
    game = as_game(game)
    d, size = len(game.labels), float(game.value_bound.mean())
    p, w = legendre(math.ceil(d / 2))
    found = averages(game, p, effect=w, tolerance=tolerance)
    rounding = found.rounding * 2 * (w @ (1 / (p * (1 - p))))
    rounding += 2 * np.pi * d * size * np.finfo(float).eps
    return Explanation(
        game.labels,
        found.effect,
        "Shapley value",
        game.text,
        intercept=float(game.value(np.zeros(d))),
        certificate=2 * found.error,
        rounding=float(rounding),
    )


def curve(game: PerturbationGame | Reading, probabilities: Array) -> Array:
    """m_j(p) = E_p[f(z_j = 1) - f(z_j = 0)] of each word at `probabilities` (Q,) in [0, 1], (d, Q).

    The derivative of the multilinear extension (Owen, 1972): added first at 0, Banzhaf at 1/2,
    leave-one-out at 1, and Shapley its mean over p. Raises `ValueError` for p outside [0, 1],
    `TypeError` for anything but a `Reading` or a `PerturbationGame`. O(K U d Q).
    """
    game = as_game(game)
    p = finite("probabilities", probabilities, (None,))
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("probabilities lie between 0 and 1")
    found = np.empty((len(game.labels), len(p)))
    found[:, p == 0] = occlusion.added_first(game).scores[:, None]
    found[:, p == 1] = occlusion.leave_one_out(game).scores[:, None]
    inside = (p > 0) & (p < 1)
    if inside.any():
        found[:, inside] = averages(game, p[inside], effect=np.eye(int(inside.sum()))).effect
    return found


@cache
def legendre(count: int) -> tuple[Array, Array]:
    """Nodes in (0, 1) and weights of the Gauss-Legendre rule, exact to degree 2 `count` - 1."""
    x, w = np.polynomial.legendre.leggauss(count)
    return (1 + x) / 2, w / 2
