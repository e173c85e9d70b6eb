"""1/D as a short sum of exponentials, with a bound on its relative error that is uniform in D."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from helpers.model.reading import Array

START = 8.0  # u D_max from which the trapezoidal rule keeps its nodes as they are
FARTHEST = 1e300  # no D may lie beyond, nor two of them so far apart: float64 ends there


def reciprocal_rule(low: float, high: float, tolerance: float) -> tuple[Array, Array, float]:
    """Nodes u and weights w: 1/D ≈ Σ w exp(-u D) for low <= D <= high, and a bound on |1 - D Σ|.

    1/D = ∫ exp(-u D) du with u = e^x, by the trapezoidal rule of step h. Its relative error is the
    same for all D up to a phase: at most 2 Σ_k |Γ(1 + 2πik/h)|. The infinitely many nodes with
    u D_max < 8 are replaced by a few Gauss nodes of the same moments; the last ones are cut off.
    `tolerance` is from 1e-14 to 0.1; the bound is about as large, and sharp. It is proved in exact
    arithmetic; rounding of nodes and weights to float64 adds a few units of 1e-15.
    Raises `ValueError` for a range of D, or a tolerance, that float64 cannot serve.
    """
    if not 0 < low <= high < math.inf:
        raise ValueError(f"1/D is wanted for 0 < low <= high; got {low} and {high}")
    if min(low, 1 / high, low / high) < 1 / FARTHEST:
        raise ValueError(
            f"D ranges from {low:.1g} to {high:.1g}, too far for float64: the attention logits of "
            "one head differ by about 700; lime.sampled does not mind"
        )
    step = _step(tolerance)
    left_nodes, left_weights, left_error = left_end(step, tolerance)
    reach = max(1.0, (5 - math.log(tolerance)) * high / low / START)
    count = math.ceil(math.log(reach) / step) + 1
    x = START * np.exp(step * np.arange(count + 1))
    u = np.concatenate([left_nodes, x[:-1]]) / high
    w = np.concatenate([left_weights, step * x[:-1]]) / high
    return u, w, aliasing(step) + left_error + right_end(step, x[-1] * low / high)


def aliasing(step: float) -> float:
    """A bound on 2 Σ_k |Γ(1 + 2πik/h)|, with |Γ(1 + iy)|² = πy / sinh(πy).

    Each term is less than sqrt(2) exp(-π²/h) times the one before: a geometric series.
    """
    y = 2 * math.pi / step
    first = (
        2 * math.sqrt(2 * math.pi * y / -math.expm1(-2 * math.pi * y)) * math.exp(-math.pi * y / 2)
    )
    return first / (1 - math.sqrt(2) * math.exp(-(math.pi**2) / step))


def right_end(step: float, v: float) -> float:
    """A bound on Σ_{m>=0} h t_m exp(-t_m), t_m = v e^{hm}: what the nodes that are cut off give.

    For v >= 1 and e^h exp(-v (e^h - 1)) <= 1/2 each term is at most half of the one before.
    """
    return 2 * step * v * math.exp(-v)


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
