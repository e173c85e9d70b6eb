"""The statements on sampled LIME: its standard errors, how many samples, two words, the penalty."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

from helpers.checks import oracles
from helpers.checks.base import largest, statement
from helpers.explainers import lime
from helpers.games import PerturbationGame
from helpers.model.reading import Array

OURS = "this book"
WHITE = "White (1980)"
SPARE = 300  # samples more than standard errors need


def kernel(z: Array, bandwidth: float) -> Array:
    """LIME's weight from its definition: the cosine distance of a mask to the mask of all ones."""
    length = np.linalg.norm(z, axis=1) * np.sqrt(z.shape[1])
    cosine = np.divide(z.sum(axis=1), length, out=np.zeros(len(z)), where=length > 0)
    return np.exp(-((1 - cosine) ** 2) / (2 * bandwidth**2))


def scaled(z: Array, f: Array, bandwidth: float) -> tuple[Array, Array]:
    """Weighted least squares as plain least squares: rows of the design and of f times sqrt(π)."""
    root = np.sqrt(kernel(z, bandwidth))
    return np.column_stack([root, root[:, None] * z]), root * f


def sample(d: int, n: int, seed: int) -> Array:
    """The masks that `lime.sampled` fits: without the text itself if there are two words."""
    z = lime.draw_masks(d, n, seed)
    return z[1:] if d == 2 else z


@statement("thm-sandwich", "standard errors of sampled LIME are White's", WHITE, 1e-9)
def sandwich(game: PerturbationGame, seed: int = 0, formula: Callable = lime.sampled) -> float:
    """Scores and errors of `formula` against the pseudo-inverse of the scaled design, relative."""
    n = SPARE + lime.fewest_samples(len(game.labels))
    z = sample(len(game.labels), n, seed)
    design, f = scaled(z, game.value(z), lime.BANDWIDTH)
    beta = np.linalg.lstsq(design, f)[0]
    inverse, residual = np.linalg.pinv(design), f - design @ beta
    variance = (inverse**2) @ residual**2 * len(z) / (len(z) - len(beta))
    found = formula(game, n=n, seed=seed)
    ours = np.r_[found.intercept, found.scores, found.standard_errors]
    truth = np.r_[beta, np.sqrt(variance[1:])]
    return float(np.abs(ours - truth).max() / np.abs(truth).max())


@statement("prop-ridge-bias", "the ridge penalty moves LIME by a known amount", OURS, 1e-9)
def ridge(
    game: PerturbationGame,
    alpha: float = 1.0,
    seed: int = 0,
    formula: Callable = lime.sampled,
) -> float:
    """Scores with the penalty against a regression with d more rows, (0, sqrt(alpha) I) and 0."""
    d = len(game.labels)
    n = SPARE + lime.fewest_samples(d)
    z = sample(d, n, seed)
    design, f = scaled(z, game.value(z), lime.BANDWIDTH)
    extra = np.column_stack([np.zeros(d), np.sqrt(alpha) * np.eye(d)])
    truth = np.linalg.lstsq(np.vstack([design, extra]), np.r_[f, np.zeros(d)])[0][1:]
    found = formula(game, n=n, alpha=alpha, seed=seed).scores
    return float(np.abs(found - truth).max() / np.abs(truth).max())


@statement("prop-ridge-pull", "the penalty pulls coefficients towards their mean", OURS, 1e-9)
def ridge_pull(
    game: PerturbationGame,
    n: int = 500,
    alpha: float = 1.0,
    formula: Callable = lime.ridge_shift,
) -> float:
    """The shift against two regressions on all 2^d masks, with and without d rows that say 0."""
    d = len(game.labels)
    z, weights = oracles.all_masks(d, lime.BANDWIDTH)
    root = np.sqrt(weights)
    design, f = np.column_stack([root, root[:, None] * z]), root * game.value(z)
    extra = np.column_stack([np.zeros(d), np.sqrt(alpha / n) * np.eye(d)])
    plain = np.linalg.lstsq(design, f)[0][1:]
    pulled = np.linalg.lstsq(np.vstack([design, extra]), np.r_[f, np.zeros(d)])[0][1:]
    found = formula(plain, n, alpha)
    return float(np.abs(found - (pulled - plain)).max() / np.abs(plain).max())


@statement("prop-samples-needed", "the number of samples gives the power asked for", OURS, 1e-9)
def samples_needed(
    game: PerturbationGame,
    share: float = 0.05,
    power: float = 0.8,
    formula: Callable = lime.samples_needed,
) -> float:
    """The number against a root of the power, with the Gaussian tail from `math.erfc`."""
    d, n = len(game.labels), 500 + lime.fewest_samples(len(game.labels))
    run = lime.sampled(game, n=n)
    tau = run.standard_errors.max() * math.sqrt(n - d - 1)
    effect = share * max(abs(score) for score in run.scores)

    def short(freedom: float) -> float:
        """How much the power falls short; an interval ends 1.959964 standard errors away."""
        away = effect * math.sqrt(freedom) / tau - 1.959963984540054
        return power - math.erfc(-away / math.sqrt(2)) / 2

    root = d + 1 + brentq(short, 1e-9, 1e9, xtol=1e-9, rtol=1e-14)
    expected = max(lime.fewest_samples(d), math.ceil(root))
    return abs(formula(run, share, power) / expected - 1)


@statement("prop-two-words", "of two words, the undrawn row is the whole error", OURS, 1e-9)
def two_words(
    game: PerturbationGame, n: int = 1000, seed: int = 0, formula: Callable = lime.sampled
) -> float:
    """The limit, its sample, and the error of a fit that keeps the row, each from three outputs."""
    corners = [[0, 0], [1, 0], [0, 1], [1, 1]]
    none, first, second, both = game.value(np.array(corners, dtype=float))
    limit = np.array([first - none, second - none])
    run = formula(game, n=n, seed=seed)
    z = lime.draw_masks(2, n, seed)
    kept = lime.fit(z, game.value(z), lime.BANDWIDTH, 0.0)[0]
    rows, counts = np.unique(z, axis=0, return_counts=True)  # counted: a long sum would round
    design, weights = np.c_[np.ones(len(rows)), rows], counts * kernel(rows, lime.BANDWIDTH)
    gram = design.T @ (weights[:, None] * design)
    error = (both - first - second + none) * np.linalg.solve(gram, np.ones(3))
    size = np.abs(limit).max()
    return largest(
        np.abs(lime.exact(game).scores - limit).max() / size,
        np.abs(np.r_[run.scores - limit, run.standard_errors]).max() / size,
        np.abs(kept[1:] - limit - error[1:]).max() / np.abs([none, first, second, both]).max(),
    )
