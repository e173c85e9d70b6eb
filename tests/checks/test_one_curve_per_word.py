"""One curve per word against polynomials from all masks; bounds where they are reached."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.polynomial import Polynomial
from scipy.stats import binom

from helpers.checks import CheckFailed, examples, oracles
from helpers.checks import one_curve_per_word as checks
from helpers.evaluation import curves
from helpers.explainers import lime, occlusion, shapley
from helpers.games import PerturbationGame, pooling_game, word_game
from helpers.model.reading import micro_example

RARE = {"deadline": None, "max_examples": 25}


def positive(seed, d=5):
    """One head in which every word outweighs its mask and has a positive slope at the text."""
    draw = np.random.default_rng(seed)
    kept, value = draw.uniform(0.5, 3, size=(2, 1, d))
    none, names = np.zeros((1, d)), tuple(f"w{j}" for j in range(d))
    rest = np.array([4.0]), np.array([-40.0])
    return PerturbationGame(names, names, kept, kept * value, none, none, *rest)


@given(
    seed=st.integers(0, 999),
    d=st.integers(1, 7),
    K=st.integers(1, 3),
    decades=st.sampled_from([0.1, 0.5, 1.5]),
    equal=st.booleans(),
)
@example(seed=3, d=1, K=3, decades=1.5, equal=False)  # of one word, the bounds are equalities
@settings(**RARE)
def test_random_games(seed, d, K, decades, equal):
    game = examples.random_game(seed, d, K, decades, equal)
    checks.one_curve(game)
    checks.agreement(game)
    if d > 1:
        checks.lime_average(game)


@pytest.mark.parametrize("seed", range(12))
def test_crossings(seed):
    assert checks.crossings(examples.random_game(seed, 2 + seed % 5, decades=1.0)).error == 0


def test_polynomials_are_the_curves():
    for seed, d in enumerate((1, 2, 5, 9)):
        game = examples.random_game(seed, d, decades=1.0)
        p = np.linspace(0, 1, 7)
        found = np.array([m(p) for m in checks.polynomials(game)])
        np.testing.assert_allclose(shapley.curve(game, p), found, atol=1e-11)
        assert all(m.degree() <= d - 1 for m in checks.polynomials(game))


def test_one_check_fails_for_each_method():
    game = examples.random_game(1, 4)
    for name in checks.named(game):
        with pytest.raises(CheckFailed):
            checks.one_curve(
                game, lambda game, name=name: checks.named(game) | {name: np.full(4, 0.1)}
            )


@pytest.mark.parametrize("answer", [True, False])
def test_crossing_check_fails(answer):
    with pytest.raises(CheckFailed):
        checks.crossings(examples.random_game(3, 6, decades=1.0), lambda *_: answer)


# ---- LIME


def test_lime_without_its_shift_fails():
    game = examples.random_game(2, 5)
    with pytest.raises(CheckFailed):
        checks.lime_average(game, lambda game: checks.named(game)["LIME, ν = ∞"])
    with pytest.raises(CheckFailed):
        checks.lime_average(game, lambda game: checks.whole_text_never_drawn(game) * (1 + 1e-9))


@pytest.mark.parametrize("d", [12, 40])
def test_exact_lime_is_the_average_and_the_shift(d):
    """Beyond enumeration: exact LIME shares no rule in p with the average."""
    game = examples.random_game(d, d, decades=0.5)
    found = lime.exact(game, bandwidth=np.inf).scores
    np.testing.assert_allclose(checks.whole_text_never_drawn(game), found, atol=1e-11)


def test_the_shift_is_at_most_four_thirds_of_the_range_and_nearly_so():
    """f is 1 below a third of the words, 0 above, and 1 again for the whole text."""
    d, (p, w) = 900, shapley.legendre(500)
    mean = binom.cdf(d // 3, d, p) + p**d
    residual = w @ ((1 - mean) * (6 * p - 2))
    assert 1.32 < residual < 4 / 3
    game = examples.random_game(0, 6)
    shift = checks.whole_text_never_drawn(game) - checks.named(game)["LIME, ν = ∞"]
    span = np.ptp(game.value(oracles.every_mask(6)))
    assert 0 < np.abs(shift).max() <= 6 / 30 * 4 / 3 * span and np.ptp(shift) < 1e-14


def test_at_two_words_lime_is_added_first():
    found = checks.whole_text_never_drawn(word_game(micro_example()))
    first = occlusion.added_first(micro_example()).scores
    np.testing.assert_allclose(found, first, atol=1e-13)


@pytest.mark.parametrize("a, b", [(1, 1), (2, 3), (4, 1)])
def test_a_line_under_beta_binomial_sizes_is_an_average(a, b):
    """The exercise, with the sizes' law from factorials: uniform sizes for a = b = 1."""
    d, game = 5, examples.random_game(2, 5)
    z = oracles.every_mask(d)
    m = z.sum(axis=1).astype(int)
    rising = [math.perm(a + k - 1, k) * math.perm(b + d - k - 1, d - k) for k in range(d + 1)]
    line = oracles.regression(z, game.value(z), np.array(rising, float)[m], 0.0)[1:]
    law = Polynomial([0, 1]) ** a * Polynomial([1, -1]) ** b
    averaged = [checks.integral(x, law) / checks.integral(law) for x in checks.polynomials(game)]
    np.testing.assert_allclose(line, averaged, atol=1e-12)


# ---- averages and crossings


