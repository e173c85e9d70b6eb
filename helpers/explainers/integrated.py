"""Integrated gradients (Sundararajan et al., 2017) in closed form, with a bound on the error."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import cache

import numpy as np

from helpers.data.kinds import number, whole
from helpers.explainers.explanation import Explanation, token_explanation
from helpers.model.reading import Array, Reading, finite, softmax, takes_reading


@takes_reading
def path_slopes(reading: Reading, path: Array) -> Array:
    """What each token adds to ∂f/∂τ on the way from ``masked_embeddings`` to the text.

    `path` holds fractions τ of the way, (P,), and the result is (P, T_max). On the straight line
    the query stays as it is, so logits and projected values move linearly, and the slope is
    mean_i α_t(τ) [Δu_t + (u_t(τ) - f_i(τ)) Δl_t]. Raises `ValueError` if a fraction is outside
    [0, 1] or the baseline changes ``[CLS]``.
    """
    attention, _, centred, dl, du = _on_the_way(reading, path)
    return (attention * (du + centred * dl)).mean(axis=1)


def _on_the_way(reading: Reading, path: Array) -> tuple[Array, ...]:
    """α, u and u - f at the fractions of `path`, (P, K, T_max) each, and Δl and Δu."""
    dl, du = _differences(reading)
    path = finite("path", path, (None,))
    if path.size and not 0 <= path.min() <= path.max() <= 1:
        raise ValueError(f"the path goes from 0 to 1; got {path.min()} to {path.max()}")
    along = path[:, None, None]
    attention = softmax(reading.masked_logits + along * dl)
    values = reading.masked_values + along * du
    centred = values - (attention * values).sum(axis=-1, keepdims=True)
    return attention, values, centred, dl, du


@cache
def _rule(nodes: int) -> tuple[Array, Array]:
    """Gauss-Legendre nodes in [0, 1], and their weights, (nodes,) each; computed once a number."""
    x, weights = np.polynomial.legendre.leggauss(nodes)
    path, weights = (x + 1) / 2, weights / 2
    for array in (path, weights):
        array.flags.writeable = False
    return path, weights


@takes_reading
def scores(reading: Reading, nodes: int) -> Array:
    """∫ `path_slopes` dτ from 0 to 1 with `nodes` Gauss-Legendre nodes, (T_max,)."""
    path, weights = _rule(whole("nodes", nodes, 1))
    return weights @ path_slopes(reading, path)


def _rounding(reading: Reading, nodes: int) -> float:
    """What rounding adds to each of `scores`: an estimate, from the size of what is added up.

    A logit is wrong by about its size times the machine epsilon, so is α relative to itself; u and
    f are wrong by their sizes times epsilon. Four of each are counted.
    """
    path, weights = _rule(nodes)
    attention, values, centred, dl, du = map(np.abs, _on_the_way(reading, path))
    largest = 1 + max(np.abs(reading.logits).max(), np.abs(reading.masked_logits).max())
    size = largest * (du + centred * (dl + 1)) + (2 * values + centred) * (dl + 1)
    added = weights @ (attention * size).mean(axis=1)
    return float(4 * np.finfo(float).eps * added.max())


@takes_reading
def quadrature_bound(reading: Reading, nodes: int) -> float:
    """A bound on the error of every one of `scores`, before rounding.

    Let g be analytic and at most M in the ellipse of the complex plane with foci 0 and 1 and
    semi-axes (ρ ± 1/ρ)/4. Then the error of its integral is at most C M ρ^(-2 nodes) / (1 - ρ^-2)
    with C = 2 + 2 / (4 nodes² - 1) (Trefethen, 2008, Theorem 4.5). The best of 31 ellipses counts.
    """
    return _bound(*_ellipses(reading), whole("nodes", nodes, 1))


def _bound(rho: Array, M: Array, nodes: int) -> float:
    C = 2 + 2 / (4 * nodes**2 - 1)
    return float((C * M * rho ** (-2.0 * nodes) / (1 - rho**-2)).min())


@takes_reading
def nodes_needed(reading: Reading, tolerance: float) -> int:
    """The smallest number of nodes, at least 1, whose `quadrature_bound` is at most `tolerance`.

    Raises `ValueError` unless the tolerance is positive and finite.
    """
    if not 0 < number("tolerance", tolerance) < np.inf:
        raise ValueError(f"tolerance is {tolerance}, expected a positive number such as 1e-10")
    rho, M = _ellipses(reading)
    digits = np.log(np.maximum(2 * M / (1 - rho**-2) / tolerance, 1))
    enough = max(1, int(np.ceil(digits / (2 * np.log(rho))).min()))  # were C its limit, 2
    return next(n for n in itertools.count(enough) if _bound(rho, M, n) <= tolerance)


def _ellipses(reading: Reading) -> tuple[Array, Array]:
    """Some ρ, and bounds M of all `path_slopes` in their ellipses, (31,) each.

    With R the spread of a head's Δl, no denominator vanishes as long as (ρ - 1/ρ) R < 4π: the sizes
    of its attention weights add up to at most 1/c with c = cos((ρ - 1/ρ) R / 8). A token's weight
    times those of all others is at most 1/(4c²), and D bounds its values' distances from theirs.
    """
    dl, du = _differences(reading)
    spread = np.ptp(dl, axis=1)[:, None]
    height = np.arange(1, 32)[:, None, None] / 32 * min(np.pi / max(spread.max(), 1e-9), 1e3)
    rho = 2 * height + np.sqrt(4 * height**2 + 1)  # height is the semi-axis (ρ - 1/ρ)/4
    cosine = np.cos(height * spread / 2)
    D = _farthest(reading.masked_values + du / 2) + (rho + 1 / rho) / 4 * _farthest(du)
    M = (np.abs(du) / cosine + D * np.abs(dl) / (4 * cosine**2)).mean(axis=1).max(axis=1)
    return rho[:, 0, 0], M


def _farthest(values: Array) -> Array:
    """How far each of `values` (K, T_max) is at most from the others of its head."""
    low, high = values.min(axis=1, keepdims=True), values.max(axis=1, keepdims=True)
    return np.maximum(values - low, high - values)


def _differences(reading: Reading) -> tuple[Array, Array]:
    """Δl and Δu, from the baseline to the document, (K, T_max) each."""
    if not np.array_equal(reading.embeddings[0], reading.masked_embeddings[0]):
        raise ValueError(
            "the baseline changes the embedding of [CLS]; keep masked_embeddings[0] = embeddings[0]"
        )
    return reading.logits - reading.masked_logits, reading.values - reading.masked_values


@takes_reading
def gradients(reading: Reading, tolerance: float = 1e-10) -> Explanation:
    """Integrated gradients (Sundararajan et al., 2017) from the all-``[UNK]`` document.

    As many nodes are used as `quadrature_bound` needs to be at most `tolerance`; the bound is the
    explanation's certificate, in exact arithmetic, and what rounding adds is estimated beside it.
    Raises `ArithmeticError` if that takes more than 1,024 nodes, and `ValueError` if the tolerance
    is not positive and finite, or is less than what rounding adds.
    """
    nodes = nodes_needed(reading, tolerance)
    if nodes > 1024:
        raise ArithmeticError(
            f"the logits change so much on the path that {nodes} nodes are needed "
            f"for an error of {tolerance:.1e}, and 1,024 is the limit"
        )
    rounding = _rounding(reading, nodes)
    if tolerance < rounding:
        raise ValueError(
            f"tolerance {tolerance:.1e} is below what rounding adds, about {rounding:.0e}: "
            "give tolerance=1e-10"
        )
    method = f"integrated gradients ({nodes} node{'s' if nodes > 1 else ''})"
    explanation = token_explanation(reading, scores(reading, nodes), method)
    certificate = quadrature_bound(reading, nodes)
    return replace(explanation, certificate=certificate, rounding=rounding)
