"""The statements on exact Shapley values, checked by enumeration, by orders, and by counting."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from helpers.checks import oracles, subsets
from helpers.checks.base import largest, statement
from helpers.explainers import shapley
from helpers.explainers.explanation import Explanation
from helpers.games import PerturbationGame
from helpers.model.reading import Array

OURS = "this book"
Values = dict[tuple[int, ...], float]  # f of every mask
Explainer = Callable[..., Explanation]


@statement("thm-exact-shapley", "Shapley values are a finite sum of products", OURS, 1e-12)
def exact(game: PerturbationGame, formula: Explainer = shapley.exact) -> float:
    """Scores of `formula` against the sum over all masks in 50 digits, per largest |f| possible."""
    error = np.abs(formula(game).scores - oracles.shapley(game)).max()
    return float(error / game.value_bound.mean())


def nodes_needed(d: int) -> int:
    """The fewest nodes of a rule in p that is exact for all games of d players."""
    return math.ceil(d / 2)


@statement("prop-fewest-nodes", "half as many nodes as players, and not one fewer", OURS, 1e-12)
def fewest_nodes(nodes: Array, formula: Callable[[int], int] = nodes_needed) -> float:
    """Any rule with these n nodes, and Gauss's with `formula` of them, on a game it cannot see.

    The game has 2 n + 1 players, and m_1 is the square of Π (p - p_q): every rule on the nodes
    gives player 1 nothing. The truth is a sum over all masks. Errors are per largest |f|.
    """
    values = unseen_game(nodes)
    (truth, *_) = oracles.enumerated_shapley(values)
    p, w = shapley.legendre(formula(2 * len(nodes) + 1))
    missed = np.abs(effects(values, nodes)[0]).max()
    size = max(map(abs, values.values()))
    return largest(missed, abs(w @ effects(values, p)[0] - truth)) / size


def unseen_game(nodes: Array) -> Values:
    """A function of the masks of 2 n + 1 players with m_1(p) = Π_q (p - p_q)².

    Only player 1 does anything: with m others it adds the m-th coefficient of the polynomial in
    Bernstein's basis, which is Σ_k C(m, k) / C(2 n, k) times its coefficient of p^k.
    """
    power = np.polynomial.polynomial.polyfromroots(np.repeat(nodes, 2))
    n = len(power) - 1
    adds = [sum(math.comb(m, k) / math.comb(n, k) * power[k] for k in range(m + 1))
            for m in range(n + 1)]  # fmt: skip
    masks = itertools.product((0, 1), repeat=n + 1)
    return {z: float(z[0] * adds[sum(z[1:])]) for z in masks}


def effects(values: Values, p: Array) -> Array:
    """m_j(p) of each player (d, Q), a sum over all masks of any function of them."""
    z, f = np.array(list(values)), np.array(list(values.values()))
    d, p = z.shape[1], np.asarray(p)[:, None]
    found = []
    for j in range(d):
        others = np.delete(z, j, axis=1).sum(axis=1)
        chance = p**others * (1 - p) ** (d - 1 - others)
        found.append(chance @ ((2 * z[:, j] - 1) * f))
    return np.array(found)


@statement("thm-shapley-certificate", "no score is further off than certified", OURS, 1.0, "of it")
def certificate(
    game: PerturbationGame,
    tolerance: float = 1e-13,
    formula: Explainer = shapley.exact,
    truth: Callable[[PerturbationGame], Array] = oracles.shapley,
) -> float:
    """The largest error of a score, as a share of the certificate + rounding that came with it."""
    found = formula(game, tolerance=tolerance)
    error = np.abs(found.scores - truth(game)).max()
    return float(error) / (found.certificate + found.rounding)


@statement("thm-shapley-axioms", "the computed scores satisfy the axioms", "Shapley (1953)", 1e-12)
def axioms(
    game: PerturbationGame, formula: Explainer = shapley.exact, tolerance: float = 1e-13
) -> float:
    """The worst violation of an axiom, per largest |f| possible, with a null player and twins.

    Of a game of four words or more, word 1 gets the weights and values of its mask, and word 2
    those of word 3. Efficiency is allowed to fail by the certificate, if there is one.
    """
    game = idle_and_twins(game)
    d, K = game.kept_weight.shape[1], len(game.rest_weight)
    found = formula(game, tolerance=tolerance)
    gain = float(game.value(np.ones(d)) - game.value(np.zeros(d)))
    alone = [formula(one_head(game, i), tolerance=tolerance).scores for i in range(K)]
    return (
        largest(
            abs(found.scores[0]),
            abs(found.scores[1] - found.scores[2]),
            np.abs(found.scores - np.mean(alone, axis=0)).max(),
            max(0.0, abs(found.scores.sum() - gain) - (found.certificate or 0.0)),
        )
        / game.value_bound.mean()
    )


def idle_and_twins(game: PerturbationGame) -> PerturbationGame:
    """The same game, but word 1 is like its mask, and words 2 and 3 are alike."""
    found = {name: getattr(game, name).copy() for name in oracles.ARRAYS}
    for kind in ("weight", "value"):
        for state in ("kept", "masked"):
            found[f"{state}_{kind}"][:, 1] = found[f"{state}_{kind}"][:, 2]
        found[f"kept_{kind}"][:, 0] = found[f"masked_{kind}"][:, 0]
    return replace(game, **found)


def one_head(game: PerturbationGame, head: int) -> PerturbationGame:
    """The game of one head alone."""
    return replace(game, **{name: getattr(game, name)[[head]] for name in oracles.ARRAYS})


@statement("prop-counted-subsets", "Shapley values agree with counted subsets", OURS, 1e-12)
def counted(game: PerturbationGame, formula: Explainer = shapley.exact) -> float:
    """Scores of `formula` against subsets counted in whole numbers, per largest |f| possible."""
    error = np.abs(formula(game).scores - subsets.shapley(game)).max()
    return float(error / game.value_bound.mean())


@statement("prop-partition", "Partition averages over the groups beside a word's path", OURS, 1e-12)
def partition(values: Values, tree: Array, formula: Callable | None = None) -> float:
    """`formula` (value, tree) against the mean over all orders that a binary `tree` allows.

    An order is allowed if each group of the tree follows on itself: at each node either of two
    groups comes first.
    """
    d = len(tree) + 1
    groups: list[list[tuple[int, ...]]] = [[(j,)] for j in range(d)]
    for left, right in np.asarray(tree)[:, :2].astype(int):
        pairs = list(itertools.product(groups[left], groups[right]))
        groups.append([a + b for a, b in pairs] + [b + a for a, b in pairs])
    truth = np.zeros(d)
    for order in groups[-1]:
        z = [0] * d
        for j in order:
            before, z[j] = values[tuple(z)], 1
            truth[j] += (values[tuple(z)] - before) / len(groups[-1])

    def value(z: Array) -> Array:
        return np.array([values[tuple(row)] for row in z.astype(int).tolist()])

    return float(np.abs((formula or tree_values)(value, tree) - truth).max())


def tree_values(value: Callable[[Array], Array], tree: Array) -> Array:
    """What `shap`'s Partition explainer tends to, (d,), for f as a function of masks (n, d).

    A word's mean effect over all subsets of the groups that branch off between it and the root of
    a binary `tree` (d - 1, 2 or more), in the form of SciPy's linkage.
    """
    d = len(tree) + 1
    members = [np.eye(d)[j] for j in range(d)]
    beside: list[list[Array]] = [[] for _ in range(d)]
    for left, right in np.asarray(tree)[:, :2].astype(int):
        for one, other in ((left, right), (right, left)):
            for j in np.flatnonzero(members[one]):
                beside[j].append(members[other])
        members.append(members[left] + members[right])
    found = np.zeros(d)
    for j, groups in enumerate(beside):
        z = oracles.every_mask(len(groups)) @ np.reshape(groups, (-1, d))
        found[j] = np.mean(value(z + np.eye(d)[j]) - value(z))
    return found


def neighbours(d: int) -> Array:
    """A balanced tree over d words in their order, as SciPy's linkage: (d - 1, 4)."""
    groups, rows = [(j, 1) for j in range(d)], []
    while len(groups) > 1:
        pairs, single = list(zip(groups[::2], groups[1::2])), groups[len(groups) & ~1 :]
        groups = []
        for (left, m), (right, n) in pairs:
            groups.append((d + len(rows), m + n))
            rows.append((left, right, len(rows) + 1.0, m + n))
        groups += single
    return np.array(rows, dtype=float).reshape(-1, 4)


