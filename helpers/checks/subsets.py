"""Shapley values by counting subsets, in whole numbers: a truth without an integral for 1/D.

If the weights of a head are whole numbers, D takes few values, and how many subsets of each size
reach each of them is a coefficient of a product of polynomials (as Bilbao et al., 2000, count the
coalitions of a weighted vote).
"""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction

import numpy as np

from helpers.games import PerturbationGame
from helpers.model.reading import Array

Word = tuple[int, int]  # weight kept, weight masked


def shapley(game: PerturbationGame) -> Array:
    """Shapley values (d,) of a game of whole numbers below 2^53; each is a fraction until the end.

    Raises `ValueError` for anything but whole numbers.
    """
    K, d = game.kept_weight.shape
    total = [Fraction(0)] * d
    for head in range(K):
        total = [x + y for x, y in zip(total, one_head(game, head))]
    return np.array([float(x / K) for x in total])


def one_head(game: PerturbationGame, head: int) -> list[Fraction]:
    """The Shapley values of one head, a fraction for each word.

    Of all subsets of m words without j, each has the weight m! (d - 1 - m)! / d!. A sum over those
    with one D needs their number, and the number of those that hold k, for each k: N is additive.
    Both depend on the weights of j and k alone, and are found by dividing a polynomial.
    """
    kept, masked = whole(game.kept_weight[head]), whole(game.masked_weight[head])
    on, off = whole(game.kept_value[head]), whole(game.masked_value[head])
    (rest,), (rest_value,) = whole(game.rest_weight[[head]]), whole(game.rest_value[[head]])
    words, d = list(zip(kept, masked)), len(kept)
    size = [math.factorial(m) * math.factorial(d - 1 - m) for m in range(d)]
    found: list[Fraction] = [Fraction(0)] * d
    everything = product(words)
    for word in set(words):
        others = without(everything, word)  # subsets of the other words, by size and D
        number = weigh(others, size)
        sums = rest_value * number
        rests = Counter(words) - Counter([word])
        parts = {}
        for other in rests:  # what one word of that weight adds to N: kept, and masked
            left = without(others, other)
            held = weigh(left, size[1:], other[0], len(number))
            parts[other] = held, weigh(left, size, other[1], len(number))
        for j in (j for j in range(d) if words[j] == word):
            N = sums.copy()
            for other, (held, gone) in parts.items():
                same = [k for k in range(d) if words[k] == other and k != j]
                N += sum(on[k] for k in same) * held + sum(off[k] for k in same) * gone
            for D, (value, count) in enumerate(zip(N, number), start=rest):
                if count:
                    found[j] += Fraction(value + on[j] * count, D + word[0])
                    found[j] -= Fraction(value + off[j] * count, D + word[1])
    return [x / math.factorial(d) for x in found]


def whole(numbers: Array) -> list[int]:
    """`numbers` as Python's own, of any length."""
    if (numbers % 1 != 0).any() or np.abs(numbers).max() >= 2**53:
        raise ValueError("only whole numbers below 2^53 can be counted exactly")
    return [int(x) for x in numbers]


def product(words: list[Word]) -> Array:
    """How many subsets of `words` have m words and D = s: the product of x^masked + t x^kept.

    Whole numbers in an array of objects, (words + 1, largest D + 1), entry (m, s) for t^m x^s.
    """
    made = np.ones((1, 1), dtype=object)
    for kept, masked in words:
        m, s = made.shape
        more = np.zeros((m + 1, s + max(kept, masked)), dtype=object)
        more[:m, masked : masked + s] += made
        more[1:, kept : kept + s] += made
        made = more
    return made


def without(made: Array, word: Word) -> Array:
    """`made` divided by x^masked + t x^kept, which leaves no remainder: one word less."""
    kept, masked = word
    m, s = made.shape
    less = np.zeros((m - 1, s - max(kept, masked)), dtype=object)
    for k in range(m - 1):
        less[k] = made[k, masked : masked + less.shape[1]]
        if k:
            shifted = np.zeros(s + kept, dtype=object)
            shifted[kept : kept + less.shape[1]] = less[k - 1]
            less[k] -= shifted[masked : masked + less.shape[1]]
    return less


def weigh(made: Array, size: list[int], shift: int = 0, length: int | None = None) -> Array:
    """Σ_m size_m made[m], moved to the right by `shift` in an array of `length` entries."""
    total = sum(weight * row for weight, row in zip(size, made))
    moved = np.zeros(length or len(total), dtype=object)
    moved[shift : shift + len(total)] = total
    return moved
