"""What a document looks like inside the model, with its numbers checked."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from helpers.checks.examples import random_reading
from helpers.model.reading import Heads, finite, micro_example, softmax
from tests.documents import DOCUMENTS

READING = random_reading(1, T=8, K=2, d_e=5, d_att=4, d_out=3)


def heads(**changes):
    weights = {
        "W_q": np.ones((2, 3, 4)),
        "W_k": np.ones((2, 3, 4)),
        "W_v": np.ones((2, 5, 4)),
        "W_l": np.ones((2, 5)),
    }
    return Heads(**{**weights, **changes})


# ---- bad numbers


def test_an_array_of_another_shape_is_named():
    with pytest.raises(ValueError, match=r"u has shape \(3,\), expected \(2, any\)"):
        finite("u", [1, 2, 3], (2, None))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_are_named(bad):
    with pytest.raises(ValueError, match="u holds NaN or infinity"):
        finite("u", [1.0, bad], (2,))


@pytest.mark.parametrize(
    "name, shape, expected",
    [
        ("W_q", (2, 3), r"\(any, any, any\)"),
        ("W_k", (2, 9, 4), r"\(2, 3, 4\)"),
        ("W_v", (1, 5, 4), r"\(2, 5, 4\)"),
        ("W_l", (3, 5), r"\(2, any\)"),
        ("b_q", (2, 4), r"\(2, 3\)"),
        ("b_v", (5,), r"\(2, 5\)"),
    ],
)
def test_weights_of_another_shape_are_named(name, shape, expected):
    with pytest.raises(ValueError, match=rf"{name} has shape .* expected {expected}"):
        heads(**{name: np.ones(shape)})


def test_weights_with_nan_are_named():
    with pytest.raises(ValueError, match="W_v holds NaN"):
        heads(W_v=np.full((2, 5, 4), math.nan))


def test_biases_are_zero_unless_given():
    plain = heads()
    assert [plain.b_q.shape, plain.b_k.shape, plain.b_v.shape] == [(2, 3), (2, 3), (2, 5)]
    assert not (plain.b_q.any() or plain.b_k.any() or plain.b_v.any())
    assert heads(b_v=np.ones((2, 5))).b_v.all()
    assert plain.scale == math.sqrt(3)


def test_embeddings_of_another_shape_are_named():
    with pytest.raises(ValueError, match=r"masked_embeddings has shape \(8, 4\), expected \(8, 5"):
        replace(READING, masked_embeddings=np.zeros((8, 4)))
    with pytest.raises(ValueError, match="embeddings holds NaN"):
        replace(READING, embeddings=np.full((8, 5), math.nan))


@pytest.mark.parametrize("length", [0, 9])
def test_a_length_that_does_not_fit_is_named(length):
    with pytest.raises(ValueError, match=f"included, is {length}, expected 1 to 8"):
        replace(READING, length=length)


# ---- what is computed


def test_the_micro_example_by_hand():
    reading, e = micro_example(), math.e
    assert reading.text == ("[CLS]", "not", "good")
    np.testing.assert_array_equal(reading.logits, [[1, 0, 1]])
    np.testing.assert_array_equal(reading.values, [[0, -1, 2]])
    np.testing.assert_allclose(reading.attention, [[e, 1, e] / (2 * np.array(e) + 1)], rtol=1e-15)
    assert math.isclose(reading.output, (2 * e - 1) / (2 * e + 1), rel_tol=1e-15)
    np.testing.assert_array_equal(reading.masked_logits, [[1, 0, 0]])
    np.testing.assert_array_equal(reading.masked_values, [[0, 0, 0]])


LOGITS = arrays.arrays(np.float64, (3, 6), elements=st.floats(-500, 500))


@given(LOGITS, st.floats(-100, 100))
def test_softmax_is_a_distribution_that_shifts_do_not_change(logits, shift):
    alpha = softmax(logits)
    assert (alpha >= 0).all()
    np.testing.assert_allclose(alpha.sum(axis=-1), 1, rtol=1e-14)
    np.testing.assert_allclose(softmax(logits + shift), alpha, rtol=1e-11, atol=1e-300)
    assert (alpha[[0, 1, 2], logits.argmax(axis=-1)] == alpha.max(axis=-1)).all()


@settings(deadline=None)
@given(DOCUMENTS)
def test_a_reading_holds_together(reading):
    K, T = len(reading.heads.W_l), len(reading.tokens)
    for name in ("logits", "values", "masked_logits", "masked_values", "attention"):
        assert getattr(reading, name).shape == (K, T)
    np.testing.assert_allclose(reading.attention.sum(axis=1), 1, rtol=1e-13)
    np.testing.assert_allclose(reading.masked_attention.sum(axis=1), 1, rtol=1e-13)
    logits = np.einsum("kta,ka->kt", reading.keys, reading.queries) / reading.heads.scale
    np.testing.assert_allclose(reading.logits, logits, atol=1e-11 * max(1, np.abs(logits).max()))
    low, high = reading.values.min(axis=1), reading.values.max(axis=1)
    assert ((low - 1e-12 <= reading.head_outputs) & (reading.head_outputs <= high + 1e-12)).all()
    assert math.isclose(reading.output, reading.head_outputs.mean(), abs_tol=1e-13)


@settings(deadline=None)
@given(DOCUMENTS)
def test_masking_every_word_makes_the_masked_document(reading):
    masked = replace(reading, embeddings=reading.masked_embeddings)
    np.testing.assert_allclose(masked.logits, reading.masked_logits, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(masked.values, reading.masked_values, rtol=1e-12, atol=1e-12)


def test_nothing_overflows():
    reading = random_reading(0, scale=1e6)
    assert np.isfinite(reading.attention).all() and np.isfinite(reading.output)
