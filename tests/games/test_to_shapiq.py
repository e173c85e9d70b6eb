"""shapiq, which shares no code with this book, gives the same values and interactions."""

import doctest
import sys
import warnings

import numpy as np
import pytest
import shapiq

from helpers import games
from helpers.checks.examples import random_game, random_reading
from helpers.explainers import interactions, occlusion, shapley
from helpers.games import to_shapiq
from helpers.model.reading import micro_example

PAIRS = {
    "shapley": "SII", "shapley-taylor": "STII", "faithful-shapley": "FSII", "banzhaf": "BII",
    "faithful-banzhaf": "FBII",
}  # fmt: skip
SINGLES = {"shapley-taylor", "faithful-shapley", "faithful-banzhaf"}


@pytest.fixture(scope="module")
def game():
    return random_game(3, 10, 3, decades=1.0)


@pytest.fixture(scope="module")
def theirs(game):
    """All 1024 coalitions, enumerated by shapiq."""
    return shapiq.ExactComputer(games.shapiq_game(game))


def test_shapley_values(game, theirs):
    found = theirs("SV", order=1).get_n_order_values(1)
    np.testing.assert_allclose(found, shapley.exact(game).scores, atol=1e-10)


def test_banzhaf_values(game, theirs):
    found = theirs("BV", order=1).get_n_order_values(1)
    np.testing.assert_allclose(found, occlusion.banzhaf(game).scores, atol=1e-10)


@pytest.mark.parametrize("index", PAIRS)
def test_interactions_of_pairs(game, theirs, index):
    found, ours = theirs(PAIRS[index], order=2), interactions.exact(game, index)
    pairs = found.get_n_order_values(2)
    np.testing.assert_allclose(pairs, ours.matrix, atol=1e-10)
    assert np.abs(pairs).max() > 0.01
    if index in SINGLES:  # of SII and BII shapiq gives the values of single words as order one, too
        np.testing.assert_allclose(found.get_n_order_values(1), ours.singles, atol=1e-10)


def test_the_indices_differ(game, theirs):
    """The negative control: none of the comparisons would pass for another index."""
    tables = [theirs(index, order=2).get_n_order_values(2) for index in ("SII", "STII", "FSII")]
    assert min(np.abs(a - b).max() for a in tables for b in tables if a is not b) > 1e-4


def test_values_are_counted_from_the_empty_coalition(game):
    found, z = games.shapiq_game(game), np.array([[0] * 10, [1] * 10, [1, 0] * 5], dtype=bool)
    np.testing.assert_array_equal(found.value_function(z), game.value(z))
    np.testing.assert_allclose(found(z), game.value(z) - game.value(np.zeros(10)), atol=1e-15)
    assert found.n_players == 10 and found.normalization_value == game.value(np.zeros((1, 10)))[0]
    assert abs(found(z)[0]) < 1e-15 and abs(found.normalization_value) > 0.01


def test_nothing_is_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        games.shapiq_game(random_reading(0, T=8))


def test_players_are_called_as_the_words():
    found = games.shapiq_game(micro_example())
    np.testing.assert_allclose(found([("not",), ("good",)]), found(np.eye(2)), atol=1e-15)
    twice = games.shapiq_game(games.position_game(random_reading(0, T=12, distinct=3)))
    assert not twice.player_name_lookup and twice.n_players == 8


def test_its_estimators_play_a_black_box():
    """PermutationSamplingSV on texts: a function of single words needs no more than one order."""
    weights = {"not": -2.0, "good": 1.5, "film": 0.25}

    def predict(texts):
        return np.array([3 + sum(weights[w] for w in text.split()) for text in texts])

    game = games.shapiq_game(games.text_game(predict, "not good film", mask=None))
    found = shapiq.PermutationSamplingSV(n=3, random_state=0).approximate(20, game)
    np.testing.assert_allclose(found.get_n_order_values(1), [-2.0, 1.5, 0.25], atol=1e-12)


def test_without_shapiq_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "shapiq", None)
    with pytest.raises(ImportError, match="shapiq is not installed: call pip install shapiq"):
        games.shapiq_game(micro_example())


def test_what_is_no_game_is_told_the_call():
    for wrong in ("a film", None, [1, 2]):
        with pytest.raises(TypeError, match=r"call (classifier|lime)\."):
            games.shapiq_game(wrong)


def test_the_example_of_the_docstring():
    failed, tried = doctest.testmod(to_shapiq)
    assert not failed and tried == 3
