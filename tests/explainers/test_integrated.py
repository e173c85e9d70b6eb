"""Integrated gradients: the number of nodes, and settings that cannot be met."""

import math

import numpy as np
import pytest

from helpers.checks.examples import random_reading
from helpers.explainers import integrated

READING = random_reading(3, T=9, biases=True)


@pytest.mark.parametrize("n", [1, 2, 5, 12, 24])
def test_nodes_needed_turns_the_bound_round(n):
    """The tolerance that n nodes just meet asks for n; one that they just miss, for one more."""
    bound = integrated.quadrature_bound(READING, n)
    assert integrated.nodes_needed(READING, bound * (1 + 1e-9)) == n
    assert integrated.nodes_needed(READING, bound * (1 - 1e-9)) == n + 1


def test_the_limit_of_nodes(monkeypatch):
    monkeypatch.setattr(integrated, "nodes_needed", lambda reading, tolerance: 1024)
    assert "(1024 nodes)" in integrated.gradients(READING).method
    monkeypatch.setattr(integrated, "nodes_needed", lambda reading, tolerance: 1025)
    with pytest.raises(ArithmeticError, match="1025 nodes are needed .* and 1,024 is the limit"):
        integrated.gradients(READING)


@pytest.mark.parametrize("tolerance", [0.0, -1.0, math.inf, -math.inf, math.nan])
def test_tolerances_that_are_none(tolerance):
    for call in (integrated.gradients, integrated.nodes_needed):
        with pytest.raises(ValueError, match="tolerance is .*, expected a positive number such as"):
            call(READING, tolerance=tolerance)


@pytest.mark.parametrize("tolerance", [1e-300, 1e-18])
def test_a_tolerance_below_rounding_is_refused(tolerance):
    with pytest.raises(ValueError, match=r"below what rounding adds, about .*: give tolerance=1e-10"):
        integrated.gradients(READING, tolerance)


def test_rounding_is_stated_and_covers_what_two_orders_of_summation_differ_by():
    explanation = integrated.gradients(READING, 1e-14)
    exact = integrated.scores(READING, 200)[: READING.length]
    assert 0 < explanation.rounding < 1e-12
    assert np.abs(explanation.scores - exact).max() <= (
        explanation.certificate + explanation.rounding
    )


@pytest.mark.parametrize("nodes", [0, -5])
def test_nodes_that_are_none(nodes):
    for call in (integrated.scores, integrated.quadrature_bound):
        with pytest.raises(ValueError, match=f"nodes is {nodes}, expected 1 or more"):
            call(READING, nodes)
        with pytest.raises(TypeError, match="nodes is a whole number, not float: give nodes=1"):
            call(READING, 2.5)


@pytest.mark.parametrize("path", [[-0.1], [0.5, 1.1], [2.0]])
def test_a_path_outside_the_way_is_refused(path):
    with pytest.raises(ValueError, match="the path goes from 0 to 1; got "):
        integrated.path_slopes(READING, path)


def test_a_path_of_no_points_has_no_slopes():
    assert integrated.path_slopes(READING, []).shape == (0, 9)
