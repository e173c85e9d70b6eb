"""Exact averages of a perturbation game under independent masks: the engine of exact explanations.

1 / D is an integral of exponentials, and an exponential of a sum over words is a product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.games.game import PerturbationGame
from helpers.games.reciprocal import reciprocal_rule
from helpers.model.reading import Array, finite

BLOCK = 2**18  # numbers of a working array: two megabytes stay in a core's cache


@dataclass(frozen=True)
class Averages:
    """What `averages` returns: averages over masks, and how far off they can be.

    `value` (Q,) holds E_p[f] for each probability. `kept` and `effect` (d,) are the weighted sums
    that were asked for, (d, R) for weights (Q, R); None if they were not.
    `error` is a proved bound, in exact arithmetic, on the error of E_p[f] or E_p[f | z_j = 1] for
    any one p and j: that of the rule for 1/D. An effect is a difference and may have twice of it.
    `rounding` is a bound of first order on what rounding adds to E_p[f]; E_p[f | z_j = 1] may have
    2 / p of it, an effect 2 / (p (1 - p)).
    """

    value: Array
    kept: Array | None
    effect: Array | None
    error: float
    rounding: float


def averages(
    game: PerturbationGame,
    probabilities: Array,
    *,
    kept: Array | None = None,
    effect: Array | None = None,
    tolerance: float = 1e-13,
) -> Averages:
    """Averages of f over masks that keep each word independently with probability p.

    For each of the `probabilities` p (Q,), 0 < p < 1, it returns E_p[f]. For weights (Q,) or (Q, R)
    over them it adds up, for every word j,

    * `kept`: Σ_q kept_q E[f | z_j = 1],
    * `effect`: Σ_q effect_q m_j(p_q), with m_j(p) = E_p[f(z_j = 1) - f(z_j = 0)], the derivative of
      the multilinear extension of f (Owen, 1972). No difference of large numbers is taken: a word
      that is like its mask has an effect of exactly zero.

    `tolerance` is the relative error of the rule for 1/D, from 1e-14 to 0.1.

    >>> from helpers.games import word_game
    >>> from helpers.model.reading import micro_example
    >>> found = averages(word_game(micro_example()), [0.5], effect=[1.0])
    >>> [round(x, 4) for x in found.effect.tolist()]  # the Banzhaf values of "not" and "good"
    [-0.1837, 0.8729]

    Each word is a factor φ = p e^{-u g} + (1 - p) e^{-u g~} of E[exp(-u D)], and N adds one word at
    a time: all words, probabilities and nodes u in one pass, O(K d Q (1 + R)) for each node.
    Where D(z) = N(z) = 0, as for an empty bag, the rule gives 0 at every node.

    `rounding` follows the operations to first order, in units of 2^-52: at most 3 for each of the d
    factors of a product, 1/2 for each word of N, 1/2 for each term of the sums over nodes and
    probabilities, and 20 for everything that happens once. It assumes correctly rounded sums and
    products, and exponentials within one unit in the last place; the game's arrays are taken as
    exact. Errors of the exponents u g do not add up over words, since Σ_j u g_j is at most u D,
    and ∫ u D e^{-uD} du = 1/D.
    """
    p = finite("probabilities", probabilities, (None,))
    if not ((p > 0) & (p < 1)).all():
        raise ValueError(
            "probabilities lie strictly between 0 and 1; game.value gives the averages at p = 0 "
            "and p = 1, occlusion.leave_one_out the effects at p = 1"
        )
    asked = {"kept": kept, "effect": effect}
    weights = {name: _weights(name, w, p) for name, w in asked.items() if w is not None}
    value, error, rounding = np.zeros(len(p)), 0.0, 0.0
    sums = dict.fromkeys(weights, 0.0)
    size = max(1, BLOCK // (len(p) * len(game.labels)))
    for head, (low, high, largest) in enumerate(zip(*game.bounds, game.value_bound)):
        u, w, bound = reciprocal_rule(low, high, tolerance)
        for start in range(0, len(u), size):
            part = slice(start, start + size)
            means, found = _block(game, head, u[part], w[part], p, weights)
            value += means
            sums = {name: sums[name] + found[name] for name in sums}
        error += bound * largest
        steps = 4 * len(game.labels) + (len(u) + len(p)) / 2 + 20
        rounding += np.finfo(float).eps * steps * largest
    K = len(game.rest_weight)
    if "kept" in sums:
        sums["kept"] += K * game.offset * weights["kept"].sum(axis=0)
    found = dict.fromkeys(asked) | {
        name: (total / K).reshape(-1, *np.shape(asked[name])[1:]) for name, total in sums.items()
    }
    value = game.offset + value / K
    return Averages(value, **found, error=float(error / K), rounding=float(rounding / K))


def _weights(name: str, given: Array, p: Array) -> Array:
    """`given`, (Q,) or (Q, R), as an array (Q, R)."""
    return finite(name, given, (len(p), None)[: max(1, np.ndim(given))]).reshape(len(p), -1)


def _block(
    game: PerturbationGame,
    head: int,
    u: Array,
    w: Array,
    p: Array,
    weights: dict[str, Array],
) -> tuple[Array, dict[str, Array]]:
    """The part of one head's averages that the nodes `u` give; large arrays are (nodes, d, Q).

    Weights are taken above the smaller of g_j and g~_j, so that x = e^{-u g}, y = e^{-u g~} are at
    most 1, every factor is between min(p, 1 - p) and 1, and no product overflows; one that
    underflows is negligible. With P = E[e^{-uD}] and P T = E[N e^{-uD}], given z_j = 1 the latter
    is P x (T + (1 - p) b y / φ) / φ, and given z_j = 0 it is P y (T - p b x / φ) / φ.
    """
    a, b = game.a[head], game.b[head]
    shrunk, gap, x, y = states(a, u)
    chances = np.stack([1 - p, p])  # of the state with the larger weight: masked, kept
    heavier = (a > 0).astype(np.intp)
    factor = shrunk[:, :, None] * chances[heavier]
    factor += chances[1 - heavier]
    product = factor.prod(axis=1) * (w * np.exp(-u * least(game)[head]))[:, None]
    inverse = np.divide(1, factor, out=factor)
    total = game.rest_value[head] + p * _over_words(game.kept_value[head] * x, inverse)
    total += (1 - p) * _over_words(game.masked_value[head] * y, inverse)
    both = product * total
    times = {"kept": x, "effect": gap}
    found = {
        name: np.einsum("nd,ndr->dr", times[name], _over_p(inverse, both, given))
        for name, given in weights.items()
    }
    inverse *= inverse
    own = b * shrunk
    for name, given in weights.items():
        plain = product * (1 - p) if name == "kept" else product
        found[name] += np.einsum("nd,ndr->dr", own, _over_p(inverse, plain, given))
    return both.sum(axis=0), found


def states(a: Array, u: Array) -> tuple[Array, Array, Array, Array]:
    """Of words that add `a` (d,) to D, at nodes `u` (n,): xy, x - y, x and y, each (n, d).

    x = e^{-u g} and y = e^{-u g~}, weights taken above the smaller of the two: one of them is 1.
    """
    far = -u[:, None] * np.abs(a)
    shrunk, gap = np.exp(far), np.expm1(far)
    grows = a > 0
    x, y = np.where(grows, shrunk, 1.0), np.where(grows, 1.0, shrunk)
    return shrunk, np.where(grows, gap, -gap), x, y


def least(game: PerturbationGame) -> Array:
    """What D has in any state of the words, (K,): the smaller weight of each, and the rest."""
    return game.rest_weight + np.minimum(game.kept_weight, game.masked_weight).sum(axis=1)


def _over_words(one: Array, other: Array) -> Array:
    """Σ_j one (nodes, d) times other (nodes, d, Q): (nodes, Q). A vector at a time is fastest."""
    return (one[:, None, :] @ other)[:, 0, :]


def _over_p(one: Array, other: Array, weights: Array) -> Array:
    """Σ_q one (nodes, d, Q) times other (nodes, Q) times weights (Q, R): (nodes, d, R)."""
    return one @ (other[:, :, None] * weights)
