"""The game that the `lime` package plays by default: a masked word is deleted, not replaced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.games.game import masks
from helpers.model.reading import Array, Reading, takes_reading

BLOCK = 1024  # masks at a time


@dataclass(frozen=True)
class DeletionGame:
    """f of a document with words deleted: later words move to the left, and padding follows.

    `place` (n,) is the label of each of the n tokens of the text. In head i, token t adds
    `word_logits` (K, n) and `word_values` (K, n) to what ``[UNK]`` has at the position where the
    token comes to stand, `logits` and `values` (K, T_max); position 0 is that of [CLS].
    """

    labels: tuple[str, ...]
    text: tuple[str, ...]
    place: Array
    word_logits: Array
    word_values: Array
    logits: Array
    values: Array

    def value(self, z: Array) -> Array:
        """f(z), a logit: masks (n, d), 1 for kept and 0 for deleted, give (n,)."""
        z = masks(z, len(self.labels))
        return np.concatenate([self._value(part) for part in _blocks(z)])

    def _value(self, z: Array) -> Array:
        kept = z[:, self.place] == 1  # (n, tokens)
        position, length = np.cumsum(kept, axis=1), kept.sum(axis=1)
        top = self.logits.max(axis=1) + np.maximum(self.word_logits, 0).max(axis=1)
        total = np.zeros(len(z))
        for i in range(len(top)):
            unknown = np.exp(self.logits[i] - top[i])
            weight = kept * unknown[position] * np.exp(self.word_logits[i])
            value = weight * (self.values[i][position] + self.word_values[i])
            D, N = ((weight.sum(axis=1), unknown), (value.sum(axis=1), unknown * self.values[i]))
            (D, N) = (words + all_[0] + _from(all_, length + 1) for words, all_ in (D, N))
            total += N / D
        return total / len(top)


def _blocks(z: Array) -> list[Array]:
    return np.array_split(z, max(1, -(-len(z) // BLOCK)))


def _from(terms: Array, start: Array) -> Array:
    """The sum of `terms` (T,) from each of the places `start` on."""
    tail = np.append(np.cumsum(terms[::-1])[::-1], 0.0)
    return tail[start]


@takes_reading
def deletion_game(reading: Reading) -> DeletionGame:
    """The game of a document's distinct words in which a masked word is deleted everywhere.

    It is what the `lime` package, whose default is ``bow=True``, asks of a classifier; words beyond
    T_max, which would move in, are not known to a reading. Embeddings must be word plus position.
    """
    T, words = reading.length, reading.text[1:]
    labels = tuple(dict.fromkeys(words))
    here = np.s_[:, 1:T]
    return DeletionGame(
        labels,
        words,
        np.array([labels.index(word) for word in words]),
        (reading.logits - reading.masked_logits)[here],
        (reading.values - reading.masked_values)[here],
        reading.masked_logits,
        reading.masked_values,
    )
