"""Perturbation games, and the engine that takes expectations over their masks."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import load_classifier
from helpers.checks import CheckFailed, examples, oracles
from helpers.checks import exact_lime as checks
from helpers.checks.examples import random_reading
from helpers.games import PerturbationGame, position_game, text_game, word_game
from helpers.games.expectations import START, aliasing, expectations, left_end, reciprocal_rule
from helpers.model.reading import micro_example

TEXT = "not a good film, not a bad film: a film"


@pytest.fixture(scope="module")
def classifier():
    return load_classifier()


def change(game, **arrays):
    """The game with some entries of its arrays replaced: name=(index, value)."""
    found = {name: getattr(game, name).copy() for name in arrays}
    for name, (index, value) in arrays.items():
        found[name][index] = value
    return dataclasses.replace(game, **found)


# ---- the game of a document


def test_micro_example_by_hand():
    game = word_game(micro_example())
    e = math.e
    assert game.labels == ("not", "good")
    by_hand = [0, -1 / (e + 2), 2 * e / (2 * e + 1), (2 * e - 1) / (2 * e + 1)]
    np.testing.assert_allclose(game.value([[0, 0], [1, 0], [0, 1], [1, 1]]), by_hand, atol=1e-15)
    np.testing.assert_allclose(game.a * e, [[0, e - 1]], atol=1e-15)  # all weights are divided by e
    np.testing.assert_allclose(game.b * e, [[-1, 2 * e]], atol=1e-15)
    np.testing.assert_allclose(game.surviving_mass, [(e + 2) / (2 * e + 1)])


def test_word_game_is_the_classifier_on_masked_texts(classifier):
    """In place, through the tokenizer and the forward pass: another way to the same numbers."""
    game = word_game(classifier.read(TEXT))
    black_box = text_game(lambda texts: classifier.logits(texts, perturbed=True), TEXT)
    assert game.labels == black_box.labels == ("not", "a", "good", "film", "bad")
    z = oracles.every_mask(len(game.labels))
    np.testing.assert_allclose(game.value(z), black_box.value(z), atol=1e-12)


def test_position_game_is_the_classifier_on_masked_positions(classifier):
    reading = classifier.read("not a good film not")
    game = position_game(reading)
    assert game.labels == ("not", "a", "good", "film", "not")
    z = oracles.every_mask(5)
    words = np.array(game.labels)
    texts = [" ".join(np.where(row, words, "unkwordz")) for row in z.astype(bool)]
    np.testing.assert_allclose(game.value(z), classifier.logits(texts, perturbed=True), atol=1e-12)


def test_a_repeated_word_is_all_of_its_positions():
    reading = random_reading(0, T=12, distinct=3)
    words, positions = word_game(reading), position_game(reading)
    place = [words.labels.index(word) for word in positions.labels]
    z = oracles.every_mask(len(words.labels))
    np.testing.assert_allclose(words.value(z), positions.value(z[:, place]), atol=1e-13)


@given(seed=st.integers(0, 99), T=st.integers(2, 30), scale=st.sampled_from([0.1, 1.0, 30.0]))
@settings(deadline=None, max_examples=30)
def test_full_mask_is_the_document(seed, T, scale):
    reading = random_reading(seed, T=T, scale=scale)
    if reading.length > 1:
        game = word_game(reading)
        f = game.value(np.ones(len(game.labels)))
        size = np.abs(reading.values).max()
        assert abs(f - reading.output) < 1e-12 * size
        assert np.abs(f) <= game.value_bound.mean() * (1 + 1e-12)


@given(seed=st.integers(0, 99), d=st.integers(1, 8), decades=st.sampled_from([0.5, 5.0, 30.0]))
@settings(deadline=None, max_examples=30)
def test_bounds_hold_for_every_mask(seed, d, decades):
    game = examples.random_game(seed, d, decades=decades)
    z = oracles.every_mask(d)
    D = z @ game.kept_weight.T + (1 - z) @ game.masked_weight.T + game.rest_weight
    low, high = game.bounds
    assert (low * (1 - 1e-12) <= D).all() and (high * (1 + 1e-12) >= D).all()
    assert (np.abs(game.head_values(z)) <= game.value_bound * (1 + 1e-12)).all()


def test_a_value_without_a_weight_is_bounded_too():
    game = examples.random_game(0, 4)
    game = change(game, kept_weight=((0, 1), 0.0), kept_value=((0, 1), 1e3))
    z = oracles.every_mask(4)
    assert np.isfinite(game.value_bound).all()
    assert (np.abs(game.head_values(z)) <= game.value_bound * (1 + 1e-12)).all()


def test_masks_of_any_number_of_axes():
    game = examples.random_game(0, 3)
    z = oracles.every_mask(3)
    assert game.value(z[0]).shape == ()
    np.testing.assert_array_equal(game.value(z.reshape(2, 4, 3)), game.value(z).reshape(2, 4))
    np.testing.assert_array_equal(game.value(z.astype(bool)), game.value(z))


# ---- bad input


@pytest.mark.parametrize("z", [[1, 0], [[1, 0, 1, 1]], [0.5, 0, 1], [2, 0, 1], [np.nan, 0, 1], 1.0])
def test_bad_masks(z):
    black_box = text_game(lambda texts: np.zeros(len(texts)), "one two three")
    for game in (examples.random_game(0, 3), black_box):
        with pytest.raises(ValueError, match=r"masks are zeros and ones of shape \(..., 3\)"):
            game.value(z)


def test_bad_games():
    game = examples.random_game(0, 3)
    for name in oracles.ARRAYS:
        where = 0 if name.startswith("rest") else (0, 0)
        for value in (np.nan, np.inf):
            with pytest.raises(ValueError, match=f"{name} holds NaN or infinity"):
                change(game, **{name: (where, value)})
        with pytest.raises(ValueError, match=f"{name} has shape"):
            dataclasses.replace(game, **{name: getattr(game, name)[..., :-1]})
    for name in ("kept_weight", "masked_weight", "rest_weight"):
        with pytest.raises(ValueError, match="must not be negative"):
            change(game, **{name: (0, -1.0)})
    with pytest.raises(ValueError, match="kept_weight has shape"):
        dataclasses.replace(game, labels=("one", "two"))
    with pytest.raises(ValueError, match="D\\(z\\) is zero for some mask"):
        change(game, masked_weight=(0, 0.0), rest_weight=(0, 0.0))
    with pytest.raises(ValueError, match="no word to mask"):
        word_game(dataclasses.replace(micro_example(), length=1))


def test_bad_black_boxes():
    with pytest.raises(ValueError, match="no word to mask"):
        text_game(lambda texts: np.zeros(len(texts)), "...")
    with pytest.raises(ValueError, match="the output of predict has shape"):
        text_game(lambda texts: np.zeros(1), "one two").value(np.ones((2, 2)))
    with pytest.raises(ValueError, match="the output of predict holds NaN"):
        text_game(lambda texts: np.full(len(texts), np.nan), "one two").value(np.ones((2, 2)))


def test_perturbed_texts():
    z = [[1, 0], [0, 1], [0, 0]]
    masked = text_game(len, "no no yes", mask="x")
    deleted = text_game(len, "no no yes", mask=None)
    assert masked.perturbed(z) == ["no no x", "x x yes", "x x x"]
    assert deleted.perturbed(z) == ["no no", "yes", ""]


# ---- the rule for 1/D


@given(
    low=st.floats(1e-200, 1e200),
    decades=st.floats(0, 60),
    tolerance=st.sampled_from([0.1, 1e-3, 1e-6, 1e-9, 1e-13]),
)
@settings(deadline=None, max_examples=25)
def test_reciprocal_rule(low, decades, tolerance):
    checks.reciprocal_rule(low, low * 10**decades, tolerance)
    assert reciprocal_rule(low, low * 10**decades, tolerance)[2] < 1.5 * tolerance


def test_step_error_is_bounded():
    from mpmath import gamma, mpf, pi

    for step in (0.1, 0.3, 0.7, 1.3, 2.0):
        series = sum(2 * abs(gamma(1 + 2j * pi * k / mpf(step))) for k in range(1, 9))
        assert series <= aliasing(step) <= 1.02 * series


@pytest.mark.parametrize("step, tolerance", [(0.3, 0.1), (0.6, 1e-3), (0.3, 1e-8)])
def test_left_end_error_is_bounded(step, tolerance):
    nodes, weights, bound = left_end(step, tolerance)
    points = START * np.exp(-step * np.arange(1, 300))
    theta = np.linspace(1e-3, 1, 50)[:, None]
    truth = (np.exp(-theta * points) * step * points).sum(axis=1)
    error = np.abs(np.exp(-theta * nodes) @ weights - truth) * theta[:, 0]
    assert bound / 1e4 < error.max() <= bound < tolerance / 5


@pytest.mark.parametrize("end", ["left", "step", "right"])
def test_reciprocal_rule_without_one_of_its_parts(end):
    def broken(low, high, tolerance):
        u, w, bound = reciprocal_rule(low, high, tolerance)
        keep = {"left": u * high >= 1, "right": u * low < 5, "step": np.arange(len(u)) != 12}[end]
        return u[keep], w[keep], bound

    with pytest.raises(CheckFailed):
        checks.reciprocal_rule(1.0, 30.0, 1e-9, broken)


def test_bad_rules():
    for low, high in ((0.0, 1.0), (2.0, 1.0), (-1.0, 1.0), (1.0, np.inf), (np.nan, 1.0)):
        with pytest.raises(ValueError, match="0 < low <= high"):
            reciprocal_rule(low, high, 1e-9)
    for tolerance in (0.0, 1e-15, 0.5, np.nan):
        with pytest.raises(ValueError, match="the tolerance is from 1e-14"):
            reciprocal_rule(1.0, 2.0, tolerance)


# ---- expectations


@given(
    seed=st.integers(0, 999),
    d=st.integers(1, 7),
    K=st.integers(1, 3),
    decades=st.sampled_from([0.1, 1.0, 5.0, 30.0]),
    p=st.sampled_from([1e-12, 1e-4, 0.2, 0.5, 0.9, 1 - 1e-4, 1 - 1e-12]),
    equal=st.booleans(),
)
@settings(deadline=None, max_examples=60)
def test_expectations(seed, d, K, decades, p, equal):
    checks.bernoulli_product(examples.random_game(seed, d, K, decades, equal), p)


def test_expectations_do_not_depend_on_blocks(monkeypatch):
    game = examples.random_game(3, 9, decades=3)
    p, c = np.array([0.1, 0.5, 0.8]), np.array([0.5, -2.0, 1.0])
    whole = expectations(game, p, c, c, 1e-12)
    monkeypatch.setattr("helpers.games.expectations.BLOCK", 1)
    parts = expectations(game, p, c, c, 1e-12)
    np.testing.assert_allclose(parts[0], whole[0], rtol=1e-13)
    np.testing.assert_allclose(parts[1:], whole[1:], rtol=1e-13)


def test_expectations_are_linear_in_the_heads():
    """The game of all heads is the mean of the heads' games; a common factor changes nothing."""
    game = examples.random_game(1, 6, K=3, decades=2)
    p, c = np.array([0.3]), np.ones(1)
    alone = [
        expectations(
            PerturbationGame(
                game.labels, game.text, *(1e5 * getattr(game, name)[[i]] for name in oracles.ARRAYS)
            ),
            *(p, c, c, 1e-13),
        )
        for i in range(3)
    ]
    together = expectations(game, p, c, c, 1e-13)
    np.testing.assert_allclose(np.mean([a[0] for a in alone], axis=0), together[0], rtol=1e-12)
    assert abs(np.mean([a[1] for a in alone]) - together[1]) < 1e-13


@pytest.mark.parametrize("p", [0.0, 1.0, -0.1, 1.1])
def test_bad_probabilities(p):
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        expectations(examples.random_game(0, 3), np.array([p]), np.ones(1), np.ones(1), 1e-9)
    with pytest.raises(ValueError, match="p holds NaN"):
        expectations(examples.random_game(0, 3), np.array([np.nan]), np.ones(1), np.ones(1), 1e-9)
