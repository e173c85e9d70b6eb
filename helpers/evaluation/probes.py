"""Linear probes: what can be read from the heads, with a control task, and whether f uses it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.model.reading import Array, Reading, finite

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

PENALTIES = 10.0 ** np.arange(-1, 6)  # of which leave-one-out chooses, for each property


def pooled(readings: Sequence[Reading]) -> Array:
    """What each head hands on, Σ_t α_t v_t, of n documents: (n, K, d_out)."""
    return np.array(
        [
            ((x.attention @ x.embeddings)[:, None] @ x.heads.W_v.transpose(0, 2, 1))[:, 0]
            + x.heads.b_v
            for x in readings
        ]
    )


def ridge(states: Array, labels: Array) -> Pipeline:
    """A linear probe for each column of `labels` (n, m), fitted to `states` (n, p) by ridge.

    Columns of the states are scaled alike first. ``predict(states)`` gives scores (n, m).
    """
    from sklearn.linear_model import RidgeCV  # a second to import
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    probe = RidgeCV(alphas=PENALTIES, alpha_per_target=True)
    return make_pipeline(StandardScaler(), probe).fit(states, labels)


def control_sets(
    documents: Sequence[frozenset[str]], share: float, draw: np.random.Generator
) -> frozenset[str]:
    """Words drawn at random until about `share` of the documents, given as words, hold one of them.

    The control task (after Hewitt and Liang, 2019): to tell which documents do. A word that would
    overshoot by more than one in a hundred is passed over.
    """
    place: dict[str, list[int]] = {}
    for i, words in enumerate(documents):
        for word in sorted(words):
            place.setdefault(word, []).append(i)
    hit, chosen, known = np.zeros(len(documents), dtype=bool), [], sorted(place)
    for k in draw.permutation(len(known)):
        new = hit.copy()
        new[place[known[k]]] = True
        if new.mean() <= share + 0.01:
            hit, chosen = new, [*chosen, known[k]]
        if hit.mean() >= share:
            break
    return frozenset(chosen)


def areas(labels: Array, scores: Array, weights: Array) -> Array:
    """Area under the ROC curve of scores (n, m) for labels (n, m), under each of weights (B, n).

    The chance that a document with the property has a higher score than one without, ties half;
    (B, m). With counts of a bootstrap for weights, one row is one resample.
    """
    labels, scores = finite("labels", labels, (None, None)), finite("scores", scores, labels.shape)
    weights, found = finite("weights", weights, (None, len(labels))), []
    for label, score in zip(labels.T, np.round(scores, 9).T):
        _, rank = np.unique(score, return_inverse=True)
        order = np.argsort(rank, kind="stable")
        starts = np.flatnonzero(np.diff(rank[order], prepend=-1))
        with_, without = (
            np.add.reduceat((weights * part)[:, order], starts, axis=1)
            for part in (label, 1 - label)
        )
        below = np.cumsum(without, axis=1) - without / 2
        found.append((with_ * below).sum(axis=1) / (with_.sum(axis=1) * without.sum(axis=1)))
    return np.array(found).T


def resamples(n: int, times: int = 500, seed: int = 0) -> Array:
    """Weights (1 + times, n): ones, and how often a bootstrap draws each of n documents."""
    draw = np.random.default_rng(seed)
    return np.vstack([np.ones(n), draw.multinomial(n, np.full(n, 1 / n), size=times)])


def erased(states: Array, score: Array) -> Array:
    """`states` (n, p) less their regression on a `score` (n,): no column correlates with it then.

    If the score is that of least squares on the states for a property, no linear probe fitted to
    these documents finds the property any more (the erasure of Belrose et al., 2023).
    """
    states = finite("states", states, (None, None))
    centred = finite("score", score, (len(states),)) - np.mean(score)
    return states - np.outer(
        centred, centred @ (states - states.mean(axis=0)) / (centred @ centred)
    )


def share_lost(outputs: Array, score: Array) -> float:
    """The share of the variance of f (n,) that erasing a probe's score (n,) takes: their r²."""
    return float(np.corrcoef(outputs, score)[0, 1] ** 2)
