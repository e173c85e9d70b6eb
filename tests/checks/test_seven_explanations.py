"""Explanations as one table, their agreement, and documents in changed models."""

from dataclasses import replace
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgba
from scipy import stats

from helpers.checks import CheckFailed
from helpers.checks import seven_explanations as checks
from helpers.checks.examples import random_reading
from helpers.evaluation import agreement
from helpers.explainers import attention, gradients, lime
from helpers.explainers.explanation import Explanation
from helpers.model import variants
from helpers.model.reading import micro_example
from helpers.plots import seven_explanations as plots
from helpers.plots.base import BLUE, RED
from tests.documents import documents

READINGS = documents(T=st.integers(3, 40), scale=st.sampled_from([1e-3, 1.0, 8.0]))
QUICK = settings(max_examples=25, deadline=None)


@pytest.mark.parametrize(
    "check",
    [
        *(checks.no_sign, checks.two_norms, checks.attention_inside),
        *(checks.change_of_basis, checks.change_of_origin),
    ],
    ids=lambda check: check.__name__,
)
@QUICK
@given(reading=READINGS)
def test_statements(check, reading):
    check(reading)


@QUICK
@given(reading=READINGS)
def test_level_attention(reading):
    checks.level_attention(variants.level(reading))


def wrong(explanation, scores):
    return Explanation(explanation.labels, scores, explanation.method, explanation.text)


def raised(reading):
    return attention.average(reading).scores + 0.01


def without_biases(reading, shift):
    moved = variants.moved_origin(reading, shift)
    return replace(moved, heads=reading.heads)


def not_centred(reading):
    inside = reading.masked_values + reading.values * reading.masked_logits
    return (reading.attention * inside).mean(axis=0)


@pytest.mark.parametrize(
    "check, named",
    [
        (checks.no_sign, {"formula": lambda one, other: np.mean(other >= np.median(other))}),
        (checks.no_sign, {"methods": [gradients.times_input]}),
        (checks.two_norms, {"l1": gradients.l2}),
        (checks.two_norms, {"l2": lambda r: wrong(gradients.l2(r), gradients.l2(r).scores ** 2)}),
        (checks.two_norms, {"maximum": attention.average}),
        (checks.two_norms, {"average": lambda r: wrong(attention.average(r), raised(r))}),
        (checks.attention_inside, {"formula": lambda r: checks.weighted_lengths(r) * 1.001}),
        (checks.attention_inside, {"formula": lambda r: checks.weighted_lengths(r) / 1.001}),
        (checks.attention_inside, {"formula": lambda r: 3 * checks.weighted_lengths(r)}),
        (checks.attention_inside, {"formula": lambda r: r.attention[0]}),
        (checks.level_attention, {"lime_scores": lime.paper_approximation}),
        (checks.level_attention, {"integrated_scores": gradients.times_input}),
        (checks.change_of_basis, {"methods": [gradients.mean]}),
        (checks.change_of_basis, {"methods": [gradients.l1]}),
        (checks.change_of_origin, {"methods": [gradients.times_input]}),
        (checks.change_of_origin, {"move": without_biases}),
        (checks.change_of_origin, {"move": lambda r, origin: r}),
        (checks.change_of_origin, {"formula": lambda r: 1.001 * checks.place_part(r)}),
        (checks.change_of_origin, {"formula": not_centred}),
    ],
)
def test_checks_refuse(check, named):
    reading = random_reading(7, T=14, K=3)
    reading = variants.level(reading) if check is checks.level_attention else reading
    check(reading)
    with pytest.raises(CheckFailed):
        check(reading, **named)


def another_model(reading, Q):
    turned = variants.in_basis(reading, Q)
    return replace(turned, heads=replace(turned.heads, b_v=turned.heads.b_v + 1))


def only_upwards(start, end):
    """The right reflection to the diagonal, and none to the opposite of it."""
    return variants.reflection(start, end) if end[0] > 0 else np.eye(len(start))


@pytest.mark.parametrize("named", [{"turn": another_model}, {"reflect": only_upwards}])
def test_change_of_basis_sees_another_model_and_a_lost_end(named):
    reading = random_reading(7, T=14, K=3)
    with pytest.raises(CheckFailed):
        checks.change_of_basis(reading, methods=[gradients.l2], **named)


def test_change_of_basis_looks_at_both_ends():
    """The smallest G-avg is looked for, too: turning to the largest twice is noticed."""

    def one_end(vector, end):
        return variants.reflection(vector, end if np.ptp(vector) == 0 else np.abs(end))

    with pytest.raises(CheckFailed):
        checks.change_of_basis(random_reading(7, T=14, K=3), methods=[], reflect=one_end)


def test_change_of_basis_tests_lime(monkeypatch):
    """A LIME that depends on the coordinates must be noticed among the methods of the check."""

    exact, turned_ends = lime.exact, [0.1, 0.0] * 2

    def of_coordinates(game):
        found = exact(game)
        return wrong(found, found.scores + turned_ends.pop())

    monkeypatch.setattr(checks.lime, "exact", of_coordinates)
    with pytest.raises(CheckFailed):
        checks.change_of_basis(random_reading(7, T=14, K=3))


def not_a_number(method):
    return lambda made_of: SimpleNamespace(scores=np.nan * method(made_of).scores)


