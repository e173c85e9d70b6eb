"""Exchanges of real words against the classifier, which reads each changed text anew."""

import math

import numpy as np
import pytest

from helpers import load_classifier
from helpers.checks import adversaries as checks
from helpers.checks import examples
from helpers.checks.exchanged_pairs import best_pair
from helpers.data.corpus import held_out
from helpers.evaluation import substitutions

CLASSIFIER = load_classifier()
WORDS, VECTORS = substitutions.alphabet(CLASSIFIER)
TEXTS = [x.text for x in held_out(4)]


@pytest.mark.parametrize("text", TEXTS)
def test_effects_are_those_of_changed_texts(text):
    reading = CLASSIFIER.read(text)
    found = substitutions.effects(substitutions.exchanges(reading, VECTORS))
    assert found.shape == (reading.length - 1, len(WORDS))
    draw, texts, wanted = np.random.default_rng(0), [], []
    for place, word in zip(
        draw.integers(len(found), size=300), draw.integers(1, len(WORDS), size=300)
    ):
        new = list(reading.text[1:])
        new[place] = WORDS[word]
        texts.append(" ".join(new))
        wanted.append(found[place, word])
    assert np.abs(CLASSIFIER.predict(texts) - reading.output - wanted).max() < 1e-12


def test_every_word_everywhere_is_a_changed_text():
    text = "the plot of the film is the plot of every film, and not a good one"
    reading = CLASSIFIER.read(text)
    table = substitutions.exchanges(reading, VECTORS, everywhere=True)
    labels = tuple(dict.fromkeys(reading.text[1:]))
    found = substitutions.effects(table)
    assert found.shape == (len(labels), len(WORDS))
    for place, label in enumerate(labels):
        for word in (1, 7, 3000):
            new = " ".join(WORDS[word] if w == label else w for w in reading.text[1:])
            moved = CLASSIFIER.predict([new])[0] - reading.output
            assert abs(found[place, word] - moved) < 1e-12
    assert abs(table.output - reading.output) < 1e-12


def test_first_order_of_a_word_everywhere_is_the_sum_over_its_places():
    reading = CLASSIFIER.read("good film, good plot, dull end")
    apart = substitutions.first_order(substitutions.exchanges(reading, VECTORS))
    joined = substitutions.first_order(substitutions.exchanges(reading, VECTORS, everywhere=True))
    assert np.abs(joined[0] - apart[0] - apart[2]).max() < 1e-11


def test_all_three_errors_mended_is_the_effect():
    table = substitutions.exchanges(CLASSIFIER.read(TEXTS[0]), VECTORS)
    whole = checks.mended(table, crossed=True, curved=True, shared=True)
    assert np.abs(whole - substitutions.effects(table)).max() < 1e-12
    none = checks.mended(table, crossed=False, curved=False, shared=False)
    assert np.abs(none - substitutions.first_order(table)).max() < 1e-12
    for gone in ("crossed", "curved", "shared"):
        kinds = {"crossed": True, "curved": True, "shared": True, gone: False}
        assert np.abs(checks.mended(table, **kinds) - whole).max() > 0.1


def test_swapped_is_the_changed_text_and_its_table():
    reading = CLASSIFIER.read(TEXTS[1])
    table = substitutions.exchanges(reading, VECTORS)
    new = list(reading.text[1:])
    new[0], new[3] = WORDS[40], WORDS[900]
    again = substitutions.exchanges(CLASSIFIER.read(" ".join(new)), VECTORS)
    both = substitutions.swapped(table, [(0, 40), (3, 900)])
    assert abs(both.output - again.output) < 1e-12
    assert np.abs(substitutions.effects(both) - substitutions.effects(again)).max() < 1e-12


def test_best_takes_the_first_of_equals():
    scores = np.array([[0.0, 2.0, 1.0], [2.0 + 1e-12, 3.0, 1.0]])
    assert substitutions.best(scores) == [(1, 1)]
    assert substitutions.best(scores, 3) == [(1, 1), (0, 1), (1, 0)]
    assert len(substitutions.best(scores, 99)) == 6


def test_the_beam_tries_everything_if_it_is_wide():
    reading = examples.random_reading(3, T=5, K=3, scale=2.0)
    vectors = np.random.default_rng(5).normal(size=(3, 5))
    table = substitutions.exchanges(reading, vectors)
    for side in (1.0, -1.0):
        for count, (swaps, f) in enumerate(substitutions.beam(table, side, width=999), start=1):
            every = [side * x.output for x in checks.every_set(table, count)]
            assert abs(side * f - min(every)) < 1e-12 and len({p for p, _ in swaps}) == count
            assert abs(substitutions.swapped(table, swaps).output - f) < 1e-12


def test_fewest_in_one_head_is_proved_and_by_hand():
    for seed in range(6):
        reading = examples.random_reading(seed, T=7, K=1, scale=1.5)
        table = substitutions.exchanges(reading, np.random.default_rng(seed).normal(size=(3, 5)))
        side = np.sign(table.output)
        every = range(table.weight.shape[1] + 1)
        truth = next((k for k in every if side * checks.strongest(table, side, k) < 0), math.inf)
        found, least = substitutions.fewest(table, side, width=99)
        assert found == truth and (least == truth or math.isinf(truth))
        assert least == len(every) if math.isinf(truth) else True


def test_a_loud_word_is_exchanged_without_loss():
    """Nearly all attention of a head is on one token; what is left without it has all digits."""
    reading = examples.random_reading(19, T=9, K=1, scale=9.0)
    vectors = np.random.default_rng(9).normal(size=(6, 5))
    assert reading.attention[0, 1 : reading.length].max() > 1 - 1e-14
    found = substitutions.effects(substitutions.exchanges(reading, vectors))
    for place, word in checks.every_swap(reading, vectors):
        new = checks.put(reading, vectors, [(place, word)])
        assert abs(new.output - reading.output - found[place, word]) < 1e-12


def test_wrong_arguments_say_what_to_give():
    reading = CLASSIFIER.read("good")
    with pytest.raises(ValueError, match="shape"):
        substitutions.exchanges(reading, VECTORS[:, :3])
    with pytest.raises(TypeError, match=r"classifier\.read"):
        substitutions.exchanges("good", VECTORS)
    with pytest.raises(ValueError, match="one place"):
        best_pair(substitutions.exchanges(reading, VECTORS), 1.0)
