"""Curves of masked words against masks one by one, chance against all masks, ERASER by hand."""

import itertools
import math

import numpy as np
import pytest

from helpers.checks import examples
from helpers.evaluation import faithfulness
from helpers.games import pooling_game, word_game


def by_size(game):
    """The mean of f over all masks with 0, 1, …, d masked words, one mask at a time."""
    d = len(game.labels)
    found = []
    for k in range(d + 1):
        masks = np.ones((math.comb(d, k), d))
        for row, gone in zip(masks, itertools.combinations(range(d), k)):
            row[list(gone)] = 0
        found.append(game.value(masks).mean())
    return np.array(found)


@pytest.mark.parametrize(("d", "heads", "decades"), [(1, 1, 1), (2, 3, 2), (7, 2, 4), (11, 6, 1)])
def test_floor_against_all_masks(d, heads, decades):
    game = examples.random_game(d, d, heads, decades=decades)
    assert np.abs(faithfulness.floor(game) - by_size(game)).max() < 1e-12 * game.value_bound.max()


def test_floor_of_a_pool():
    pool = pooling_game(np.array([0.3, -1.0, 2.0]), np.array([1.0, -2.0, 0.5]), empty=0.7)
    assert faithfulness.floor(pool) == pytest.approx(by_size(pool), abs=1e-12)


def test_floor_of_a_document_ends_at_the_text_and_at_nothing():
    game = word_game(examples.random_reading(3, 200))
    floor = faithfulness.floor(game)
    ends = game.value(np.array([np.ones(len(game.labels)), np.zeros(len(game.labels))]))
    assert floor[[0, -1]] == pytest.approx(ends, abs=1e-12)


def test_curves_mask_and_keep_one_word_more_at_a_time():
    game = examples.random_game(1, 4)
    order = np.array([2, 0, 3, 1])
    masks = np.ones(4)
    for k, j in enumerate(order):
        assert faithfulness.deletion(game, order)[k] == pytest.approx(game.value(masks))
        assert faithfulness.insertion(game, order)[k] == pytest.approx(game.value(1 - masks))
        masks[j] = 0
    assert faithfulness.deletion(game, order)[4] == pytest.approx(game.value(0 * masks))


def test_ranking_follows_the_prediction_if_signed():
    scores = np.array([0.5, -1.0, 2.0, 0.5 + 1e-15])
    assert faithfulness.ranking(scores, True, 1.0).tolist() == [2, 0, 3, 1]
    assert faithfulness.ranking(scores, True, -1.0).tolist() == [1, 0, 3, 2]
    assert faithfulness.ranking(scores, False, -1.0).tolist() == [2, 0, 3, 1]


@pytest.mark.parametrize("sign", [1, -1])
def test_eraser_by_hand(sign):
    """Of four words, shares of 1 to 20 % are one word and 50 % are two."""
    game = examples.random_game(5, 4)
    game = examples.random_game(6, 4) if game.value(np.ones(4)) * sign < 0 else game
    order = np.array([1, 3, 0, 2])
    s = np.sign(game.value(np.ones(4)))
    p = lambda *kept: 1 / (1 + np.exp(-s * game.value(np.isin(np.arange(4), kept) * 1.0)))  # noqa: E731
    whole = p(0, 1, 2, 3)
    expected = (4 * (whole - p(0, 2, 3)) + whole - p(0, 2)) / 5
    assert faithfulness.comprehensiveness(game, order) == pytest.approx(expected)
    expected = (4 * (whole - p(1)) + whole - p(1, 3)) / 5
    assert faithfulness.sufficiency(game, order) == pytest.approx(expected)
    every = [p(0, 2, 3), p(0, 2), p(2), p(), p()]
    fifths = [0.2, 0.4, 0.6, 0.8, 1.0]
    expected = whole - np.mean(every)
    assert faithfulness.comprehensiveness(game, order, fifths) == pytest.approx(expected)


def test_normalised_is_zero_by_chance_one_at_best_and_nothing_without_room():
    floor, ceiling = np.array([1.0, 0.5, 0.0]), np.array([1.0, -0.5, -1.0])
    found = faithfulness.normalised(np.array([1.0, 0.0, -1.0]), floor, ceiling)
    assert np.isnan(found[0]) and found[1:].tolist() == [0.5, 1.0]


@pytest.mark.parametrize("order", [[0, 1], [0, 0, 1], [1, 2, 3]])
def test_an_order_that_is_none_is_named(order):
    with pytest.raises(ValueError, match="each of the 3 places 0 to 2 once"):
        faithfulness.deletion(examples.random_game(1, 3), order)
