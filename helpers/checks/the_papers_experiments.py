"""Checks of the chapter on the paper's experiments: orders of repairs, all masks, torch."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import torch

from helpers.checks.base import largest, statement
from helpers.checks.oracles import all_masks, regression
from helpers.evaluation.gap import expected_run, shares_of
from helpers.explainers import gradients, lime
from helpers.explainers.explanation import Explanation
from helpers.games import PerturbationGame
from helpers.model.classifier import AttentionClassifier
from helpers.model.reading import Array, Reading

OURS = "this book"


def of_the_gap(steps: Array, noise: float) -> Array:
    """The shares of the steps (m, d), and the variance that sampling adds, (m + 1,)."""
    return np.append(shares_of(steps), noise)


@statement(
    "thm-gap-shares",
    "a cause's share of the gap does not depend on the order",
    "Colini-Baldeschi et al. (2018), for a gap",
    1e-12,
)
def gap_shares(steps: Array, spread: Array, formula: Callable = of_the_gap) -> float:
    """`formula` (steps, noise) against a mean over all orders in which causes can be repaired.

    Sampling is the last cause: it adds a vector that is + or - one column of `spread` (d, r), all
    2 r equally likely, so that its mean is zero. The mean square of every sum is from all of them.
    Per E |gap|².
    """
    draws = np.concatenate([spread.T, -spread.T])
    noise, m = float((draws**2).sum(axis=1).mean()), len(steps)

    def square(causes: frozenset[int]) -> float:
        fixed = sum((steps[k] for k in causes if k < m), np.zeros(steps.shape[1]))
        drawn = fixed + draws if m in causes else fixed[None]
        return float((drawn**2).sum(axis=1).mean())

    share = np.zeros(m + 1)
    orders = list(itertools.permutations(range(m + 1)))
    for order in orders:
        for place, cause in enumerate(order):
            before = frozenset(order[:place])
            share[cause] += (square(before | {cause}) - square(before)) / len(orders)
    total = square(frozenset(range(m + 1)))
    found = formula(steps, noise)
    return largest(np.abs(found - share).max() / total, abs(found.sum() / total - 1))


@statement("prop-expected-run", "what the penalty and the first row make of LIME", OURS, 1e-9)
def of_the_run(
    game: PerturbationGame, n: int = 500, alpha: float = 1.0, formula: Callable = expected_run
) -> float:
    """Both shifts of `formula` (limit, f(1), n, α) against regressions on all 2^d masks.

    They count n - 1 expected rows, with the text once more as a row, and with d rows of the
    penalty. Relative to the largest coefficient.
    """
    d = len(game.labels)
    z, weights = all_masks(d, lime.BANDWIDTH)
    f, drawn = game.value(z), (n - 1) * weights
    plain = regression(z, f, drawn, 0.0)
    ridge = regression(z, f, drawn, alpha)
    both = regression(z, f, drawn + (z.sum(axis=1) == d), alpha)
    limit = Explanation(game.labels, plain[1:], "all masks", game.text, 0.0, float(plain[0]))
    pulled, moved = formula(limit, float(game.value(np.ones(d))), n, alpha)
    found, truth = np.r_[pulled, moved * np.ones(d)], np.r_[(ridge - plain)[1:], (both - ridge)[1:]]
    return float(np.abs(found - truth).max() / np.abs(plain[1:]).max())


def gradient_errors(
    classifier: AttentionClassifier,
    readings: Sequence[Reading],
    formula: Callable[[Reading], Array] = gradients.gradient,
) -> Array:
    """Largest error of `formula` against torch, (n, 2): of the tokens but [CLS], and of [CLS].

    Torch differentiates the classifier's own forward pass. An entry of the gradient above 1 counts
    relatively, as in `checks.base.deviation`.
    """
    found = []
    for reading in readings:
        e = torch.tensor(reading.embeddings, requires_grad=True)
        truth = torch.autograd.grad(classifier.from_embeddings(e), e)[0].numpy()
        off = np.abs(formula(reading) - truth).max(axis=1) / max(1.0, float(np.abs(truth).max()))
        found.append((off[1:].max(), off[0]))
    return np.array(found)


def unexplained_row(reading: Reading) -> float:
    """The share of the [CLS] gradient that the formula for the other tokens leaves out."""
    query = gradients.through_query(reading)
    return float(np.linalg.norm(query) / np.linalg.norm(gradients.gradient(reading)[0]))
