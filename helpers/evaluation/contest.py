"""Do methods differ over documents? Friedman's test, then Wilcoxon's of one against the others.

All take values (documents, M), larger is better. Round them first: what is equal in exact
arithmetic must tie.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from helpers.evaluation.agreement import Interval, mean_interval
from helpers.model.reading import Array, finite


def holm(p: Array) -> Array:
    """The p-values (m,) adjusted so that no true hypothesis of them is rejected but in 5 % (Holm).

    The k-th smallest is multiplied by m - k + 1; then none is smaller than the one before it.
    """
    p = finite("p", p, (None,))
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    steps = p[order] * np.arange(len(p), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


@dataclass(frozen=True)
class Ranks:
    """Mean ranks (M,), 1 the best and ties shared; Friedman's p; W, from 0 (chance) to 1."""

    mean: Array
    p: float
    concordance: float


def friedman(values: Array) -> Ranks:
    """Friedman's test that no method is better than another, and Kendall's W of the documents.

    Raises `ValueError` for fewer than three methods, or if all tie in all documents.
    """
    values = finite("values", values, (None, None))
    n, M = values.shape
    ranks = stats.rankdata(-values, axis=1)
    if M < 3 or not np.ptp(ranks):
        raise ValueError("Friedman's test needs three methods or more that do not all tie")
    statistic, p = stats.friedmanchisquare(*values.T)
    return Ranks(ranks.mean(axis=0), float(p), float(statistic / (n * (M - 1))))


@dataclass(frozen=True)
class Duel:
    """One method against the one in column `other`: p after Holm, and in which share of documents
    it is better, ties half."""

    other: int
    p: float
    better: Interval


def against(values: Array, one: int, seed: int = 0) -> tuple[Duel, ...]:
    """Wilcoxon's signed-rank test of column `one` against every other; Holm's p over all of them.

    Columns that are equal throughout have p = 1.
    """
    values = finite("values", values, (None, None))
    others = [k for k in range(values.shape[1]) if k != one]
    gaps = [values[:, one] - values[:, k] for k in others]
    p = holm(np.array([stats.wilcoxon(gap).pvalue if gap.any() else 1.0 for gap in gaps]))
    shares = [mean_interval((1 + np.sign(gap)) / 2, seed) for gap in gaps]
    return tuple(Duel(k, float(q), share) for k, q, share in zip(others, p, shares))
