"""Metrics of maps, against scipy, scikit-learn and numbers found by hand."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from helpers.evaluation import overlap

DRAW = np.random.default_rng(0)
PAIRS = [DRAW.integers(0, 6, (2, 9)).astype(float) for _ in range(20)]


@pytest.mark.parametrize("found, truth", PAIRS)
def test_correlations_are_those_of_scipy(found, truth):
    assert overlap.cc(found, truth) == pytest.approx(stats.pearsonr(found, truth).statistic)
    expected = stats.spearmanr(found, truth).statistic
    assert overlap.spearman(found, truth) == pytest.approx(expected)


@pytest.mark.parametrize("found, truth", PAIRS)
def test_auc_is_that_of_scikit_learn(found, truth):
    marked = truth > np.median(truth)
    assert overlap.auc(found, marked) == pytest.approx(roc_auc_score(marked, found))


@pytest.mark.parametrize("found, truth", PAIRS)
def test_kl_is_the_relative_entropy_where_no_word_is_missed(found, truth):
    found = found + np.where(truth == truth.min(), 0.0, 1.0)  # zero at most where truth is
    found[truth == truth.min()] = 0.0
    r, s = overlap.distribution(truth), overlap.distribution(found)
    assert overlap.kl(found, truth) == pytest.approx(stats.entropy(r, s), abs=1e-12)


def test_sim_kl_and_nss_by_hand():
    found, truth = np.array([1.0, 2.0, 4.0]), np.array([5.0, 4.0, 3.0])
    # shifted and scaled: (0, 1, 3) / 4 and (2, 1, 0) / 3
    assert overlap.sim(found, truth) == pytest.approx(1 / 4)
    lost = 2 / 3 * np.log(2 / 3 / 2.2204e-16) + 1 / 3 * np.log(4 / 3)
    assert overlap.kl(found, truth) == pytest.approx(lost)
    z = (4 - 7 / 3) / np.sqrt(14 / 9)  # mean 7/3, variance 7 - 49/9 = 14/9
    assert overlap.nss(found, [False, False, True]) == pytest.approx(z)


def test_a_map_overlaps_itself():
    x = np.array([0.2, 3.0, 1.0, 0.7])
    for metric in (overlap.cc, overlap.spearman, overlap.sim):
        assert metric(x, x) == pytest.approx(1)
    assert overlap.kl(x, x) == pytest.approx(0, abs=1e-12) and overlap.top_overlap(x, x, 2) == 1


def test_top_words():
    one, other = np.array([5.0, -4.0, 1.0, 0.0]), np.array([5.0, 0.0, 4.0, 1.0])
    assert overlap.top_overlap(one, other, 1) == 1
    assert overlap.top_overlap(one, other, 2) == 1 / 2
    assert overlap.top_overlap(one, other, 3) == 2 / 3
    assert overlap.top_overlap(one, other, 9) == 1


def test_ties_that_rounding_broke_are_ties():
    truth = np.array([3.0, 2.0, 1.0, 0.0])
    even = np.array([1.0, 1.0 + 1e-15, 1.0, 2.0])
    clean = np.array([1.0, 1.0, 1.0, 2.0])
    for metric in (overlap.cc, overlap.spearman, overlap.sim, overlap.kl):
        assert metric(even, truth) == pytest.approx(metric(clean, truth), abs=1e-12)
    assert overlap.auc(even, [False, True, False, False]) == pytest.approx(1 / 3)


def test_maps_without_an_order():
    flat, truth = np.ones(3), np.array([1.0, 2.0, 3.0])
    assert np.isnan(overlap.cc(flat, truth)) and np.isnan(overlap.spearman(truth, flat))
    assert np.isnan(overlap.nss(flat, [True, False, False])) and np.isnan(
        overlap.nss(truth, [0] * 3)
    )
    assert np.isnan(overlap.auc(truth, [True] * 3)) and np.isnan(overlap.auc(truth, [False] * 3))
    assert overlap.sim(flat, truth) == pytest.approx(2 / 3)  # even against (0, 1, 2) / 3


def test_wrong_lengths():
    with pytest.raises(ValueError, match="found has shape"):
        overlap.cc(np.ones(3), np.ones(4))
    with pytest.raises(ValueError, match="one flag for each score"):
        overlap.auc(np.ones(3), [True, False])
