"""What the file of a game in the suite holds: the game as numbers, and its exact explanations."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
from threadpoolctl import threadpool_limits

from helpers.explainers import interactions, lime, occlusion, shapley
from helpers.explainers.explanation import Explanation
from helpers.games import PerturbationGame
from helpers.model.reading import Array

VERSION = "1.0"
ARRAYS = "rest_weight", "rest_value", "kept_weight", "kept_value", "masked_weight", "masked_value"
INDICES = "shapley", "shapley-taylor", "faithful-shapley", "banzhaf"
DIGITS, PAIR_DIGITS = 8, 13  # significant digits of a game's numbers, and of its largest pair


@dataclass(frozen=True)
class Task:
    """A game that is to be explained: its name, its family, where it comes from, and itself."""

    name: str
    family: str
    source: str
    game: PerturbationGame


def players(d: int) -> tuple[str, ...]:
    """Names for `d` words that are not told."""
    return tuple(f"w{j}" for j in range(1, d + 1))


def stated(game: PerturbationGame) -> PerturbationGame:
    """The game with D(1) = 1 in each head, its numbers rounded to eight digits, its words unnamed.

    So the weights of kept words are attention weights; and processors, which differ in about the
    sixteenth digit, state the same games.
    """
    everything = game.rest_weight + game.kept_weight.sum(axis=1)
    labels, arrays = players(len(game.labels)), {}
    for name in ARRAYS:
        array = getattr(game, name)
        scaled = (array.T / everything).T
        digits = [float(f"{x:.{DIGITS}g}") for x in scaled.ravel().tolist()]
        arrays[name] = np.reshape(digits, array.shape)
    return PerturbationGame(labels, labels, **arrays)


def solved(task: Task) -> dict[str, object]:
    """The content of a game's file: the game, and all its exact explanations."""
    game = task.game
    K, d = game.kept_weight.shape
    none, every = game.value(np.stack([np.zeros(d), np.ones(d)])).tolist()
    surrogate = lime.exact(game)
    return {
        "version": VERSION, "name": task.name, "family": task.family, "source": task.source,
        "d": d, "K": K, "game": {name: getattr(game, name).tolist() for name in ARRAYS},
        "f_none": none, "f_all": every,
        "shapley": _scores(shapley.exact(game)),
        "banzhaf": _scores(occlusion.banzhaf(game)),
        "lime": _scores(surrogate) | {"intercept": surrogate.intercept},
        "pairs": {index: _pairs(interactions.exact(game, index), index) for index in INDICES},
    }  # fmt: skip


def entries(several: Sequence[Task]) -> Iterator[dict[str, object]]:
    """`solved` of each task in order, on all cores.

    A process uses one thread, because a sum over several threads may round in another way.
    """
    workers = min(os.cpu_count() or 1, len(several))
    with ProcessPoolExecutor(workers, get_context("spawn"), _one_thread) as pool:
        yield from pool.map(solved, several)


def text(entry: dict[str, object]) -> str:
    """JSON with one line for each name: the first lines of a file show what it is."""
    lines = (f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in entry.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _one_thread() -> None:
    threadpool_limits(1)


def _scores(explanation: Explanation) -> dict[str, object]:
    return {"scores": explanation.scores.tolist(), **_bounds(explanation)}


def _pairs(found: interactions.Interactions, index: str) -> dict[str, object]:
    """The upper triangle, row by row, to 13 digits of the largest, and without negative zeros."""
    values: Array = found.matrix[np.triu_indices(len(found.labels), 1)]
    decimals = PAIR_DIGITS - 1 - math.floor(math.log10(np.abs(values).max(initial=0.0) or 1.0))
    entry = {"values": [round(x, decimals) + 0.0 for x in values.tolist()], **_bounds(found)}
    return entry | ({"singles": found.singles.tolist()} if index == "faithful-shapley" else {})


def _bounds(found: Explanation | interactions.Interactions) -> dict[str, float]:
    """The two bounds on errors, in two digits and not less than they are."""
    names = "certificate", "rounding"
    return {name: float(f"{1.05 * getattr(found, name):.1e}") for name in names}