@pytest.mark.parametrize("degree", [0, 1, 2, 5])
@pytest.mark.parametrize("d", [1, 2, 3, 6])
def test_an_average_is_exact(d, degree):
    game = examples.random_game(d, d, decades=1.0)
    found = curves.average(game, lambda p: (degree + 1) * p**degree, degree)
    weight = (degree + 1) * Polynomial([0, 1]) ** degree
    truth = [checks.integral(m, weight) for m in checks.polynomials(game)]
    np.testing.assert_allclose(found, truth, atol=1e-12)


def test_a_constant_weight_gives_shapley_values():
    game = examples.random_game(0, 6)
    found = curves.average(game, lambda p: 1.0)
    np.testing.assert_allclose(found, oracles.shapley(game), atol=1e-13)


def test_the_largest_pairs():
    found = np.array([[1.0, 0.0], [0.0, -3.0], [0.0, 0.0], [2.0, 2.0], [1e-13, 0.0]])
    first, second = curves.largest_pairs(found, 2)
    assert (first.tolist(), second.tolist()) == ([1], [3])
    first, second = curves.largest_pairs(found)
    assert list(zip(first, second)) == [(0, 1), (0, 3), (1, 3)]
    assert [len(x) for x in curves.largest_pairs(np.zeros((3, 4)))] == [0, 0]


def test_crossing_needs_both_signs_beyond_rounding():
    found = np.array(
        [[0.0, 1.0, 0.0], [0.5, 0.5, 0.5], [1.0, 1.0, 1.0], [1.0 - 1e-13, 1.0, 1.0 + 1e-13]]
    )
    first, second = np.array([0, 0, 2, 3]), np.array([1, 2, 1, 2])
    assert curves.crossing(found, first, second).tolist() == [True, False, False, False]
    found[3] = [1.0 - 1e-6, 1.0, 1.0 + 1e-6]
    assert curves.crossing(found, first, second).tolist() == [True, False, False, True]


# ---- flat curves


@pytest.mark.parametrize("seed", range(5))
def test_both_bounds_are_reached(seed):
    game = positive(seed)
    flat, m = curves.flatness(game), checks.polynomials(game)
    first = np.array([curve(0.0) for curve in m])
    assert (flat.level > 0).all()
    np.testing.assert_allclose(first - flat.level, flat.from_level, rtol=1e-11)
    np.testing.assert_allclose(first - flat.start, flat.from_line, rtol=1e-11)
    assert 0.999 < checks.agreement(game).error <= 1


def test_bounds_with_words_lighter_than_their_masks():
    """Masking then adds weight: the bounds hold, and are not ten times too large."""
    for seed in range(30):
        game = examples.random_game(seed, 5, K=1, decades=0.3)
        lighter = replace(game, masked_weight=game.kept_weight * 1.3)
        checks.agreement(lighter)
    assert checks.agreement(lighter, p=np.linspace(0, 1, 21)).error > 0.1


def test_one_word_that_grows_when_it_is_masked_reaches_the_bound_of_the_level():
    """D(1) = 1 + 1 and D(0) = 1 + 3: the other word's step shrinks by half when p = 0."""
    kept, masked = np.array([[1.0, 0.0]]), np.array([[3.0, 0.0]])
    value = np.array([[0.0, 1.0]]), np.zeros((1, 2))
    one = np.ones(1)
    game = PerturbationGame(("a", "b"), ("a", "b"), kept, value[0], masked, value[1], one, 0 * one)
    flat = curves.flatness(game)
    first = occlusion.added_first(game).scores
    assert flat.level[1] - first[1] == pytest.approx(flat.from_level[1]) == 0.25


@pytest.mark.parametrize("name", ["from_level", "from_line", "level", "start", "end"])
def test_agreement_check_notices_each_part(name):
    """With a rest ten times as heavy: then the line is within a hundredth of every curve."""

    def changed(game):
        flat = curves.flatness(game)
        return replace(flat, **{name: getattr(flat, name) / 1.05})

    game = positive(0)
    heavy = replace(game, rest_weight=20 * game.rest_weight, rest_value=20 * game.rest_value)
    checks.agreement(heavy)
    with pytest.raises(CheckFailed):
        checks.agreement(heavy, formula=changed)


def test_flat_curves_where_weights_are_equal():
    game = examples.random_game(0, 6, equal=True)
    flat = curves.flatness(game)
    assert flat.from_level.max() == flat.from_line.max() == 0
    np.testing.assert_allclose(shapley.curve(game, [0.0, 0.4, 1.0]).T, [flat.level] * 3, atol=1e-13)


def test_the_level_is_the_slope_at_the_text():
    reading = micro_example()
    np.testing.assert_allclose(curves.flatness(reading).level, oracles.mask_gradient(reading))


@pytest.mark.parametrize("order, name", [(1, "level"), (2, "line")])
def test_order_of_the_bounds(order, name):
    """With a rest ten times as heavy, bounds of the same effects fall by ten, or by a hundred."""
    sizes = []
    for factor in (1e3, 1e4):
        game = examples.random_game(1, 5, K=1)
        rest = {n: getattr(game, n) * factor for n in ("rest_weight", "rest_value")}
        flat = curves.flatness(replace(game, **rest))
        sizes.append(getattr(flat, f"from_{name}").max() / np.abs(flat.level).max())
    assert sizes[0] / sizes[1] == pytest.approx(10**order, rel=0.05)


def test_a_bag_that_can_be_empty_has_no_bound():
    with pytest.raises(ValueError, match="bag that can be empty"):
        curves.flatness(pooling_game([0.0, 1.0], [1.0, 2.0], empty=0.0))


def test_wrong_objects_are_told_what_to_call():
    for function in (lambda x: curves.average(x, lambda p: 1.0), curves.flatness):
        with pytest.raises(TypeError, match=r"classifier\.read"):
            function("a text")
