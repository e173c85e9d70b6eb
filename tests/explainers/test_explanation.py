"""An explanation holds numbers that fit, and orders them."""

import math

import numpy as np
import pytest

from helpers.explainers.explanation import Explanation, by_word


def explanation(labels, scores, **changes):
    given = {"method": "a method", "text": tuple(labels)} | changes
    return Explanation(tuple(labels), np.array(scores, dtype=float), **given)


def test_scores_must_fit_the_labels():
    with pytest.raises(ValueError, match=r"scores has shape \(2,\), expected \(1\)"):
        explanation(["good"], [1, 2])
    with pytest.raises(ValueError, match="scores holds NaN"):
        explanation(["good"], [math.nan])
    with pytest.raises(ValueError, match=r"standard_errors has shape \(1,\), expected \(2\)"):
        explanation(["a", "b"], [1, 2], standard_errors=[1])


def test_repeated_labels_are_numbered_in_a_dictionary():
    found = explanation(["good", "bad", "good", "good"], [1, 2, 3, 4]).as_dict()
    assert found == {"good": 1, "bad": 2, "good (2)": 3, "good (3)": 4}


def test_top_goes_by_absolute_value_and_then_by_place():
    found = explanation("abcde", [1, -3, 2, 3, 0])
    assert found.top(3) == ("b", "d", "c") and found.top(99) == ("b", "d", "c", "a", "e")


def test_ties_go_by_place_among_many_labels():
    """An unstable sort keeps the order of few equal numbers, not of forty."""
    labels = [f"w{n}" for n in range(40)]
    scores = np.where(np.arange(40) % 3 == 0, -2.0, 1.0)
    expected = [*range(0, 40, 3), *(n for n in range(40) if n % 3)]
    assert explanation(labels, scores).top(40) == tuple(labels[n] for n in expected)


def test_by_word_adds_up_the_positions_and_keeps_the_total():
    tokens = ("[CLS]", "a", "b", "a")
    given = Explanation(tokens, np.array([5.0, 1.0, 2.0, 10.0]), "x", tokens, padding=0.5)
    found = by_word(given)
    assert found.labels == ("a", "b") and found.text == ("a", "b", "a")
    assert found.scores.tolist() == [11.0, 2.0] and found.padding == 5.5
    with pytest.raises(ValueError, match="no score for each token"):
        by_word(found)
