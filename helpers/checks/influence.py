"""Statements on training documents: fits by scikit-learn, sums by hand, and copies.

The truth about a read-out is scikit-learn's `LogisticRegression`, which shares no code with ours.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.checks.base import largest, statement
from helpers.evaluation import influence
from helpers.evaluation.influence import Readout
from helpers.model.reading import Array


def retrained(rows: Array, positive: Array, penalty: float) -> Array:
    """The weights (m,) of scikit-learn's logistic regression without an intercept."""
    from sklearn.linear_model import LogisticRegression  # a second to import

    model = LogisticRegression(
        C=1 / penalty, fit_intercept=False, solver="newton-cholesky", tol=1e-12, max_iter=100
    )
    return model.fit(rows, positive > 0).coef_[0]


def without(readout: Readout, gone: int | Array) -> Array:
    """The weights fitted by scikit-learn to all rows but those `gone`."""
    rows, positive = (np.delete(part, gone, 0) for part in (readout.rows, readout.positive))
    return retrained(rows, positive, readout.penalty)


def random_rows(seed: int = 0, n: int = 60, m: int = 5, size: float = 1.0) -> tuple[Array, Array]:
    """Gaussian rows (n, m) and labels (n,) of both kinds, drawn by a logistic law."""
    draw = np.random.default_rng(seed)
    rows = size * draw.standard_normal((n, m))
    positive = draw.random(n) < 1 / (1 + np.exp(-rows @ draw.standard_normal(m)))
    positive[:2] = True, False
    return rows, positive


@statement(
    "thm-representer", "the logit is a sum over training documents", "Yeh et al. (2018)", 1e-8
)
def representer(
    rows: Array,
    positive: Array,
    penalty: float,
    x: Array,
    formula: Callable = influence.representer,
) -> float:
    """The terms of `formula` added up, against scikit-learn's logits of `x`, per largest logit."""
    truth = x @ retrained(rows, positive, penalty)
    found = formula(influence.fit(rows, positive, penalty), x).sum(axis=1)
    return float(np.abs(found - truth).max() / max(1.0, np.abs(truth).max()))


def near(slope: float, penalty: float) -> float:
    """Farthest that the optimum can be from weights with a gradient of norm `slope`."""
    return slope / penalty


@statement(
    "prop-one-optimum", "a small gradient is a small error of the weights", "textbook", 1.0,
    "of the bound",
)  # fmt: skip
def one_optimum(readout: Readout, weights: Array, bound: Callable = near) -> float:
    """The distance of `weights` from scikit-learn's optimum, over `bound` of the gradient there."""
    there = Readout(readout.rows, readout.positive, readout.penalty, weights)
    truth = retrained(readout.rows, readout.positive, readout.penalty)
    slope = float(np.linalg.norm(there.gradient))
    return float(np.linalg.norm(weights - truth)) / bound(slope, readout.penalty)


def by_solving(readout: Readout, i: int, x: Array) -> Array:
    """A Newton step for the loss without row i, from its own gradient and Hessian, (k,)."""
    rows, positive = (np.delete(part, i, 0) for part in (readout.rows, readout.positive))
    p = 1 / (1 + np.exp(-rows @ readout.weights))
    gradient = rows.T @ (p - positive) + readout.penalty * readout.weights
    hessian = rows.T @ np.diag(p * (1 - p)) @ rows + readout.penalty * np.eye(rows.shape[1])
    return -x @ np.linalg.solve(hessian, gradient)


@statement(
    "thm-document-left-out", "one Newton step without a document", "Koh and Liang (2017)", 1e-9
)
def document_left_out(readout: Readout, x: Array, formula: Callable = influence.one_step) -> float:
    """`formula` for every row against `by_solving`, per largest change. For small problems."""
    truth = np.array([by_solving(readout, i, x) for i in range(len(readout.rows))]).T
    return float(np.abs(formula(readout, x) - truth).max() / np.abs(truth).max())


def ridge_step(rows: Array, targets: Array, penalty: float, x: Array) -> Array:
    """Change of ridge predictions of `x` (k, m) if each row is left out, (k, n): exact."""
    inverse = np.linalg.inv(rows.T @ rows + penalty * np.eye(rows.shape[1]))
    residuals = targets - rows @ (inverse @ (rows.T @ targets))
    leverage = np.einsum("im,mk,ik->i", rows, inverse, rows)
    return -(x @ inverse @ rows.T) * residuals / (1 - leverage)


@statement("thm-ridge-step", "for squares, the step is the retraining", "textbook", 1e-10)
def ridge(
    rows: Array, targets: Array, penalty: float, x: Array, formula: Callable = ridge_step
) -> float:
    """`formula` for every row against least squares without it, per largest change.

    The penalty enters the truth as m more rows, so that no normal equations are solved.
    """

    def fitted(keep: Array) -> Array:
        more = np.sqrt(penalty) * np.eye(rows.shape[1])
        design = np.vstack([rows[keep], more])
        right = np.concatenate([targets[keep], np.zeros(len(more))])
        return x @ np.linalg.lstsq(design, right, rcond=None)[0]

    every = np.arange(len(rows))
    truth = np.array([fitted(every != i) - fitted(every >= 0) for i in every]).T
    return float(np.abs(formula(rows, targets, penalty, x) - truth).max() / np.abs(truth).max())


@statement(
    "thm-step-error", "a bound on the error of the step, without retraining", "this book", 1.0,
    "of the bound",
)  # fmt: skip
def step_error(
    readout: Readout, left_out: int, x: Array, bound: Callable = influence.error_bound
) -> float:
    """The error of `one_step` against scikit-learn without row `left_out`, over `bound`."""
    truth = x @ (without(readout, left_out) - readout.weights)
    error = np.abs(influence.one_step(readout, x)[:, left_out] - truth)
    return float((error / bound(readout, left_out, x)).max())


def from_loss(loss: Array, penalty: float) -> Array:
    """|β| of documents from their losses."""
    return (1 - np.exp(-loss)) / penalty


@statement("prop-loss-order", "|β| ranks documents as their loss does", "this book", 1e-12)
def loss_order(readout: Readout, formula: Callable = from_loss) -> float:
    """|β_i| against `formula` of the loss of row i, times the penalty."""
    logits = readout.rows @ readout.weights
    losses = np.log1p(np.exp(np.where(readout.positive > 0, -logits, logits)))
    found = formula(losses, readout.penalty)
    return float(np.abs(np.abs(readout.coefficients) - found).max()) * readout.penalty


@statement("prop-copies", "relative influence puts a copy first", "this book", 1e-12)
def copies(readout: Readout, formula: Callable = influence.relative) -> float:
    """For each row as x: by how much another row exceeds the row itself, in absolute value."""
    found = np.abs(formula(readout, readout.rows))
    return largest(0.0, (found - found.diagonal()[:, None]).max())
