"""The best that any choice of masked words can do, for every number of them, and scores against it.

One head is a ratio of two sums, whose best masks Dinkelbach's (1967) iteration finds by sorting.
Of several heads and few words, all masks are looked at, which is a proof as well and quicker than
the mixed-integer programs of `programs`, to which longer texts go. The mean of what the heads reach
one by one is a bound for any text at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from helpers.evaluation import faithfulness, programs
from helpers.evaluation.lime_rules import one_head
from helpers.games import PerturbationGame, as_game
from helpers.games.game import ratio
from helpers.model.reading import Array, Reading

FEW = 20  # words, of which all 2^20 masks take a quarter of a second


@dataclass(frozen=True)
class Ceiling:
    """The best `values` (d + 1,) that were found with 0, 1, …, d masked words, and their `bounds`.

    No mask of so many masked words is better than its bound; where `proved` (d + 1,), none is
    better than the value.
    """

    values: Array
    bounds: Array
    proved: Array


def ceiling(game: PerturbationGame | Reading, sense: str, seconds: float = math.inf) -> Ceiling:
    """The least or greatest (`sense`: "min", "max") f with 0, 1, …, d masked words.

    After `seconds` for a number of words the search for it ends, with what is proved by then.
    Raises `ValueError` for another sense, and for a bag of several heads that can be empty.
    """
    game = as_game(game)
    d = len(game.labels)
    if sense not in programs.SENSES:
        raise ValueError(f"sense is 'min' or 'max', not {sense!r}")
    if len(game.a) == 1 or d <= FEW:
        values = dinkelbach(game, sense) if len(game.a) == 1 else every_mask(game, sense)
        return Ceiling(values, values, np.ones(d + 1, dtype=bool))
    found = [programs.extreme(game, k, sense, seconds) for k in range(d + 1)]
    fields = ("value", "bound", "proved")
    return Ceiling(*(np.array([getattr(x, name) for x in found]) for name in fields))


def dinkelbach(game: PerturbationGame | Reading, sense: str) -> Array:
    """The least or greatest f of one head with 0, 1, …, d masked words, (d + 1,).

    With a guess λ, the k kept words that make N - λ D least are the first k in the order of
    b - λ a, and their N/D is the next guess; when it no longer falls, no mask of k kept words
    does better (Dinkelbach, 1967). Raises `ValueError` for several heads.
    """
    game = as_game(game)
    if len(game.a) != 1:
        raise ValueError("one head only: call ceilings.ceiling(game, sense) for several")
    sign, d = programs.SENSES[sense], len(game.labels)
    (a,), (b,) = game.a, sign * game.b
    first = (np.arange(d) < np.arange(d + 1)[:, None]).astype(float)
    guess, better = np.full(d + 1, np.inf), sign * game.value(first)
    while (better < guess).any():
        guess = np.minimum(better, guess)
        order = np.argsort(b - (guess - sign * game.offset)[:, None] * a, axis=1, kind="stable")
        kept = np.empty_like(first)
        np.put_along_axis(kept, order, first, axis=1)
        better = sign * game.value(kept)
    return sign * guess[::-1]


def by_heads(game: PerturbationGame | Reading, sense: str) -> Array:
    """A bound on the least or greatest f with 0, 1, …, d masked words, (d + 1,): no f is beyond.

    It is the mean of what each head reaches if it may choose the words for itself alone, so that
    no program is solved, and it is attained where the heads agree on the words. O(K d² log d) for
    each round of `dinkelbach`; a few rounds do.
    """
    game = as_game(game)
    own = [dinkelbach(one_head(game, i), sense) for i in range(len(game.a))]
    return np.mean(own, axis=0)


def every_mask(game: PerturbationGame | Reading, sense: str) -> Array:
    """The least or greatest f over all 2^d masks, for 0, 1, …, d masked words, (d + 1,)."""
    game = as_game(game)
    sign, d = programs.SENSES[sense], len(game.labels)
    half = d // 2
    left, right = _sums(game, slice(half)), _sums(game, slice(half, d))
    starts = np.flatnonzero(np.diff(right[0], prepend=-1))
    best = np.full(d + 1, np.inf)
    for count, N, D in zip(*left):
        heads = ratio(N + right[1] + game.rest_value, D + right[2] + game.rest_weight)
        found = np.minimum.reduceat(sign * heads.mean(axis=1), starts)
        best[count : count + len(found)] = np.minimum(best[count : count + len(found)], found)
    return game.offset + sign * best[::-1]


def _sums(game: PerturbationGame, words: slice) -> tuple[Array, Array, Array]:
    """Of all masks of these words, fewest kept first: how many are kept, and their N and D."""
    d = game.a[:, words].shape[1]
    z = (np.arange(2**d)[:, None] >> np.arange(d)) & 1
    z = z[np.argsort(z.sum(axis=1), kind="stable")]
    N = z @ game.b[:, words].T + game.masked_value[:, words].sum(axis=1)
    D = z @ game.a[:, words].T + game.masked_weight[:, words].sum(axis=1)
    return z.sum(axis=1), N, D


def side(game: PerturbationGame) -> float:
    """1, or -1 if f of the whole text is negative."""
    return -1.0 if game.value(np.ones(len(game.labels))) < 0 else 1.0


@dataclass(frozen=True)
class Scale:
    """What chance and the best possible do to the output of a document, toward its own sign.

    A score is the share of the way from chance to the best that an order of the words gets:
    0 for chance in the mean, 1 if no choice of words does better, and negative for worse than
    chance. It depends on the document and the order alone, not on other orders.
    """

    game: PerturbationGame
    deleted: Ceiling
    inserted: Ceiling
    floor: Array

    @property
    def side(self) -> float:
        """1 or -1: the sign of f for the whole text."""
        return side(self.game)

    def deletion(self, order: Array) -> float:
        """The score of masking the words in that order, an area over all numbers of words.

        NaN if no choice differs from chance.
        """
        curve = faithfulness.deletion(self.game, order)
        return area(curve, self.floor, self.deleted.values)

    def insertion(self, order: Array) -> float:
        """The score of keeping the words in that order alone, as above."""
        curve = faithfulness.insertion(self.game, order)[::-1]
        return area(curve, self.floor, self.inserted.values)


def scale(
    game: PerturbationGame | Reading,
    seconds: float = math.inf,
    ceilings: tuple[Ceiling, Ceiling] | None = None,
) -> Scale:
    """The scale of a document; `ceilings` (deleted, inserted) if they are known from before.

    Deleted is the furthest that masking so many words takes f from its sign, inserted the furthest
    that f is on its side with so many words masked. `seconds` as in `ceiling`.
    """
    game = as_game(game)
    deleted, inserted = ceilings or (ceiling(game, sense, seconds) for sense in _senses(game))
    return Scale(game, deleted, inserted, faithfulness.floor(game))


def bounded(game: PerturbationGame | Reading) -> Scale:
    """`scale` with `by_heads` for ceilings: for a text of any length, in milliseconds.

    The way to the bound is longer than that to the best, so that scores are nearer to 0 than they
    should be: those above 0 are proved from below.
    """
    game = as_game(game)
    bounds, unproved = [by_heads(game, x) for x in _senses(game)], np.zeros(len(game.labels) + 1)
    deleted, inserted = (Ceiling(x, x, unproved.astype(bool)) for x in bounds)
    return scale(game, ceilings=(deleted, inserted))


def _senses(game: PerturbationGame) -> tuple[str, str]:
    """Where deletions and insertions should lead, seen from the sign of the text."""
    return ("min", "max") if side(game) > 0 else ("max", "min")


def area(curve: Array, floor: Array, ceiling: Array) -> float:
    """The area between the curve and the floor, as a share of that between ceiling and floor."""
    room = float(np.sum(ceiling - floor))
    return float(np.sum(curve - floor)) / room if abs(room) > 1e-9 else math.nan


def greedy(game: PerturbationGame | Reading) -> Array:
    """The order (d,) that masks, word by word, the one whose masking takes most from the output.

    What a search that asks the model d (d + 1) / 2 times reaches; no registry method does this.
    """
    game = as_game(game)
    d = len(game.labels)
    z, order, toward = np.ones(d), [], side(game)
    while len(order) < d:
        left = np.flatnonzero(z)
        trial = np.repeat(z[None], len(left), axis=0)
        trial[np.arange(len(left)), left] = 0
        order.append(int(left[np.argmin(np.round(toward * game.value(trial), 12))]))
        z[order[-1]] = 0
    return np.array(order)
