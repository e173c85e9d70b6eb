"""Training documents: the statements on small problems, bounds nearly reached, checks that fail."""

import json
from pathlib import Path

import numpy as np
import pytest

from helpers import load_classifier
from helpers.checks import CheckFailed
from helpers.checks import influence as checks
from helpers.data.corpus import held_out, split
from helpers.data.reviews import load_snippets
from helpers.evaluation import influence
from helpers.evaluation.influence import Readout

ROOT = Path(__file__).parents[2]
# (n, m, size of the rows, penalty), one with more numbers than documents
PROBLEMS = [(60, 5, 1.0, 1.0), (30, 8, 2.0, 0.3), (10, 12, 1.0, 2.0), (200, 3, 1.0, 0.1)]
X = np.random.default_rng(9).standard_normal((4, 12))


def problem(seed):
    n, m, size, penalty = PROBLEMS[seed]
    rows, positive = checks.random_rows(seed, n, m, size)
    return influence.fit(rows, positive, penalty), X[:, :m]


every = pytest.mark.parametrize("seed", range(len(PROBLEMS)))


@every
def test_statements_hold(seed):
    readout, x = problem(seed)
    checks.representer(readout.rows, readout.positive, readout.penalty, x)
    checks.document_left_out(readout, x)
    checks.ridge(readout.rows, 2.0 * readout.positive - 1, readout.penalty, x)
    checks.loss_order(readout)
    checks.copies(readout)
    for distance in (1e-3, 0.1, 3.0):
        checks.one_optimum(readout, readout.weights + distance * X[3, : x.shape[1]])


@every
def test_the_error_of_a_step_is_bounded_for_every_document(seed):
    readout, x = problem(seed)
    for i in range(len(readout.rows)):
        checks.step_error(readout, i, x)


def test_bounds_are_nearly_reached():
    far = Readout(np.zeros((2, 2)), np.array([1.0, 0.0]), 0.5, np.array([3.0, 4.0]))
    assert checks.one_optimum(far, far.weights).error == pytest.approx(1)  # rows that say nothing
    readout, x = problem(3)
    assert max(checks.step_error(readout, i, x).error for i in range(200)) > 0.8


def test_a_bound_that_says_nothing_is_infinite():
    """Two rows that contradict each other: without one, the step goes far beyond the optimum."""
    readout = influence.fit(np.array([[30.0], [29.0]]), np.array([True, False]), 0.001)
    assert np.isinf(influence.error_bound(readout, 0, np.ones((1, 1)))).all()


def test_constants_are_noticed():
    readout, x = problem(0)
    rows, positive, penalty = readout.rows, readout.positive, readout.penalty

    def no_penalty(readout, x):
        return influence.representer(readout, x) * readout.penalty * 2

    def without_leverage(rows, targets, penalty, x):
        inverse = np.linalg.inv(rows.T @ rows + penalty * np.eye(rows.shape[1]))
        return -(x @ inverse @ rows.T) * (targets - rows @ inverse @ rows.T @ targets)

    broken = [
        lambda: checks.representer(rows, positive, penalty, x, no_penalty),
        lambda: checks.document_left_out(readout, x, influence.influence),
        lambda: checks.ridge(rows, 2.0 * positive - 1, penalty, x, without_leverage),
        lambda: checks.one_optimum(readout, readout.weights + 1, lambda *a: 0.01 * checks.near(*a)),
        lambda: checks.step_error(readout, 3, x, lambda *a: 0.1 * influence.error_bound(*a)),
        lambda: checks.loss_order(readout, lambda loss, penalty: np.exp(-loss) / penalty),
        lambda: checks.copies(readout, influence.influence),
    ]
    for check in broken:
        with pytest.raises(CheckFailed):
            check()


def test_a_logistic_read_out_is_not_a_ridge():
    """The step is exact for squares; for the logistic loss retraining differs from it."""
    readout, x = problem(1)
    step = influence.one_step(readout, x)[:, 0]
    truth = x @ (checks.without(readout, 0) - readout.weights)
    assert np.abs(step - truth).max() > 1e-5 * np.abs(truth).max()
    assert np.abs(step - truth).max() < 0.2 * np.abs(truth).max()


def test_the_influence_is_the_slope_of_a_weight():
    """Down-weight a document a little and fit again: the change of a logit for each unit."""
    readout, x = problem(0)
    slope = influence.influence(readout, x)[:, 7]
    from sklearn.linear_model import LogisticRegression

    def fitted(weight):
        model = LogisticRegression(
            C=1 / readout.penalty, fit_intercept=False, solver="newton-cholesky", tol=1e-12
        )
        weights = np.ones(len(readout.rows))
        weights[7] = weight
        return x @ model.fit(readout.rows, readout.positive > 0, weights).coef_[0]

    found = (fitted(1 - 1e-4) - fitted(1 + 1e-4)) / 2e-4
    np.testing.assert_allclose(slope, found, rtol=1e-5)


def test_the_record_is_what_it_says():
    """Of `benchmarks/influence.json`: which rows are left out, and one retraining again."""
    record = json.loads((ROOT / "benchmarks/influence.json").read_text("utf8"))
    classifier = load_classifier()
    train = influence.readable(split(load_snippets())["train"], classifier.vocabulary)
    rows = influence.pooled(classifier, [review.text for review in train])
    readout = influence.fit(rows, np.array([review.positive for review in train]))
    x = influence.pooled(classifier, [document.text for document in held_out(30)])
    assert record["training documents"] == len(train) and record["penalty"] == readout.penalty
    said = np.abs(influence.influence(readout, x)).mean(axis=0)
    ranks = np.searchsorted(np.sort(said), said[record["left out"]])
    np.testing.assert_allclose(ranks, np.linspace(0, len(train) - 1, 120), atol=2)
    for group in record["groups"]:
        assert len(set(group["rows"])) == round(group["share"] * len(train))
    group = record["groups"][0]
    again = x @ (checks.without(readout, group["rows"]) - readout.weights)
    np.testing.assert_allclose(again, group["changes"], rtol=1e-4, atol=1e-7)
    assert checks.step_error(readout, record["left out"][-1], x).error > 0.1
