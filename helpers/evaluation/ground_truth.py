"""Explanations of models whose reasons are known, word by word and side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from helpers.data import planted
from helpers.evaluation.families import word_part
from helpers.explainers import attention, lime, methods, occlusion, shapley
from helpers.explainers.explanation import Explanation, by_word
from helpers.explainers.lime.sizes import BANDWIDTH
from helpers.games import Game, PerturbationGame, word_game
from helpers.model.reading import Array, Reading, takes_reading

Scores = Callable[[Reading, PerturbationGame, int], Array]
OF_TOKENS = (
    *("attention-average", "attention-maximum", "gradient-mean", "gradient-l2"),
    *("gradient-times-input", "contributions", "integrated-gradients"),
)


@takes_reading
def intrinsic_map(reading: Reading) -> Explanation:
    """c_j - c~_j of each word: its contribution less that of [UNK] in its places, all masked.

    The words of a document add up to f(x) - f(all [UNK]) only if masking moves no attention.
    """
    masked = replace(reading, embeddings=reading.masked_embeddings)
    kept, gone = (by_word(attention.contributions(x)) for x in (reading, masked))
    return replace(kept, scores=kept.scores - gone.scores, method="intrinsic map", padding=0.0)


def in_blocks(game: PerturbationGame, size: int) -> PerturbationGame:
    """The game whose features are blocks of `size` words that follow each other, kept or masked as
    one, as LIME masks whole patches of an image. Labels are those of the blocks' first words."""
    starts = np.arange(0, len(game.labels), size)
    names = ("kept_weight", "kept_value", "masked_weight", "masked_value")
    summed = {name: np.add.reduceat(getattr(game, name), starts, axis=1) for name in names}
    return replace(game, labels=tuple(game.labels[i] for i in starts), **summed)


def coarse_lime(game: PerturbationGame, size: int) -> Array:
    """Exact LIME of blocks of words, each word with an even part of its block's score, (d,)."""
    place = np.arange(len(game.labels)) // size
    return lime.exact(in_blocks(game, size)).scores[place] / np.bincount(place)[place]


def rough_lime(game: Game, n: int, seed: int) -> Array:
    """LIME of `n` masks with the package's penalty, however few they are, (d,)."""
    z = lime.sampling.draw_masks(len(game.labels), n, seed)
    return lime.sampling.fit(z, game.value(z), BANDWIDTH, alpha=1.0)[0][1:]


def of_registry(key: str) -> Scores:
    """The registry's method as one of `SCORES`, its tokens added up by word."""
    function = methods.find(key).function
    return lambda reading, game, seed: by_word(function(reading)).scores


SCORES: dict[str, Scores] = {
    "Shapley": lambda reading, game, seed: shapley.exact(game).scores,
    "leave-one-out": lambda reading, game, seed: occlusion.leave_one_out(game).scores,
    "exact LIME": lambda reading, game, seed: lime.exact(game).scores,
    "LIME, 1000 masks": lambda reading, game, seed: rough_lime(game, 1000, seed),
    "LIME, 50 masks": lambda reading, game, seed: rough_lime(game, 50, seed),
    "LIME, blocks of 4": lambda reading, game, seed: coarse_lime(game, 4),
    "G×Δe": lambda reading, game, seed: word_part(reading).scores,
    **{methods.find(key).short: of_registry(key) for key in OF_TOKENS},
}


@takes_reading
def by_method(
    reading: Reading, names: Iterable[str] = tuple(SCORES), seed: int = 0
) -> dict[str, Array]:
    """The scores (d,) that methods give to the document's distinct words; `names` of `SCORES`.

    `seed` is that of the masks which are drawn.
    """
    game = word_game(reading)
    return {name: SCORES[name](reading, game, seed) for name in names}


def shares(scores: Array, words: Sequence[str]) -> dict[str, float]:
    """What share of Σ |scores| goes to planted words, to the marker and to plain words."""
    sizes = np.abs(scores) / np.abs(scores).sum()
    kinds = np.array([planted.kind(word) for word in words])
    return {kind: float(sizes[kinds == kind].sum()) for kind in planted.KINDS}
