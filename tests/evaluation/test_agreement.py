"""Rank and sign agreement, and means with intervals."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from helpers.evaluation import agreement
from helpers.evaluation.agreement import mean_interval, rank_correlation, sign_agreement

QUICK = settings(max_examples=60, deadline=None)
SMALL = st.integers(-3, 3).map(float)  # many ties
PAIRS = st.integers(1, 12).flatmap(lambda d: arrays(float, (2, d), elements=SMALL))


def tau_b(one, other):
    """Kendall's τ-b, pair by pair."""
    pairs = list(itertools.combinations(range(len(one)), 2))
    x = [np.sign(one[i] - one[j]) for i, j in pairs]
    y = [np.sign(other[i] - other[j]) for i, j in pairs]
    size = math.sqrt(sum(map(abs, x)) * sum(map(abs, y)))
    return sum(a * b for a, b in zip(x, y, strict=True)) / size if size else math.nan


@given(PAIRS)
@QUICK
def test_rank_correlation(pair):
    one, other = pair
    found = rank_correlation(one, other)
    np.testing.assert_allclose(found, tau_b(one, other), atol=1e-12)
    if not math.isnan(found):
        assert -1 - 1e-12 <= found <= 1 + 1e-12
        assert math.isclose(rank_correlation(one, -other), -found, abs_tol=1e-12)
        assert math.isclose(rank_correlation(np.exp(one), other), found, abs_tol=1e-12)


@pytest.mark.parametrize("scores", [[2.0], [1.0, 1.0, 1.0]])
def test_a_constant_has_no_ranking(scores):
    assert math.isnan(rank_correlation(scores, np.arange(len(scores))))


@given(PAIRS)
@QUICK
def test_sign_agreement(pair):
    one, other = pair
    assert math.isclose(
        sign_agreement(one, other),
        np.mean([(a > 0, a < 0) == (b > 0, b < 0) for a, b in zip(one, other, strict=True)]),
    )


@given(arrays(float, (4, 7), elements=SMALL))
@QUICK
def test_all_pairs_at_once(scores):
    taus, signs = agreement.rank_correlations(scores), agreement.sign_agreements(scores)
    for i, j in itertools.product(range(4), repeat=2):
        np.testing.assert_allclose(taus[i, j], tau_b(scores[i], scores[j]), atol=1e-12)
        assert math.isclose(signs[i, j], sign_agreement(scores[i], scores[j]))


