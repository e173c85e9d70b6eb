"""Faithfulness: the statements on many games, and checks that fail when a formula is wrong."""

import dataclasses

import numpy as np
import pytest

from helpers.checks import CheckFailed, examples, oracles
from helpers.checks import faithfulness as checks
from helpers.evaluation import ceilings, faithfulness

MOVING = [examples.random_game(seed, d, K) for seed, (d, K) in enumerate([(2, 1), (3, 2), (5, 3)])]
STILL = [examples.random_game(seed, d, K=2, equal=True) for seed, d in enumerate([2, 4, 7])]
ALONE = [examples.random_game(seed, d, K=1) for seed, d in enumerate([1, 4, 8])]


def test_chance():
    for game in [*MOVING, *STILL]:
        checks.floor(game)
    for game in STILL:
        checks.straight(game)


def test_chance_is_not_straight_where_attention_moves():
    for game in MOVING:
        with pytest.raises(CheckFailed):
            checks.straight(game)
        with pytest.raises(CheckFailed):
            checks.floor(game, checks.line)


def test_ceiling():
    for game in ALONE:
        checks.ceiling(game)


def test_one_guess_is_not_enough():
    """Words sorted by what they add to the numerator alone: Dinkelbach without its iteration."""

    def first(game, sense):
        still = dataclasses.replace(game, kept_weight=game.masked_weight)
        sign = 1 if sense == "min" else -1
        order = np.argsort(sign * still.b[0], kind="stable")
        return faithfulness.insertion(game, order)[::-1]

    with pytest.raises(CheckFailed):
        checks.ceiling(ALONE[2], first)


def test_chance_bends_by_the_mean_interaction():
    for game in [*MOVING, *STILL]:
        checks.bend(game)
    with pytest.raises(CheckFailed):
        checks.bend(MOVING[2], lambda game: checks.mean_interactions(game)[::-1])
    with pytest.raises(CheckFailed):
        checks.bend(MOVING[2], lambda game: 0 * checks.mean_interactions(game))


def test_heads_apart():
    for game in [*MOVING, *STILL, *ALONE]:
        checks.heads_apart(game)


def test_the_best_of_the_mean_head_is_no_bound():
    """One head with the mean of all arrays, for which sorting would do."""

    def merged(game, sense):
        arrays = {name: getattr(game, name).mean(axis=0, keepdims=True) for name in oracles.ARRAYS}
        return ceilings.dinkelbach(dataclasses.replace(game, **arrays), sense)

    with pytest.raises(CheckFailed):
        checks.heads_apart(MOVING[2], merged)
    with pytest.raises(CheckFailed):  # a bound, but one that no size attains
        checks.heads_apart(MOVING[2], lambda g, s: ceilings.by_heads(g, s) + (1, -1)[s == "min"])


def test_scale():
    for game in MOVING:
        checks.scale(game)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda curve, floor, ceiling: (curve - curve[0]) / (ceiling - curve[0]),
        lambda curve, floor, ceiling: 2 * faithfulness.normalised(curve, floor, ceiling),
    ],
    ids=["chance left out", "half of the way"],
)
def test_another_scale_fails(wrong):
    with pytest.raises(CheckFailed), np.errstate(invalid="ignore"):
        checks.scale(MOVING[2], wrong)


def test_one_order_is_best_everywhere():
    for game in STILL:
        checks.still(game)


def test_no_order_is_best_everywhere_if_attention_moves():
    with pytest.raises(CheckFailed):
        checks.still(MOVING[2])
    assert ceilings.scale(MOVING[2]).deletion(ceilings.greedy(MOVING[2])) > 0
