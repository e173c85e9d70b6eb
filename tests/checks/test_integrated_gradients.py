"""Integrated gradients: the chapter's checks on random documents, and what they catch."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.checks import CheckFailed
from helpers.checks import integrated_gradients as checks
from helpers.checks.examples import random_reading
from helpers.explainers import gradients, integrated
from helpers.model.reading import micro_example
from tests.documents import documents

BIASED = documents(scale=st.sampled_from([0.0, 1e-6, 1.0, 30.0, 100.0]))
GENTLE = documents(scale=st.sampled_from([0.0, 1e-6, 1.0, 5.0]))
READING = random_reading(3, T=9, biases=True)
BARE = random_reading(4, T=9)


@given(GENTLE)
@settings(max_examples=30, deadline=None)
def test_integrated_gradients_are_the_path_integral(reading):
    checks.integrated_is_path_integral(reading)
    checks.integrated_is_complete(reading)


@given(BIASED)
@settings(max_examples=30, deadline=None)
def test_the_bound_of_the_quadrature_holds(reading):
    checks.bound_holds(reading)


def test_checks_of_integrated_gradients_can_fail():
    for formula in (gradients.times_input, lambda r: integrated.gradients(r, tolerance=1e3)):
        with pytest.raises(CheckFailed):
            checks.integrated_is_path_integral(BARE, formula=formula)
        with pytest.raises(CheckFailed):
            checks.integrated_is_complete(BARE, formula=formula)


def test_micro_example_by_hand():
    e = np.e
    by_hand = -(1 - np.log((2 * e + 1) / (e + 2))) / (e + 1)
    scores = integrated.gradients(micro_example()).scores
    f = (2 * e - 1) / (2 * e + 1)
    np.testing.assert_allclose(scores, [0, by_hand, f - by_hand], atol=1e-12)


def test_no_check_loses_what_is_not_a_number():
    for lost in (1, 24):

        def no_bound(reading, nodes, lost=lost):
            return np.nan if nodes == lost else integrated.quadrature_bound(reading, nodes)

        with pytest.raises(CheckFailed, match="nan"):
            checks.bound_holds(BARE, bound=no_bound)


def integrand(reading, path):
    """The slopes of the tokens (P, T) at complex points of the path, from their definition."""
    dl, du = reading.logits - reading.masked_logits, reading.values - reading.masked_values
    weights = np.exp(reading.masked_logits + path[:, None, None] * dl)
    weights /= weights.sum(axis=2, keepdims=True)
    values = reading.masked_values + path[:, None, None] * du
    centred = values - (weights * values).sum(axis=2, keepdims=True)
    return (weights * (du + centred * dl)).mean(axis=1)


def two_tokens(spread, value, start=None):
    """A document whose denominator vanishes at 1/2 ± iπ/spread, the nearest that a bound allows.

    [CLS] has the value 0, and the word's goes from `start` (default: `value`) to `value`.
    """
    return replace(
        micro_example(),
        tokens=("[CLS]", "word"),
        length=2,
        embeddings=np.array([[1.0, 0.0], [1 + spread / 2, value]]),
        masked_embeddings=np.array(
            [[1.0, 0.0], [1 - spread / 2, value if start is None else start]]
        ),
    )


SHARP = two_tokens(1.0, 1.0)


def bound_of(M, nodes, rho, more=0):
    """The theorem's bound, written anew; `more` changes the exponent."""
    C = {1: 8 / 3, 2: 32 / 15}.get(nodes, 2 + 2 / (4 * nodes**2 - 1))
    return float((C * M * rho ** (-2.0 * nodes - more) / (1 - rho**-2)).min())


def test_the_bound_of_the_quadrature_is_nearly_sharp():
    assert checks.bound_holds(SHARP).error > 0.15


def another_exponent(reading, nodes):
    rho, M = integrated._ellipses(reading)
    return bound_of(M, nodes, rho, more=2)


WRONG_BOUND = {
    "exponent 2n + 2": another_exponent,
    "a tenth": lambda r, n: integrated.quadrature_bound(r, n) / 10,
    "two nodes more": lambda r, n: integrated.quadrature_bound(r, n + 2),
    "no cosine": lambda r, n: bound_of(0.25, n, integrated._ellipses(r)[0]),
}


@pytest.mark.parametrize("name", WRONG_BOUND)
def test_a_wrong_bound_is_caught(name):
    with pytest.raises(CheckFailed):
        checks.bound_holds(SHARP, bound=WRONG_BOUND[name])


@pytest.mark.parametrize("spread", [0.5, 8.0])
@pytest.mark.parametrize("nodes", [1, 2, 5, 12])
def test_each_constant_of_the_bound(spread, nodes):
    """For two tokens and one value, M is spread / (4 cos²) by hand; the best of many ellipses."""
    rho = np.linspace(1, 1 + 30 / spread, 100_001)[1:]
    angle = (rho - 1 / rho) * spread / 8
    M = np.where(angle < np.pi / 2, spread / (4 * np.cos(angle) ** 2), np.inf)
    best = bound_of(M, nodes, rho)
    found = integrated.quadrature_bound(two_tokens(spread, 1.0), nodes)
    assert best * (1 - 1e-9) <= found <= 1.05 * best


@pytest.mark.parametrize(
    "reading",
    [
        two_tokens(1.0, 3.0, -3.0),
        two_tokens(8.0, 1.0, -1.0),
        two_tokens(20.0, 1.0, -1.0),
        SHARP,
        READING,
        BARE,
    ],
    ids=["gentle", "steep", "steeper", "one value", "biased", "bare"],
)
def test_integrand_is_bounded_in_each_ellipse(reading):
    """At most M on the boundary, so inside, too; and for two tokens not far below M."""
    angles, tightness = np.exp(2j * np.pi * np.arange(400) / 400), []
    for rho, M in zip(*integrated._ellipses(reading), strict=True):
        path = 1 / 2 + (rho * angles + 1 / (rho * angles)) / 4
        largest = np.abs(integrand(reading, path)).max()
        assert largest <= M * (1 + 1e-9)
        tightness.append(largest / M)
    if len(reading.tokens) == 2:
        assert max(tightness) > (0.99 if reading is SHARP else 0.05)
