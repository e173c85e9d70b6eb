"""What a document looks like inside the model, and how an explanation shows itself."""

import math
from dataclasses import replace

import numpy as np
import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from helpers import games
from helpers.checks.examples import random_reading
from helpers.explainers import attention
from helpers.explainers.explanation import Explanation
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


# ---- explanations


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


def shown(found):
    return BeautifulSoup(found._repr_html_(), "html.parser")


def marks(found):
    """(text, hover text) of each highlighted word."""
    return [(mark.get_text(), mark["title"]) for mark in shown(found).find_all("mark")]


def test_sign_and_number_are_there_without_colour():
    found = explanation(["[CLS]", "not", "good"], [0.001, -1.5, 3.0])
    assert marks(found) == [("[CLS]", "+0.0010"), ("not−", "-1.5000"), ("good+", "+3.0000")]


def test_colour_is_green_or_red_and_stronger_for_larger_scores():
    html = explanation("abc", [4, -4, 1])._repr_html_()
    assert "rgba(0,128,0,0.60)" in html and "rgba(200,0,0,0.60)" in html
    assert "rgba(0,128,0,0.15)" in html


def test_tokens_are_escaped():
    bad = "<script>alert('x')</script>"
    found = explanation([bad, "a&b"], [1, -1], method="<b>")
    assert "<script" not in found._repr_html_() and "<b>" not in found._repr_html_()
    assert [text for text, _ in marks(found)] == [f"{bad}+", "a&b−"]
    assert shown(found).find("td").get_text() == bad


def test_repeated_tokens_have_their_own_scores():
    found = explanation(["good", "or", "good"], [1, 0, -2])
    assert marks(found) == [("good+", "+1.0000"), ("or", "+0.0000"), ("good−", "-2.0000")]


def test_a_word_that_occurs_twice_is_marked_twice_with_its_one_score():
    found = explanation(["good", "or"], [1, -2], text=("good", "or", "good"))
    assert marks(found) == [("good+", "+1.0000"), ("or−", "-2.0000"), ("good+", "+1.0000")]


def test_a_token_without_a_score_is_shown_plainly():
    found = explanation(["good"], [1], text=("[CLS]", "good"))
    assert marks(found) == [("good+", "+1.0000")]
    assert shown(found).p.get_text() == "a method: [CLS] good+"


def test_the_table_holds_the_ten_largest():
    found = shown(explanation([f"w{n}" for n in range(12)], np.arange(12) - 3.0))
    rows = [[cell.get_text() for cell in row.find_all("td")] for row in found.tbody.find_all("tr")]
    assert len(rows) == 10 and rows[0] == ["w11", "+8.0000"]
    assert found.summary.get_text() == "10 largest of 12 scores"
    assert [th.get_text() for th in found.find_all("th")] == ["word", "score"]


def test_standard_errors_are_a_column():
    found = shown(explanation(["a", "b"], [1, -2], standard_errors=[0.25, 0.5]))
    assert [th.get_text() for th in found.find_all("th")][-1] == "standard error"
    assert [td.get_text() for td in found.tbody.tr.find_all("td")] == ["b", "-2.0000", "0.5000"]


def test_zero_scores_and_no_scores_can_be_shown():
    assert marks(explanation(["a"], [0])) == [("a", "+0.0000")]
    assert marks(explanation([], [])) == []


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(max_size=8), st.floats(-1e6, 1e6)), max_size=12))
def test_any_tokens_and_scores_can_be_shown(pairs):
    labels = [label for label, _ in pairs]
    found = explanation(labels, [score for _, score in pairs])
    assert [title for _, title in marks(found)] == [f"{score:+.4f}" for _, score in pairs]


def test_explanations_of_a_reading_can_be_shown():
    for found in (attention.average(READING), attention.contributions(READING)):
        assert len(marks(found)) == READING.length
    game = games.word_game(READING)
    assert len(marks(explanation(game.labels, game.a[0], text=game.text))) == READING.length - 1
