"""Checks of the chapter on counterfactuals: all masks one by one, and what orders need."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from helpers.checks.base import largest, statement
from helpers.checks.oracles import every_mask
from helpers.evaluation import counterfactuals, faithfulness, programs
from helpers.explainers.comparison import compare
from helpers.explainers.methods import METHODS
from helpers.games import PerturbationGame
from helpers.model.reading import Array, Reading

OURS = "this book"
ORDERS = 400  # random orders of each document


# ---- what the record and the chapter count


def order_of(reading: Reading, key: str) -> list[int]:
    """The words in the order of the method of that key, what holds the prediction most first."""
    table = compare(reading, keys=(key,))
    return faithfulness.ranking(table.scores[0], METHODS[key].signed, reading.output).tolist()


def orders_needed(reading: Reading, game: PerturbationGame) -> list[int | None]:
    """For each method of the registry, words masked in its order until it flips; None if never."""
    needed: list[int | None] = []
    for key in METHODS:
        found = counterfactuals.until_flip(game, order_of(reading, key))
        needed.append(int(found) if math.isfinite(found) else None)
    return needed


def random_needed(game: PerturbationGame, orders: int = ORDERS, seed: int = 0) -> Array:
    """What random orders need on average, its standard error, and the share that never flips.

    An order that never flips counts as one that needs all words.
    """
    d, draw = len(game.labels), np.random.default_rng(seed)
    found = np.array(
        [counterfactuals.until_flip(game, draw.permutation(d).tolist()) for _ in range(orders)]
    )
    needed = np.where(np.isinf(found), d, found)
    return np.array([needed.mean(), needed.std() / math.sqrt(orders), np.isinf(found).mean()])


def subsets(d: int, k: int, chunk: int = 20_000) -> Iterator[Array]:
    """All masks of d words of which k are masked, in pieces (n, d)."""
    places = itertools.combinations(range(d), k)
    while piece := list(itertools.islice(places, chunk)):
        z = np.ones((len(piece), d))
        z[np.arange(len(piece))[:, None], np.array(piece, dtype=int)] = 0.0
        yield z


def every_flip(game: PerturbationGame, most: int) -> list[Array]:
    """All masks (n, d) that flip, for each number of masked words up to `most`, by looking."""
    return [
        np.concatenate([z[counterfactuals.flips(game, z)] for z in subsets(len(game.labels), k)])
        for k in range(most + 1)
    ]


def never_flips(game: PerturbationGame, kept: Array) -> bool:
    """Whether no mask that keeps the words `kept` (d,) flips, by looking at all of them."""
    free = np.flatnonzero(kept == 0)
    for k in range(len(free) + 1):
        for part in subsets(len(free), k):
            z = np.ones((len(part), len(kept)))
            z[:, free] = part
            if counterfactuals.flips(game, z).any():
                return False
    return True


# ---- the statements


@statement("prop-program", "the program's best mask is the best of all masks", OURS, 1e-6)
def program(game: PerturbationGame, formula: Callable = programs.extreme) -> float:
    """The extremes of f for each number of masked words by `formula`, against all masks.

    The error is per largest |f|; infinite if one is not proved.
    """
    z, masked, errors = every_mask(len(game.labels)), None, []
    f, masked = game.value(z), (1 - z).sum(axis=1)
    for k in range(len(game.labels) + 1):
        for sense, best in (("min", np.min), ("max", np.max)):
            found = formula(game, k, sense)
            error = abs(found.value - best(f[masked == k]))
            errors.append(error if found.proved else math.inf)
    return largest(*errors) / float(game.value_bound.mean())


def avoids(flipping: Array, kept: Array) -> Array:
    """Whether some mask of `flipping` (n, d) keeps all words of a set, for sets `kept` (m, d)."""
    return ((1 - flipping) @ kept.T == 0).any(axis=0)


def by_sorting(game: PerturbationGame) -> tuple[float, float, float]:
    """The three smallest sizes in a game of one head, from the order of s · b_j alone."""
    s = counterfactuals.side(game)
    empty = s * float(game.rest_value.sum() + game.masked_value.sum())
    b = np.sort(s * game.b[0])[::-1]
    whole = empty + b.sum()
    return (
        _first(whole - _sums(b) < 0),
        _first(empty + _sums(b) > 0),
        _first(empty + np.minimum(b, 0).sum() + _sums(np.maximum(b, 0)) >= 0),
    )


def _sums(b: Array) -> Array:
    return np.concatenate([[0.0], b.cumsum()])


def _first(reached: Array) -> float:
    return float(reached.argmax()) if reached.any() else math.inf


@statement("thm-one-head-sorts", "in one head sorting finds all three smallest sets", OURS, 0.0)
def one_head(game: PerturbationGame, formula: Callable = by_sorting) -> float:
    """The three sizes by `formula` against all masks; the largest difference, 0 if there is none.

    No output may be within the margin of zero, but zero itself is one that holds the sign.
    """
    z, d = every_mask(len(game.labels)), len(game.labels)
    flipping, s = counterfactuals.flips(game, z), counterfactuals.side(game)
    holds = s * game.value(z) >= programs.MARGIN
    truth = (
        (d - z[flipping].sum(axis=1)).min(initial=math.inf),
        z[holds].sum(axis=1).min(initial=math.inf),
        z[~avoids(z[flipping], z)].sum(axis=1).min(),
    )
    return largest(*(0.0 if x == y else 1.0 for x, y in zip(formula(game), truth, strict=True)))


def minimal(sets: Array) -> Array:
    """Those of the `sets` (n, d) that hold no other one, in their order."""
    sizes = sets.sum(axis=1)
    inside = sets @ sets.T == sizes[:, None]  # row in column
    return sets[~(inside & (sizes[:, None] < sizes)).any(axis=0)]


def transversals(sets: Array, z: Array) -> Array:
    """The minimal ones of all sets `z` that have a word of each of the `sets` (n, d)."""
    return minimal(z[(sets @ z.T > 0).all(axis=0)])


def holds_whatever(game: PerturbationGame, z: Array) -> Array:
    """Whether keeping the words of each of the sets `z` (n, d) holds the sign, by definition."""
    turned = counterfactuals.flips(game, z)
    return np.array([not turned[(z >= kept).all(axis=1)].any() for kept in z])


def holds_alone(game: PerturbationGame, z: Array) -> Array:
    """Whether keeping no other word holds the sign: a sufficient subset, which is no reason."""
    return ~counterfactuals.flips(game, z)


@statement("thm-duality", "reasons hit every counterfactual, and counterfactuals every reason",
           "Reiter (1987); Ignatiev et al. (2020)", 0.0)  # fmt: skip
def duality(game: PerturbationGame, formula: Callable = holds_whatever) -> float:
    """Minimal sets that `formula` calls reasons, and minimal sets that flip, each from the other.

    The number of the two lists that differ from the minimal hitting sets of the other one.
    """
    z = every_mask(len(game.labels))
    reasons = minimal(z[formula(game, z)])
    changes = minimal(1 - z[counterfactuals.flips(game, z)])
    errors = (
        _differ(reasons, transversals(changes, z)),
        _differ(changes, transversals(reasons, z)),
    )
    return float(sum(errors))


def _differ(one: Array, other: Array) -> bool:
    return set(map(tuple, one.tolist())) != set(map(tuple, other.tolist()))


def narrow(weights: Sequence[int], target: int) -> float:
    """A gap that only a sum equal to the `target` falls below."""
    start = 1 + len(weights)
    return 0.5 / ((start + sum(weights)) * (start + target) ** 2)


def sum_game(weights: Sequence[int], target: int, gap: Callable = narrow) -> PerturbationGame:
    """Two heads, f = ½ ((S - c)² / ((D_0 + S) (D_0 + c)²) - gap) for the kept weights' sum S.

    With c the target. It is negative if and only if the kept words' `weights` add up to it.
    """
    d, start = len(weights), 1.0 + len(weights)
    w, labels = np.array(weights, dtype=float), tuple(f"w{j}" for j in range(len(weights)))
    slope, middle, ones = 1 / (start + target) ** 2, 1 / (start + target), np.ones(d)
    constant = -target * slope - middle - gap(weights, target)
    return PerturbationGame(
        labels,
        labels,
        kept_weight=np.stack([1 + w, ones]),
        kept_value=np.stack([0 * w, start * slope * w]),
        masked_weight=np.stack([ones, ones]),
        masked_value=np.zeros((2, d)),
        rest_weight=np.ones(2),
        rest_value=np.array([1.0, start * constant]),
    )


@statement("thm-two-heads-hard", "two heads can ask whether numbers add up to a target", OURS, 0.0)
def two_heads(weights: Sequence[int], target: int, gap: Callable = narrow) -> float:
    """Whether some mask of `sum_game` turns negative, by all masks, against sums one by one."""
    sums = {0}
    for w in weights:
        sums |= {s + w for s in sums}
    f = sum_game(weights, target, gap).value(every_mask(len(weights)))
    return float((f < 0).any() != (target in sums))
