"""The rule for 1/D, and the bound on its error."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.checks import CheckFailed
from helpers.checks import exact_lime as checks
from helpers.games.reciprocal import START, aliasing, left_end, reciprocal_rule


@given(
    low=st.floats(1e-200, 1e200),
    decades=st.floats(0, 60),
    tolerance=st.sampled_from([0.1, 1e-3, 1e-6, 1e-9, 1e-13]),
)
@settings(deadline=None, max_examples=25)
def test_reciprocal_rule(low, decades, tolerance):
    checks.reciprocal_rule(low, low * 10**decades, tolerance)
    assert reciprocal_rule(low, low * 10**decades, tolerance)[2] < 1.5 * tolerance


def test_step_error_is_bounded():
    from mpmath import gamma, mpf, pi

    for step in (0.1, 0.3, 0.7, 1.3, 2.0):
        series = sum(2 * abs(gamma(1 + 2j * pi * k / mpf(step))) for k in range(1, 9))
        assert series <= aliasing(step) <= 1.02 * series


@pytest.mark.parametrize("step, tolerance", [(0.3, 0.1), (0.6, 1e-3), (0.3, 1e-8)])
def test_left_end_error_is_bounded(step, tolerance):
    nodes, weights, bound = left_end(step, tolerance)
    points = START * np.exp(-step * np.arange(1, 300))
    theta = np.linspace(1e-3, 1, 50)[:, None]
    truth = (np.exp(-theta * points) * step * points).sum(axis=1)
    error = np.abs(np.exp(-theta * nodes) @ weights - truth) * theta[:, 0]
    assert bound / 1e4 < error.max() <= bound < tolerance / 5


@pytest.mark.parametrize("end", ["left", "step", "right"])
def test_reciprocal_rule_without_one_of_its_parts(end):
    def broken(low, high, tolerance):
        u, w, bound = reciprocal_rule(low, high, tolerance)
        keep = {"left": u * high >= 1, "right": u * low < 5, "step": np.arange(len(u)) != 12}[end]
        return u[keep], w[keep], bound

    with pytest.raises(CheckFailed):
        checks.reciprocal_rule(1.0, 30.0, 1e-9, broken)


def test_bad_rules():
    for low, high in ((0.0, 1.0), (2.0, 1.0), (-1.0, 1.0), (1.0, np.inf), (np.nan, 1.0)):
        with pytest.raises(ValueError, match="0 < low <= high"):
            reciprocal_rule(low, high, 1e-9)
    for tolerance in (0.0, 1e-15, 0.5, np.nan):
        with pytest.raises(ValueError, match="the tolerance is from 1e-14"):
            reciprocal_rule(1.0, 2.0, tolerance)
