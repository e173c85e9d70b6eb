"""Do scores find what they should? Areas under the ROC curve, within documents and across them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.metrics import roc_auc_score

from helpers.evaluation.agreement import Interval, mean_interval
from helpers.model.reading import Array


def within(marked: Sequence[Array], scores: Sequence[Array]) -> Interval:
    """Mean over documents of the AUROC by which `scores` (d,) tell the `marked` entries (d,).

    The chance that a marked entry of a document scores higher than another of the same document.
    The interval is of a bootstrap over documents. Each must have marked entries and others.
    """
    return mean_interval([roc_auc_score(*pair) for pair in zip(marked, scores, strict=True)])


def across(ones: Sequence[Array], others: Sequence[Array], seed: int = 0) -> Interval:
    """How often a score of a document of `ones` is higher than a score of one of `others`.

    The mean over all pairs of documents, a tie counts half; the interval is of a bootstrap that
    draws documents of both kinds anew, 1000 times.
    """
    pairs = np.array([[_higher(one, other) for other in others] for one in ones])
    draw, (n, m) = np.random.default_rng(seed), pairs.shape
    drawn = [
        pairs[draw.integers(n, size=(n, 1)), draw.integers(m, size=m)].mean() for _ in range(1000)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(float(pairs.mean()), float(low), float(high))


def _higher(one: Array, other: Array) -> float:
    gap = np.sign(np.subtract.outer(one, other))
    return float((gap.mean() + 1) / 2)
