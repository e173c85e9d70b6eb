"""Families of explanations: no sign, a matter of storage, or signed in any storage."""

import numpy as np
import pytest

from helpers.checks.examples import random_reading
from helpers.evaluation import families
from helpers.explainers import gradients, methods
from helpers.explainers.explanation import by_word
from helpers.model import variants

READING = random_reading(3, T=16, K=2, distinct=5, biases=True)


def test_families_of_the_chapter():
    found = {key: families.family(methods.find(key), READING) for key in methods.METHODS}
    assert {key for key in found if found[key] == families.STORED} == {
        "gradient-mean",
        "gradient-times-input",
    }
    unsigned = {key for key in found if found[key] == families.UNSIGNED}
    assert unsigned == {key for key, method in methods.METHODS.items() if not method.signed}


def test_stored_otherwise_is_the_same_function_with_other_numbers():
    other = families.stored_otherwise(READING)
    assert other.output == pytest.approx(READING.output, abs=1e-12)
    np.testing.assert_allclose(other.attention, READING.attention, atol=1e-12)
    np.testing.assert_allclose(gradients.mean(other).scores, -gradients.mean(READING).scores)
    middle = families.middle_of_places(READING)
    back = variants.in_basis(other, variants.reflection(np.ones(5), -np.ones(5)))
    np.testing.assert_allclose(families.middle_of_places(back), -3 * middle, atol=1e-12)


def test_word_part_is_times_input_from_where_unk_stands():
    """For one place the origin can be moved to [UNK]: then all of G×I is the word's part."""
    for t in range(1, 6):
        moved = variants.moved_origin(READING, -READING.masked_embeddings[t])
        alone = gradients.times_input(moved).scores[t]
        added = READING.embeddings[t] - READING.masked_embeddings[t]
        assert alone == pytest.approx(added @ gradients.gradient(READING)[t])
    assert families.word_part(READING).labels == tuple(dict.fromkeys(READING.text[1:]))


def test_word_part_adds_up_the_places_of_a_word():
    from_zero = variants.moved_origin(READING, np.zeros(5))
    place = (READING.masked_embeddings * gradients.gradient(from_zero)).sum(axis=1)
    whole = by_word(gradients.times_input(READING)).scores
    for j, word in enumerate(dict.fromkeys(READING.text[1:])):
        places = [t for t in range(1, READING.length) if READING.text[t] == word]
        assert len(places) > 1
        assert families.word_part(READING).scores[j] == pytest.approx(
            whole[j] - place[places].sum()
        )


def test_word_gradients_are_sums_over_places():
    found, tokens = families.word_gradients(READING), READING.text[1:]
    for j, word in enumerate(dict.fromkeys(tokens)):
        rows = [gradients.gradient(READING)[t + 1] for t, w in enumerate(tokens) if w == word]
        np.testing.assert_allclose(found[j], np.sum(rows, axis=0), atol=1e-14)


def test_what_is_no_reading_is_told_the_call():
    with pytest.raises(TypeError, match=r"call families\.word_part\(classifier\.read\(text\)\)"):
        families.word_part("a fine film")
