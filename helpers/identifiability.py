"""Which other attention weights give the same output: the set, its dimension, its farthest points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from helpers.reading import Array, Reading, finite

Distance = Literal["total variation", "Jensen-Shannon"]


@dataclass(frozen=True)
class Adversary:
    """Attention `weights` (T,) that keep the output in its bounds, and their `distance` to the true ones."""

    weights: Array
    distance: float
    output: float


def freedom(reading: Reading) -> tuple[Array, Array]:
    """Per head, the dimension of the set of attention rows with the same output, two arrays (K,).

    The first is for the head's whole output Σ α_t v_t, at least T - d_out - 1; the second for the
    scalar Σ α_t u_t alone: T - 2 unless all u_t are equal. Ranks are numerical.
    """
    vectors = reading.embeddings @ reading.heads.W_v.transpose(0, 2, 1) + reading.heads.b_v[:, None]
    return _null_dimension(vectors), _null_dimension(reading.values[:, :, None])


def _null_dimension(columns: Array) -> Array:
    """T minus the rank of [columns, 1] for each head; differences of rows have one rank less."""
    centred = columns - columns.mean(axis=1, keepdims=True)
    return columns.shape[1] - 1 - np.linalg.matrix_rank(centred)


def total_variation(alpha: Array, other: Array) -> Array:
    """Half the sum of absolute differences, along the last axis; from 0 to 1."""
    return np.abs(alpha - other).sum(axis=-1) / 2


def jensen_shannon(alpha: Array, other: Array) -> Array:
    """Jensen-Shannon divergence in nats, along the last axis; from 0 to log 2."""
    middle = (alpha + other) / 2
    return (_relative_entropy(alpha, middle) + _relative_entropy(other, middle)).sum(axis=-1) / 2


def _relative_entropy(p: Array, q: Array) -> Array:
    ratio = np.divide(p, q, out=np.ones(np.broadcast_shapes(p.shape, q.shape)), where=(p > 0))
    return p * np.log(ratio)


def farthest(
    alpha: Array, u: Array, low: float, high: float, distance: Distance = "Jensen-Shannon"
) -> Adversary:
    """The attention farthest from `alpha` (T,) with low <= Σ α'_t u_t <= high: exact, for one head.

    Both distances are convex in α', so the maximum is at a vertex of the polytope, and a vertex
    carries one token whose u is within the bounds, or two tokens mixed so that a bound is met.
    All O(T²) are compared. Raises `ValueError` if no attention meets the bounds or T is 1.
    """
    alpha = finite("alpha", alpha, (None,))
    u = finite("u", u, alpha.shape)
    if len(u) < 2:
        raise ValueError("a document of one token has only one attention: nothing to search")
    first, second = np.triu_indices(len(u), 1)
    gap = u[first] - u[second]
    bound = np.array([low, high])[:, None]
    share = np.divide(bound - u[second], gap, out=np.full((2, len(gap)), -1.0), where=gap != 0)
    side, pair = np.nonzero((share > 0) & (share < 1))
    alone = np.flatnonzero((u >= low) & (u <= high))
    if not len(pair) + len(alone):
        raise ValueError(
            f"no attention gives an output from {low} to {high}: u goes from {u.min()} to {u.max()}"
        )
    i = np.concatenate([alone, first[pair]])
    j = np.concatenate([(alone + 1) % len(u), second[pair]])
    x = np.concatenate([np.ones(len(alone)), share[side, pair]])
    reached = _two_token_distance(alpha, i, j, x, distance)
    best = int(np.argmax(reached))
    weights = np.zeros(len(u))
    weights[j[best]] += 1 - x[best]
    weights[i[best]] += x[best]
    return Adversary(weights, float(reached[best]), float(weights @ u))


def _two_token_distance(alpha: Array, i: Array, j: Array, x: Array, distance: Distance) -> Array:
    """Distance from `alpha` to the attention with share x on token i and 1 - x on token j, for each."""
    own, other = np.stack([alpha[i], alpha[j]], axis=-1), np.stack([x, 1 - x], axis=-1)
    rest = alpha.sum() - own.sum(axis=-1)
    if distance == "total variation":
        return total_variation(own, other) + rest / 2
    if distance == "Jensen-Shannon":
        return jensen_shannon(own, other) + rest * np.log(2) / 2
    raise ValueError(f"distance is 'total variation' or 'Jensen-Shannon', not {distance!r}")


def permutation_moments(reading: Reading) -> tuple[float, float]:
    """Mean and variance of f when each head's attention is permuted uniformly, heads independently.

    Per head the mean is mean(u) and the variance Σ(α - 1/T)² Σ(u - mean u)² / (T - 1).
    """
    alpha, u = reading.attention, reading.values
    K, T = u.shape
    spread = ((alpha - 1 / T) ** 2).sum(axis=1) * ((u - u.mean(axis=1, keepdims=True)) ** 2).sum(
        axis=1
    )
    return float(u.mean()), float(spread.sum() / max(T - 1, 1) / K**2)
