"""The statements of Part 1 hold on random documents, and a wrong formula is caught."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from helpers import checks, load_classifier
from helpers.checks import attention_classifier as statements
from helpers.checks.examples import random_reading
from helpers.data.words import Vocabulary
from helpers.explainers import attention
from helpers.model.classifier import AttentionClassifier
from helpers.model.reading import micro_example, softmax
from helpers.model.weights import Sizes
from helpers.plots.tables import Table
from tests.documents import DOCUMENTS, documents


@settings(deadline=None, max_examples=60)
@given(DOCUMENTS)
def test_the_definition(reading):
    statements.model(reading)


@settings(deadline=None, max_examples=60)
@given(DOCUMENTS)
def test_one_row_is_enough(reading):
    statements.one_row(reading)


@settings(deadline=None, max_examples=60)
@given(documents(T=st.integers(2, 40), scale=st.sampled_from([1e-8, 1.0])))
def test_leaving_a_token_out(reading):
    """Where others have some attention: both sides lose digits to a token that has nearly all."""
    assume(reading.attention.max() < 0.99)
    statements.leaving_out(reading)


@settings(deadline=None, max_examples=60)
@given(DOCUMENTS, st.randoms(use_true_random=False))
def test_order_is_not_seen_without_positions(reading, random):
    order = [0, *random.sample(range(1, len(reading.tokens)), len(reading.tokens) - 1)]
    other = replace(
        reading,
        tokens=tuple(reading.tokens[t] for t in order),
        embeddings=reading.embeddings[order],
    )
    statements.permutation(reading, other)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(-200, 200), min_size=1, max_size=40), st.floats(-100, 100))
def test_shifts_are_not_seen(logits, constant):
    statements.shift(np.array(logits), constant)


def test_the_trained_model():
    classifier = load_classifier()
    text = "not a fine film, but not a dull one"
    reading = classifier.read(text)
    statements.model(reading)
    statements.one_row(reading)
    statements.tables(classifier, [text, "dull"])
    statements.tables(classifier.without_positions(), [text])
    bare = classifier.without_positions()
    statements.permutation(bare.read(text), bare.read("one dull a not but film, fine a not"))


READING = random_reading(5, T=9, K=3)
WORDS = Vocabulary(("[UNK]", "[CLS]", "a", "dull", "film", "fine"))
TINY = AttentionClassifier(WORDS, Sizes(heads=2, d_e=6, d_att=3, d_out=4, T_max=9)).double()
WRONG = {
    "another sign": lambda r: -r.output,
    "sum instead of mean over heads": lambda r: r.head_outputs.sum(),
    "one big head": lambda r: r.attention.mean(axis=0) @ r.values.mean(axis=0),
    "no padding": lambda r: (
        (softmax(r.logits[:, : r.length]) * r.values[:, : r.length]).sum(axis=1).mean()
    ),
    "logits not divided": lambda r: (
        (softmax(r.logits * r.heads.scale) * r.values).sum(axis=1).mean()
    ),
    "a sigmoid": lambda r: 1 / (1 + np.exp(-r.output)),
    "not a number": lambda r: np.nan,
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("check", [statements.model, statements.one_row], ids=["model", "one row"])
def test_a_wrong_output_is_caught(check, wrong):
    with pytest.raises(checks.CheckFailed, match="exceeds the tolerance"):
        check(READING, WRONG[wrong])


LEFT_OUT = {
    "minus the product": lambda r: -r.attention * r.values,
    "against zero": lambda r: -r.attention * r.values / (1 - r.attention),
    "without sharing": lambda r: r.attention * (r.head_outputs[:, None] - r.values),
    "the other sign": lambda r: -attention.leaving_out(r),
    "f of the model": lambda r: r.attention * (r.output - r.values) / (1 - r.attention),
}


@pytest.mark.parametrize("wrong", LEFT_OUT)
def test_a_wrong_effect_of_leaving_out_is_caught(wrong):
    with pytest.raises(checks.CheckFailed, match="exceeds the tolerance"):
        statements.leaving_out(READING, LEFT_OUT[wrong])


def test_the_only_token_cannot_be_left_out():
    with pytest.raises(ValueError, match="all of a head's attention"):
        attention.leaving_out(random_reading(0, T=1))


@pytest.mark.parametrize("texts", [["dull"], ["dull", "a fine film", ""]], ids=len)
def test_multiplications_are_those_that_torch_counts(texts):
    statements.costs(TINY, texts)


@pytest.mark.parametrize("form", statements.multiplications(1, 1, 1, 1, 1, 1, 1))
@pytest.mark.parametrize("off", [-1, 1])
def test_one_multiplication_more_or_less_is_caught(form, off):
    def wrong(*sizes):
        right = statements.multiplications(*sizes)
        return right | {form: right[form] + off}

    with pytest.raises(checks.CheckFailed, match="exceeds the tolerance"):
        statements.costs(TINY, ["dull", "a fine film"], wrong)


def test_a_missing_bias_is_caught():
    biased = random_reading(5, biases=True)
    zero = {name: np.zeros_like(getattr(biased.heads, name)) for name in ("b_q", "b_k", "b_v")}
    for name in ("b_q", "b_v"):
        plain = replace(biased, heads=replace(biased.heads, **{name: zero[name]}))
        with pytest.raises(checks.CheckFailed):
            statements.model(biased, lambda r, other=plain: other.output)
    same = replace(biased, heads=replace(biased.heads, b_k=zero["b_k"]))
    statements.model(biased, lambda r: same.output)  # a shift of all logits


def test_a_moved_position_is_caught():
    order = [0, 2, 1, *range(3, 9)]
    positions = np.arange(9.0)[:, None] / 9
    first = replace(READING, embeddings=READING.embeddings + positions)
    other = replace(
        READING,
        tokens=tuple(READING.tokens[t] for t in order),
        embeddings=READING.embeddings[order] + positions,
    )
    with pytest.raises(checks.CheckFailed):
        statements.permutation(first, other)


def test_documents_with_other_tokens_cannot_be_compared():
    with pytest.raises(ValueError, match="does not have the tokens of the first"):
        statements.permutation(READING, micro_example())


@pytest.mark.parametrize("wrong", [lambda x: softmax(2 * x), lambda x: x, lambda x: np.exp(x)])
def test_a_wrong_softmax_is_caught(wrong):
    with pytest.raises(checks.CheckFailed):
        statements.shift(READING.logits[0], 1.0, wrong)


def test_a_table_shows_its_cells_and_nothing_else():
    table = Table(("word", "score"), (("<i>", "1"), ("longer", "−2")))
    assert repr(table) == "word   | score\n<i>    | 1\nlonger | −2"
    html = table._repr_html_()
    assert "&lt;i&gt;" in html and html.count("<td>") == 4 and html.count("<th ") == 2
    with pytest.raises(ValueError, match="a row has 1 cells under 2"):
        Table(("a", "b"), (("1",),))
