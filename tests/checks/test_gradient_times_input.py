"""Gradient times input: the chapter's checks on random documents, and what they catch."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.checks import CheckFailed
from helpers.checks import gradient_times_input as checks
from helpers.checks.examples import random_reading
from helpers.explainers import gradients
from helpers.model import variants
from helpers.model.reading import micro_example
from tests.documents import documents

BARE_DOCUMENTS = documents(
    scale=st.sampled_from([0.0, 1e-6, 1.0, 30.0, 100.0]), biases=st.just(False)
)
READING = random_reading(3, T=9, biases=True)
BARE = random_reading(4, T=9)


@given(BARE_DOCUMENTS)
@settings(max_examples=100, deadline=None)
def test_times_input_splits_and_its_gap_is_a_covariance(reading):
    checks.times_input_splits(reading)
    checks.gap_is_covariance(reading)


def test_biases_break_the_splitting_of_times_input():
    for check in (checks.times_input_splits, checks.gap_is_covariance):
        check(BARE)
        with pytest.raises(CheckFailed):
            check(READING)


def test_checks_of_times_input_can_fail():
    with pytest.raises(CheckFailed):
        checks.times_input_splits(BARE, formula=gradients.covariance_parts)
    with pytest.raises(CheckFailed):
        checks.gap_is_covariance(BARE, formula=lambda r: (gradients.covariance_parts(r).sum(),) * 2)


@given(documents())
@settings(max_examples=50, deadline=None)
def test_the_origin_matters_as_claimed(reading):
    checks.origin_matters(reading)


WIDE = random_reading(5, T=9, d_e=8, d_att=6, d_out=5)  # two heads have four vectors key and val


def test_any_level_has_an_origin():
    checks.zero_of_any_level(WIDE)


def test_an_origin_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="no origin gives this level"):
        checks.origin_of_level(random_reading(5, T=9, d_e=3), 1.0)


NO_MOVE = {
    "another model": lambda r, c: replace(r, embeddings=r.embeddings + c),
    "one more in each value": lambda r, c: with_value(variants.moved_origin(r, c)),
    "the other way": lambda r, c: variants.moved_origin(r, -c),
    "not at all": lambda r, c: r,
    "the baseline stays": lambda r, c: replace(
        variants.moved_origin(r, c), masked_embeddings=r.masked_embeddings
    ),
}


def with_value(reading):
    return replace(reading, heads=replace(reading.heads, b_v=reading.heads.b_v + 1))


@pytest.mark.parametrize("name", NO_MOVE)
def test_check_of_the_origin_sees_a_wrong_move(name):
    with pytest.raises(CheckFailed):
        checks.origin_matters(READING, move=NO_MOVE[name])


WRONG = {
    "attention only": lambda r, c: (r.attention * (r.value_directions @ c)[:, None]).mean(axis=0),
    "not centred": lambda r, c: (
        r.attention
        * ((r.value_directions @ c)[:, None] + (r.key_directions @ c)[:, None] * r.values)
    ).mean(axis=0),
    "nothing": lambda r, c: np.zeros(len(r.tokens)),
    "not a number": lambda r, c: np.full(len(r.tokens), np.nan),
}


@pytest.mark.parametrize("name", WRONG)
def test_check_of_the_origin_sees_a_wrong_formula(name):
    with pytest.raises(CheckFailed):
        checks.origin_matters(READING, formula=lambda r, c: WRONG[name](r, c)[1:])


def test_check_of_the_level_sees_a_wrong_origin():
    for factor in (0.0, -1.0, 1.01):
        with pytest.raises(CheckFailed):
            checks.zero_of_any_level(WIDE, lambda r, x, y=factor: y * checks.origin_of_level(r, x))


def test_micro_example_by_hand():
    e, micro = np.e, micro_example()
    Z = 2 * e + 1
    good = e / Z * (2 + (2 * e + 3) / Z)
    cls = -e * (2 * e - 1) / Z**2 + 4 * e / Z**2
    scores = gradients.times_input(micro).scores
    np.testing.assert_allclose(scores, [cls, -1 / Z, good], atol=1e-15)
    np.testing.assert_allclose(scores.sum() - micro.output, 8 * e / Z**2, atol=1e-15)


def test_along_one_vector_or_one_for_each_token():
    one = np.arange(5.0)
    rows = gradients.gradient(READING)
    np.testing.assert_allclose(gradients.along(READING, one), rows @ one, atol=1e-14)
    each = np.tile(one, (9, 1)) * np.arange(9.0)[:, None]
    np.testing.assert_allclose(
        gradients.along(READING, each), np.arange(9) * (rows @ one), atol=1e-13
    )
    for wrong in (np.ones(9), np.ones((5, 9)), np.ones((1, 5)), 1.0):
        with pytest.raises(ValueError, match="vectors has shape"):
            gradients.along(READING, wrong)
    with pytest.raises(ValueError, match="vectors holds NaN"):
        gradients.along(READING, one * np.nan)
