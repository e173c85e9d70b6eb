"""Figures show the numbers that they are given: ends of intervals, small differences."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from helpers.checks.examples import random_game, random_reading
from helpers.evaluation.agreement import mean_interval
from helpers.explainers.interactions import exact as exact_interactions
from helpers.plots import (
    attention_classifier,
    attention_weights,
    exact_lime,
    gradient_meets_attention,
    ground_truth,
    interactions,
    one_curve_per_word,
    people,
    the_papers_experiments,
)
from helpers.plots.base import BLUE, RED
from helpers.plots.spreads import spreads

SKEWED = np.random.default_rng(0).exponential(size=25) ** 2


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def test_an_interval_of_skewed_values_has_its_longer_end_where_it_belongs():
    found = mean_interval(SKEWED)
    assert found.high - found.mean > 1.05 * (found.mean - found.low)
    (axis,) = attention_weights.rank_violins({"a pair": SKEWED}).axes
    (bar,) = axis.containers
    (segment,) = bar.lines[2][0].get_segments()
    np.testing.assert_allclose(segment[:, 0], [found.low, found.high])


@pytest.mark.parametrize("size", [1e-11, 1e-6, -1e-4])
def test_a_difference_above_rounding_is_drawn(size):
    theory, practice = np.array([0.3, 0.2]), np.array([0.3 + 1e-15, 0.2 - size])
    figure = gradient_meets_attention.theory_and_practice(["one", "two"], theory, practice)
    first, second = (bar.get_width() for bar in figure.axes[1].patches[-2:])
    assert first == 0 and second == pytest.approx(size)


@pytest.mark.parametrize("T", [3, 12], ids=["without padding", "with padding"])
def test_the_bars_of_a_vote_add_up_to_the_output_of_the_head(T):
    reading = random_reading(1, T=T)
    votes = attention_classifier.one_head(reading, 1)
    assert len(votes[0]) == reading.length + (reading.length < T)
    (axis,) = attention_classifier.votes({"a head": votes}).axes
    (bars,) = axis.containers
    area = sum(bar.get_width() * bar.get_height() for bar in bars)
    line = next(line for line in axis.lines if line.get_linestyle() == "--").get_ydata()[0]
    assert area == pytest.approx(reading.head_outputs[1]) == line
    assert bars[-1].get_x() + bars[-1].get_width() == pytest.approx(1)


def test_an_error_of_rounding_is_drawn_at_the_floor():
    n, m = np.array([10.0, 100.0]), np.array([20.0, 30.0])
    certificates, errors = np.array([1e-3, 4e-13]), np.array([5e-4, 3e-16])
    (axis,) = exact_lime.race((n, np.ones((3, 2))), (m, errors, certificates)).axes
    drawn = {line.get_label(): line.get_ydata() for line in axis.lines}
    assert drawn["exact: error"].tolist() == [5e-4, exact_lime.FLOOR]
    assert drawn["exact: certificate"].tolist() == certificates.tolist()


def test_arcs_join_the_words_of_the_strongest_pairs():
    found = exact_interactions(random_game(0, 6))
    above, below, _ = interactions.arcs_and_matrix(found, shown=3).axes
    arcs = [(arc.center[0], arc.width, arc.get_edgecolor()) for arc in above.patches[::-1]]
    for (i, j), (centre, width, colour) in zip(found.places(3), arcs, strict=True):
        assert (centre, width) == ((i + j) / 2, j - i)
        assert to_hex(colour).upper() == (BLUE if found.matrix[i, j] > 0 else RED)
    np.testing.assert_array_equal(below.images[0].get_array(), found.matrix)


def test_curves_of_pairs_have_the_colour_of_their_sign():
    p = np.linspace(0, 1, 5)
    left, right = interactions.curves(p, {"up": p + 1, "down": -p}, {"flat": np.ones_like}).axes
    assert [line.get_color() for line in left.lines[:2]] == [BLUE, RED]
    assert right.lines[0].get_ydata().tolist() == [1.0] * 5


def test_shares_stay_with_their_document():
    (axis,) = interactions.shares(np.array([0.9, 0.7, 0.8]), np.array([0.99, 0.97, 0.98])).axes
    both, words = (line.get_ydata().tolist() for line in axis.lines)
    assert words == [0.7, 0.8, 0.9] and both == [0.97, 0.98, 0.99]


def test_effects_are_drawn_against_effects_alone():
    one, other = (np.array([1.0, 2.0]), np.array([3.0, 4.0])), (np.array([5.0]), np.array([6.0]))
    (axis,) = interactions.negated(one, other).axes
    drawn = {line.get_label(): line.get_xydata().tolist() for line in axis.lines}
    assert drawn["after a negator"] == [[1, 3], [2, 4]] and drawn["after another word"] == [[5, 6]]
    assert drawn["effects add up"][0] == pytest.approx([-6.3, -6.3])


def test_two_words_are_drawn_with_their_own_scores():
    p, curves = np.array([0.0, 1.0]), np.array([[1.0, 2.0], [0.0, 0.5], [3.0, 1.0]])
    scores = {"added first": curves[:, 0], "leave-one-out": curves[:, 1]}
    figure = one_curve_per_word.two_words(p, curves, (2, 0), ("a", "b", "c"), scores)
    left, right = figure.axes
    drawn = {line.get_label(): line.get_ydata() for line in left.lines}
    assert drawn["c"].tolist() == [3.0, 1.0] and drawn["a"].tolist() == [1.0, 2.0]
    assert [list(line.get_ydata()) for line in right.lines[:2]] == [[3.0, 1.0], [1.0, 2.0]]


def test_shares_are_drawn_with_their_intervals():
    rows = {"null": mean_interval(1 + SKEWED), "all heads": mean_interval(SKEWED)}
    (axis,) = one_curve_per_word.shares(rows, nulls=1).axes
    ends = [bars.lines[2][0].get_segments()[0][:, 0] for bars in axis.containers]
    np.testing.assert_allclose(ends, [[found.low, found.high] for found in rows.values()])
    colours = [bars.lines[0].get_color() for bars in axis.containers]
    assert colours == [one_curve_per_word.GREY, one_curve_per_word.BLUE]


def test_the_dial_names_its_factors():
    factors = np.array([1 / 16, 1 / 4, 1.0, 4096.0, 65536.0])
    lines = {name: np.full(5, 0.1) for name in "abcd"}
    (axis,) = one_curve_per_word.dial(factors, lines, {"e": factors, "f": factors}).axes
    assert [label.get_text() for label in axis.get_xticklabels()] == ["1/16", "1", "65,536"]


# ---- the paper's experiments


def test_causes_are_drawn_where_their_means_are():
    found = np.array([[0.5, -0.1], [0.4, -0.2], [0.6, 0.1]])
    (axis,) = the_papers_experiments.causes(
        ("one", "two"), {"short": found, "long": found + 1}
    ).axes
    drawn = [bars.lines[0].get_xdata() for bars in axis.containers]
    np.testing.assert_allclose(drawn, [found[0], found[0] + 1])
    ends = [segment[:, 0] for segment in axis.containers[0].lines[2][0].get_segments()]
    np.testing.assert_allclose(ends, found[1:].T)


def test_runs_are_drawn_beside_the_others():
    found = np.array([[1.0, -2.0, 0.5], [0.0, 1.0, 2.0]])
    (axis,) = the_papers_experiments.runs("abc", found, {"rule": np.array([-40.0, 5.0, 0.0])}).axes
    marks = {line.get_label(): line.get_xdata() for line in axis.lines}
    np.testing.assert_array_equal(marks["rule"], [-40, 5, 0])
    np.testing.assert_array_equal(marks["runs"], found[0])
    assert axis.patches[0].get_x() == -1.96


def test_strips_have_signs_where_a_method_has_one():
    scores = {"grey": np.array([1.0, 0.5]), "signed": np.array([-2.0, 0.01])}
    (axis,) = the_papers_experiments.strips({"text": (("a", "b"), scores, {"grey"})}).axes
    assert [text.get_text() for text in axis.texts if text.get_text()] == ["−"]
    assert axis.get_title(loc="left") == "text" and len(axis.patches) == 4


def test_errors_by_length_are_quantiles():
    groups = [np.arange(1.0, 102.0), np.arange(2.0, 103.0)]
    (axis,) = the_papers_experiments.by_length(("1", "2"), {"rule": groups}).axes
    np.testing.assert_allclose(axis.containers[0].lines[0].get_ydata(), [51, 52])
    ends = [segment[:, 1] for segment in axis.containers[0].lines[2][0].get_segments()]
    np.testing.assert_allclose(ends, [[6, 96], [7, 97]])


def test_what_is_left_out_is_counted():
    (axis,) = the_papers_experiments.left_out(np.array([0.1, 0.99, 1.0])).axes
    assert sum(patch.get_height() for patch in axis.patches) == 3


# ---- ground truth


def test_the_dial_draws_means_in_their_intervals():
    shares = np.array([0.0, 0.5, 1.0])
    curve = np.array([[0.1, 0.3, 0.2], [0.0, 0.2, 0.1], [0.2, 0.5, 0.3]])
    figure = ground_truth.dial(shares, {"truth": {"one": curve, "null": curve + 0.5}}, "null")
    (axis,) = figure.axes
    np.testing.assert_allclose(
        [line.get_ydata() for line in axis.lines[:2]], [curve[0], curve[0] + 0.5]
    )
    assert to_hex(axis.lines[1].get_color()) != to_hex(axis.lines[0].get_color())
    lead = {text.get_text(): line for text, line in zip(axis.texts, axis.lines[2:], strict=True)}
    np.testing.assert_allclose([lead[x].get_ydata()[0] for x in ("one", "null")], [0.2, 0.7])


def test_mean_ranks_are_written_in_their_cells():
    figure = ground_truth.mean_ranks(np.array([[1.0, 2.25], [2.0, 1.75]]), ["a", "b"], ["x", "y"])
    assert [text.get_text() for text in figure.axes[0].texts] == ["1.0", "2.2", "2.0", "1.8"]


def test_the_marker_has_a_dot_for_each_model():
    rows = np.array([[0.1, 0.2], [0.05, 0.1], [0.2, 0.4]])
    beside = {"AUC": ["1", "2"]}
    figure = ground_truth.marker_shares(["a", "b"], rows, rows / 2, 0.15, 0.06, beside)
    (axis,) = figure.axes
    first, second = (bar.lines[0].get_xdata() for bar in axis.containers)
    np.testing.assert_allclose(first, rows[0, ::-1])  # the largest at the top
    np.testing.assert_allclose(second, rows[0, ::-1] / 2)
    assert [label.get_text() for label in axis.get_yticklabels()] == ["b", "a"]
    assert [text.get_text() for text in axis.texts] == ["AUC", "2", "1"]


def test_the_marked_word_is_framed():
    groups = {"truth": {"data": np.array([1.0, 0.0])}, "no sign": {"α": np.array([1.0, 2.0])}}
    (axis,) = ground_truth.two_truths(["a", "b"], groups, "no sign", "b").axes
    (frame,) = [patch for patch in axis.patches if not patch.get_fill()]
    assert (frame.get_y(), frame.get_height()) == (0.5, 1)
    weights = [label.get_fontweight() for label in axis.get_yticklabels()]
    assert weights[1] == "bold" != weights[0]


# ---- people


def test_what_people_say_stands_beside_what_a_method_says():
    signed, unsigned = np.array([1.0, -2.0]), np.array([0.5, 0.0])
    left, right = people.three_readings(["a", "b"], {"one": signed, "two": unsigned}).axes
    assert [bar.get_width() for bar in left.patches] == [1, -2]
    assert [to_hex(bar.get_facecolor()).upper() for bar in left.patches] == [BLUE, RED]
    assert {to_hex(bar.get_facecolor()) for bar in right.patches} == {people.GREY}


def test_plausibility_is_drawn_with_its_intervals():
    which = {"a": mean_interval(SKEWED), "b": mean_interval(1 + SKEWED)}
    way = {"b": which["a"], "a": which["b"]}
    left, right = people.plausible(which, way, people=("b",)).axes
    for axis, found in ((left, which), (right, way)):
        bars = [line.get_xdata() for line in axis.lines[:4:2]]
        np.testing.assert_array_equal(bars, [[found[x].low, found[x].high] for x in "ab"])
    assert [line.get_color() for line in left.lines[:4:2]] == [people.BLUE, people.GREY]


def test_spread_keeps_the_longer_ends():
    found = mean_interval(SKEWED)
    (axis,) = people.spread({"a": (np.array([0.5]), [found])}).axes
    (segment,) = axis.containers[0].lines[2][0].get_segments()
    np.testing.assert_allclose(segment[:, 1], [found.low, found.high])


def test_a_spread_is_drawn_from_its_quantiles():
    _, axis = plt.subplots()
    spreads(axis, {"one": SKEWED, "other": SKEWED + 1}, [BLUE, RED])
    thin, thick, dots = axis.collections
    for lines, ends in ((thin, (0.05, 0.95)), (thick, (0.25, 0.75))):
        drawn = [segment[:, 0] for segment in lines.get_segments()]
        np.testing.assert_allclose(drawn, [np.quantile(SKEWED + k, ends) for k in (0, 1)])
    medians = np.median(SKEWED) + np.arange(2)
    np.testing.assert_allclose(dots.get_offsets(), np.column_stack([medians, [0, 1]]))
    assert axis.get_ylim()[0] > axis.get_ylim()[1]  # the first on top
