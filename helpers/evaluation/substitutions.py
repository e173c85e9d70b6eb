"""Every exchange of a word for another one, exactly: what HotFlip guesses from one gradient.

A document of n places and a vocabulary of V words have n V one-word substitutions. In one layer of
attention each moves one term of N and D in a head, so the effects of all of them are two arrays.
HotFlip (Ebrahimi et al., 2018) ranks them by the slope of f along the exchange of embeddings.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import ConvexHull

from helpers.model.reading import Array, Reading, finite, takes_reading

Swap = tuple[int, int]  # a place and the word that is put there, both by index


@dataclass(frozen=True)
class Exchanges:
    """A document whose n places can take any of V words; weights are relative in each head.

    A word w at place j weighs ``word_weight[w] * place_weight[j]`` in a head, and says
    ``word_value[w] + place_value[j]``. `weight` and `voted` (K, n) are Σ g_t and Σ g_t u_t of what
    stands there now, `rest_weight` and `rest_voted` (K,) those of [CLS], padding and other places.
    """

    word_weight: Array
    word_value: Array
    place_weight: Array
    place_value: Array
    weight: Array
    voted: Array
    rest_weight: Array
    rest_voted: Array

    @property
    def totals(self) -> tuple[Array, Array]:
        """D and N of each head, (K,) both."""
        return (
            self.rest_weight + self.weight.sum(axis=1),
            self.rest_voted + self.voted.sum(axis=1),
        )

    @property
    def output(self) -> float:
        """f, a logit: the mean of N / D."""
        D, N = self.totals
        return float((N / D).mean())

    def offered(self, head: int) -> tuple[Array, Array]:
        """What each word would weigh and say in each place of a head, (n, V) both."""
        weight = np.outer(self.place_weight[head], self.word_weight[head])
        return weight, self.place_value[head][:, None] + self.word_value[head]

    def adds(self, head: int) -> tuple[Array, Array]:
        """What each exchange adds to D and to N of a head, (n, V) both."""
        weight, says = self.offered(head)
        says *= weight
        says -= self.voted[head][:, None]
        weight -= self.weight[head][:, None]
        return weight, says


@takes_reading
def exchanges(reading: Reading, vectors: Array, everywhere: bool = False) -> Exchanges:
    """What each word, with `vectors` (V, d_e) without positions, would do in each place of the text.

    The first of the vectors is that of ``[UNK]``, as in ``classifier.W_e``. A place is a token; or,
    `everywhere`, a distinct word of the text with all of its positions, in the order of a game's
    labels. Raises `ValueError` if vectors and embeddings differ in width. O(K (V + T) d_e).
    """
    vectors = finite("vectors", vectors, (None, reading.embeddings.shape[1]))
    inside, words = slice(1, reading.length), reading.text[1:]
    kinds = list(dict.fromkeys(words)) if everywhere else []
    group = np.array([kinds.index(w) for w in words] if everywhere else range(len(words)), int)
    sums = np.eye(group.max(initial=-1) + 1)[:, group]  # (n, T - 1): which token is in which place
    logit, value = reading.key_directions @ vectors.T, reading.value_directions @ vectors.T
    ahead = (reading.masked_logits[:, inside] - logit[:, :1], reading.masked_values[:, inside])
    top = logit.max(axis=1, keepdims=True)
    scale = np.maximum(reading.logits.max(axis=1), (top + ahead[0]).max(axis=1))[:, None]
    place, now = np.exp(top + ahead[0] - scale), np.exp(reading.logits - scale)
    voted, weight = now * reading.values, place @ sums.T
    outside = np.r_[0, reading.length : now.shape[1]]
    return Exchanges(
        word_weight=np.exp(logit - top),
        word_value=value - value[:, :1],
        place_weight=weight,
        place_value=(place * ahead[1]) @ sums.T / weight,
        weight=now[:, inside] @ sums.T,
        voted=voted[:, inside] @ sums.T,
        rest_weight=now[:, outside].sum(axis=1),
        rest_voted=voted[:, outside].sum(axis=1),
    )


def effects(table: Exchanges) -> Array:
    """f with a word in a place less f now, for all places and words, (n, V). O(K) for each."""
    D, N = table.totals
    total = np.zeros((table.weight.shape[1], table.word_weight.shape[1]))
    for head in range(len(D)):
        weight, voted = table.adds(head)
        f = N[head] / D[head]
        voted -= f * weight
        weight += D[head]
        total += np.divide(voted, weight, out=voted)
    return total / len(D)


def mixed(table: Exchanges, crossed: bool, curved: bool, shared: bool) -> Array:
    """HotFlip's score of each exchange (n, V) with some of its three errors mended.

    Let δ and Δu be what an exchange adds to a token's logit and value, x = e^δ - 1, α its attention
    and c its value less the output of the head. HotFlip sums α (Δu + δ c) over heads, which is
    <e_w - e_t, ∇_{e_t} f>. The effect is α ((1 + x) Δu + x c) / (1 + α x): `crossed`, the new value
    is heard with the new weight; `curved`, the weight moves by x, not by δ; `shared`, all attention
    is divided anew.
    """
    D, N = table.totals
    total = np.zeros((table.weight.shape[1], table.word_weight.shape[1]))
    for head in range(len(D)):
        weight, voted = table.weight[head][:, None], table.voted[head][:, None]
        then, says = table.offered(head)
        alpha, value, delta = weight / D[head], voted / weight, np.log(then) - np.log(weight)
        x = np.expm1(delta)
        moved = (1 + x if crossed else 1) * (says - value)
        moved += (x if curved else delta) * (value - N[head] / D[head])
        total += alpha * moved / (1 + alpha * x if shared else 1)
    return total / len(D)


def first_order(table: Exchanges) -> Array:
    """HotFlip's score of each exchange, <e_w - e_t, ∇_{e_t} f> summed over a place's tokens."""
    return mixed(table, crossed=False, curved=False, shared=False)


def swapped(table: Exchanges, swaps: Sequence[Swap]) -> Exchanges:
    """The table of the document with these words put into these places."""
    weight, voted = table.weight.copy(), table.voted.copy()
    for place, word in swaps:
        weight[:, place] = table.place_weight[:, place] * table.word_weight[:, word]
        says = table.word_value[:, word] + table.place_value[:, place]
        voted[:, place] = weight[:, place] * says
    return replace(table, weight=weight, voted=voted)


def best(scores: Array, count: int = 1) -> list[Swap]:
    """The `count` exchanges of largest score (n, V), best first; of equal ones the first."""
    rounded = np.round(scores.ravel(), 9)
    count = min(count, rounded.size)
    least = np.partition(rounded, -count)[-count]
    near = np.flatnonzero(rounded >= least)
    order = near[np.argsort(-rounded[near], kind="stable")][:count]
    return [divmod(int(x), scores.shape[1]) for x in order]


def beam(
    table: Exchanges, side: float, width: int = 10
) -> Iterator[tuple[tuple[Swap, ...], float]]:
    """The best exchanges of 1, 2, ... places that a beam finds, and f after them.

    They lower f if `side` is 1, and raise it if it is -1. Each step keeps the `width` best sets and
    tries every exchange of one more place in each of them; a width of 1 is greedy search.
    """
    kept: list[tuple[Swap, ...]] = [()]
    for _ in range(table.weight.shape[1]):
        found = {}
        for swaps in kept:
            now = swapped(table, swaps)
            scores = -side * (now.output + effects(now))
            scores[[place for place, _ in swaps]] = -np.inf
            for swap in best(scores, width):
                if scores[swap] > -np.inf:
                    found[tuple(sorted((*swaps, swap)))] = scores[swap]
        kept = sorted(found, key=lambda swaps: (-round(found[swaps], 9), swaps))[:width]
        yield kept[0], -side * float(found[kept[0]])


def in_one_head(table: Exchanges, head: int, side: float, count: int) -> tuple[list[Swap], float]:
    """The at most `count` exchanges that move one head's output most against `side`, and that output.

    They are the best: Dinkelbach's iteration on N / D, where at each level λ every place takes the
    word with the largest gain in N - λ D, and the places with the largest gains are taken.
    """
    D, N = (total[head] for total in table.totals)
    weight, voted = table.adds(head)
    level, swaps = N / D, []
    while True:
        gains = -side * (voted - level * weight)
        words, gain = gains.argmax(axis=1), gains.max(axis=1)
        order = np.argsort(-gain, kind="stable")[:count]
        chosen = [(int(place), int(words[place])) for place in order if gain[place] > 0]
        rows = tuple(np.array(chosen, dtype=int).reshape(-1, 2).T)
        now = (N + voted[rows].sum()) / (D + weight[rows].sum())
        if -side * (now - level) <= 1e-12 * max(1.0, abs(level)):
            return swaps, float(level)
        level, swaps = now, chosen


def bound(table: Exchanges, side: float, count: int) -> float:
    """An f that no `count` exchanges pass, against `side`: each head has its own best ones."""
    heads = range(len(table.weight))
    return float(np.mean([in_one_head(table, i, side, count)[1] for i in heads]))


def fewest(table: Exchanges, side: float, width: int = 10) -> tuple[float, int]:
    """How many exchanges turn the sign of f, as the beam finds, and how many it takes at least.

    The number is infinite if the beam turns it nowhere. In one head both are equal.
    """
    places = table.weight.shape[1]
    least = next((k for k in range(places + 1) if side * bound(table, side, k) < 0), places + 1)
    turned = (len(swaps) for swaps, f in beam(table, side, width) if side * f < 0)
    return next(turned, math.inf), least


def best_pair(table: Exchanges, side: float) -> tuple[tuple[Swap, ...], float]:
    """The two exchanges that move f most against `side`, and f after them: the best of all pairs.

    Beside an exchange, the best one of another place for a single head is a corner of the convex
    hull of what the words of that place add to (D, N). The mean of these over heads is a bound;
    exchanges whose bound does not reach what a beam finds are put aside, and of the others all
    pairs are tried. Raises `ValueError` for a text of one place.
    """
    search = beam(table, side)
    next(search)
    swaps, f = next(search, ((), math.nan))
    if not swaps:
        raise ValueError("the text has one place, and no pair of places: give a longer text")
    totals = np.array(table.totals)[:, :, None]  # (2, K, 1): D, N
    offers = np.array([table.adds(i) for i in range(totals.shape[1])])
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
