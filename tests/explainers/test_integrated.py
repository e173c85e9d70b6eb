"""Integrated gradients: the number of nodes, and settings that cannot be met."""

import math
from dataclasses import replace

import mpmath
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
    with pytest.raises(ArithmeticError, match=r"1025 nodes are needed .* and 1,024 is the limit"):
        integrated.gradients(READING)


@pytest.mark.parametrize("tolerance", [0.0, -1.0, math.inf, -math.inf, math.nan])
def test_tolerances_that_are_none(tolerance):
    for call in (integrated.gradients, integrated.nodes_needed):
        with pytest.raises(ValueError, match=r"tolerance is .*, expected a positive number"):
            call(READING, tolerance=tolerance)


@pytest.mark.parametrize("tolerance", [1e-300, 1e-18])
def test_a_tolerance_below_rounding_is_refused(tolerance):
    with pytest.raises(ValueError, match=r"below what rounding adds, about .*: give tol"):
        integrated.gradients(READING, tolerance)


def in_30_digits(reading):
    """The path integral of each token by mpmath, from the embeddings and the weights."""
    matrix = mpmath.matrix
    key, value = [], []
    for W_q, W_k, W_v, W_l in zip(*(vars(reading.heads)[f"W_{name}"] for name in "qkvl")):
        query = matrix(W_q) * matrix(reading.embeddings[0])
        key.append(matrix(W_k).T * query / mpmath.sqrt(len(W_q)))
        value.append(matrix(W_v).T * matrix(W_l))

    def at(vectors, rows):
        return [[mpmath.fdot(row, vector) for row in rows.tolist()] for vector in vectors]

    lines = zip(
        at(key, reading.masked_embeddings),
        at(key, reading.embeddings),
        at(value, reading.masked_embeddings),
        at(value, reading.embeddings),
    )
    lines, T = list(lines), len(reading.tokens)

    def slope(t, tau):
        total = mpmath.mpf(0)
        for l0, l1, u0, u1 in lines:
            g = [mpmath.exp(a + tau * (b - a)) for a, b in zip(l0, l1)]
            u = [a + tau * (b - a) for a, b in zip(u0, u1)]
            f = mpmath.fdot(g, u) / sum(g)
            total += g[t] / sum(g) * (u1[t] - u0[t] + (u[t] - f) * (l1[t] - l0[t]))
        return total / len(lines)

    return [mpmath.quad(lambda tau, t=t: slope(t, tau), [0, 0.25, 0.5, 0.75, 1]) for t in range(T)]


@pytest.mark.parametrize("seed, scale", [(0, 1.0), (1, 5.0), (2, 1.0), (3, 0.01)])
def test_certificate_and_rounding_cover_the_error_in_30_digits(seed, scale):
    reading = random_reading(seed, T=5, K=2, d_e=3, d_att=2, d_out=2, scale=scale)
    with mpmath.workdps(30):
        truth = in_30_digits(reading)
        for tolerance in (1e-2, 1e-6, 1e-10):
            found = integrated.gradients(reading, tolerance)
            pairs = zip(found.scores.tolist(), truth, strict=False)
            error = float(max(abs(score - exact) for score, exact in pairs))
            assert error <= found.certificate + found.rounding
            assert found.certificate <= tolerance
        assert error < 1e-12 and found.rounding < 1e-12


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


def test_nodes_needed_is_the_smallest_number():
    for n in (2, 3, 7, 15):
        bound = integrated.quadrature_bound(READING, n)
        assert integrated.nodes_needed(READING, bound * (1 + 1e-9)) == n
        assert integrated.nodes_needed(READING, bound * (1 - 1e-9)) == n + 1
    explanation = integrated.gradients(READING)
    assert f"({integrated.nodes_needed(READING, 1e-10)} nodes)" in explanation.method
    assert explanation.certificate <= 1e-10


def test_tokens_that_the_baseline_shares_get_nothing():
    only_unknown = random_reading(0, distinct=0)
    assert not integrated.gradients(only_unknown).scores.any()
    explanation = integrated.gradients(READING)
    assert (explanation.scores[0], explanation.padding) == (0, 0)
    assert explanation.scores[1:].all()


def test_baseline_that_moves_cls_is_refused():
    moved = replace(READING, masked_embeddings=READING.masked_embeddings + 1)
    for call in (
        integrated.gradients,
        lambda r: integrated.scores(r, 4),
        lambda r: integrated.quadrature_bound(r, 4),
        lambda r: integrated.path_slopes(r, [0.5]),
    ):
        with pytest.raises(ValueError, match=r"baseline changes the embedding of \[CLS\]"):
            call(moved)


def test_path_must_be_finite_fractions():
    with pytest.raises(ValueError, match="path holds NaN"):
        integrated.path_slopes(READING, [np.nan])
    with pytest.raises(ValueError, match="path has shape"):
        integrated.path_slopes(READING, 0.5)


def test_logits_that_spread_too_far_are_refused():
    with pytest.raises(ArithmeticError, match="nodes are needed"):
        integrated.gradients(random_reading(1, T=30, scale=1000.0))
