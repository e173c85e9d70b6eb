"""How far the words of a deep model mix below its head: by what its layers do to explanations."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from helpers.explainers import shapley
from helpers.explainers.explanation import Explanation
from helpers.games import Game
from helpers.games.layers import Difference, layer_game
from helpers.model.headed import Document
from helpers.model.reading import Array


@dataclass(frozen=True)
class Remembered:
    """A game whose outputs are kept, so that the same masks need not be computed again."""

    game: Game
    seen: dict[bytes, Array] = field(default_factory=dict)

    @property
    def labels(self) -> tuple[str, ...]:
        return self.game.labels

    @property
    def text(self) -> tuple[str, ...]:
        return self.game.text

    def value(self, z: Array) -> Array:
        key = np.packbits(np.asarray(z) == 1).tobytes() + bytes(str(np.shape(z)), "ascii")
        if key not in self.seen:
            self.seen[key] = self.game.value(z)
        return self.seen[key]


@dataclass(frozen=True)
class Ladder:
    """Shapley values of one text: exact at the `head`, sampled at the `input`, what is between.

    `missed` are those of input minus head, and `steps` has one such run for each layer, from the
    first to the last; all runs share their orders, so that `steps` add up to `missed`, and `head`
    plus `missed` is another estimate of the values at the input, `corrected`.
    """

    head: Explanation
    input: Explanation
    missed: Explanation
    steps: tuple[Explanation, ...]

    @property
    def corrected(self) -> Array:
        """Shapley values at the input with the head's exact ones as a control variate, (d,).

        Unbiased; the standard errors are those of `missed`.
        """
        return self.head.scores + self.missed.scores

    @property
    def shares(self) -> Array:
        """Each layer's part in what is missed, (depth,): <step, missed> / |missed|², sum one."""
        missed = self.missed.scores
        return np.array([step.scores @ missed for step in self.steps]) / (missed @ missed)


def ladder(document: Document, n: int, seed: int = 0) -> Ladder:
    """Shapley values at every layer of a document, `n` evaluations of each game, same orders."""
    depth = document.model.encoder.depth
    games = [Remembered(layer_game(document, layer)) for layer in range(depth + 1)]
    steps = (Difference(games[layer], games[layer + 1]) for layer in range(depth))
    return Ladder(
        shapley.exact(document.reading),
        shapley.sampled(games[0], n, seed),
        shapley.sampled(Difference(games[0], games[-1]), n, seed),
        tuple(shapley.sampled(step, n, seed) for step in steps),
    )


@dataclass(frozen=True)
class Moved:
    """How far token vectors move when other words are masked, and two scales, each (depth + 1,).

    `words` is the mean distance that the vector of a kept word moves, `others` that between the
    vectors of two words of the text, `cls` what [CLS] moves.
    """

    words: Array
    others: Array
    cls: Array


def moved(document: Document, draws: int = 8, seed: int = 0) -> Moved:
    """Distances at each layer, means over `draws` masks that keep each word with probability ½.

    A document of one distinct word has no neighbour: `ValueError`.
    """
    d, place = len(document.labels), document.place
    if d < 2:
        raise ValueError("a text of one word has no neighbour to mask: give two words or more")
    z = np.random.default_rng(seed).random((draws, d)) < 0.5
    z[np.arange(draws), np.arange(draws) % d] = True  # a word to look at
    z[np.arange(draws), (np.arange(draws) + 1) % d] = False  # and a neighbour that is masked
    kept = z[:, np.maximum(place, 0)] & (place >= 0)
    found = document.rows(z)
    words, others, cls = [], [], []
    first, second = np.nonzero((place[:, None] >= 0) & (place[:, None] < place))  # of two words
    for rows, whole in zip(found, document.states):
        whole = whole.double().numpy()
        far = np.linalg.norm(rows - whole, axis=2)
        words.append(far[kept].mean())
        cls.append(far[:, 0].mean())
        others.append(np.linalg.norm(whole[first] - whole[second], axis=1).mean())
    return Moved(np.array(words), np.array(others), np.array(cls))
