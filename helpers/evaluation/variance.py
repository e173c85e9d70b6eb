"""How much of a game one number a word can say, and how much one number a pair, exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.explainers import occlusion
from helpers.games import PerturbationGame, as_game
from helpers.games.expectations import averages
from helpers.games.pairs import pair_averages
from helpers.games.reciprocal import reciprocal_rule
from helpers.model.reading import Reading


@dataclass(frozen=True)
class Explained:
    """The variance of f over all masks, and the shares of it (R²) that words and pairs explain."""

    variance: float
    words: float
    pairs: float


def explained(game: PerturbationGame | Reading, tolerance: float = 1e-10) -> Explained:
    """R² of the best additive and of the best pairwise fit of f, under the uniform law of masks.

    The functions of a mask that multiply signs ±1 of some words are orthogonal under that law
    (O'Donnell, 2014). f has coefficient m_j(1/2) / 2 on the sign of word j, with its Banzhaf value
    m_j(1/2), and E[Δ_ij f] / 4 on a pair of signs, so that a best fit explains the sum of their
    squares. `words` and `pairs` (which includes `words`) are these sums over the variance;
    NaN if f is constant, or varies by less than `tolerance`, the relative error of the rule for
    1/D, lets tell from that.
    Raises `TypeError` for anything but a `Reading` or a `PerturbationGame`. O(K² U² d).
    """
    game = as_game(game)
    effects = occlusion.banzhaf(game, tolerance).scores
    both = pair_averages(game, np.array([0.5]), np.ones(1), tolerance)[0]
    mean = averages(game, np.array([0.5]), tolerance=tolerance).value[0] - game.offset
    variance = _second_moment(game, tolerance) - mean**2
    words, pairs = (effects**2).sum() / 4, (both**2).sum() / 2 / 16
    if variance <= 4 * tolerance * game.value_bound.mean() ** 2:  # of f² and of (E f)²
        return Explained(0.0, float("nan"), float("nan"))
    return Explained(float(variance), float(words / variance), float((words + pairs) / variance))


def _second_moment(game: PerturbationGame, tolerance: float) -> float:
    """E[(f - offset)²] under the uniform law of masks, a mean over all pairs of heads."""
    rules = [reciprocal_rule(low, high, tolerance) for low, high in zip(*game.bounds)]
    K = len(rules)
    found = np.array([[_product(game, (i, k), rules) if i <= k else 0.0 for k in range(K)]
                      for i in range(K)])  # fmt: skip
    return float((found + found.T - np.diag(found.diagonal())).mean())


def _product(game: PerturbationGame, heads: tuple[int, int], rules: list) -> float:
    """E[N_i / D_i · N_k / D_k]: a node of either rule is one weight of a word in a product."""
    (u, w_u, _), (v, w_v, _) = (rules[head] for head in heads)
    i, k = heads
    total = 0.0
    for node, weight in zip(u, w_u):
        far = [node * g[i] + v[:, None] * g[k] for g in (game.kept_weight, game.masked_weight)]
        near = np.minimum(*far)
        on, off = (np.exp(near - x) / 2 for x in far)  # the larger is 1/2: no product underflows
        factor = on + off
        on, off = on / factor, off / factor
        first = game.kept_value[i] * on + game.masked_value[i] * off
        second = game.kept_value[k] * on + game.masked_value[k] * off
        joint = game.kept_value[i] * game.kept_value[k] * on
        joint += game.masked_value[i] * game.masked_value[k] * off
        mean = (game.rest_value[i] + first.sum(axis=1)) * (game.rest_value[k] + second.sum(axis=1))
        mean += (joint - first * second).sum(axis=1)
        rest = np.exp(-(node * game.rest_weight[i] + v * game.rest_weight[k]) - near.sum(axis=1))
        total += weight * float((w_v * rest * factor.prod(axis=1)) @ mean)
    return total
