"""Perturbation games: the model on masked documents."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import load_classifier
from helpers.checks import examples, oracles
from helpers.checks.examples import random_reading
from helpers.games import as_game, position_game, text_game, word_game
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
    black_box = text_game(classifier.predict, TEXT)
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
    np.testing.assert_allclose(game.value(z), classifier.predict(texts), atol=1e-12)


def test_masked_words_may_outweigh_all_kept_ones():
    """[UNK] in the words' places with logits larger by 720, whose exponential overflows."""
    reading = random_reading(0, T=4, K=1)
    key = reading.key_directions[0]
    far = reading.masked_embeddings.copy()
    far[1 : reading.length] += 720 * key / (key @ key)
    game = word_game(dataclasses.replace(reading, masked_embeddings=far))
    rows = np.vstack([reading.embeddings[:1], far[1 : reading.length]])
    rows = np.vstack([rows, reading.embeddings[reading.length :]])  # the padding stays
    there = dataclasses.replace(reading, embeddings=rows)
    assert game.value(np.zeros(len(game.labels))) == pytest.approx(there.output)


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


@pytest.mark.parametrize(
    "z, message",
    [
        *(([1, 0], r"shape \(..., 3\), one entry for each label; got \(2,\)"),),
        *(([[1, 0, 1, 1]], r"got \(1, 4\)"), (1.0, r"got \(\)")),
        *(([0.5, 0, 1], r"an entry 0.5"), ([2, 0, 1], "an entry 2.0")),
        *(([np.nan, 0, 1], "an entry nan"), (["a", "b", "c"], "masks are numbers")),
        *((None, "got"), ([[1, 0, 1], [1]], "in rows of one length")),
    ],
)
def test_bad_masks(z, message):
    black_box = text_game(lambda texts: np.zeros(len(texts)), "one two three")
    for game in (examples.random_game(0, 3), black_box):
        with pytest.raises(ValueError, match=message):
            game.value(z)


def test_a_text_game_takes_a_batch_of_masks():
    black_box = text_game(lambda texts: np.zeros(len(texts)), "one two three")
    for z in (np.ones(3), np.ones((2, 2, 3))):
        with pytest.raises(ValueError, match=r"a text game takes masks \(n, 3\); got"):
            black_box.value(z)


def test_a_reading_is_a_game():
    reading = micro_example()
    game = as_game(reading)
    assert game.labels == ("not", "good") and as_game(game) is game


@pytest.mark.parametrize(
    "value, call",
    [
        (text_game(len, "one two"), "call lime.sampled"),
        *(("a text", r"call classifier.read\(text\) first"), ([1], "call lime.exact_many")),
        *((None, "got NoneType"), (micro_example().heads, "got Heads"), (np.ones(3), "ndarray")),
    ],
)
def test_what_is_no_game_is_told_what_to_call(value, call):
    with pytest.raises(TypeError, match=call):
        as_game(value)


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
