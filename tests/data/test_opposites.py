"""Opposites: each word has one, of the other valence where people rated both."""

from helpers.data.opposites import OPPOSITE, PAIRS
from helpers.data.reviews import load_lexicon
from helpers.data.words import SHIPPED, Vocabulary


def test_each_word_is_the_opposite_of_its_opposite():
    assert len(OPPOSITE) == 2 * len(PAIRS)
    assert all(OPPOSITE[OPPOSITE[word]] == word != OPPOSITE[word] for word in OPPOSITE)


def test_the_models_know_them():
    assert set(OPPOSITE) <= set(Vocabulary.load(SHIPPED / "vocabulary.txt").ids)


def test_people_rate_the_first_word_above_the_second():
    valence = load_lexicon()
    rated = [x for x in map(str.split, PAIRS) if set(x) <= set(valence)]
    assert len(rated) > 7
    assert all(valence[one] > valence[other] for one, other in rated)
