"""Masks that are best of all: mixed-integer linear programs over games of any number of heads.

In head i write y_i = 1 / D_i(z) and w_ij = z_j y_i. Then f(z) = offset + mean_i (N_0i y_i +
Σ_j b_ij w_ij) is linear, and so is the equation D_0i y_i + Σ_j a_ij w_ij = 1 that defines y_i. For
z_j in {0, 1} the four inequalities of McCormick (1976) say exactly w_ij = z_j y_i, so that HiGHS
(Huangfu and Hall, 2018), which `scipy.optimize.milp` calls, finds the best of all 2^d masks, and
proves that it is. The reformulation is Li's (1994), for 0-1 programs with ratios.

The solver's numbers are good to about 1e-6. So a mask that it returns is evaluated again by
`game.value`, and a mask counts as being beyond a value only by `MARGIN`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from helpers.evaluation.quiet import silence
from helpers.games import PerturbationGame, as_game
from helpers.model.reading import Array, Reading

MARGIN = 1e-5  # of an output: ten times the gap and the violations that HiGHS leaves
SLACK = 1e-4  # of the bounds of y: HiGHS calls some programs infeasible whose bounds are attained
SENSES = {"min": 1.0, "max": -1.0}


@dataclass(frozen=True)
class Bounded:
    """The best `mask` (d,) that was found, its `value` by `game.value`, and a proved `bound`.

    No mask is better than the bound, which is the value, but for the solver's rounding, if
    `proved`. If time ran out before a mask was found, the mask is None and the value NaN.
    """

    mask: Array | None
    value: float
    bound: float
    proved: bool


@dataclass(frozen=True)
class Fewest:
    """The `mask` (d,) that masks, or keeps, the fewest words: their number, and a proved `bound`.

    `size` is infinite, and the mask None, if no mask does what was asked; it is proved that none
    does if the bound is infinite, too.
    """

    mask: Array | None
    size: float
    bound: float

    @property
    def proved(self) -> bool:
        """Whether nothing smaller exists."""
        return self.size == self.bound


def extreme(
    game: PerturbationGame | Reading, k: int, sense: str, seconds: float = math.inf
) -> Bounded:
    """The least or greatest (`sense`: "min", "max") f over all masks with `k` masked words.

    After that many `seconds` the best mask so far is returned, with what is proved by then; this
    depends on the machine. Raises `ValueError` for another sense, for a `k` that is not from 0 to
    d, and for a bag that can be empty, `TypeError` for what is no game.
    """
    game = as_game(game)
    d = len(game.labels)
    if not 0 <= k <= d:
        raise ValueError(f"k is a number of masked words, from 0 to {d}; got {k}")
    return among(game, k, k, sense, seconds=seconds)


def among(
    game: PerturbationGame,
    least: int,
    most: int,
    sense: str,
    kept: Array | None = None,
    seconds: float = math.inf,
) -> Bounded:
    """`extreme` over all masks with `least` to `most` masked words that keep the words `kept` (d,).

    There must be such a mask. Raises `ArithmeticError` if the solver denies it all the same.
    """
    if sense not in SENSES:
        raise ValueError(f"sense is 'min' or 'max', not {sense!r}")
    sign, program = SENSES[sense], Program(game, least, most, kept)
    mask, bound = program.solve(sign * program.output, seconds)
    value = math.nan if mask is None else float(game.value(mask))
    bound = game.offset + sign * bound
    return Bounded(mask, value, bound, mask is not None and abs(bound - value) <= MARGIN)


def fewest_masked(
    game: PerturbationGame, side: float, known: Array, seconds: float = math.inf
) -> Fewest:
    """The fewest masked words with which `side` · f(z) >= `MARGIN`; `known` (d,) is such a mask.

    `side` is 1 or -1. That fewer words do not suffice is a bound on the best f that they reach,
    because a solver's word that nothing is feasible cannot be checked.
    """
    return _fewest(game, side, 1 - known, lambda m: (0, m), lambda z: 1 - z, seconds)


def fewest_kept(
    game: PerturbationGame, side: float, known: Array, seconds: float = math.inf
) -> Fewest:
    """The fewest kept words with which `side` · f(z) >= `MARGIN`; `known` (d,) is such a mask."""
    d = len(known)
    return _fewest(game, side, known, lambda m: (d - m, d), lambda z: z, seconds)


def _fewest(
    game: PerturbationGame,
    side: float,
    words: Array,
    masked: Callable[[int], tuple[int, int]],
    counted: Callable[[Array], Array],
    seconds: float,
) -> Fewest:
    none = counted(np.zeros(len(words)))
    if side * float(game.value(none)) >= MARGIN:
        return Fewest(none, 0.0, 0.0)
    size = int(words.sum())
    bound, below = 1, size - 1
    while below > 0:
        found = among(game, *masked(below), "max" if side > 0 else "min", seconds=seconds)
        if found.mask is not None and side * found.value >= MARGIN:
            words = counted(found.mask)
            size = int(words.sum())
            below = size - 1
        elif side * found.bound < MARGIN:
            bound = below + 1
            break
        else:  # out of time: prove less
            below -= 1
    return Fewest(counted(words), float(size), float(bound))


@dataclass(frozen=True)
class Program:
    """The masks of a game with `least` to `most` masked words, and all words of `kept` (d,) kept.

    Its variables are y (K,), w (K · d, head by head) and z (d,), each head with D(1) = 1.
    Raises `ValueError` for a bag that can be empty, for which y would be infinite.
    """

    game: PerturbationGame
    least: int
    most: int
    kept: Array | None = None

    def __post_init__(self) -> None:
        if self.game.pools.any():
            raise ValueError("D(0) is zero: there is no program for a bag that can be empty")

    @property
    def output(self) -> Array:
        """The row that is f - offset."""
        game, (K, d) = self.game, self.game.a.shape
        whole = self._whole
        empty = (game.rest_value + game.masked_value.sum(axis=1)) / whole
        return np.concatenate([empty, (game.b / whole[:, None]).ravel(), np.zeros(d)]) / K

    @property
    def _whole(self) -> Array:
        return self.game.rest_weight + self.game.kept_weight.sum(axis=1)

    def solve(self, cost: Array, seconds: float) -> tuple[Array | None, float]:
        """The mask of least `cost`, None if time ran out before there was one, and a lower bound.

        HiGHS's presolve calls some programs infeasible that are not: then it solves without.
        """
        K, d = self.game.a.shape
        fixed = np.zeros(d) if self.kept is None else np.asarray(self.kept, dtype=float)
        low, high = self._reciprocals(fixed == 0)
        bounds = Bounds(
            np.concatenate([low, np.zeros(K * d), fixed]),
            np.concatenate([high, np.repeat(high, d), np.ones(d)]),
        )
        limit = {} if math.isinf(seconds) else {"time_limit": seconds}
        for presolve in (True, False):
            with silence():
                found = milp(
                    cost,
                    integrality=np.repeat([0, 1], [K + K * d, d]),
                    bounds=bounds,
                    constraints=self._masks(low, high),
                    options={"mip_rel_gap": 0.0, "presolve": presolve, **limit},
                )
            if found.status in (0, 1):  # solved, out of time
                mask = None if found.x is None else np.abs(np.round(found.x[-d:]))
                return mask, -math.inf if found.mip_dual_bound is None else found.mip_dual_bound
        raise ArithmeticError(f"there is a solution, but the solver says: {found.message}")

    def _reciprocals(self, free: Array) -> tuple[Array, Array]:
        """Less than the least and more than the greatest y of each head, (K,) each, by `SLACK`."""
        K, free_a = len(self._whole), (self.game.a / self._whole[:, None])[:, free]
        drops = []  # what masking m words takes from D, m = least ... most, at most and at least
        for order in (-1, 1):
            first = order * np.sort(order * free_a, axis=1)
            sums = np.concatenate([np.zeros((K, 1)), first.cumsum(axis=1)], axis=1)
            sums = sums[:, min(self.least, sums.shape[1] - 1) : self.most + 1]
            drops.append(sums.max(axis=1) if order == -1 else sums.min(axis=1))
        return (1 - SLACK) / (1 - drops[1]), (1 + SLACK) / (1 - drops[0])

    def _masks(self, low: Array, high: Array) -> tuple[LinearConstraint, ...]:
        """w = z y, the equation of y, and the number of masked words, times 1 and times each y."""
        game, (K, d) = self.game, self.game.a.shape
        whole, one = self._whole, sparse.eye_array(K * d)
        each = sparse.kron(sparse.eye_array(K), np.ones((d, 1)))  # y_i beside every w_ij
        z = sparse.vstack([sparse.eye_array(d)] * K)
        down, up = (sparse.diags_array(np.repeat(x, d)) @ z for x in (low, high))
        none, nothing = sparse.coo_array((K * d, K)), sparse.coo_array((K, d))
        product = sparse.vstack(
            [
                sparse.hstack([none, one, -up]),  # w <= high z
                sparse.hstack([none, -one, down]),  # w >= low z
                sparse.hstack([-each, one, -down]),  # w <= y - low (1 - z)
                sparse.hstack([each, -one, up]),  # w >= y - high (1 - z)
            ]
        )
        zero = np.zeros(K * d)
        right = np.concatenate([zero, zero, -np.repeat(low, d), np.repeat(high, d)])
        empty = (game.rest_weight + game.masked_weight.sum(axis=1)) / whole
        rows = sparse.block_diag([row[None] for row in game.a / whole[:, None]])
        equation = sparse.hstack([sparse.diags_array(empty), rows, nothing])
        kept = each.T
        fewest, most = d - self.most, d - self.least
        counted = sparse.vstack(
            [
                sparse.hstack([most * sparse.eye_array(K), -kept, nothing]),
                sparse.hstack([-fewest * sparse.eye_array(K), kept, nothing]),
            ]
        )
        return (
            LinearConstraint(product, ub=right),
            LinearConstraint(equation, 1.0, 1.0),
            LinearConstraint(counted, lb=0.0),
            LinearConstraint(np.repeat([0.0, 1.0], [K + K * d, d]), fewest, most),
        )
