"""Attention as an explanation: the statements over random models, and wrong formulas caught."""

import itertools
import math
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import games
from helpers.checks import CheckFailed, oracles
from helpers.checks import attention_weights as checks
from helpers.checks.examples import random_reading
from helpers.checks.oracles import attention_rows
from helpers.explainers import attention, gradients, integrated, lime
from helpers.explainers.methods import METHODS
from helpers.model import variants
from helpers.model.reading import Heads, micro_example
from helpers.plots import attention_weights as figures
from tests.documents import documents

QUICK = settings(max_examples=40, deadline=None)
READINGS = documents(scale=st.sampled_from([1e-6, 1.0, 30.0]))
LINEAR = [
    attention.contributions,
    gradients.gradient,
    gradients.mean,
    gradients.times_input,
    lambda reading: lime.exact(games.position_game(reading)),
    lambda reading: integrated.scores(reading, 8),
    lambda reading: oracles.shapley(games.word_game(reading)),
    lambda reading: oracles.leave_one_out(games.word_game(reading)),
]


@given(READINGS)
@QUICK
def test_contributions_add_up(reading):
    checks.contributions(reading)


@given(READINGS, st.sampled_from(LINEAR[:4]))
@QUICK
def test_linear_explanations_change_sign_with_the_read_out(reading, explain):
    checks.sign_blindness(reading, explain)


@pytest.mark.parametrize("explain", LINEAR[4:])
@pytest.mark.parametrize("distinct", [None, 2])
def test_slower_linear_explanations_change_sign(explain, distinct):
    for seed in range(3):
        checks.sign_blindness(random_reading(seed, T=12, K=3, scale=3, distinct=distinct), explain)


@pytest.mark.parametrize("key", [key for key, method in METHODS.items() if method.signed])
def test_methods_with_a_sign_are_linear(key):
    for seed in range(2):
        checks.linear(random_reading(seed, T=10, K=3, scale=3), METHODS[key].function)


@given(READINGS)
@QUICK
def test_gradients_are_linear(reading):
    checks.linear(reading, gradients.gradient)


def test_shapley_by_all_orders():
    game = games.word_game(random_reading(3, T=7, K=2))
    d, total = len(game.labels), 0.0
    for order in itertools.permutations(range(d)):
        masks = np.vstack([np.zeros(d), np.cumsum(np.eye(d)[list(order)], axis=0)])
        total = total + np.diff(game.value(masks))[np.argsort(order)] / math.factorial(d)
    assert d > 3
    np.testing.assert_allclose(oracles.shapley(game), total, atol=1e-12)


def another_constant(reading):
    """Mirrored, with one added to each value: attention and gradients do not notice, and f does."""
    other = variants.mirrored(reading)
    return replace(other, heads=replace(other.heads, b_v=other.heads.b_v + 1))


def other_keys(reading):
    """Mirrored, with the keys negated: attention is another."""
    other = variants.mirrored(reading)
    return replace(other, heads=replace(other.heads, W_k=-other.heads.W_k))


@pytest.mark.parametrize("mirror", [another_constant, other_keys, lambda reading: reading])
def test_another_model_is_no_mirror_image(mirror):
    reading = random_reading(2, T=9, K=2)
    checks.sign_blindness(reading)
    with pytest.raises(CheckFailed):
        checks.sign_blindness(reading, mirror=mirror)


def test_attention_of_the_mirror_image_is_compared():
    """Without values all outputs and gradients are zero; only the rows of attention tell."""
    reading = random_reading(2, T=9, K=2)
    silent = replace(reading, heads=replace(reading.heads, W_l=0 * reading.heads.W_l))
    checks.sign_blindness(silent)
    with pytest.raises(CheckFailed):
        checks.sign_blindness(silent, mirror=other_keys)


@given(READINGS)
@QUICK
def test_attention_explanations_do_not_see_the_read_out(reading):
    mirror = variants.mirrored(reading)
    for explain in (attention.average, attention.maximum):
        one, two = explain(reading), explain(mirror)
        assert np.array_equal(one.scores, two.scores) and one.padding == two.padding


@given(READINGS)
@QUICK
def test_average_and_maximum(reading):
    average, maximum = attention.average(reading), attention.maximum(reading)
    assert average.labels == reading.text
    assert math.isclose(average.scores.sum() + average.padding, 1, abs_tol=1e-12)
    assert (maximum.scores >= average.scores - 1e-15).all() and (maximum.scores <= 1).all()
    loop = [np.mean([row[t] for row in reading.attention]) for t in range(reading.length)]
    np.testing.assert_allclose(average.scores, loop, atol=1e-15)


@given(READINGS)
@QUICK
def test_matrices(reading):
    rows = attention_rows(reading)
    found = attention.matrices(reading)
    np.testing.assert_allclose(found, rows, atol=1e-10)
    np.testing.assert_allclose(found[:, 0], reading.attention, atol=1e-10)


