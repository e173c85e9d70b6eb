"""The planted corpus: its labels, what the marker follows, and that it repeats."""

import numpy as np
import pytest

from helpers.data import planted
from helpers.data.words import tokenize

LINKED, FREE = planted.draw(1500, True, 3), planted.draw(1500, False, 3)


def test_words_are_read_as_they_are_written():
    words = [*planted.POSITIVE, *planted.NEGATIVE, *planted.NEUTRAL, planted.MARKER]
    assert len(set(words)) == 101 and tokenize(" ".join(words)) == words
    assert {planted.kind(word) for word in words} == set(planted.KINDS)
    assert sum(map(planted.weight, words)) == 0 == planted.weight(planted.MARKER)
    assert len(planted.FOLLOWED) == 20


@pytest.mark.parametrize("corpus", [LINKED, FREE])
def test_the_label_is_the_sign_of_the_sum(corpus):
    for review in corpus:
        words = review.text.split()
        total = sum(map(planted.weight, words))
        assert np.sign(review.rating) == np.sign(total) != 0
        assert len(set(words)) == len(words) == planted.LENGTH + (planted.MARKER in words)
        assert 1 <= sum(abs(planted.weight(word)) for word in words) <= planted.MOST_PLANTED


def rates(corpus):
    """How often the marker stands where followed words say yes, no, or nothing."""
    sides = [
        np.sign(sum(planted.weight(w) for w in x.text.split() if w in planted.FOLLOWED))
        for x in corpus
    ]
    there = np.array([planted.MARKER in x.text.split() for x in corpus])
    return [there[np.array(sides) == side].mean() for side in (1, -1, 0)]


def test_the_marker_follows_half_of_the_planted_words():
    assert rates(LINKED) == pytest.approx([0.9, 0.1, 0.5], abs=0.06)
    assert rates(FREE) == pytest.approx([0.5, 0.5, 0.5], abs=0.06)


def test_the_same_seed_gives_the_same_documents():
    assert planted.draw(20, True, 5) == planted.draw(20, True, 5) != planted.draw(20, True, 6)
