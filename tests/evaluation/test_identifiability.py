"""Attention that is none, bounds that are none, and tolerances at their edges."""

import math

import numpy as np
import pytest

from helpers.evaluation import identifiability
from helpers.evaluation.identifiability import farthest, jensen_shannon, total_variation

EVEN = np.array([0.5, 0.5])


@pytest.mark.parametrize("alpha", [[1.5, -0.5], [0.5, 0.5005], [0.4, 0.4], [1e-17, -1e-17]])
def test_what_is_no_attention_is_refused(alpha):
    """Also a sum of 1.0005, which a looser tolerance would take."""
    with pytest.raises(ValueError, match=r"alpha is not an attention: weights from .*, sum "):
        farthest(alpha, [0.3, 0.4], 0.0, 1.0)
    for distance in (total_variation, jensen_shannon):
        with pytest.raises(ValueError, match="alpha is not an attention"):
            distance(alpha, EVEN)
        with pytest.raises(ValueError, match="other is not an attention"):
            distance(np.stack([EVEN, EVEN]), np.stack([EVEN, alpha]))


@pytest.mark.parametrize("distance", [total_variation, jensen_shannon])
def test_rows_are_compared_one_by_one(distance):
    rows = np.random.default_rng(0).dirichlet(np.ones(4), size=(3, 5))
    found = distance(rows[:, :1], rows)
    assert found.shape == (3, 5) and not found[:, 0].any()
    assert found[1, 2] == distance(rows[1, 0], rows[1, 2])
    with pytest.raises(ValueError, match="alpha holds NaN"):
        distance([math.nan, 1.0], EVEN)


@pytest.mark.parametrize("T", [2, 16, 256])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_rounding_of_a_sum_of_T_weights_is_allowed_for(T, sign):
    """Equal values: f leaves their range by what the sum of alpha is off, at most T roundings."""
    alpha = np.full(T, 1 / T)
    alpha[0] += sign * 3 * T * np.finfo(float).eps
    u = np.full(T, 0.7)
    f = float(alpha @ u)
    assert f != 0.7
    found = farthest(alpha, u, f, f, "total variation")
    assert found.distance == pytest.approx(1 - 1 / T) and found.output == 0.7


@pytest.mark.parametrize("off", [1e-9, -1e-9])
def test_more_than_rounding_is_not_allowed_for(off):
    with pytest.raises(ValueError, match="no attention gives an output"):
        farthest(EVEN, [0.7, 0.7], 0.7 + off, 0.7 + off)


@pytest.mark.parametrize("f, tolerance", [(0.3, -0.1), (0.3, math.nan), (math.nan, 0.1)])
def test_tolerances_that_are_none(f, tolerance):
    with pytest.raises(ValueError, match="expected a logit and at least 0"):
        identifiability.logit_bounds(f, tolerance)


def test_no_tolerance_leaves_one_logit():
    low, high = identifiability.logit_bounds(0.3, 0.0)
    assert low == high == pytest.approx(0.3)
