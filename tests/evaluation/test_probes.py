"""Probes: what they read, areas against scikit-learn's, control sets, erasure."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.metrics import roc_auc_score

from helpers.checks import random_reading
from helpers.evaluation import probes


def test_pooled_values_make_the_output():
    readings = [random_reading(seed, K=3, biases=True) for seed in range(4)]
    states = probes.pooled(readings)
    assert states.shape == (4, 3, 3)
    for state, reading in zip(states, readings):
        np.testing.assert_allclose(
            (state * reading.heads.W_l).sum(axis=1), reading.head_outputs, atol=1e-13
        )


@pytest.mark.parametrize("digits", [0, 6])
def test_areas_are_those_of_scikit_learn(digits):
    draw = np.random.default_rng(0)
    labels = (draw.random((80, 2)) < 0.3).astype(float)
    scores = np.round(draw.normal(size=(80, 2)) + labels, digits)  # at 0 digits most are ties
    weights = probes.resamples(80, times=5)
    found = probes.areas(labels, scores, weights)
    assert weights.shape == (6, 80) and (weights.sum(axis=1) == 80).all()
    for row, weight in zip(found, weights):
        for k in range(2):
            truth = roc_auc_score(labels[:, k], scores[:, k], sample_weight=weight)
            assert row[k] == pytest.approx(truth)
    assert np.ptp(found[:, 0]) > 0.01


def test_control_sets_mark_the_share_that_they_should():
    draw = np.random.default_rng(0)
    documents = [frozenset(f"w{k}" for k in draw.integers(0, 300, 8)) for _ in range(400)]
    sets = [probes.control_sets(documents, share, draw) for share in (0.1, 0.5, 0.5)]
    for chosen, share in zip(sets, (0.1, 0.5, 0.5)):
        marked = np.mean([bool(words & chosen) for words in documents])
        assert share <= marked <= share + 0.01
    assert sets[1] != sets[2]


def test_a_frequent_word_is_passed_over():
    documents = [frozenset({"the", f"w{k}"}) for k in range(200)]
    for seed in range(5):
        chosen = probes.control_sets(documents, 0.3, np.random.default_rng(seed))
        assert "the" not in chosen and len(chosen) == 60


def test_ridge_finds_what_is_there_and_nothing_else():
    draw = np.random.default_rng(0)
    states = draw.normal(size=(300, 5)) * [1, 100, 1, 1, 1] + 7
    labels = np.column_stack([states[:, 1] > 7, draw.random(300) < 0.5]).astype(float)
    scores = probes.ridge(states[:200], labels[:200]).predict(states[200:])
    area = probes.areas(labels[200:], scores, np.ones((1, 100)))[0]
    assert area[0] > 0.98 and 0.35 < area[1] < 0.65


def test_ridge_is_the_ridge_of_scaled_columns():
    draw = np.random.default_rng(1)
    states = draw.normal(size=(50, 4)) * [1, 9, 1, 1]
    labels = (states[:, :1] + draw.normal(size=(50, 1)) > 0).astype(float)
    model = probes.ridge(states, labels)
    scaled = (states - states.mean(axis=0)) / states.std(axis=0)
    alpha = float(np.ravel(model[-1].alpha_)[0])
    assert alpha in probes.PENALTIES
    found = np.reshape(model.predict(states), -1)
    np.testing.assert_allclose(found, Ridge(alpha).fit(scaled, labels[:, 0]).predict(scaled))


def test_erasing_leaves_no_correlation_and_only_what_is_along_the_score():
    draw = np.random.default_rng(0)
    states, score = draw.normal(size=(40, 6)), draw.normal(size=40)
    left = probes.erased(states, score)
    assert np.abs((score - score.mean()) @ left).max() < 1e-12
    assert np.linalg.matrix_rank(states - left) == 1
    np.testing.assert_allclose(left.mean(axis=0), states.mean(axis=0))


def test_share_lost():
    draw = np.random.default_rng(0)
    f, other = draw.normal(size=(2, 2000))
    assert probes.share_lost(f, -3 * f + 1) == pytest.approx(1)
    assert probes.share_lost(f, other) < 0.01
    assert probes.share_lost(f, f + other) == pytest.approx(0.5, abs=0.05)