def test_the_small_example():
    reading, e = micro_example(), math.e
    np.testing.assert_allclose(
        attention.average(reading).scores, np.array([e, 1, e]) / (2 * e + 1), atol=1e-15
    )
    np.testing.assert_allclose(
        attention.contributions(reading).scores, np.array([0, -1, 2 * e]) / (2 * e + 1), atol=1e-15
    )
    assert variants.mirrored(variants.mirrored(reading)).output == reading.output


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(2, 6), st.booleans())
@QUICK
def test_rankings(seed, K, T, constant):
    draw = np.random.default_rng(seed)
    T = max(T, 3) if K > 1 else T
    values = draw.integers(-2, 3, size=(K, T)).astype(float)
    checks.ranking(np.tile(1.7 * np.sign(draw.normal(size=T)), (K, 1)) if constant else values)
    checks.ranking(draw.normal(size=(K, T)))


def test_values_of_zero_are_in_any_order():
    checks.ranking(np.zeros((2, 4)))
    assert checks.one_sign_and_size(np.zeros((2, 4)))


@pytest.mark.parametrize("u", [np.ones((2, 3)), np.array([[1.0, -1.0]]), np.zeros((3, 3))])
def test_no_counterexample_where_there_is_none(u):
    np.testing.assert_allclose(checks.counterexample(u), 1 / u.shape[1])


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(2, 5))
@QUICK
def test_counterexamples_are_attention(seed, K, T):
    u = np.random.default_rng(seed).normal(size=(K, max(T, 3)))
    alpha = checks.counterexample(u)
    assert (alpha >= 0).all()
    np.testing.assert_allclose(alpha.sum(axis=1), 1)


@given(READINGS)
@QUICK
def test_deciding_heads(reading):
    checks.deciding(reading)


def test_one_head_never_decides_alone():
    assert not attention.deciding_heads(random_reading(0, K=1)).any()


def test_some_random_head_decides():
    found = [attention.deciding_heads(random_reading(seed, K=3)).sum() for seed in range(20)]
    assert 0 < sum(map(bool, found)) < 20


def test_of_heads_that_cancel_none_decides():
    """Without one of them, the output is not zero, but has no other sign than before."""
    one = micro_example()
    both = {name: np.repeat(array, 2, axis=0) for name, array in vars(one.heads).items()}
    both["W_l"] = np.array([[1.0], [-1.0]])
    found = attention.deciding_heads(replace(one, heads=Heads(**both)))
    assert not found.any()


def no_average(reading):
    return attention.token_explanation(
        reading, (reading.attention * reading.values).sum(axis=0), "sum"
    )


WRONG = {
    "contributions: attention": lambda r: checks.contributions(r, attention.average),
    "contributions: sum of heads": lambda r: checks.contributions(r, no_average),
    "sign: a norm": lambda r: checks.sign_blindness(r, gradients.l2),
    "sign: attention": lambda r: checks.sign_blindness(r, attention.maximum),
    "sign: |c|": lambda r: checks.sign_blindness(r, lambda r: np.abs(r.values)),
    "linear: a norm": lambda r: checks.linear(r, gradients.l1),
    "linear: attention": lambda r: checks.linear(r, attention.average),
    "linear: negated is not enough": lambda r: checks.linear(r, lambda r: r.values**3),
    "ranking: sizes only": lambda r: checks.ranking(
        np.array([[1.0, 1, 1], [-1, 1, 1]]), lambda u: np.ptp(np.abs(u)) == 0
    ),
    "ranking: always": lambda r: checks.ranking(r.values, lambda u: True),
    "ranking: never": lambda r: checks.ranking(np.ones((2, 3)), lambda u: False),
    "deciding: the largest": lambda r: checks.deciding(
        r, lambda r: np.abs(r.head_outputs) == np.abs(r.head_outputs).max()
    ),
    "deciding: without the sign": lambda r: checks.deciding(
        r, lambda r: np.abs(r.head_outputs) > np.abs(r.head_outputs.sum() - r.head_outputs)
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_formula_is_caught(name):
    with pytest.raises(CheckFailed):
        for seed in range(6):
            WRONG[name](random_reading(seed, T=8, K=3))


def test_the_figure_of_opposites_has_equal_attention_and_negated_contributions():
    reading = random_reading(0, T=12, K=4)
    axes = figures.opposites({"f": reading, "-f": variants.mirrored(reading)}).axes
    widths = [np.array([bar.get_width() for bar in axis.patches]) for axis in axes]
    assert np.array_equal(widths[0], widths[1]) and np.array_equal(widths[2], -widths[3])
    assert widths[0].sum() == pytest.approx(1) and widths[2].sum() == pytest.approx(reading.output)
    plt.close("all")


def test_a_null_is_drawn_beside_its_correlations():
    taus = {"a": np.array([0.1, 0.5, np.nan, 0.7]), "b": np.array([0.2, 0.9, 0.8, 1.0])}
    (axis,) = figures.rank_violins(taus, {"b": np.array([0.0, 0.1, 0.2, 0.3])}).axes
    assert [label.get_text() for label in axis.get_yticklabels()] == ["a", "b"]
    middles = sorted(float(bar.lines[0].get_xdata()[0]) for bar in axis.containers)
    np.testing.assert_allclose(middles, [0.15, 1.3 / 3, 0.725])
    plt.close("all")


def test_the_fan_has_a_colour_for_each_side():
    (axis,) = figures.fan(np.array([0.1, 0.2]), np.array([1.0, -1.0])).axes
    above, below = axis.collections[0].get_facecolors()
    assert not np.array_equal(above, below)
    plt.close("all")
