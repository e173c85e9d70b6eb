"""Scores of all methods on a document, coarse and rough LIME, and shares of a map."""

import json

import numpy as np
import pytest

from benchmarks import planted as trained
from helpers import load_classifier
from helpers.checks import oracles
from helpers.checks.examples import random_game, random_reading
from helpers.evaluation import ground_truth
from helpers.explainers import lime, methods
from helpers.games import word_game


def test_blocks_are_kept_and_masked_as_one():
    game = random_game(1, 5)
    coarse = ground_truth.in_blocks(game, 2)
    assert coarse.labels == ("w0", "w2", "w4")
    z = oracles.every_mask(3)
    np.testing.assert_allclose(coarse.value(z), game.value(np.repeat(z, 2, axis=1)[:, :5]))


def test_coarse_lime_gives_each_word_an_even_part():
    game = random_game(2, 5)
    found = ground_truth.coarse_lime(game, 2)
    blocks = lime.exact(ground_truth.in_blocks(game, 2)).scores
    np.testing.assert_allclose(found, [*np.repeat(blocks[:2] / 2, 2), blocks[2]])
    np.testing.assert_allclose(ground_truth.coarse_lime(game, 1), lime.exact(game).scores)


def test_rough_lime_is_sampled_lime():
    game = random_game(3, 6)
    found = ground_truth.rough_lime(game, 400, seed=2)
    np.testing.assert_allclose(found, lime.sampled(game, 400, 2, alpha=1.0).scores)
    assert ground_truth.rough_lime(game, 3, seed=0).shape == (6,)  # fewer masks than words


def test_the_rows_are_in_the_order_of_the_words():
    reading = random_reading(4, distinct=4)
    found = ground_truth.by_method(reading)
    labels = word_game(reading).labels
    assert all(scores.shape == (len(labels),) for scores in found.values())
    for key in ("shapley", "lime", "leave-one-out"):
        method = methods.find(key)
        short = method.short if method.short in found else method.name
        np.testing.assert_allclose(found[short], method.function(reading).scores)


def test_shares_of_a_map():
    words = ("plus00", "marker", "plain01", "minus07")
    found = ground_truth.shares(np.array([1.0, -2.0, 3.0, -4.0]), words)
    assert found == pytest.approx({"planted": 0.5, "marker": 0.2, "plain": 0.3})


def test_only_what_is_asked_for_is_computed():
    reading = random_reading(4)
    every = ground_truth.by_method(reading, seed=3)
    some = ground_truth.by_method(reading, ["IG", "LIME, 50 masks"], seed=3)
    assert list(some) == ["IG", "LIME, 50 masks"] and len(every) == 14
    for name, scores in some.items():
        np.testing.assert_array_equal(scores, every[name])


@pytest.mark.parametrize("name", ["linked", "free"])
def test_the_record_is_of_the_models_beside_it(name):
    (first, *_) = json.loads(trained.TARGET.read_text("utf8"))[name]
    found = trained.measured(load_classifier(trained.FOLDER / name), name == "linked")
    for key, value in found.items():
        assert first[key] == pytest.approx(value, abs=2e-4)
