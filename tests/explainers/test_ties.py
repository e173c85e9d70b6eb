"""Ties that rounding broke are ties again, and nothing else is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.evaluation.agreement import (
    rank_correlation,
    rank_correlations,
    sign_agreement,
    sign_agreements,
)
from helpers.explainers.ties import TOLERANCE, largest, settle

LEVELS = st.lists(st.integers(-4, 4), min_size=1, max_size=12)


@given(LEVELS, st.floats(1e-6, 1e6), st.integers(0, 999))
def test_scores_that_differ_by_rounding_only_are_tied(levels, scale, seed):
    """Whatever the noise, the order, the ties and the signs are those of the exact scores."""
    exact = scale * np.array(levels, dtype=float)
    noise = np.random.default_rng(seed).uniform(-1, 1, len(exact)) * 1e-11 * np.abs(exact).max()
    found = settle(exact + noise)
    assert (np.sign(found) == np.sign(exact)).all()
    assert (np.sign(found[:, None] - found) == np.sign(exact[:, None] - exact)).all()
    np.testing.assert_allclose(found, exact, atol=1e-10 * scale * 4)


@given(st.lists(st.floats(-1e3, 1e3), max_size=12))
@settings(max_examples=50)
def test_settling_moves_nothing_by_more_than_a_chain_and_is_idempotent(scores):
    found = settle(np.array(scores))
    near = TOLERANCE * np.abs(scores).max() if scores else 0.0
    assert (np.abs(found - scores) <= len(scores) * near).all()
    assert (settle(found) == found).all()


def test_a_difference_above_the_tolerance_stays():
    for gap, tied in ((0.5e-9, True), (2e-9, False)):
        one, other = settle([1.0, 0.5, 0.5 + gap])[1:]
        assert (one == other) == tied
        assert (settle([1.0, gap])[1] == 0) == tied
    assert settle([1.0, 0.5, 0.5 + 1e-6], tolerance=1e-3)[1] == pytest.approx(0.5 + 5e-7)


def test_rows_are_settled_by_themselves():
    rows = np.array([[1.0, 1e-10], [1e-10, 2e-10]])
    np.testing.assert_array_equal(settle(rows), [[1.0, 0.0], [1e-10, 2e-10]])
    assert settle(np.zeros((2, 0))).shape == (2, 0)


@pytest.mark.parametrize("scores", [[np.nan, 1.0], [np.inf]])
def test_scores_without_an_order_are_refused(scores):
    with pytest.raises(ValueError, match="no order"):
        settle(scores)


@pytest.mark.parametrize("tolerance", [-1e-9, 1.0, np.nan])
def test_a_tolerance_is_a_share(tolerance):
    with pytest.raises(ValueError, match="share of the largest"):
        settle([1.0], tolerance)


NOISY = np.array([[3.0, 1.0, 1.0 + 1e-15, 1e-16], [3.0, 1.0 + 1e-15, 1.0, -1e-16]])


def test_rankings_do_not_see_rounding():
    """The two rows are one explanation, computed on two processors."""
    other = [0.4, 0.2, 0.3, 0.1]
    one, two = (rank_correlation(row, other) for row in NOISY)
    assert one == two == rank_correlation([3, 1, 1, 0], other)
    assert rank_correlation(*NOISY) == 1
    np.testing.assert_allclose(rank_correlations(NOISY), np.ones((2, 2)), rtol=1e-15)


def test_signs_do_not_see_rounding():
    assert sign_agreement(*NOISY) == 1
    np.testing.assert_array_equal(sign_agreements(NOISY), np.ones((2, 2)))


def test_the_first_of_tied_scores_is_taken():
    for row in NOISY:
        assert largest(row, 3).tolist() == [0, 1, 2]
    assert largest(np.array([-1.0, 1.0 + 1e-15, 2.0]), 2).tolist() == [2, 0]