@pytest.mark.parametrize("measure", [rank_correlation, sign_agreement])
def test_bad_scores(measure):
    with pytest.raises(ValueError, match=r"other has shape \(3,\), expected \(2\)"):
        measure([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="one holds NaN"):
        measure([1.0, np.nan], [1.0, 2.0])
    with pytest.raises(ValueError, match="one has shape"):
        measure([[1.0, 2.0]], [[1.0, 2.0]])


@given(arrays(float, st.integers(2, 30), elements=st.floats(-5, 5)))
@settings(max_examples=20, deadline=None)
def test_an_interval_holds_the_mean(values):
    found = mean_interval(values)
    assert math.isclose(found.mean, values.mean(), abs_tol=1e-12)
    assert values.min() - 1e-12 <= found.low <= found.mean + 1e-9
    assert found.mean - 1e-9 <= found.high <= values.max() + 1e-12


def test_an_interval_is_that_of_the_normal_law_for_many_values():
    values = np.random.default_rng(0).normal(size=2000)
    found, half = mean_interval(values), 1.96 * values.std() / math.sqrt(2000)
    assert abs(found.low - (values.mean() - half)) < 0.15 * half
    assert abs(found.high - (values.mean() + half)) < 0.15 * half
    assert found.high - found.low == pytest.approx(2 * half, rel=0.08)  # of 90 %: 16 % less


def test_about_95_of_100_intervals_hold_the_truth():
    draw = np.random.default_rng(1)
    found = [mean_interval(draw.exponential(size=60), seed) for seed in range(100)]
    assert 88 <= sum(i.low <= 1 <= i.high for i in found) <= 99


def test_intervals_are_the_same_for_the_same_seed():
    values = np.arange(10.0)
    assert mean_interval(values, 3) == mean_interval(values, 3)
    assert mean_interval(values, 3) != mean_interval(values, 4)


def test_nan_is_left_out():
    assert mean_interval([1.0, np.nan, 3.0]) == mean_interval([1.0, 3.0])
    for values in ([], [1.0], [1.0, np.nan], [np.nan, np.nan]):
        with pytest.raises(ValueError, match="at least two values"):
            mean_interval(values)


def test_an_interval_is_printed_with_two_digits():
    assert str(agreement.Interval(0.123, 0.1, -0.456)) == "0.12 [0.10, -0.46]"


# ---- what chance gives


@given(arrays(float, (3, 5), elements=SMALL))
@QUICK
def test_chance_is_the_mean_over_all_orders_of_one_row(scores):
    found = agreement.chance_agreements(scores)
    orders = [list(order) for order in itertools.permutations(range(5))]
    mean = np.mean([sign_agreement(scores[0], scores[2][order]) for order in orders])
    assert found[0, 2] == pytest.approx(mean) and np.allclose(found, found.T)


def test_kappa_is_one_zero_or_undefined():
    scores = np.random.default_rng(0).normal(size=(40, 3, 8))
    scores[:, 1] = np.abs(scores[:, 0])
    scores[:, 2] = 2 * scores[:, 0]
    kappa, low, high = agreement.kappas(scores)
    signs = np.array([agreement.sign_agreements(s) for s in scores])
    chance = np.array([agreement.chance_agreements(s) for s in scores])
    assert kappa[0, 2] == pytest.approx(1) and kappa[0, 1] == pytest.approx(0, abs=1e-12)
    assert np.isnan(kappa[1, 1])
    only = agreement.beyond_chance(signs[:, 0, 2], chance[:, 0, 2])
    np.testing.assert_allclose(only, [kappa[0, 2], low[0, 2], high[0, 2]])


def test_kappa_weighs_documents_by_their_room_and_has_an_interval_of_the_right_width():
    draw = np.random.default_rng(0)
    chance = draw.uniform(0.4, 0.6, size=400)
    observed = chance + (1 - chance) * draw.uniform(0, 1, size=400)
    kappa, low, high = agreement.beyond_chance(observed, chance)
    assert kappa == pytest.approx((observed - chance).sum() / (1 - chance).sum())
    half = 1.96 * np.std((observed - chance) - kappa * (1 - chance)) / (1 - chance).sum() * 20
    assert high - kappa == pytest.approx(half, rel=0.12)
    assert kappa - low == pytest.approx(half, rel=0.12)


def test_the_null_of_a_factor_keeps_the_factor_and_loses_the_rest():
    draw = np.random.default_rng(0)
    factor, rest = np.exp(3 * draw.normal(size=200)), np.exp(0.01 * draw.normal(size=200))
    assert agreement.factor_null(factor, -factor * rest, draw) > 0.98
    assert abs(agreement.factor_null(factor, factor * np.exp(99 * np.log(factor)), draw)) < 0.2
    assert agreement.factor_null(factor, -factor, draw) == pytest.approx(1)


def test_top_words():
    scores = np.array([[1.0, -3.0, 2.0], [1.0, 0.0, 1.0], [0.0, 0.0, -1.0]])
    share, right = agreement.top_words(scores, np.array([2.0, 1.0, -4.0]))
    assert share.tolist() == [0.25, 0.5, 1.0] and right.tolist() == [0, 1, 1]
    _, right = agreement.top_words(np.array([[1.0, 0.0]]), np.array([1e-13, 5.0]))
    assert right.tolist() == [0.0]  # an effect that is zero but for rounding has no direction
    with pytest.raises(ValueError, match="effects has shape"):
        agreement.top_words(scores, np.ones(2))


def test_partial_rank_correlation_is_that_of_residuals():
    draw = np.random.default_rng(0)
    given = draw.integers(0, 9, 200)
    one, other = given + draw.normal(size=200), np.exp(-given + draw.normal(size=200))
    ranks = [stats.rankdata(x) for x in (one, other)]
    base = np.column_stack([np.ones(200), stats.rankdata(given)])
    left = [x - base @ np.linalg.lstsq(base, x)[0] for x in ranks]
    found = agreement.partial_rank_correlation(one, other, given)
    assert found == pytest.approx(np.corrcoef(left)[0, 1], abs=1e-12)
    assert abs(found) < 0.2 < 0.7 < -stats.spearmanr(one, other).statistic
    assert np.isnan(agreement.partial_rank_correlation(one, other, np.ones(200)))


def test_ratio_interval():
    """Of means 3 and 2, against the delta method; what is a multiple has no width."""
    draw = np.random.default_rng(1)
    other = draw.normal(2.0, 1.0, 400)
    one = other + draw.normal(1.0, 0.5, 400)
    found = agreement.ratio_interval(one, other)
    assert found.mean == pytest.approx(one.mean() / other.mean())
    half = 1.96 * (one - found.mean * other).std() / math.sqrt(400) / other.mean()
    assert found.high - found.mean == pytest.approx(half, rel=0.1)
    assert found.mean - found.low == pytest.approx(half, rel=0.1)
    same = agreement.ratio_interval(3 * other, other)
    assert [same.low, same.high] == pytest.approx([3, 3])
    with pytest.raises(ValueError, match="other"):
        agreement.ratio_interval(one, other[:-1])


def test_difference_interval():
    draw = np.random.default_rng(0)
    one, other = draw.normal(1.0, 1.0, 300), draw.normal(0.5, 2.0, 200)
    found = agreement.difference_interval(np.append(one, np.nan), other)
    assert found.mean == pytest.approx(one.mean() - other.mean())
    half = 1.96 * math.sqrt(one.var() / 300 + other.var() / 200)
    assert found.high - found.mean == pytest.approx(half, rel=0.1)
    assert found.mean - found.low == pytest.approx(half, rel=0.1)
    with pytest.raises(ValueError, match="two values that are not NaN on each side"):
        agreement.difference_interval(one, np.array([1.0, np.nan]))
