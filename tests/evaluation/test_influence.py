"""The read-out fitted alone: pooled values, errors, and what identical documents share."""

import numpy as np
import pytest

from helpers import load_classifier
from helpers.checks import influence as checks
from helpers.checks import oracles, random_reading
from helpers.data.reviews import Review
from helpers.data.words import TextError
from helpers.evaluation import influence
from helpers.model.reading import micro_example


def test_pooled_values_meet_the_read_out_in_the_output():
    for seed in range(3):
        reading = random_reading(seed)
        found = influence.pooled_values(reading)
        assert found @ reading.heads.W_l.ravel() == pytest.approx(oracles.by_definition(reading))


def test_by_hand():
    """[CLS] not good: projected values 0, -1 and 2, weights e, 1 and e."""
    e = np.e
    by_hand = [(2 * e - 1) / (2 * e + 1)]
    np.testing.assert_allclose(influence.pooled_values(micro_example()), by_hand)


def test_biases_of_values_count():
    reading = random_reading(1, biases=True)
    found = influence.pooled_values(reading)
    assert found @ reading.heads.W_l.ravel() == pytest.approx(oracles.by_definition(reading))


def test_the_classifier_is_a_read_out_of_its_pooled_values():
    classifier, texts = load_classifier(), ["a fine film", "dull"]
    rows = influence.pooled(classifier, texts)
    assert rows.shape == (2, 384)
    np.testing.assert_allclose(rows @ classifier.heads().W_l.ravel(), classifier.predict(texts))
    with pytest.raises(TextError):
        influence.pooled(classifier, ["a fine film", "xyzzy"])


def test_wrong_input_is_named():
    rows, positive = checks.random_rows()
    with pytest.raises(TypeError, match=r"pooled_values\(classifier.read"):
        influence.pooled_values("a fine film")
    with pytest.raises(ValueError, match="penalty is positive"):
        influence.fit(rows, positive, 0.0)
    with pytest.raises(ValueError, match="True or False"):
        influence.fit(rows, np.arange(len(rows)))
    with pytest.raises(ValueError, match="positive"):
        influence.fit(rows, positive[1:])


def test_hard_problems_converge():
    """Large rows, a small penalty: chances near 0 and 1, where the curvature nearly vanishes."""
    rows, positive = checks.random_rows(4, 400, 2, 30.0)
    found = influence.fit(rows, positive, 1e-3)
    truth = checks.retrained(rows, positive, 1e-3)
    np.testing.assert_allclose(found.weights, truth, rtol=1e-6)


def test_a_fit_ends_at_the_same_optimum_wherever_it_starts(monkeypatch):
    rows, positive = checks.random_rows()
    found = influence.fit(rows, positive)
    monkeypatch.setattr(influence, "STEPS", 3)
    again = influence.fit(rows, positive, start=found.weights + 1e-4)
    np.testing.assert_allclose(again.weights, found.weights, atol=1e-9)
    with pytest.raises(ValueError, match="start"):
        influence.fit(rows, positive, start=found.weights[1:])


def test_a_fit_that_does_not_converge_says_so(monkeypatch):
    monkeypatch.setattr(influence, "STEPS", 1)
    with pytest.raises(RuntimeError, match="larger penalty"):
        influence.fit(*checks.random_rows())


def test_equal_documents_have_equal_influence():
    rows, positive = checks.random_rows()
    rows, positive = np.vstack([rows, rows[:1]]), np.append(positive, positive[0])
    readout = influence.fit(rows, positive)
    for found in (influence.influence, influence.one_step, influence.relative):
        every = found(readout, rows[:5])
        np.testing.assert_allclose(every[:, 0], every[:, -1], atol=1e-12)


def test_leverage_counts_parameters():
    """The sum is the trace of a projection, shrunk: below m, and m without a penalty."""
    rows, positive = checks.random_rows()
    assert influence.fit(rows, positive, 1e-7).leverage.sum() == pytest.approx(5, abs=1e-5)
    assert 0 < influence.fit(rows, positive, 10.0).leverage.sum() < 4


def test_readable_reviews_have_a_known_word():
    vocabulary = load_classifier().vocabulary
    reviews = [Review("1", 1.0, "a xyzzy film"), Review("2", 1.0, "xyzzy"), Review("3", 1.0, "")]
    assert influence.readable(reviews, vocabulary) == reviews[:1]
