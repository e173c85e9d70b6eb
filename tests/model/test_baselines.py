"""Words counted: what is learned of reviews whose words are known."""

import pytest

from helpers.data.reviews import Review
from helpers.model import baselines
from helpers.model.baselines import bag_of_words

REVIEWS = [
    Review(f"{k}", sign, f"{word} film {k}")
    for sign, word in ((1.0, "good"), (-1.0, "bad"))
    for k in range(4)
]


def test_words_decide_in_any_order_and_number():
    model = bag_of_words(REVIEWS)
    assert model.predict(["film good", "BAD", "bad bad"]).tolist() == [True, False, False]
    one, many = model.decision_function(["good film", "good good good film"])
    assert one == many


def test_words_of_fewer_than_three_reviews_are_not_known():
    assert set(bag_of_words(REVIEWS)[0].vocabulary_) == {"good", "bad", "film"}


def test_a_larger_penalty_would_decide_less(monkeypatch):
    strength = abs(bag_of_words(REVIEWS)[1].coef_).max()
    monkeypatch.setattr(baselines, "PENALTY", 0.1)
    assert abs(bag_of_words(REVIEWS)[1].coef_).max() < strength / 2


def test_texts_are_no_reviews():
    with pytest.raises(TypeError, match=r"give corpus\.split"):
        bag_of_words(["good film"])
