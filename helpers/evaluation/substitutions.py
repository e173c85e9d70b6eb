"""Every exchange of a word for another one, exactly: what HotFlip guesses from one gradient.

A document of n places and a vocabulary of V words have n V one-word substitutions. In one layer of
attention each moves one term of N and D in a head, so the effects of all of them are two arrays.
HotFlip (Ebrahimi et al., 2018) ranks them by the slope of f along the exchange of embeddings.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from helpers.data.words import CLS
from helpers.model.reading import Array, Reading, finite, takes_reading

if TYPE_CHECKING:
    from helpers.model.classifier import AttentionClassifier

Swap = tuple[int, int]  # a place and the word that is put there, both by index
Swaps = tuple[Swap, ...]


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
        D = self.rest_weight + self.weight.sum(axis=1)
        return D, self.rest_voted + self.voted.sum(axis=1)

    @property
    def output(self) -> float:
        """f, a logit: the mean of N / D."""
        D, N = self.totals
        return float((N / D).mean())

    def offered(self, head: int) -> tuple[Array, Array]:
        """What each word would weigh and say in each place of a head, (n, V) both."""
        weight = np.outer(self.place_weight[head], self.word_weight[head])
        return weight, self.place_value[head][:, None] + self.word_value[head]

    @property
    def others(self) -> tuple[Array, Array]:
        """D and N of each head without what stands in a place, (K, n) both.

        They are summed from both ends, because D less a weight can lose every digit.
        """
        sums = []
        for rest, own in ((self.rest_weight, self.weight), (self.rest_voted, self.voted)):
            before = np.cumsum(np.column_stack([rest, own[:, :-1]]), axis=1)
            after = np.cumsum(own[:, :0:-1], axis=1)[:, ::-1]
            sums.append(before + np.column_stack([after, np.zeros(len(own))]))
        return sums[0], sums[1]


def alphabet(classifier: AttentionClassifier) -> tuple[tuple[str, ...], Array]:
    """The words that a text can hold, ``[UNK]`` first, and their vectors (V, d_e)."""
    vectors = classifier.W_e.detach().double().numpy()
    stay = [i for i, word in enumerate(classifier.vocabulary.words) if word != CLS]
    return tuple(classifier.vocabulary.words[i] for i in stay), vectors[stay]


@takes_reading
def exchanges(reading: Reading, vectors: Array, everywhere: bool = False) -> Exchanges:
    """What words with `vectors` (V, d_e), without positions, would do in each place of the text.

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
    D, N = table.others
    total = np.zeros((table.weight.shape[1], table.word_weight.shape[1]))
    for head in range(len(D)):
        weight, says = table.offered(head)
        says *= weight
        says += N[head][:, None]
        weight += D[head][:, None]
        total += np.divide(says, weight, out=says)
    return total / len(D) - table.output


def first_order(table: Exchanges) -> Array:
    """HotFlip's score of each exchange, <e_w - e_t, ∇_{e_t} f> summed over a place's tokens.

    With α the attention of a token, δ and Δu what the new word adds to its logit and value, and f_i
    the output of the head, it is α (Δu + δ (u - f_i)), averaged over heads.
    """
    D, N = table.totals
    total = np.zeros((table.weight.shape[1], table.word_weight.shape[1]))
    for head, (weight, voted) in enumerate(zip(table.weight, table.voted)):
        then, says = table.offered(head)
        delta = np.log(then) - np.log(weight)[:, None]
        centred = (voted / weight - N[head] / D[head])[:, None]
        total += (weight / D[head])[:, None] * (says - (voted / weight)[:, None] + delta * centred)
    return total / len(D)


def only(table: Exchanges, places: Sequence[int], words: Sequence[int]) -> Exchanges:
    """The table of these places and these words, by index; all other places stay as they are."""
    others = np.delete(np.arange(table.weight.shape[1]), places)
    return Exchanges(
        word_weight=table.word_weight[:, words],
        word_value=table.word_value[:, words],
        place_weight=table.place_weight[:, places],
        place_value=table.place_value[:, places],
        weight=table.weight[:, places],
        voted=table.voted[:, places],
        rest_weight=table.rest_weight + table.weight[:, others].sum(axis=1),
        rest_voted=table.rest_voted + table.voted[:, others].sum(axis=1),
    )


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


def beam(table: Exchanges, side: float, width: int = 10) -> Iterator[tuple[Swaps, float]]:
    """The best exchanges of 1, 2, ... places that a beam finds, and f after them.

    They lower f if `side` is 1, and raise it if it is -1. Each step keeps the `width` best sets and
    tries every exchange of one more place in each of them; a width of 1 is greedy search.
    """
    kept: list[Swaps] = [()]
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
    """The at most `count` exchanges that move one head most against `side`, and its output then.

    They are the best: Dinkelbach's iteration on N / D, where at each level λ every place takes the
    word with the largest gain in N - λ D, and the places with the largest gains are taken.
    """
    weight, says = table.offered(head)
    D, N = table.totals
    level, swaps = N[head] / D[head], []
    while True:
        here = table.voted[head] - level * table.weight[head]
        gains = -side * (weight * (says - level) - here[:, None])
        words, gain = gains.argmax(axis=1), gains.max(axis=1)
        order = np.argsort(-gain, kind="stable")[:count]
        chosen = [(int(place), int(words[place])) for place in order if gain[place] > 0]
        D, N = swapped(table, chosen).totals
        now = N[head] / D[head]
        if -side * (now - level) <= 1e-12 * max(1.0, abs(level)):
            return swaps, float(level)
        level, swaps = now, chosen


def bound(table: Exchanges, side: float, count: int) -> float:
    """An f that no `count` exchanges pass, against `side`: each head has its own best ones."""
    heads = range(len(table.weight))
    return float(np.mean([in_one_head(table, i, side, count)[1] for i in heads]))


def fewest(table: Exchanges, side: float, width: int = 10) -> tuple[float, int]:
    """How many exchanges turn the sign of f, as the beam finds, and how many it takes at least.

    The first is infinite if the beam turns it nowhere. The second is proved, n + 1 if no exchanges
    turn it. It is exact in one head, and says if one exchange is enough, since all are tried.
    """
    places = table.weight.shape[1]
    least = next((k for k in range(places + 1) if side * bound(table, side, k) < 0), places + 1)
    turned = (len(swaps) for swaps, f in beam(table, side, width) if side * f < 0)
    found = next(turned, math.inf)
    return found, max(least, 2) if found > 1 else least
