"""The statements on sampled LIME: its standard errors, and what its ridge penalty does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.checks.base import statement
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


@statement("thm-sandwich", "standard errors of sampled LIME are White's", WHITE, 1e-9)
def sandwich(game: PerturbationGame, seed: int = 0, formula: Callable = lime.sampled) -> float:
    """Scores and errors of `formula` against the pseudo-inverse of the scaled design, relative."""
    n = SPARE + lime.fewest_samples(len(game.labels))
    z = lime.draw_masks(len(game.labels), n, seed)
    design, f = scaled(z, game.value(z), lime.BANDWIDTH)
    beta = np.linalg.lstsq(design, f)[0]
    inverse, residual = np.linalg.pinv(design), f - design @ beta
    variance = (inverse**2) @ residual**2 * n / (n - len(beta))
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
    z = lime.draw_masks(d, n, seed)
    design, f = scaled(z, game.value(z), lime.BANDWIDTH)
    extra = np.column_stack([np.zeros(d), np.sqrt(alpha) * np.eye(d)])
    truth = np.linalg.lstsq(np.vstack([design, extra]), np.r_[f, np.zeros(d)])[0][1:]
    found = formula(game, n=n, alpha=alpha, seed=seed).scores
    return float(np.abs(found - truth).max() / np.abs(truth).max())
