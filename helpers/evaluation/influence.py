"""Which training documents made a prediction: the read-out alone, fitted again without one.

Pooled values stay as they are, so that the loss of the read-out is convex. What training did below
the read-out, to embeddings, keys and values, is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit

from helpers.data.reviews import Review
from helpers.data.words import Vocabulary, tokenize
from helpers.model.reading import Array, Reading, finite, takes_reading

STEPS = 50  # Newton needs about eight
SMALL = 1e-11  # of the gradient at zero: where rounding ends the fit


@takes_reading
def pooled_values(reading: Reading) -> Array:
    """x of one document, (K d_out,): the pooled values Σ_t α_t v_t of all heads, over K.

    So ``f(x) = <W_ℓ, x>``, with the read-outs of all heads in one row.
    """
    heads = reading.heads
    mixed = reading.attention @ reading.embeddings
    found = np.einsum("kod,kd->ko", heads.W_v, mixed) + heads.b_v
    return found.ravel() / len(found)


def readable(reviews: Sequence[Review], vocabulary: Vocabulary) -> list[Review]:
    """Those with a word that the model knows: the others it cannot tell apart."""
    return [x for x in reviews if any(word in vocabulary.ids for word in tokenize(x.text))]


def pooled(classifier: object, texts: Sequence[str]) -> Array:
    """`pooled_values` of each of `texts`, (n, K d_out), one reading in memory at a time.

    `classifier` is anything with ``read(text)``; it raises `TextError` for what it cannot read.
    """
    return np.array([pooled_values(classifier.read(text)) for text in texts])  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Readout:
    """A read-out (m,) fitted to `rows` (n, m), of which those in `positive` (n,) are positive.

    It minimises Σ_i log loss + penalty/2 · |weights|². What follows is computed when asked for.
    """

    rows: Array
    positive: Array
    penalty: float
    weights: Array

    @cached_property
    def chances(self) -> Array:
        """p_i = σ(<w, x_i>), the chance that row i is positive, (n,)."""
        return expit(self.rows @ self.weights)

    @cached_property
    def residuals(self) -> Array:
        """y_i - p_i, (n,)."""
        return self.positive - self.chances

    @property
    def curvature(self) -> Array:
        """s_i = p_i (1 - p_i), the second derivative of a row's loss by its logit, (n,)."""
        return self.chances * (1 - self.chances)

    @property
    def gradient(self) -> Array:
        """Of the whole loss at `weights`, (m,): zero but for rounding after `fit`."""
        return self.penalty * self.weights - self.rows.T @ self.residuals

    @property
    def hessian(self) -> Array:
        """H = Σ_i s_i x_i x_i^T + penalty · I, (m, m)."""
        root = self.rows * np.sqrt(self.curvature)[:, None]
        return root.T @ root + self.penalty * np.eye(self.rows.shape[1])

    @cached_property
    def inverse(self) -> Array:
        """H^{-1}, (m, m)."""
        return np.linalg.inv(self.hessian)

    @cached_property
    def lengths(self) -> Array:
        """x_i^T H^{-1} x_i, (n,)."""
        return np.einsum("im,im->i", self.rows @ self.inverse, self.rows)

    @property
    def leverage(self) -> Array:
        """h_i = s_i x_i^T H^{-1} x_i, (n,), below 1; their sum counts the parameters in use."""
        return self.curvature * self.lengths

    @property
    def coefficients(self) -> Array:
        """β_i = (y_i - p_i) / penalty, (n,): the weights are Σ_i β_i x_i."""
        return self.residuals / self.penalty


def fit(rows: Array, positive: Array, penalty: float = 1.0, start: Array | None = None) -> Readout:
    """The optimum, by Newton's method; fewer steps lead there if `start` (m,) is near it.

    `penalty` is 1/C of scikit-learn's `LogisticRegression` (without an intercept). Raises
    `ValueError` if it is not positive, or the rows and `positive` do not fit, and `RuntimeError`
    if the gradient does not vanish.
    """
    rows = finite("rows", rows, (None, None))
    positive = finite("positive", np.asarray(positive, dtype=np.float64), (len(rows),))
    if not penalty > 0:
        raise ValueError(f"penalty is positive, so that there is one optimum; not {penalty}")
    if not np.isin(positive, (0, 1)).all():
        raise ValueError("positive holds True or False for each row: give [x.positive for x in …]")
    found = Readout(rows, positive, float(penalty), np.zeros(rows.shape[1]))
    enough = SMALL * max(float(np.linalg.norm(found.gradient)), 1e-300)
    if start is not None:
        found = _at(found, finite("start", start, found.weights.shape))
    for _ in range(STEPS):
        if np.linalg.norm(found.gradient) <= enough:
            return found
        found = _at(found, found.weights - np.linalg.solve(found.hessian, found.gradient))
    raise RuntimeError("the read-out did not converge: give a larger penalty, or scale the rows")


def _at(readout: Readout, weights: Array) -> Readout:
    return Readout(readout.rows, readout.positive, readout.penalty, weights)


def representer(readout: Readout, x: Array) -> Array:
    """β_i <x_i, x> of rows `x` (k, m), (k, n): a line adds up to a logit (Yeh et al., 2018)."""
    return (x @ readout.rows.T) * readout.coefficients


def influence(readout: Readout, x: Array) -> Array:
    """First-order change of the logits of rows `x` (k, m) if a row is left out, (k, n).

    After Koh and Liang (2017): -x^T H^{-1} x_i (y_i - p_i).
    """
    return -(x @ readout.inverse @ readout.rows.T) * readout.residuals


def one_step(readout: Readout, x: Array) -> Array:
    """The same by a whole step of Newton's method, with the Hessian of the other rows, (k, n).

    By Sherman and Morrison that is the influence over 1 - h_i (Pregibon, 1981).
    """
    return influence(readout, x) / (1 - readout.leverage)


def relative(readout: Readout, x: Array) -> Array:
    """Influence for each unit of its own length, (k, n): 1 or -1 for a copy of the row.

    It is -sign(y_i - p_i) times the cosine of x and x_i in the metric of H^{-1}, which is the
    relative influence of Barshan et al. (2020) without the factor of the document explained.
    """
    size = np.einsum("km,km->k", x @ readout.inverse, x)
    cosine = (x @ readout.inverse @ readout.rows.T) / np.sqrt(np.outer(size, readout.lengths))
    return -cosine * np.sign(readout.residuals)


def error_bound(readout: Readout, left_out: int, x: Array) -> Array:
    """How far `one_step` can be from fitting without row `left_out`, for rows `x` (k, m), (k,).

    Nothing is fitted again: O(n m). Infinite where the theorem in the chapter says nothing.
    """
    rows, i = readout.rows, left_out
    towards, h = readout.inverse @ rows[i], readout.leverage[i]
    step = -towards * readout.residuals[i] / (1 - h)
    inverse = readout.inverse + readout.curvature[i] / (1 - h) * np.outer(towards, towards)
    after = _at(readout, readout.weights + step)
    gradient = after.gradient + after.residuals[i] * rows[i]
    turn = np.exp(np.abs(rows @ step).max() / 2)
    grown = readout.lengths + readout.curvature[i] / (1 - h) * (rows @ towards) ** 2
    widest, slope = turn * np.sqrt(grown.max()), turn * np.sqrt(gradient @ inverse @ gradient)
    if widest * slope >= 1:
        return np.full(len(x), np.inf)
    size = turn * np.sqrt(np.einsum("km,km->k", x @ inverse, x))
    return size * -np.log1p(-widest * slope) / widest