@statement("prop-repeated-word", "what a word gains over its two positions", OURS, 1e-12)
def repeated_word(values: Values, weight: Callable[[Array], Array] = lambda p: 1 - 2 * p) -> float:
    """A merged player's value less the values of players 1 and 2, against ∫ weight E_p[Δ_12] dp.

    Both sides are sums over all masks of any function of them.
    """
    d = len(next(iter(values)))
    apart = oracles.enumerated_shapley(values)
    together = oracles.enumerated_shapley({z[1:]: values[z[1], *z[1:]] for z in values})
    p, w = shapley.legendre(d)
    second = {
        z: values[1, 1, *z] - values[1, 0, *z] - values[0, 1, *z] + values[0, 0, *z]
        for z in itertools.product((0, 1), repeat=d - 2)
    }
    mean = sum(p ** sum(z) * (1 - p) ** (d - 2 - sum(z)) * f for z, f in second.items())
    return float(abs(together[0] - apart[0] - apart[1] - (w * weight(p)) @ mean))


def sum_of_positions(labels: Sequence[str], positions: Explanation) -> Array:
    """The sum of the scores of each word's positions, (d,), words as in `labels`."""
    place = [labels.index(label) for label in positions.labels]
    return np.bincount(place, positions.scores, minlength=len(labels))
