"""Ground truth: one map where keys see no word, on many documents, and checks that fail."""

import dataclasses

import numpy as np
import pytest

from helpers import load_classifier
from helpers.checks import CheckFailed, examples
from helpers.checks import ground_truth as checks
from helpers.evaluation.ground_truth import intrinsic_map
from helpers.explainers import lime
from helpers.games import word_game
from helpers.model import variants

READINGS = [
    examples.random_reading(1),
    examples.random_reading(2, T=16, distinct=4),
    examples.random_reading(3, K=1, biases=True),
    examples.random_reading(4, distinct=1),
]


@pytest.mark.parametrize("reading", READINGS, ids=["plain", "repeated words", "biases", "d = 1"])
def test_there_is_one_map_if_keys_see_no_word(reading):
    checks.one_map(reading)


def test_also_on_the_shipped_model():
    checks.one_map(load_classifier().read("a fine film, but not a great one"))


@pytest.mark.parametrize("share", [1e-3, 1.0])
def test_keys_that_see_words_break_it(share):
    with pytest.raises(CheckFailed):
        checks.one_map(READINGS[0], blind=lambda x: variants.seen_by_keys(x, share))


@pytest.mark.parametrize("wrong", ["times 1.01", "without the mask's part"])
def test_another_map_is_noticed(wrong):
    def formula(reading):
        found = intrinsic_map(reading)
        scores = (
            1.01 * found.scores
            if wrong == "times 1.01"
            else (lime.paper_approximation(word_game(reading)).scores)
        )
        return dataclasses.replace(found, scores=scores)

    with pytest.raises(CheckFailed):
        checks.one_map(READINGS[0], formula)


def test_effects_are_differences_of_outputs():
    reading = READINGS[1]
    game = word_game(reading)
    full, empty = np.ones(len(game.labels)), np.zeros(len(game.labels))
    found = checks.effects(reading)
    for j, label in enumerate(game.labels):
        one = np.eye(len(game.labels))[j]
        last, first = game.value(np.array([full, full - one, one, empty])).reshape(2, 2) @ [1, -1]
        assert label == tuple(dict.fromkeys(reading.text[1:]))[j]
        assert found[:2, j] == pytest.approx([last, first], abs=1e-12)


@pytest.mark.parametrize("reading", READINGS[:3])
def test_the_first_slope(reading):
    checks.dial_slope(reading)


@pytest.mark.parametrize("factor", [-1, 2, 1.00001])
def test_a_wrong_slope_is_noticed(factor):
    with pytest.raises(CheckFailed):
        checks.dial_slope(READINGS[0], lambda x: factor * checks.first_gap(x))


@pytest.mark.parametrize("seed", range(5))
def test_metrics_do_not_see_scale(seed):
    checks.no_scale(seed)


def test_a_distance_sees_scale():
    with pytest.raises(CheckFailed):
        checks.no_scale(0, {"L1": lambda found, truth: np.abs(found - truth).sum()})
