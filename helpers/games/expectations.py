"""Exact expectations of a perturbation game under independent masks: the engine of exact LIME.

1 / D is an integral of exponentials, and an exponential of a sum over words is a product.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from helpers.games import PerturbationGame
from helpers.model.reading import Array, finite

BLOCK = 2**18  # numbers of a working array: two megabytes stay in a core's cache
START = 8.0  # u D_max from which the trapezoidal rule keeps its nodes as they are


def reciprocal_rule(low: float, high: float, tolerance: float) -> tuple[Array, Array, float]:
    """Nodes u and weights w: 1/D ≈ Σ w exp(-u D) for low <= D <= high, and a bound on |1 - D Σ|.

    1/D = ∫ exp(-u D) du with u = e^x, by the trapezoidal rule of step h. Its relative error is the
    same for all D up to a phase: at most 2 Σ_k |Γ(1 + 2πik/h)|. The infinitely many nodes with
    u D_max < 8 are replaced by a few Gauss nodes of the same moments; the last ones are cut off.
    `tolerance` is from 1e-14 to 0.1; the bound is about as large.
    """
    if not 0 < low <= high < math.inf:
        raise ValueError(f"1/D is wanted for 0 < low <= high; got {low} and {high}")
    step = _step(tolerance)
    left_nodes, left_weights, left_error = left_end(step, tolerance)
    reach = max(1.0, (5 - math.log(tolerance)) * high / low / START)
    count = math.ceil(math.log(reach) / step) + 1
    x = START * np.exp(step * np.arange(count + 1))
    last = x[-1] * low / high
    cut = 2 * step * last * math.exp(-last)
    u = np.concatenate([left_nodes, x[:-1]]) / high
    w = np.concatenate([left_weights, step * x[:-1]]) / high
    return u, w, aliasing(step) + left_error + cut


def aliasing(step: float) -> float:
    """A bound on 2 Σ_k |Γ(1 + 2πik/h)|, with |Γ(1 + iy)|² = πy / sinh(πy).

    Each term is less than sqrt(2) exp(-π²/h) times the one before: a geometric series.
    """
    y = 2 * math.pi / step
    first = (
        2 * math.sqrt(2 * math.pi * y / -math.expm1(-2 * math.pi * y)) * math.exp(-math.pi * y / 2)
    )
    return first / (1 - math.sqrt(2) * math.exp(-(math.pi**2) / step))


@cache
def _step(tolerance: float) -> float:
    """The largest step, among a fine grid, whose aliasing is below half of the tolerance."""
    if not 1e-14 <= tolerance <= 0.1:
        raise ValueError(
            f"the tolerance is from 1e-14, near float64's own, to 0.1; not {tolerance}"
        )
    return next(h for h in np.arange(2.0, 0.05, -0.005).tolist() if aliasing(h) < tolerance / 2)


@cache
def left_end(step: float, tolerance: float) -> tuple[Array, Array, float]:
    """Gauss nodes and weights for Σ_{m<0} h t_m δ(t_m), t_m = 8 e^{hm}, and their relative error.

    With n nodes the relative error on 1/D is at most ∫ π_n² / (2n)!, π_n the monic orthogonal
    polynomial, whose squared norm is the product of the Lanczos coefficients.
    Points below 8 e^-50 are left out: their whole measure is less than 8 e^-50.
    """
    points = START * np.exp(-step * np.arange(1, math.ceil(50 / step) + 1))
    measure = step * points
    total = measure.sum()
    basis = [np.sqrt(measure / total)]
    diagonal, beside, norm = [], [], total
    while norm / math.factorial(2 * len(diagonal)) > tolerance / 10:
        v = points * basis[-1]
        diagonal.append(float(v @ basis[-1]))
        for _ in range(2):
            for q in basis:
                v = v - (v @ q) * q
        beside.append(float(np.linalg.norm(v)))
        basis.append(v / beside[-1])
        norm *= beside[-1] ** 2
    n = len(diagonal)
    off = beside[: n - 1]
    nodes, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1))
    error = norm / math.factorial(2 * n) + START * math.exp(-50)
    return nodes, total * vectors[0] ** 2, error


def expectations(
    game: PerturbationGame, p: Array, on: Array, mean: Array, tolerance: float
) -> tuple[Array, float, float]:
    """Σ_q on_q E[f | z_j = 1] for each j, and Σ_q mean_q E[f], masks being Bernoulli(p_q).

    `p`, `on` and `mean` have shape (Q,) and 0 < p < 1. Returns an array (d,), a number, and a bound
    on the error of either that the rule for 1/D makes, per unit of Σ |on| or Σ |mean|.
    Words are kept independently, each with probability p. So each is a factor
    p e^{-u g_j} + (1 - p) e^{-u g~_j} of E[exp(-u D)], and N adds one word at a time:
    all features, probabilities and nodes u in one pass, O(K d Q) for each node.
    """
    p = finite("p", p, (None,))
    if not ((p > 0) & (p < 1)).all():
        raise ValueError(
            "probabilities lie strictly between 0 and 1; the game's values give p = 0 and p = 1"
        )
    kept, middle, worst = np.zeros(len(game.labels)), 0.0, 0.0
    largest = game.value_bound
    size = max(1, BLOCK // (len(p) * len(game.labels)))
    for head, (low, high) in enumerate(zip(*game.bounds)):
        u, w, error = reciprocal_rule(low, high, tolerance)
        for start in range(0, len(u), size):
            part = slice(start, start + size)
            one, other = _block(game, head, low, u[part], w[part], p, on, mean)
            kept += one
            middle += other
        worst += error * largest[head]
    K = len(game.rest_weight)
    return kept / K, middle / K, worst / K


def _block(
    game: PerturbationGame,
    head: int,
    low: float,
    u: Array,
    w: Array,
    p: Array,
    on: Array,
    mean: Array,
) -> tuple[Array, float]:
    """The part of one head's expectations that the nodes `u` give; large arrays are (nodes, d, Q).

    Weights are taken above the smaller of g_j and g~_j, so that every factor is between
    min(p, 1 - p) and 1 and no product overflows; one that underflows is negligible.
    """
    least = np.minimum(game.kept_weight[head], game.masked_weight[head])
    x = np.exp(-u[:, None] * (game.kept_weight[head] - least))
    y = np.exp(-u[:, None] * (game.masked_weight[head] - least))
    b_on, b_off = game.kept_value[head], game.masked_value[head]
    factor = np.stack([x, y], axis=-1) @ np.stack([p, 1 - p])
    product = factor.prod(axis=1) * (w * np.exp(-u * low))[:, None]
    inverse = np.divide(1, factor, out=factor)
    total = game.rest_value[head] + p * _over_words(b_on * x, inverse)
    total += (1 - p) * _over_words(b_off * y, inverse)
    column = product * on
    plain, times = _over_p(inverse, column), _over_p(inverse, column * total)
    inverse *= inverse
    own = b_on * x * _over_p(inverse, column * p)
    own += b_off * y * _over_p(inverse, column * (1 - p))
    kept = x * (times - own + b_on * plain)
    return kept.sum(axis=0), float((product * total @ mean).sum())


def _over_words(one: Array, other: Array) -> Array:
    """Σ_j one (nodes, d) times other (nodes, d, Q): (nodes, Q). A vector at a time is fastest."""
    return (one[:, None, :] @ other)[:, 0, :]


def _over_p(one: Array, other: Array) -> Array:
    """Σ_q one (nodes, d, Q) times other (nodes, Q): (nodes, d)."""
    return (one @ other[:, :, None])[:, :, 0]
