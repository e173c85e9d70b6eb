"""The statements on chance, ceilings and the scale between them, by all masks and all orders."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from helpers.checks import oracles
from helpers.checks.base import largest, statement
from helpers.checks.second_differences import corners
from helpers.evaluation import ceilings, faithfulness
from helpers.explainers import occlusion
from helpers.games import PerturbationGame
from helpers.model.reading import Array

OURS = "this book"


def by_size(game: PerturbationGame, what: Callable[[Array], float]) -> Array:
    """`what` of the outputs with 0, 1, …, d masked words, from a list of all masks, (d + 1,)."""
    z = oracles.every_mask(len(game.labels))
    f, masked = game.value(z), (1 - z).sum(axis=1)
    return np.array([what(f[masked == k]) for k in range(len(game.labels) + 1)])


@statement("thm-floor", "chance is one integral over a recursion in the words", OURS, 1e-11)
def floor(game: PerturbationGame, formula: Callable = faithfulness.floor) -> float:
    """`formula` against means over all masks of each size, per largest |f|."""
    return float(np.abs(formula(game) - by_size(game, np.mean)).max() / game.value_bound.mean())


def line(game: PerturbationGame) -> Array:
    """The straight line from f of the text to f without its words, (d + 1,)."""
    d = len(game.labels)
    return np.linspace(*game.value(np.stack([np.ones(d), np.zeros(d)])), d + 1)


@statement("prop-straight-floor", "chance is straight if attention stays", OURS, 1e-12)
def straight(game: PerturbationGame, formula: Callable = line) -> float:
    """`formula` against means over all masks of each size, per largest |f|."""
    return float(np.abs(formula(game) - by_size(game, np.mean)).max() / game.value_bound.mean())


@statement("thm-ceiling", "sorting finds the best words of one head", "Dinkelbach (1967)", 1e-11)
def ceiling(game: PerturbationGame, formula: Callable = ceilings.dinkelbach) -> float:
    """Both extremes by `formula` against those of all masks of each size, per largest |f|."""
    found = [
        np.abs(formula(game, sense) - by_size(game, what)).max()
        for sense, what in (("min", np.min), ("max", np.max))
    ]
    return largest(*found) / float(game.value_bound.mean())


@statement("prop-heads-apart", "no mask is beyond the mean of the heads' own best", OURS, 1e-12)
def heads_apart(game: PerturbationGame, formula: Callable = ceilings.by_heads) -> float:
    """How far an output is beyond `formula`, over all masks of each size, per largest |f|.

    Or how far `formula` is from f of all words and of none, where it is attained.
    """
    below = formula(game, "min") - by_size(game, np.min)
    above = by_size(game, np.max) - formula(game, "max")
    scale = float(game.value_bound.mean())
    ends = largest(np.abs(below[[0, -1]]).max(), np.abs(above[[0, -1]]).max()) / scale
    return largest(0.0, below.max() / scale, above.max() / scale, ends)


def mean_interactions(game: PerturbationGame) -> Array:
    """The mean of Δ_ij f over all pairs and all masks of 2, …, d words with both masked, (d - 1,).

    From the outputs of all masks. The text needs two words.
    """
    d = len(game.labels)
    total, count = np.zeros(d - 1), np.zeros(d - 1)
    left = (1 - oracles.every_mask(d - 2)).sum(axis=1).astype(int)
    for _, (none, first, second, both) in corners(game.value(oracles.every_mask(d))):
        np.add.at(total, left, both - first - second + none)
        np.add.at(count, left, 1)
    return total / count


@statement("prop-bend", "chance bends by the mean interaction of two words", OURS, 1e-11)
def bend(game: PerturbationGame, formula: Callable = mean_interactions) -> float:
    """F_k - 2 F_{k+1} + F_{k+2} of the floor against `formula`, per largest |f|."""
    found = np.diff(faithfulness.floor(game), 2)
    return float(np.abs(found - formula(game)).max() / game.value_bound.mean())


@statement("thm-scale", "random orders score 0 in the mean, none more than 1", OURS, 1e-11)
def scale(game: PerturbationGame, formula: Callable = faithfulness.normalised) -> float:
    """The mean of `formula` over all d! orders, and its excess over 1, for each number of words."""
    best = ceilings.scale(game)
    orders = [np.array(order) for order in itertools.permutations(range(len(game.labels)))]
    errors = []
    for curve, ceiling, way in (
        (faithfulness.deletion, best.deleted, 1),
        (faithfulness.insertion, best.inserted, -1),
    ):
        scores = [formula(curve(game, x)[::way], best.floor, ceiling.values) for x in orders]
        scores = np.array(scores)[:, 1:-1]
        errors += [np.abs(scores.mean(axis=0)).max(), max(0.0, scores.max() - 1)]
    return largest(*errors)


@statement("prop-still-ceiling", "one order is best at every size if attention stays", OURS, 1e-12)
def still(game: PerturbationGame, formula: Callable = occlusion.leave_one_out) -> float:
    """Deletions and insertions in the order of `formula` against all masks, per largest |f|."""
    f = float(game.value(np.ones(len(game.labels))))
    order = faithfulness.ranking(formula(game).scores, True, f)
    least, most = (np.min, np.max) if f >= 0 else (np.max, np.min)
    errors = (
        np.abs(faithfulness.deletion(game, order) - by_size(game, least)).max(),
        np.abs(faithfulness.insertion(game, order)[::-1] - by_size(game, most)).max(),
    )
    return largest(*errors) / float(game.value_bound.mean())
