"""The same document in a changed model."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import load_classifier
from helpers.checks.examples import random_reading
from helpers.model import variants
from helpers.model.reading import Heads, micro_example
from tests.documents import DOCUMENTS

READING = random_reading(5, T=9, K=3, d_e=8, biases=True)


@settings(deadline=None)
@given(DOCUMENTS)
def test_one_head_after_another_makes_the_document(reading):
    outputs = [variants.one_head(reading, i).output for i in range(len(reading.heads.W_l))]
    np.testing.assert_allclose(outputs, reading.head_outputs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("head", [3, 7, -1])
def test_a_head_that_is_not_there_is_named(head):
    with pytest.raises(ValueError, match=f"head is {head}, expected 0 to 2"):
        variants.one_head(READING, head)


@settings(deadline=None)
@given(DOCUMENTS)
def test_without_padding_only_the_text_is_attended_to(reading):
    T, found = reading.length, variants.unpadded(reading)
    assert found.tokens == found.text == reading.text and found.length == T
    expected = reading.attention[:, :T] / reading.attention[:, :T].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found.attention, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.values, reading.values[:, :T], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.masked_values, reading.masked_values[:, :T], atol=1e-11)
    again = variants.unpadded(found)
    assert again.tokens == found.tokens and again.output == found.output


def test_the_micro_example_has_no_padding():
    assert variants.unpadded(micro_example()).output == micro_example().output


def test_a_mirrored_model_says_the_opposite():
    assert variants.mirrored(READING).output == -READING.output


def test_a_basis_changes_no_output():
    Q, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(8, 8)))
    other = variants.in_basis(READING, Q)
    assert other.output == pytest.approx(READING.output, abs=1e-12)
    for name in ("logits", "values", "masked_logits", "masked_values"):
        np.testing.assert_allclose(getattr(other, name), getattr(READING, name), atol=1e-12)


@pytest.mark.parametrize("stretch", [2.0, 1 + 1e-5, 1 + 1e-6, 1 - 1e-9])
def test_a_matrix_that_stretches_is_no_basis(stretch):
    with pytest.raises(ValueError, match="Q is not orthogonal"):
        variants.in_basis(READING, stretch * np.eye(8))


def test_a_reflection_sends_one_direction_to_the_other():
    start, end = np.random.default_rng(1).normal(size=(2, 8))
    Q = variants.reflection(start, end)
    np.testing.assert_allclose(Q @ Q.T, np.eye(8), atol=1e-14)
    direction = end / np.linalg.norm(end)
    np.testing.assert_allclose(Q @ start, np.linalg.norm(start) * direction, atol=1e-14)
    np.testing.assert_array_equal(variants.reflection(start, 3 * start), np.eye(8))


@pytest.mark.parametrize("ends", [(np.zeros(3), np.ones(3)), (np.ones(3), np.zeros(3))])
def test_zero_has_no_direction(ends):
    with pytest.raises(ValueError, match="a zero vector has no direction"):
        variants.reflection(*ends)


def test_ends_of_a_reflection_have_one_length():
    with pytest.raises(ValueError, match=r"end has shape \(3,\), expected \(2\)"):
        variants.reflection(np.ones(2), np.ones(3))


@pytest.mark.parametrize("amount", [1.0, 0.5])
@pytest.mark.parametrize("scale", [1.0, 1e-4, 1e-9])
@given(seed=st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_level_takes_away_what_every_head_sees(amount, scale, seed):
    """One head with keys that are smaller than the others' is levelled as well as they are."""
    reading = random_reading(seed, T=9, K=3, d_e=8)
    weights = reading.heads.W_k * np.array([1.0, 1.0, scale])[:, None, None]
    reading = replace(reading, heads=replace(reading.heads, W_k=weights))
    found = variants.level(reading, amount)
    left = (found.logits - found.masked_logits) - (1 - amount) * (
        reading.logits - reading.masked_logits
    )
    largest = np.abs(reading.logits).max(axis=1)
    assert (np.abs(left).max(axis=1) <= 1e-10 * largest + 1e-300).all()


def test_heads_of_nothing_are_refused():
    for name, K, d_att, d_out in (("K", 0, 2, 2), ("d_att", 1, 0, 2), ("d_out", 1, 2, 0)):
        with pytest.raises(ValueError, match="each of these must be at least 1"):
            (
                Heads(
                    np.ones((K, d_att, 3)),
                    np.ones((K, d_att, 3)),
                    np.ones((K, d_out, 3)),
                    np.ones((K, d_out)),
                ),
                name,
            )
    with pytest.raises(ValueError, match="each of these must be at least 1"):
        Heads(np.ones((1, 2, 0)), np.ones((1, 2, 0)), np.ones((1, 2, 0)), np.ones((1, 2)))


def test_another_origin_is_the_same_model():
    shift = np.arange(1.0, 9.0)
    moved = variants.moved_origin(READING, shift)
    for name in ("embeddings", "masked_embeddings"):
        way = getattr(moved, name) - getattr(READING, name)
        np.testing.assert_allclose(way, np.tile(shift, (9, 1)), atol=1e-14)
    for name in ("queries", "keys", "logits", "values", "masked_logits", "masked_values"):
        np.testing.assert_allclose(getattr(moved, name), getattr(READING, name), atol=1e-12)
    for wrong in (np.ones(7), np.ones((9, 8)), np.full(8, np.nan)):
        with pytest.raises(ValueError, match="shift"):
            variants.moved_origin(READING, wrong)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0, -0.5])
@pytest.mark.parametrize("biases", [False, True])
def test_keys_see_a_share_of_the_words(share, biases):
    reading = random_reading(3, K=3, biases=biases)
    found = variants.seen_by_keys(reading, share)
    logits = reading.masked_logits + share * (reading.logits - reading.masked_logits)
    np.testing.assert_allclose(found.logits, logits, atol=1e-13)
    np.testing.assert_allclose(found.masked_logits, reading.masked_logits, atol=1e-13)
    np.testing.assert_allclose(found.values, reading.values, atol=1e-13)
    np.testing.assert_allclose(found.masked_values, reading.masked_values, atol=1e-13)
    assert found.text == reading.text
    if share == 1:
        assert found.output == pytest.approx(reading.output, abs=1e-13)


def test_blind_keys_tell_no_two_words_apart():
    """Not only word and mask: whatever known word stands at a place, its logit is the same."""
    classifier = load_classifier()
    one, other = (variants.seen_by_keys(classifier.read(x)) for x in ("a fine film", "not so bad"))
    np.testing.assert_allclose(one.logits, other.logits, atol=1e-12)
    assert abs(one.output - other.output) > 1e-3
