"""LIME beside what shows inside a stack of layers, word by word, and the same for one layer."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from helpers.explainers import attention, depth, gradients, integrated, lime, occlusion
from helpers.explainers.explanation import Explanation, by_word
from helpers.games import TextGame, text_game
from helpers.model.deep_reading import DeepReading
from helpers.model.reading import Array, Reading

FIRST, MOST = 500, 1500  # samples of LIME: of the first run, and the most that are drawn
SHARE = 0.3  # of the largest coefficient: what the error bars have to tell from zero


class Stack(depth.Stack, Protocol):
    """What is asked of a classifier of several layers: `load_deep()` has it."""

    def predict(self, texts: list[str]) -> Array: ...

    def top(self, text: str) -> Reading: ...


def lime_runs(game: TextGame) -> tuple[Explanation, Explanation]:
    """Two runs of sampled LIME, of as many samples as the error bars of a first run ask for.

    So many that 95 % intervals exclude zero, with power 0.8, for words of 30 % of the largest
    coefficient (`lime.samples_needed`); from 500 to 1,500, and the most where no word is clear.
    """
    d = len(game.labels)
    first = max(FIRST, lime.fewest_samples(d))
    try:
        needed = lime.samples_needed(lime.sampled(game, n=first, seed=0), share=SHARE)
    except ValueError:  # no score is clear of zero
        needed = MOST
    n = max(first, min(needed, MOST))
    return lime.sampled(game, n=n, seed=1), lime.sampled(game, n=n, seed=2)


def inside(classifier: Stack, text: str) -> dict[str, Array]:
    """Scores (d,) of the distinct words by what a stack shows: each layer, paths, gradients."""
    reading = classifier.read(text)
    tokens = [
        *(depth.attention(reading, 1 + layer) for layer in range(len(reading.attention))),
        depth.rollout(reading), depth.flow(reading), depth.mean(reading), depth.l1(reading),
        depth.l2(reading), depth.times_input(reading), depth.integrated(classifier, text),
    ]  # fmt: skip
    words = [by_word(found) for found in tokens]
    words.append(occlusion.asked(text_game(classifier.predict, text)))
    return {found.method: found.scores for found in words}


def one_layer(reading: Reading) -> dict[str, Array]:
    """The same for one layer."""
    tokens = [
        attention.average(reading), gradients.mean(reading), gradients.l1(reading),
        gradients.l2(reading), gradients.times_input(reading), integrated.gradients(reading),
    ]  # fmt: skip
    words = [*(by_word(found) for found in tokens), occlusion.leave_one_out(reading)]
    names = ["attention", "G-avg", "G-l1", "G-l2", "G×I", "integrated gradients", "leave-one-out"]
    return {name: found.scores for name, found in zip(names, words)}


def rules(reading: Reading) -> dict[str, Array]:
    """What Part 4 says of LIME from one layer of attention, for the layer that `reading` is."""
    return {
        "3/2 × attention × value": lime.paper_approximation(reading).scores,
        "c(r) × centred": lime.centred_rule(reading).scores,
        "exact LIME of the layer": lime.exact(reading).scores,
    }


def norm_jacobian(h: Array, weight: Array, epsilon: float = 1e-5) -> Array:
    """∂ LayerNorm(h_t)/∂h_t of each token: `h` (T, d), the norm's `weight` (d,) give (T, d, d)."""
    d = h.shape[1]
    centred = h - h.mean(axis=1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(axis=1) + epsilon)[:, None, None]
    unit = centred[:, :, None] / deviation
    inner = np.eye(d) - 1 / d - unit @ unit.transpose(0, 2, 1) / d
    return weight[:, None] * inner / deviation


def layer_gradient(reading: DeepReading, layer: int) -> Array:
    """∂f/∂(what enters the attention of the layer), through its LayerNorm, less the residual's."""
    return reading.gradients[layer] - reading.between_gradients[layer]
