"""Smallest changes and reasons against all masks, and how the search behaves out of time."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.checks import counterfactuals as checks
from helpers.checks import examples, oracles
from helpers.evaluation import counterfactuals

SHAPES = [(1, 1), (5, 1), (8, 2), (9, 3), (8, 6)]
GAMES = [examples.random_game(seed, d, K) for d, K in SHAPES for seed in range(3)]
STUBBORN = examples.random_game(171, 6, K=2)  # greedy search finds no counterfactual, and one is


def truths(game):
    """Sizes of the smallest counterfactual, sufficient subset and reason, by all masks."""
    z = oracles.every_mask(len(game.labels))
    turned = counterfactuals.flips(game, z)
    alone = counterfactuals.side(game) * game.value(z) > 0
    whatever = checks.holds_whatever(game, z)
    kept = z.sum(axis=1)
    change = (1 - z)[turned].sum(axis=1).min(initial=np.inf)
    return change, kept[alone].min(), kept[whatever].min()


@pytest.mark.parametrize("game", [*GAMES, STUBBORN])
def test_sizes_are_the_smallest_of_all_masks(game):
    found = (
        counterfactuals.smallest(game),
        counterfactuals.sufficient(game),
        counterfactuals.smallest_reason(game),
    )
    assert tuple(x.size for x in found) == truths(game) and all(x.proved for x in found)
    change, alone, reason = (x.mask for x in found)
    assert change is None or counterfactuals.flips(game, change)
    assert not counterfactuals.flips(game, alone)
    z = oracles.every_mask(len(game.labels))
    assert not counterfactuals.flips(game, z[(z >= reason).all(axis=1)]).any()


@pytest.mark.parametrize("game", GAMES[6:])
def test_no_word_of_a_reason_can_be_left_out(game):
    z = oracles.every_mask(len(game.labels))
    holds = {tuple(row) for row in z[checks.holds_whatever(game, z)]}
    reason = counterfactuals.irredundant(game, np.ones(len(game.labels)))
    assert tuple(reason) in holds
    for j in np.flatnonzero(reason):
        assert tuple(np.where(np.arange(len(reason)) == j, 0.0, reason)) not in holds


def test_out_of_time_it_still_returns_a_reason_and_a_bound():
    several = 0
    for seed in range(10):
        game = examples.random_game(seed, 8, K=2)
        whole, cut = (counterfactuals.smallest_reason(game, s) for s in (np.inf, -1.0))
        assert cut.bound <= whole.size <= cut.size and len(cut.mask) == 8
        z = oracles.every_mask(8)
        assert not counterfactuals.flips(game, z[(z >= cut.mask).all(axis=1)]).any()
        several += cut.bound < cut.size
    assert several > 1  # the bound is not always the size, so the test has seen both


def test_out_of_time_a_greedy_counterfactual_is_left():
    game = next(
        g for g in (examples.random_game(s, 40, K=6, decades=0.3) for s in range(20))
        if np.isfinite(counterfactuals.until_flip(g, counterfactuals.greedy(g)))
    )  # fmt: skip
    found = counterfactuals.smallest(game, seconds=0.0)
    assert counterfactuals.flips(game, found.mask) and 1 <= found.bound <= found.size


def test_until_flip_counts_the_first_turn():
    game = GAMES[9]
    d = len(game.labels)
    for seed in range(10):
        order = np.random.default_rng(seed).permutation(d).tolist()
        z, slow = np.ones(d), np.inf
        for k, j in enumerate(order, start=1):
            z[j] = 0
            if counterfactuals.flips(game, z):
                slow = k
                break
        assert counterfactuals.until_flip(game, order) == slow
    with pytest.raises(ValueError, match="each of the places"):
        counterfactuals.until_flip(game, [0, 0, *range(2, d)])


def test_greedy_takes_the_best_next_word_and_the_first_of_equals():
    game = GAMES[9]
    order = counterfactuals.greedy(game)
    z, towards = np.ones(len(order)), -counterfactuals.side(game)
    for j in order:
        left = np.flatnonzero(z)
        tried = [towards * float(game.value(np.where(np.arange(len(z)) == i, 0, z))) for i in left]
        assert j == left[np.argmax(tried)]
        z[j] = 0
    kept = np.zeros(len(order))
    kept[order[0]] = 1
    assert order[0] not in counterfactuals.greedy(game, kept)
    alike = examples.repeated_words(16)
    first = [counterfactuals.greedy(alike).index(j) for j in range(16)]
    assert all(first[j] < first[j + 8] for j in range(8))


@pytest.mark.parametrize("offset", [0.0, 0.7, -0.4])
def test_the_order_of_the_numerator_is_best_in_one_head(offset):
    for seed in range(20):
        game = replace(examples.random_game(seed, 8, K=1), offset=offset)
        needed = counterfactuals.until_flip(game, counterfactuals.by_numerator(game))
        assert needed == truths(game)[0]


def test_a_text_without_a_side_has_no_counterfactual():
    game = examples.random_game(0, 3, K=1)
    level = replace(game, offset=-float(game.value(np.ones(3))))
    with pytest.raises(ValueError, match="no sign to flip"):
        counterfactuals.smallest(level)


def test_hitting_sets_are_smallest():
    draw = np.random.default_rng(0)
    z = oracles.every_mask(8)
    for _ in range(20):
        sets = (draw.random((7, 8)) < 0.3).astype(float)
        sets[:, 0] = np.maximum(sets[:, 0], sets.sum(axis=1) == 0)
        found = counterfactuals.hitting(sets)
        hits = (sets @ z.T > 0).all(axis=0)
        assert (sets @ found > 0).all() and found.sum() == z[hits].sum(axis=1).min()
