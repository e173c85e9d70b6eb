"""Gradients and integrated gradients: the chapters' checks on random documents, and bad input."""

from dataclasses import replace
from itertools import permutations
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.checks import CheckFailed
from helpers.checks import gradient_meets_attention as checks
from helpers.checks import integrated_gradients as path_checks
from helpers.checks.examples import random_reading
from helpers.explainers import gradients, integrated
from helpers.model import variants
from helpers.model.reading import micro_example
from tests.documents import documents

SCALES = st.sampled_from([0.0, 1e-6, 1.0, 30.0, 100.0])
BARE_DOCUMENTS = documents(scale=SCALES, biases=st.just(False))
BIASED = documents(scale=SCALES)
GENTLE = documents(scale=st.sampled_from([0.0, 1e-6, 1.0, 5.0]))
READING = random_reading(3, T=9, biases=True)
BARE = random_reading(4, T=9)


@given(BIASED)
@settings(max_examples=150, deadline=None)
def test_gradient_is_that_of_automatic_differentiation(reading):
    checks.gradient_of_tokens(reading)
    checks.gradient_of_cls(reading)
    checks.biases_drop_out(reading)


@given(BARE_DOCUMENTS)
@settings(max_examples=100, deadline=None)
def test_times_input_splits_and_its_gap_is_a_covariance(reading):
    checks.times_input_splits(reading)
    checks.gap_is_covariance(reading)


@given(BIASED)
@settings(max_examples=50, deadline=None)
def test_the_basis_does_not_matter(reading):
    checks.basis_does_not_matter(reading)


@given(GENTLE)
@settings(max_examples=30, deadline=None)
def test_integrated_gradients_are_the_path_integral(reading):
    path_checks.integrated_is_path_integral(reading)
    path_checks.integrated_is_complete(reading)


@given(BIASED)
@settings(max_examples=30, deadline=None)
def test_the_bound_of_the_quadrature_holds(reading):
    path_checks.bound_holds(reading)


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
    by_hand = -(1 - np.log(Z / (e + 2))) / (e + 1)
    scores = integrated.gradients(reading).scores
    np.testing.assert_allclose(scores, [0, by_hand, (2 * e - 1) / Z - by_hand], atol=1e-12)


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
    for method in (gradients.mean, gradients.l1):
        with pytest.raises(CheckFailed):
            checks.basis_does_not_matter(BARE, methods=(method,))


def another_model(reading, Q):
    """Turned rightly, with one added to each value: no gradient notices, and f does."""
    turned = variants.in_basis(reading, Q)
    return replace(turned, heads=replace(turned.heads, b_v=turned.heads.b_v + 1))


def test_another_model_is_no_change_of_basis():
    checks.basis_does_not_matter(READING)
    for turn in (another_model, lambda reading, Q: reading):
        with pytest.raises(CheckFailed):
            checks.basis_does_not_matter(READING, turn=turn)


def test_checks_of_integrated_gradients_can_fail():
    for formula in (gradients.times_input, lambda r: integrated.gradients(r, tolerance=1e3)):
        with pytest.raises(CheckFailed):
            path_checks.integrated_is_path_integral(BARE, formula=formula)
        with pytest.raises(CheckFailed):
            path_checks.integrated_is_complete(BARE, formula=formula)


def no_number(method):
    """An explanation without a single number, as a broken formula may return it."""
    return lambda reading: SimpleNamespace(scores=np.nan * method(reading).scores)


def test_no_check_loses_what_is_not_a_number():
    for methods in permutations((no_number(gradients.l2), gradients.times_input)):
        with pytest.raises(CheckFailed, match="nan"):
            checks.basis_does_not_matter(BARE, methods=methods)
    for lost in (1, 24):

        def no_bound(reading, nodes, lost=lost):
            return np.nan if nodes == lost else integrated.quadrature_bound(reading, nodes)

        with pytest.raises(CheckFailed, match="nan"):
            path_checks.bound_holds(BARE, bound=no_bound)


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
    assert path_checks.bound_holds(SHARP).error > 0.15


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
        path_checks.bound_holds(SHARP, bound=WRONG_BOUND[name])


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
