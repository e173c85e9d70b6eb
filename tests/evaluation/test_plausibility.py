"""Plausibility: each number against its definition, other libraries, or all orders of scores."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from helpers import load_classifier
from helpers.data.words import tokenize
from helpers.evaluation import plausibility

WORDS = st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=1, max_size=12)
SCORES, MARKED = np.array([0.3, -1.0, 0.3, 2.0, 0.0]), np.array([1, 0, 0, 1, 0], dtype=bool)


def split(words):
    scores, marked = zip(*words)
    return np.array(scores, float), np.array(marked)


@given(WORDS)
def test_against_another_library(words):
    scores, marked = split(words)
    found = plausibility.auroc(scores, marked)
    if 0 < marked.sum() < len(marked):
        assert found == pytest.approx(roc_auc_score(marked, scores))
    else:
        assert np.isnan(found) and np.isnan(plausibility.null_variance(scores, marked))
    if marked.any():
        expected = average_precision_score(marked, scores)
        assert plausibility.average_precision(scores, marked) == pytest.approx(expected)
        for top in (1, 3, 20):
            listed = np.isin(np.arange(len(scores)), np.argsort(-scores, kind="stable")[:top])
            expected = f1_score(marked, listed)
            assert plausibility.token_f1(scores, marked, top) == pytest.approx(expected)
    else:
        assert np.isnan(plausibility.average_precision(scores, marked))
        assert np.isnan(plausibility.token_f1(scores, marked))


def test_by_hand():
    """0.3 beats -1 and 0 and ties with 0.3; 2 beats all three."""
    assert plausibility.auroc(SCORES, MARKED) == pytest.approx(5.5 / 6)
    assert plausibility.average_precision(SCORES, MARKED) == pytest.approx((1 + 2 / 3) / 2)
    assert plausibility.token_f1(SCORES, MARKED, 2) == 1  # the first of the tie comes first
    assert plausibility.token_f1(SCORES, MARKED) == pytest.approx(4 / 7)


@pytest.mark.parametrize("scores", [[1, 2, 3, 4, 5], [0, 0, 1, 1, 1], [2, 2, 2, 2, 2]])
@pytest.mark.parametrize("marks", [1, 2, 4])
def test_the_null_over_all_orders(scores, marks):
    marked = np.arange(5) < marks
    orders = [
        plausibility.auroc(np.array(x, float), marked) for x in itertools.permutations(scores)
    ]
    assert np.mean(orders) == pytest.approx(0.5)
    found = plausibility.null_variance(np.array(scores, float), marked)
    assert found == pytest.approx(np.var(orders), abs=1e-15)


def test_ties_that_rounding_broke_are_ties():
    noise = SCORES * (1 + 1e-14 * np.arange(5))
    for measure in (plausibility.auroc, plausibility.null_variance, plausibility.token_f1):
        assert measure(noise, MARKED) == measure(SCORES, MARKED)


def test_towards_the_predicted_class():
    np.testing.assert_array_equal(plausibility.towards(SCORES, True, -0.2), -SCORES)
    np.testing.assert_array_equal(plausibility.towards(SCORES, True, 3), SCORES)
    np.testing.assert_array_equal(plausibility.towards(SCORES, False, -0.2), SCORES)


def test_a_word_is_marked_if_it_is_at_any_place():
    reading = load_classifier().read("A fine film, a film so fine")
    found = plausibility.marked_words(reading, [0, 0, 1, 1, 0, 0, 0])
    assert list(dict.fromkeys(reading.text[1:])) == ["a", "fine", "film", "so"]
    np.testing.assert_array_equal(found, [True, False, True, False])


def test_what_the_model_cuts_off_counts_for_nothing():
    text = "good " + "film " * 300
    with pytest.warns(UserWarning, match="cut off"):
        reading = load_classifier().read(text)
    flags = np.arange(len(tokenize(text))) > 290
    np.testing.assert_array_equal(plausibility.marked_words(reading, flags), [False, False])


def test_errors_name_the_next_call():
    reading = load_classifier().read("a fine film")
    with pytest.raises(ValueError, match=r"2 flags for 3 words: give the rationale of this text"):
        plausibility.marked_words(reading, [True, False])
    with pytest.raises(TypeError, match="marked_words is for a Reading"):
        plausibility.marked_words("a fine film", [True])
    with pytest.raises(ValueError, match="marked has shape"):
        plausibility.auroc(SCORES, MARKED[:3])
    with pytest.raises(ValueError, match="give marked=valence > 0"):
        plausibility.token_f1(SCORES, [1, 0, 2, 0, 0])
    with pytest.raises(ValueError, match="top is 0"):
        plausibility.token_f1(SCORES, MARKED, 0)
