"""Negated phrases of a text."""

import pytest

from helpers import load_classifier
from helpers.data.negated import BETWEEN, NEGATORS, phrases
from helpers.data.reviews import Review, load_snippets

WORDS = load_classifier().vocabulary


def found(*texts):
    return phrases([Review(str(n), 1.0, text) for n, text in enumerate(texts)], WORDS)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("This is NOT good.", [("not", "good")]),
        ("hardly a very good film", [("hardly", "a", "very", "good")]),
        ("It isn't funny", [("t", "funny")]),
        ("never", []),
        ("no the a", []),
        ("not never good", [("never", "good")]),
        ("not xyzzyq", []),
        ("not good, not good, no fun", [("not", "good"), ("no", "fun")]),
    ],
)
def test_phrases(text, expected):
    assert found(text) == expected


def test_phrases_are_different_and_in_order():
    assert found("no fun", "not bad, no fun", "a film") == [("no", "fun"), ("not", "bad")]


def test_phrases_of_the_corpus():
    made = phrases(load_snippets(), WORDS)
    assert len(made) == len(set(made)) > 1000 and ("not", "good") in made
    for first, *between, last in made:
        assert first in NEGATORS and set(between) <= BETWEEN
        assert last in WORDS.ids and last not in NEGATORS | BETWEEN
