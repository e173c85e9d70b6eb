"""The smallest change that flips a prediction, and the smallest reason that holds it.

A mask *flips* if the output is at least `programs.MARGIN` on the other side of zero than that of
the whole text. A *counterfactual* is a set of words that flips when it is masked; the change is
``[UNK]`` in place, no rewritten text (as in Ross, Marasović and Peters, 2021). A *sufficient
subset* holds the sign if nothing else is kept; a *reason* holds it whatever else is masked
(Darwiche and Hirth, 2020): no counterfactual avoids it. So every reason hits every counterfactual
(Ignatiev et al., 2020), and a smallest one is a smallest set that hits them all, which is found
without listing them all.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from helpers.evaluation.programs import (
    MARGIN,
    Fewest,
    among,
    fewest_kept,
    fewest_masked,
)
from helpers.evaluation.quiet import silence
from helpers.explainers.ties import settle
from helpers.games import PerturbationGame, as_game
from helpers.model.reading import Array, Reading


def side(game: PerturbationGame | Reading) -> float:
    """1 or -1, the sign of the whole text's output; `ValueError` if that is within the margin."""
    game = as_game(game)
    output = float(game.value(np.ones(len(game.labels))))
    if abs(output) < MARGIN:
        raise ValueError("the output of the whole text is zero: there is no sign to flip")
    return math.copysign(1.0, output)


def flips(game: PerturbationGame, z: Array) -> Array:
    """Whether masks (..., d) turn the sign of the output, (...)."""
    return -side(game) * game.value(z) >= MARGIN


def until_flip(game: PerturbationGame | Reading, order: Sequence[int]) -> float:
    """How many words have to be masked, in this `order` (d,), before it flips; ∞ if it never does.

    Raises `ValueError` if the order is not one of all words.
    """
    game = as_game(game)
    d = len(game.labels)
    if sorted(order) != list(range(d)):
        raise ValueError(f"an order holds each of the places 0 to {d - 1} once")
    steps = np.ones((d + 1, d))
    for k, j in enumerate(order, start=1):
        steps[k:, j] = 0.0
    turned = flips(game, steps)
    return float(turned.argmax()) if turned.any() else math.inf


def greedy(game: PerturbationGame | Reading, kept: Array | None = None) -> list[int]:
    """The words in the order in which each next one moves the output most towards the other side.

    Words that are `kept` (d,) are left out. The first of equal ones, to 1e-9, comes first.
    """
    game = as_game(game)
    d, towards = len(game.labels), -side(game)
    left = list(range(d) if kept is None else np.flatnonzero(np.asarray(kept) == 0).tolist())
    z, order = np.ones(d), []
    while left:
        tried = np.tile(z, (len(left), 1))
        tried[np.arange(len(left)), left] = 0.0
        moved = towards * game.value(tried)
        j = left.pop(int((moved >= moved.max() - 1e-9).argmax()))
        z[j] = 0.0
        order.append(j)
    return order


def by_numerator(game: PerturbationGame | Reading) -> list[int]:
    """The words by what keeping them adds to the numerator of f, most for its sign first.

    In one head D > 0, so that f has the sign of N + offset · D, to which word j adds
    b_j + offset · a_j: in this order the first words that flip are the fewest. Several heads are
    averaged with D at the whole text, and nothing is promised. Words equal but for rounding are
    put in their own order.
    """
    game = as_game(game)
    whole = game.rest_weight + game.kept_weight.sum(axis=1)
    adds = ((game.b + game.offset * game.a) / whole[:, None]).mean(axis=0)
    return np.argsort(-settle(side(game) * adds), kind="stable").tolist()


def smallest(game: PerturbationGame | Reading, seconds: float = math.inf) -> Fewest:
    """The counterfactual of fewest words, as the mask without them.

    Its size is infinite if no mask flips. If a program takes more than that many `seconds`, there
    is less proved. Raises `ValueError` for an output of zero, `TypeError` for what is no game.
    """
    game = as_game(game)
    known = avoiding(game, np.zeros(len(game.labels)))
    if known is None:
        return Fewest(None, math.inf, math.inf)
    return fewest_masked(game, -side(game), known, seconds)


def sufficient(game: PerturbationGame | Reading, seconds: float = math.inf) -> Fewest:
    """The fewest words that hold the sign if nothing else is kept: none, if the empty text does.

    Here the sign holds if the output is on its side by the margin.
    """
    game = as_game(game)
    d = len(game.labels)
    steps = np.zeros((d + 1, d))
    for k, j in enumerate(by_numerator(game), start=1):
        steps[k:, j] = 1.0
    holds = side(game) * game.value(steps) >= MARGIN
    return fewest_kept(game, side(game), steps[holds.argmax()], seconds)


def smallest_reason(game: PerturbationGame | Reading, seconds: float = math.inf) -> Fewest:
    """The fewest words that hold the sign whatever else is masked, as the mask that keeps them.

    Counterfactuals are listed one by one, and a smallest set that hits all listed ones is tried,
    until none avoids it. Its size is a lower bound all the time. If `seconds` run out, the mask is
    a reason of which no word can be left out.
    """
    game = as_game(game)
    end = time.monotonic() + seconds
    listed = np.zeros((0, len(game.labels)))
    while True:
        tried = hitting(listed)
        found = avoiding(game, tried)
        if found is None:
            return Fewest(tried, float(tried.sum()), float(tried.sum()))
        grown = tried
        while found is not None:  # several that share no word: each raises the bound
            listed = np.vstack([listed, 1 - found])
            grown = np.maximum(grown, 1 - found)
            found = avoiding(game, grown)
        if time.monotonic() > end:
            mask = irredundant(game, grown)
            return Fewest(mask, float(mask.sum()), float(tried.sum()))


def irredundant(game: PerturbationGame, reason: Array) -> Array:
    """A part (d,) of the `reason` that is one, too, and is none without any of its words."""
    reason = np.array(reason)
    for j in np.flatnonzero(reason):
        reason[j] = 0.0
        if avoiding(game, reason) is not None:
            reason[j] = 1.0
    return reason


def avoiding(game: PerturbationGame, kept: Array) -> Array | None:
    """A mask that flips with all words of `kept` (d,) kept, and with no masked word too many.

    None if there is none, which is proved. Greedy search comes first, because it is quick.
    """
    z = np.ones(len(kept))
    for j in greedy(game, kept):
        z[j] = 0.0
        if flips(game, z):
            break
    else:
        most = int((kept == 0).sum())
        best = among(game, 0, most, "min" if side(game) > 0 else "max", kept)
        if not flips(game, best.mask):
            return None
        z = np.array(best.mask)
    for j in np.flatnonzero((z == 0) & (kept == 0)):
        z[j] = 1.0
        if not flips(game, z):
            z[j] = 0.0
    return z


def hitting(sets: Array) -> Array:
    """A smallest set (d,) that has a word of each of the `sets` (n, d)."""
    d = sets.shape[1]
    if not len(sets):
        return np.zeros(d)
    with silence():
        found = milp(
            np.ones(d),
            integrality=np.ones(d),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(sets, lb=1.0),
            options={"mip_rel_gap": 0.0},
        )
    return np.abs(np.round(found.x))
