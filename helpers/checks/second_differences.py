"""Interactions from all masks, by their definitions: the truths of the chapter on interactions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np

from helpers.checks import oracles
from helpers.games import PerturbationGame
from helpers.model.reading import Array


def by_size(index: str, s: int, d: int) -> float:
    """The weight that an index gives to Δ_ij f where s of the other d - 2 words are kept.

    Grabisch and Roubens (1999), Sundararajan et al. (2020), Tsai et al. (2023), as published.
    """
    return {
        "shapley": 1 / ((d - 1) * math.comb(d - 2, s)),
        "shapley-taylor": 2 / (d * math.comb(d - 1, s)),
        "faithful-shapley": 6 * math.factorial(s + 1) * math.factorial(d - s - 1)
        / math.factorial(d + 1),
        "banzhaf": 0.5 ** (d - 2),
        "faithful-banzhaf": 0.5 ** (d - 2),
    }[index]  # fmt: skip


def corners(f: Array) -> Iterator[tuple[tuple[int, int], Array]]:
    """For each pair i < j, f with neither, i alone, j alone and both, (4, 2^(d-2), ...).

    `f` (2^d, ...) is in the order of `oracles.every_mask`, and what is left in that of the others.
    """
    d = len(f).bit_length() - 1
    f = f.reshape(*[2] * d, *f.shape[1:])
    for i, j in itertools.combinations(range(d), 2):
        four = np.moveaxis(f, (j, i), (0, 1))
        yield (i, j), four.reshape(4, 2 ** (d - 2), *f.shape[d:])


def averaged(game: PerturbationGame, weights: Array) -> Array:
    """Σ of Δ_ij f over the masks of the others, weights[s] where s are kept, for all pairs."""
    d = len(game.labels)
    kept = oracles.every_mask(d - 2).sum(axis=1).astype(int)
    pairs = np.zeros((d, d))
    for (i, j), (none, first, second, both) in corners(game.value(oracles.every_mask(d))):
        pairs[i, j] = pairs[j, i] = np.asarray(weights)[kept] @ (both - first - second + none)
    return pairs


def definition(game: PerturbationGame, index: str) -> Array:
    """The pairs (d, d) of an index as a sum over all subsets of the other words."""
    d = len(game.labels)
    return averaged(game, np.array([by_size(index, s, d) for s in range(d - 1)]))


def best_fit(game: PerturbationGame, index: str) -> tuple[Array, Array]:
    """Singles (d,) and pairs (d, d) of the best fit of f by words and pairs, on all 2^d masks.

    Every mask counts alike for "faithful-banzhaf". For "faithful-shapley" a mask of m words has
    weight 1 / C(d - 2, m - 1), and the fit is exact at the two ends, which are eliminated.
    """
    d = len(game.labels)
    z, (i, j) = oracles.every_mask(d), np.triu_indices(d, 1)
    design, f = np.column_stack([np.ones(len(z)), z, z[:, i] * z[:, j]]), game.value(z)
    start, free, root = np.zeros(design.shape[1]), np.eye(design.shape[1]), np.ones(len(z))
    if index == "faithful-shapley":
        ends = [0, -1]
        start = np.linalg.lstsq(design[ends], f[ends], rcond=None)[0]
        free = np.linalg.svd(design[ends])[2][2:].T
        kept = z.sum(axis=1).astype(int)
        root = np.array([1 / math.comb(d - 2, m - 1) if 0 < m < d else 0.0 for m in kept]) ** 0.5
    rest = (f - design @ start) * root
    found = start + free @ np.linalg.lstsq((design @ free) * root[:, None], rest, rcond=None)[0]
    pairs = np.zeros((d, d))
    pairs[i, j] = pairs[j, i] = found[d + 1 :]
    return found[1 : d + 1], pairs
