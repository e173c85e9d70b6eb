"""The rule for 1/D, and the bound on its error."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.checks import CheckFailed
from helpers.checks import exact_lime as checks
from helpers.games import reciprocal
from helpers.games.reciprocal import START, _step, aliasing, left_end, reciprocal_rule, right_end


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


def test_left_end_error_is_bounded_and_the_bound_nearly_reached():
    """With a long step all points lie near zero, where the derivative of exp(-t) is one."""
    for step, tolerance, closest in ((0.3, 1e-8, 1e-4), (0.6, 1e-3, 1e-3), (2.0, 1e-3, 0.5)):
        nodes, weights, bound = left_end(step, tolerance)
        points = START * np.exp(-step * np.arange(1, math.ceil(100 / step)))
        theta = np.linspace(1e-3, 1, 50)[:, None]
        truth = (np.exp(-theta * points) * step * points).sum(axis=1)
        error = np.abs(np.exp(-theta * nodes) @ weights - truth) * theta[:, 0]
        assert closest * bound < error.max() <= bound < tolerance / 5


def test_right_end_is_bounded_and_the_bound_nearly_reached():
    for step, v in ((0.2, 12.0), (0.5, 5.0), (1.5, 3.0)):
        t = v * np.exp(step * np.arange(200))
        tail = (step * t * np.exp(-t)).sum()
        assert 0.5 < tail / right_end(step, v) <= 1


def test_the_bound_is_the_sum_of_its_parts_and_nearly_reached():
    for tolerance in (0.1, 1e-2, 1e-4, 1e-6):
        u, _, bound = reciprocal_rule(1.0, 30.0, tolerance)
        step = _step(tolerance)
        v = (u[-1] * math.exp(step)) * 1.0
        parts = aliasing(step) + left_end(step, tolerance)[2] + right_end(step, v)
        assert bound == pytest.approx(parts, rel=1e-10)
        assert math.exp(step - v * math.expm1(step)) <= 0.5 and v >= 1
        assert 0.8 < checks.reciprocal_rule(1.0, 30.0, tolerance).error <= 1


def test_the_cut_is_counted_where_it_is_made(monkeypatch):
    """It is far below the other parts, so that only a larger one is seen in the bound."""
    u, _, before = reciprocal_rule(1.0, 30.0, 1e-4)
    found = []
    monkeypatch.setattr(reciprocal, "right_end", lambda step, v: found.append(v) or 0.25)
    assert reciprocal_rule(1.0, 30.0, 1e-4)[2] == pytest.approx(before + 0.25, rel=1e-10)
    assert found == [pytest.approx(u[-1] * math.exp(_step(1e-4)))]


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
    for low, high in ((1e-310, 1.0), (1.0, 1e301), (1e-200, 1e200)):
        with pytest.raises(ValueError, match="too far for float64"):
            reciprocal_rule(low, high, 1e-9)
    for tolerance in (0.0, 1e-15, 0.5, np.nan):
        with pytest.raises(ValueError, match="the tolerance is from 1e-14"):
            reciprocal_rule(1.0, 2.0, tolerance)
