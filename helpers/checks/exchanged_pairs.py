"""The best two exchanges of words, proved, without trying all pairs: a truth for beam search."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
from scipy.spatial import ConvexHull

from helpers.evaluation import substitutions
from helpers.evaluation.substitutions import Exchanges, Swaps
from helpers.model.reading import Array


def best_pair(table: Exchanges, side: float) -> tuple[Swaps, float]:
    """The two exchanges that move f most against `side`, and f after them: the best of all pairs.

    Beside an exchange, the best one of another place for a single head is a corner of the convex
    hull of what the words of that place add to (D, N). The mean of these over heads is a bound;
    exchanges whose bound does not reach what a beam finds are put aside, and of the others all
    pairs are tried. Raises `ValueError` for a text of one place.
    """
    search = substitutions.beam(table, side)
    next(search)
    swaps, f = next(search, ((), math.nan))
    if not swaps:
        raise ValueError("the text has one place, and no pair of places: give a longer text")
    totals = np.array(table.totals)[:, :, None]  # (2, K, 1): D, N
    offers = np.array([_adds(table, i) for i in range(totals.shape[1])])
    offers = offers.transpose(2, 1, 0, 3)  # (n, 2, K, V)
    corners = [[_corners(*both) for both in place.transpose(1, 0, 2)] for place in offers]
    for one, other in itertools.combinations(range(len(offers)), 2):
        rows, columns = (
            np.flatnonzero(-side * _reach(totals + offers[x], corners[y], side) >= -side * f - 1e-9)
            for x, y in ((one, other), (other, one))
        )
        for row in rows:
            D, N = totals + offers[one][:, :, [row]] + offers[other][:, :, columns]
            after = (N / D).mean(axis=0)
            if len(columns) and side * (f - after).max() > 1e-9:
                place = int((-side * after).argmax())
                swaps, f = ((one, int(row)), (other, int(columns[place]))), float(after[place])
    return swaps, f


def _adds(table: Exchanges, head: int) -> tuple[Array, Array]:
    """What each exchange adds to D and to N of a head, (n, V) both."""
    weight, says = table.offered(head)
    now, voted = table.weight[head][:, None], table.voted[head][:, None]
    return weight - now, weight * says - voted


def _corners(weight: Array, voted: Array) -> Array:
    """The corners (2, m) of the convex hull of points (V,), or all of them if they are few."""
    points = np.array([weight, voted])
    few = points.shape[1] < 10
    return points if few else points[:, ConvexHull(points.T, qhull_options="QJ").vertices]


def _reach(now: Array, corners: Sequence[Array], side: float) -> Array:
    """The mean over heads of the most that a corner makes of N / D; `now` is (2, K, V), D and N."""
    ends = [
        (-side * (N + v[:, None]) / (D + w[:, None])).max(axis=0)
        for D, N, (w, v) in zip(*now, corners)
    ]
    return -side * np.mean(ends, axis=0)
