"""The gradient: the chapter's checks on random documents, and what they catch."""

from dataclasses import replace
from itertools import permutations
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.checks import CheckFailed
from helpers.checks import gradient_meets_attention as checks
from helpers.checks.examples import random_reading
from helpers.explainers import gradients
from helpers.model import variants
from helpers.model.reading import micro_example
from tests.documents import documents

BIASED = documents(scale=st.sampled_from([0.0, 1e-6, 1.0, 30.0, 100.0]))
READING = random_reading(3, T=9, biases=True)
BARE = random_reading(4, T=9)


@given(BIASED)
@settings(max_examples=150, deadline=None)
def test_gradient_is_that_of_automatic_differentiation(reading):
    checks.gradient_of_tokens(reading)
    checks.gradient_of_cls(reading)
    checks.biases_drop_out(reading)


@given(BIASED)
@settings(max_examples=50, deadline=None)
def test_the_basis_does_not_matter(reading):
    checks.basis_does_not_matter(reading)


@pytest.mark.parametrize("seed", range(5))
def test_gradient_by_finite_differences(seed):
    """A second truth: central differences of the output, no automatic differentiation."""
    reading = random_reading(seed, T=7, biases=True)
    found, step = np.zeros_like(reading.embeddings), 1e-5
    for place in np.ndindex(found.shape):
        ends = []
        for sign in (1, -1):
            e = reading.embeddings.copy()
            e[place] += sign * step
            ends.append(replace(reading, embeddings=e).output)
        found[place] = (ends[0] - ends[1]) / (2 * step)
    np.testing.assert_allclose(gradients.gradient(reading), found, atol=1e-9)


def test_micro_example_by_hand():
    e = np.e
    Z = 2 * e + 1
    rows = [[e * (5 - 2 * e) / Z, e], [-4 * e / Z, 1], [e * (2 * e + 3) / Z, e]]
    reading = micro_example()
    np.testing.assert_allclose(gradients.gradient(reading), np.array(rows) / Z, atol=1e-15)
    np.testing.assert_allclose(gradients.through_query(reading), [4 * e / Z**2, 0], atol=1e-15)
    np.testing.assert_allclose(gradients.covariance_parts(reading).sum(), 4 * e / Z**2, atol=1e-15)


def test_summaries_are_what_they_are_called():
    rows, T = gradients.gradient(READING), READING.length
    for method, name, scores in (
        (gradients.mean, "G-avg", rows.sum(axis=1) / rows.shape[1]),
        (gradients.l1, "G-l1", [sum(abs(x) for x in row) for row in rows]),
        (gradients.l2, "G-l2", [sum(x * x for x in row) ** 0.5 for row in rows]),
        (gradients.times_input, "G×I", [e @ row for e, row in zip(READING.embeddings, rows)]),
    ):
        found = method(READING)
        assert (found.method, found.labels) == (name, READING.text)
        np.testing.assert_allclose(found.scores, scores[:T], atol=1e-15)
        np.testing.assert_allclose(found.padding, sum(scores[T:]), atol=1e-15)


def test_slopes_of_a_head_sum_to_zero():
    np.testing.assert_allclose(gradients.logit_slopes(READING).sum(axis=1), 0, atol=1e-15)


def changed(rows):
    """A formula that spoils the gradient: `rows` is a function of the reading and the gradient."""
    return lambda reading: rows(reading, gradients.gradient(reading))


WRONG = {
    "sign of the key part": changed(
        lambda r, g: g - 2 * gradients.logit_slopes(r).T @ r.key_directions / len(r.heads.W_l)
    ),
    "no centring": changed(
        lambda r, g: g + (r.attention * r.head_outputs[:, None]).T @ r.key_directions
    ),
    "no mean over heads": changed(lambda r, g: g * len(r.heads.W_l)),
    "no attention": changed(lambda r, g: r.value_directions.mean(axis=0) + 0 * g),
    "logits not scaled": changed(
        lambda r, g: gradients.gradient(replace(r, heads=replace(r.heads, W_k=r.heads.W_k * 2)))
    ),
    "not a number": changed(lambda r, g: np.nan * g),
}


@pytest.mark.parametrize("name", WRONG)
def test_checks_of_the_gradient_can_fail(name):
    for check in (checks.gradient_of_tokens, checks.gradient_of_cls, checks.biases_drop_out):
        with pytest.raises(CheckFailed):
            check(READING, formula=WRONG[name])


def test_check_of_cls_sees_a_lost_or_negated_query():
    for factor in (1, 2):

        def formula(reading, factor=factor):
            rows = gradients.gradient(reading)
            rows[0] -= factor * gradients.through_query(reading)
            return rows

        checks.gradient_of_tokens(READING, formula=formula)
        with pytest.raises(CheckFailed):
            checks.gradient_of_cls(READING, formula=formula)


def another_model(reading, Q):
    """Turned rightly, with one added to each value: no gradient notices, and f does."""
    turned = variants.in_basis(reading, Q)
    return replace(turned, heads=replace(turned.heads, b_v=turned.heads.b_v + 1))


def test_another_model_is_no_change_of_basis():
    checks.basis_does_not_matter(READING)
    for turn in (another_model, lambda reading, Q: reading):
        with pytest.raises(CheckFailed):
            checks.basis_does_not_matter(READING, turn=turn)


def no_number(method):
    """An explanation without a single number, as a broken formula may return it."""
    return lambda reading: SimpleNamespace(scores=np.nan * method(reading).scores)


def test_no_check_loses_what_is_not_a_number():
    for methods in permutations((no_number(gradients.l2), gradients.times_input)):
        with pytest.raises(CheckFailed, match="nan"):
            checks.basis_does_not_matter(BARE, methods=methods)


def test_check_of_the_basis_can_fail():
    for method in (gradients.mean, gradients.l1):
        with pytest.raises(CheckFailed):
            checks.basis_does_not_matter(BARE, methods=(method,))


def test_removing_a_token():
    for reading in (READING, BARE, micro_example()):
        checks.removal(reading)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda r: gradients.logit_slopes(r).mean(axis=0)[1:],
        lambda r: (r.attention * r.values / (1 - r.attention)).mean(axis=0)[1:],
        lambda r: -checks.pull_over_rest(r),
        lambda r: np.nan * checks.pull_over_rest(r),
    ],
    ids=["not over the rest", "not centred", "negative", "not a number"],
)
def test_check_of_removing_can_fail(wrong):
    with pytest.raises(CheckFailed):
        checks.removal(READING, formula=wrong)
