"""The statements on interactions of two words, checked by all masks of small games."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.checks import oracles
from helpers.checks.base import largest, statement
from helpers.checks.second_differences import averaged, best_fit, corners, definition
from helpers.explainers import interactions
from helpers.games import PerturbationGame
from helpers.games.pairs import pair_averages
from helpers.model.reading import Array

OURS = "this book"


def denominators(game: PerturbationGame) -> Array:
    """D_i(z) of each head for every mask, (2^d, K)."""
    z = oracles.every_mask(len(game.labels))
    return z @ game.kept_weight.T + (1 - z) @ game.masked_weight.T + game.rest_weight


def lost(a_i: Array, a_j: Array, effect_i: Array, effect_j: Array, both: Array) -> Array:
    """Δ_ij of a head: what i and j take from each other, as shares of `both`, D with i and j."""
    return -(a_j * effect_i + a_i * effect_j) / both


@statement("thm-pair-law", "two words interact by the attention that they take", OURS, 1e-12)
def pair_law(game: PerturbationGame, formula: Callable = lost) -> float:
    """`formula` against the four outputs of each head, for all pairs and masks, per largest |f|."""
    z, errors = oracles.every_mask(len(game.labels)), []
    weights = corners(denominators(game))
    for (pair, (none, first, second, both)), (_, D) in zip(corners(game.head_values(z)), weights):
        found = formula(*game.a.T[list(pair)], first - none, second - none, D[3])
        errors.append(np.abs(found - (both - first - second + none)).max())
    return largest(*errors) / float(game.value_bound.mean())


@statement("thm-every-pair", "one integral gives the mean interaction of every pair", OURS, 1e-12)
def every_pair(game: PerturbationGame, p: float, formula: Callable = pair_averages) -> float:
    """E_p[Δ_ij f] of `formula` against a sum over all masks of the others, per largest |f|."""
    d = len(game.labels)
    chances = np.array([p**s * (1 - p) ** (d - 2 - s) for s in range(d - 1)])
    found = formula(game, np.array([p]), np.ones(1))[0]
    return float(np.abs(found - averaged(game, chances)).max() / game.value_bound.mean())


@statement(
    "prop-pair-indices",
    "five indices average one curve of each pair",
    "Grabisch and Roubens (1999); Sundararajan et al. (2020); Tsai et al. (2023)",
    1e-11,
)
def indices(game: PerturbationGame, formula: Callable = interactions.exact) -> float:
    """Each index of `formula` against its sum over subsets, and the faithful ones as best fits.

    The error is per largest |f|. Singles are compared where a best fit has them.
    """
    errors = []
    for index in interactions.INDICES:
        found = formula(game, index)
        errors.append(np.abs(found.matrix - definition(game, index)).max())
        if index.startswith("faithful"):
            singles, pairs = best_fit(game, index)
            errors += [np.abs(found.matrix - pairs).max(), np.abs(found.singles - singles).max()]
    return largest(*errors) / float(game.value_bound.mean())


def moves(game: PerturbationGame) -> bool:
    """Whether masking some word changes the attention that another one gets, in some head."""
    return bool(np.any(game.a))


@statement("thm-still-attention", "here words interact if and only if attention moves", OURS, 0.0)
def still_attention(game: PerturbationGame, formula: Callable = moves) -> float:
    """Whether two words interact for some mask, by all masks, against what `formula` says: 0 or 1.

    What is below 1e-12 of the largest |f| counts as no interaction.
    """
    found = [
        np.abs(both - first - second + none).max()
        for _, (none, first, second, both) in corners(
            game.value(oracles.every_mask(len(game.labels)))
        )
    ]
    interact = largest(*found) > 1e-12 * float(game.value_bound.mean())
    return float(interact != formula(game))


def gained(a_j: Array, effect_i: Array) -> Array:
    """What keeping i adds to D times the effect of j, in a head."""
    return -a_j * effect_i


@statement("prop-negator", "a word that lowers a head turns no good word bad there", OURS, 1e-12)
def negator(game: PerturbationGame, formula: Callable = gained) -> float:
    """D times the effect of j with i kept less without, against `formula`, both orders of a pair.

    It is per largest |f| and D. Infinite if a word j that takes attention, with a positive effect,
    has one that is not positive beside a word i that lowers the output of the head.
    """
    z, errors = oracles.every_mask(len(game.labels)), []
    for (pair, f), (_, D) in zip(corners(game.head_values(z)), corners(denominators(game))):
        for j, first, second in ((pair[1], 1, 2), (pair[0], 2, 1)):
            down, before, beside = f[first] - f[0], f[second] - f[0], f[3] - f[first]
            change = D[3] * beside - D[second] * before
            scale = game.value_bound * D.max(axis=(0, 1))
            errors.append((np.abs(change - formula(game.a[:, j], down)) / scale).max())
            tiny = 1e-12 * game.value_bound
            turned = (game.a[:, j] >= 0) & (down <= 0) & (before > tiny) & (beside <= 0)
            errors.append(np.inf if turned.any() else 0.0)
    return largest(*errors)
