"""Friedman, Wilcoxon and Holm: by hand, by enumeration, and their error rates under the null."""

import itertools

import numpy as np
import pytest
from scipy import stats

from helpers.evaluation import contest


def test_holm_by_hand():
    np.testing.assert_allclose(
        contest.holm(np.array([0.04, 0.01, 0.03, 0.9])), [0.09, 0.04, 0.09, 0.9]
    )
    np.testing.assert_allclose(contest.holm(np.array([0.5, 0.6])), [1, 1])


def test_holm_never_rejects_more_than_without_and_never_less_than_bonferroni():
    p = np.random.default_rng(0).random(20) ** 4
    found = contest.holm(p)
    assert (found >= p).all() and (found <= np.minimum(20 * p, 1)).all()
    assert (np.diff(found[np.argsort(p)]) >= 0).all()


def test_friedman_by_hand():
    values = np.array([[3.0, 2, 1], [3, 1, 2], [3, 2, 1], [2, 3, 1]])
    found = contest.friedman(values)
    np.testing.assert_allclose(found.mean, [1.25, 2, 2.75])
    # 12 / (n M (M + 1)) Σ R² - 3 n (M + 1) = (25 + 64 + 121) / 4 - 48 = 4.5
    assert found.concordance == pytest.approx(4.5 / (4 * 2))
    assert found.p == pytest.approx(np.exp(-4.5 / 2))  # χ² of two degrees


def test_friedman_agrees_with_all_orders():
    """The exact null: every order of every document, 6³ of them, has a mean statistic of M - 1."""
    orders = [np.array(o, float) for o in itertools.permutations(range(3))]
    found = [
        contest.friedman(np.array(rows)).concordance * 3 * 2
        for rows in itertools.product(orders, repeat=3)
    ]
    assert np.mean(found) == pytest.approx(2)


def test_ties_are_shared():
    values = np.array([[1.0, 1, 0], [1, 1, 0], [2, 2, 1]])
    np.testing.assert_allclose(contest.friedman(values).mean, [1.5, 1.5, 3])
    first, _ = contest.against(values, 0)
    assert first.other == 1 and first.p == 1
    assert first.better.mean == first.better.low == first.better.high == 0.5


def test_one_against_the_others_and_who_is_better():
    draw = np.random.default_rng(1)
    values = draw.normal(size=(60, 3)) + np.array([0, 0, 2])
    first, last = contest.against(values, 1)
    assert (first.other, last.other) == (0, 2)
    assert last.p < 1e-6 and last.better.high < 0.3
    assert first.p > 0.05 and first.better.low < 0.5 < first.better.high
    assert last.better.mean == pytest.approx((values[:, 1] > values[:, 2]).mean())
    raw = [stats.wilcoxon(values[:, 1], values[:, k]).pvalue for k in (0, 2)]
    assert [first.p, last.p] == pytest.approx(contest.holm(np.array(raw)))


def test_under_the_null_holm_is_rarely_wrong():
    draw = np.random.default_rng(2)
    wrong = [
        min(x.p for x in contest.against(draw.normal(size=(30, 5)), 0)) < 0.05 for _ in range(40)
    ]
    assert sum(wrong) <= 6  # 5 % or less: 7 or more of 40 have a chance below 0.5 %


@pytest.mark.parametrize("values", [np.ones((5, 3)), np.arange(8.0).reshape(4, 2)])
def test_nothing_to_compare(values):
    with pytest.raises(ValueError, match="three methods"):
        contest.friedman(values)
