"""Ties: scores that are equal in exact arithmetic, made equal again after rounding."""

from __future__ import annotations

import numpy as np

from helpers.model.reading import Array

TOLERANCE = 1e-9  # of the largest score: far above the rounding of any method, far below a meaning


def settle(scores: Array, tolerance: float = TOLERANCE) -> Array:
    """`scores` (..., d) with every tie that rounding broke made exact, along the last axis.

    Words that the model reads alike, null players and symmetric words have equal scores in exact
    arithmetic; computed scores differ in their last digits, and by others on another processor.
    Sorted scores that follow each other within `tolerance` times the largest absolute score become
    one number, their mean; those within it of zero become 0. Rankings, signs and lists of the
    largest scores are made of settled scores throughout the book.
    Raises `ValueError` if a score is NaN or infinite, or the tolerance is negative.
    """
    scores = np.asarray(scores, dtype=np.float64)
    if not np.isfinite(scores).all():
        raise ValueError("scores hold NaN or infinity: there is no order among them")
    if not 0 <= tolerance < 1:
        raise ValueError(f"tolerance is a share of the largest score, from 0 to 1; not {tolerance}")
    if scores.ndim > 1:
        return np.array([settle(row, tolerance) for row in scores]).reshape(scores.shape)
    near = tolerance * np.abs(scores).max(initial=0.0)
    order = np.argsort(scores, kind="stable")
    group = np.concatenate([[0], np.cumsum(np.diff(scores[order]) > near)])[: len(scores)]
    settled = np.zeros(len(scores))
    settled[order] = (np.bincount(group, scores[order]) / np.bincount(group))[group]
    settled[np.abs(scores) <= near] = 0.0
    return settled


def largest(scores: Array, n: int) -> Array:
    """Places of the `n` scores of largest absolute value, (n,); the first place wins a tie."""
    return np.argsort(-settle(np.abs(scores)), kind="stable")[:n]