@pytest.mark.parametrize(
    "check, named",
    [
        (checks.no_sign, {"formula": lambda one, other: np.nan}),
        (checks.two_norms, {"l2": not_a_number(gradients.l2)}),
        (checks.attention_inside, {"formula": lambda r: np.nan * r.attention[0]}),
        (checks.level_attention, {"lime_scores": not_a_number(lime.exact)}),
        (checks.change_of_basis, {"methods": [gradients.l2, not_a_number(gradients.l2)]}),
        (checks.change_of_basis, {"methods": [not_a_number(gradients.l2), gradients.l2]}),
        (checks.change_of_origin, {"methods": [not_a_number(gradients.l2)]}),
    ],
)
def test_checks_refuse_what_is_not_a_number(check, named):
    with pytest.raises(CheckFailed, match="nan"):
        check(variants.level(random_reading(7, T=14, K=3)), **named)


def test_level_attention_needs_its_assumption():
    with pytest.raises(CheckFailed):
        checks.level_attention(random_reading(7))


@QUICK
@given(
    st.integers(1, 5).flatmap(
        lambda rows: st.lists(
            st.lists(st.integers(-3, 3), min_size=rows, max_size=rows), min_size=1, max_size=12
        )
    )
)
def test_matrices_of_agreement_are_those_of_pairs(columns):
    scores = np.array(columns, dtype=float).T
    ranks, signs = agreement.rank_correlations(scores), agreement.sign_agreements(scores)
    for i, one in enumerate(scores):
        for j, other in enumerate(scores):
            if len(one) > 1:
                expected = stats.kendalltau(one, other).statistic
                np.testing.assert_allclose(ranks[i, j], expected, atol=1e-12)
            assert signs[i, j] == agreement.sign_agreement(one, other)
    assert len(columns) > 1 or np.isnan(ranks).all()


def test_mean_intervals_are_those_of_pairs():
    values = np.random.default_rng(0).random((30, 3, 3))
    found = agreement.mean_intervals(values)
    expected = agreement.mean_interval(values[:, 0, 2])
    assert found[:, 0, 2].tolist() == [expected.mean, expected.low, expected.high]
    assert np.array_equal(found, found.transpose(0, 2, 1)) and (found[:, 1, 1] == 1).all()


def test_one_head_is_that_head():
    reading = random_reading(2, K=3, biases=True)
    outputs = [variants.one_head(reading, head).output for head in range(3)]
    np.testing.assert_allclose(outputs, reading.head_outputs, atol=1e-14)


def test_in_basis_wants_an_orthogonal_matrix():
    reading = micro_example()
    with pytest.raises(ValueError, match="not orthogonal"):
        variants.in_basis(reading, 2 * np.eye(2))
    with pytest.raises(ValueError, match="Q has shape"):
        variants.in_basis(reading, np.eye(3))


@pytest.mark.parametrize("end", [[0.0, 3.0], [2.0, 0.0], [-5.0, 0.0]])
def test_reflection_sends_one_direction_to_the_other(end):
    Q = variants.reflection(np.array([2.0, 0.0]), np.array(end))
    np.testing.assert_allclose(Q @ [2.0, 0.0], 2 * np.array(end) / np.linalg.norm(end), atol=1e-14)
    np.testing.assert_allclose(Q @ Q.T, np.eye(2), atol=1e-14)


@pytest.mark.parametrize("amount", [0.0, 0.3, 1.0])
def test_level_leaves_the_rest_of_the_logits(amount):
    reading = random_reading(4, K=2, d_e=6)
    moved = reading.logits - reading.masked_logits
    found = variants.level(reading, amount)
    np.testing.assert_allclose(found.logits - found.masked_logits, (1 - amount) * moved, atol=1e-12)
    assert np.array_equal(found.masked_embeddings, reading.masked_embeddings)


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_the_review_has_signs_where_there_are_signs_and_the_papers_names_in_bold():
    scores = {"m": np.array([2.0, -1.0, 0.01])}
    blocks = {"sizes": {"n": np.array([1.0, 2.0, 3.0])}, "signs": scores}
    figure = plots.coloured_words(("a", "b", "c"), blocks, unsigned="sizes", bold=["m"])
    assert texts(figure) == ["sizes", "+", "−", "signs"]
    weights = [label.get_fontweight() for label in figure.axes[0].get_xticklabels()]
    assert weights == ["normal", "bold"]
    colours = [bar.get_facecolor() for bar in figure.axes[0].patches]
    np.testing.assert_allclose(colours[3], to_rgba(BLUE), atol=0.01)
    np.testing.assert_allclose(colours[4], (np.array(to_rgba(RED)) + 1) / 2, atol=0.01)
    plt.close("all")


def test_the_map_has_order_below_and_signs_above():
    order, signs = np.full((2, 2), 0.5), np.full((2, 2), -0.25)
    assert texts(plots.agreement_map(order, signs, ("m", "n"), (1, 1))) == ["", "-.25", ".50", ""]
    assert texts(plots.agreement_map(order, np.nan * signs, ("m", "n"), (1, 1)))[1] == "–"
    plt.close("all")


def test_the_stored_origin_is_marked_where_it_is():
    curve = np.array([[0.1, 0.2, 0.3], [0.0, 0.1, 0.2], [0.2, 0.3, 0.4]])
    upper, lower = plots.storage(np.array([-1.0, 0.0, 1.0]), curve, np.array([0.5]), 0.7).axes
    assert upper.lines[-1].get_xydata().tolist() == [[0.0, 0.2]]
    assert lower.lines[-1].get_xydata().tolist() == [[0.7, 0.0]]
    plt.close("all")
