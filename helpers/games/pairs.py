"""Exact averages of second differences of a perturbation game, all pairs of words at once."""

from __future__ import annotations

import numpy as np

from helpers.games.expectations import least, states
from helpers.games.game import PerturbationGame
from helpers.games.reciprocal import reciprocal_rule
from helpers.model.reading import Array, finite

BLOCK = 2**19  # numbers of a working array: few large products of matrices


def pair_averages(
    game: PerturbationGame, probabilities: Array, weights: Array, tolerance: float = 1e-13
) -> tuple[Array, float, float]:
    """Σ_q weights_q E_p[Δ_ij f] for all pairs of words, (d, d), and two bounds on its error.

    Δ_ij f is f with both words kept, less f with i alone, less f with j alone, plus f with neither;
    the other words are kept independently with probability p, for each of the `probabilities`
    (Q,), 0 < p < 1, with `weights` (Q,). The matrix is symmetric, and its diagonal is zero.

    With φ = p x + (1 - p) y for each word (x, y as in `expectations.states`), P = Π φ, and
    P T = E[N e^{-uD}], differences taken in two factors of a product leave

        E[Δ_ij (N e^{-uD})] = P (T r_i r_j + h_i r_j + r_i h_j),
        r = (x - y) / φ,  h = b x y / φ²,

    so one product of matrices, over all nodes u and probabilities, gives all pairs:
    O(K d² Q) for each node. A word that is like its mask has r = h = 0 exactly.

    The first bound is proved in exact arithmetic: the rule for 1/D changes an average of f by at
    most its relative error times `value_bound`, and Δ_ij has four of them. The second is that of
    `averages` on what rounding adds, where a state of two words has a chance of at least
    min(p, 1 - p)².
    """
    p = finite("probabilities", probabilities, (None,))
    weights = finite("weights", weights, p.shape)
    if not ((p > 0) & (p < 1)).all():
        raise ValueError("probabilities lie strictly between 0 and 1")
    d = len(game.labels)
    total, error, rounding = np.zeros((d, d)), 0.0, 0.0
    size = max(1, BLOCK // (len(p) * d))
    for head, (low, high, largest) in enumerate(zip(*game.bounds, game.value_bound)):
        u, w, bound = reciprocal_rule(low, high, tolerance)
        for start in range(0, len(u), size):
            part = slice(start, start + size)
            total += _block(game, head, u[part], w[part], p, weights)
        error += 4 * bound * largest * np.abs(weights).sum()
        steps = 4 * d + (len(u) + len(p)) / 2 + 20
        rounding += np.finfo(float).eps * steps * largest * (np.abs(weights) @ (p - p * p) ** -2.0)
    K = len(game.rest_weight)
    total = (total + total.T) / K
    np.fill_diagonal(total, 0.0)
    return total, float(error / K), float(rounding / K)


def _block(
    game: PerturbationGame, head: int, u: Array, w: Array, p: Array, weights: Array
) -> Array:
    """Half of what the nodes `u` of one head give, (d, d): with its transpose, the whole."""
    a, b, p = game.a[head], game.b[head], p[:, None]
    shrunk, gap, x, y = (array[:, None, :] for array in states(a, u))
    factor = np.where(a > 0, p * shrunk + (1 - p), p + (1 - p) * shrunk)  # (n, Q, d)
    product = np.exp(-u * least(game)[head])[:, None] * w[:, None] * factor.prod(axis=2)
    inverse = 1 / factor
    own = p * (game.kept_value[head] * x) + (1 - p) * (game.masked_value[head] * y)
    mean = game.rest_value[head] + np.einsum("nqd,nqd->nq", own, inverse)
    r = gap * inverse
    left = r * (mean / 2)[:, :, None] + b * shrunk * inverse**2
    left *= (product * weights)[:, :, None]
    return left.reshape(-1, len(a)).T @ r.reshape(-1, len(a))
