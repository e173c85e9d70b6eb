"""Which other attention gives the same output: the set, its dimension, its farthest points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit, logit

from helpers.data.kinds import number
from helpers.model.reading import Array, Reading, finite, takes_reading

Distance = Literal["total variation", "Jensen-Shannon"]


@dataclass(frozen=True)
class Adversary:
    """Attention `weights` (T,), the `output` they give, and their `distance` to the true ones."""

    weights: Array
    distance: float
    output: float


@takes_reading
def freedom(reading: Reading) -> tuple[Array, Array]:
    """Per head, the dimension of the set of attention rows with the same output, two arrays (K,).

    The first is for the head's whole output Σ α_t v_t, at least T - d_out - 1; the second for the
    scalar Σ α_t u_t alone: T - 2 unless all u_t are equal. T counts the padding, which is
    attended to. Ranks are numerical: a direction counts if it exceeds the rounding of v and u.
    """
    vectors = reading.embeddings @ reading.heads.W_v.transpose(0, 2, 1)  # b_v shifts all alike
    return _null_dimension(vectors), _null_dimension(reading.values[:, :, None])


def _null_dimension(columns: Array) -> Array:
    """T minus the rank of [columns, 1] for each head: (K, T, m) gives (K,).

    Centred columns have one rank less. Singular values count above rounding errors, which are those
    of numbers as large as the columns were before the mean was taken off.
    """
    T = columns.shape[1]
    centred = columns - columns.mean(axis=1, keepdims=True)
    noise = 4 * T * np.finfo(float).eps * np.linalg.norm(columns, axis=(1, 2))
    singular = np.linalg.svd(centred, compute_uv=False)
    return T - 1 - (singular > noise[:, None]).sum(axis=1)


@takes_reading
def key_slopes(reading: Reading) -> Array:
    """∂f_i / ∂key = Σ_t α_t (u_t - f_i) e_t, (K, d_e): how a head's output moves with its key.

    One vector `key` makes a head's attention in every document, because l_t = <key, e_t>.
    """
    centred = reading.attention * (reading.values - reading.head_outputs[:, None])
    return centred @ reading.embeddings


def logit_bounds(f: float, tolerance: float) -> tuple[float, float]:
    """The logits whose probability (sigmoid) is within `tolerance` of that of `f`: lowest, highest.

    An end is infinite where the probability could go to 0 or 1. Raises `ValueError` for NaN or a
    negative tolerance.
    """
    f, tolerance = number("f", f), number("tolerance", tolerance)
    if np.isnan(f) or not tolerance >= 0:
        raise ValueError(f"f is {f} and tolerance {tolerance}: expected a logit and at least 0")
    p = expit(f)
    return float(logit(max(p - tolerance, 0.0))), float(logit(min(p + tolerance, 1.0)))


def total_variation(alpha: Array, other: Array) -> Array:
    """Half the sum of absolute differences, along the last axis; from 0 to 1.

    Raises `ValueError` unless both are attention: not negative, with the sum 1.
    """
    return _total_variation(_attention("alpha", alpha), _attention("other", other))


def jensen_shannon(alpha: Array, other: Array) -> Array:
    """Jensen-Shannon divergence in nats, along the last axis; from 0 to log 2.

    Raises `ValueError` unless both are attention: not negative, with the sum 1.
    """
    return _jensen_shannon(_attention("alpha", alpha), _attention("other", other))


def _attention(name: str, value: Array) -> Array:
    """`value` as attention (..., T): rows that are not negative and add up to 1 within 1e-9."""
    value = finite(name, value)
    sums = value.sum(axis=-1)
    if value.size and (value.min() < 0 or np.abs(sums - 1).max() > 1e-9):
        raise ValueError(
            f"{name} is not an attention: weights from {value.min()}, "
            f"sum {sums.flat[np.abs(sums - 1).argmax()]}"
        )
    return value


def _total_variation(p: Array, q: Array) -> Array:
    return np.abs(p - q).sum(axis=-1) / 2


def _jensen_shannon(p: Array, q: Array) -> Array:
    return (_relative_entropy(p, q) + _relative_entropy(q, p)).sum(axis=-1) / 2


def _relative_entropy(p: Array, q: Array) -> Array:
    """p log(2p / (p + q)), and 0 where p is 0."""
    ratio = np.divide(2 * p, p + q, out=np.ones(np.broadcast_shapes(p.shape, q.shape)), where=p > 0)
    return p * np.log(ratio)


def farthest(
    alpha: Array, u: Array, low: float, high: float, distance: Distance = "Jensen-Shannon"
) -> Adversary:
    """The attention farthest from `alpha` (T,) with low <= Σ α'_t u_t <= high: exact, for one head.

    Both distances are convex in α', so the maximum is at a vertex of the polytope, and a vertex
    carries one token whose u is within the bounds, or two tokens mixed so that a bound is met.
    All are compared, in O(T²) time and memory. A bound may be infinite. Raises `ValueError` if
    `alpha` is not an attention, if T is 1, or if no attention meets the bounds.
    """
    alpha = _attention("alpha", finite("alpha", alpha, (None,)))
    u = finite("u", u, alpha.shape)
    low, high = number("low", low), number("high", high)
    if len(u) < 2:
        raise ValueError("a document of one token has only one attention: nothing to search")
    if not low <= high:
        raise ValueError(f"the bounds are {low} and {high}: the first must not exceed the second")
    low, high = _within_rounding(u, low, high)
    first, second = np.triu_indices(len(u), 1)
    gap = u[first] - u[second]
    bound = np.array([low, high])[:, None]
    with np.errstate(over="ignore"):  # two tokens that are nearly tied
        share = np.divide(bound - u[second], gap, out=np.full((2, len(gap)), -1.0), where=gap != 0)
    side, pair = np.nonzero((share >= 0) & (share <= 1))
    alone = np.flatnonzero((u >= low) & (u <= high))
    i = np.concatenate([alone, first[pair]])
    j = np.concatenate([(alone + 1) % len(u), second[pair]])
    x = np.concatenate([np.ones(len(alone)), share[side, pair]])
    reached = _two_token_distance(alpha, i, j, x, distance)
    best = int(np.argmax(reached))
    weights = np.zeros(len(u))
    weights[j[best]] += 1 - x[best]
    weights[i[best]] += x[best]
    return Adversary(weights, float(reached[best]), float(weights @ u))


def needed(u: Array, f: float) -> Array:
    """The least weight (T,) that each token has in any attention whose output Σ α'_t u_t is `f`.

    It is positive only for a token whose u alone lies on its side of `f`, because all others
    together fall short of `f`; for T of 3 or more there is at most one such token. With w its
    least weight, no attention with this output is farther than a total variation of 1 - w or a
    Jensen-Shannon divergence of (1 - w) log 2. Raises `ValueError` if T is 1, or if no attention
    gives `f`.
    """
    u, f = finite("u", u, (None,)), number("f", f)
    if len(u) < 2:
        raise ValueError("a document of one token has only one attention: nothing to ask")
    _within_rounding(u, f, f)
    f = float(np.clip(f, u.min(), u.max()))
    order, least = np.argsort(u), np.zeros(len(u))
    for alone, beside, side in ((order[-1], order[-2], 1), (order[0], order[1], -1)):
        if side * (f - u[beside]) > 0:
            least[alone] = (f - u[beside]) / (u[alone] - u[beside])
    return least


def _within_rounding(u: Array, low: float, high: float) -> tuple[float, float]:
    """The bounds, moved to an end of the range of u where only rounding separates them from it."""
    least, most = float(u.min()), float(u.max())
    slack = 4 * len(u) * np.finfo(float).eps * float(np.abs(u).max())
    if low > most + slack or high < least - slack:
        raise ValueError(
            f"no attention gives an output from {low} to {high}: u goes from {least} to {most}"
        )
    return min(low, most), max(high, least)


def _two_token_distance(alpha: Array, i: Array, j: Array, x: Array, distance: Distance) -> Array:
    """Distance from `alpha` to the attention with share x on token i and 1 - x on token j."""
    own, other = np.stack([alpha[i], alpha[j]], axis=-1), np.stack([x, 1 - x], axis=-1)
    rest = alpha.sum() - own.sum(axis=-1)
    if distance == "total variation":
        return _total_variation(own, other) + rest / 2
    if distance == "Jensen-Shannon":
        return _jensen_shannon(own, other) + rest * np.log(2) / 2
    raise ValueError(f"distance is 'total variation' or 'Jensen-Shannon', not {distance!r}")


@takes_reading
def permutation_moments(reading: Reading) -> tuple[float, float]:
    """Mean and variance of f when each head's attention is permuted uniformly, heads independently.

    Per head the mean is mean(u) and the variance Σ(α - 1/T)² Σ(u - mean u)² / (T - 1), 0 for T = 1.
    All T_max positions are permuted, the padding's too.
    """
    alpha, u = reading.attention, reading.values
    K, T = u.shape
    uneven = ((alpha - 1 / T) ** 2).sum(axis=1)
    spread = ((u - u.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    return float(u.mean()), float(uneven @ spread / max(T - 1, 1) / K**2)
