"""What is the same in a model whose keys see no word, how truths part, and what metrics miss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import torch

from helpers.checks.base import largest, statement
from helpers.checks.oracles import full_attention
from helpers.evaluation import overlap
from helpers.evaluation.families import word_part
from helpers.evaluation.ground_truth import intrinsic_map
from helpers.explainers import integrated, interactions, lime, occlusion, shapley
from helpers.explainers.explanation import Explanation, by_word
from helpers.games import word_game
from helpers.model.reading import Array, Reading
from helpers.model.variants import seen_by_keys

OURS = "this book"
BANDWIDTHS = (0.25, 1.0, np.inf)


def claims(reading: Reading) -> dict[str, Array]:
    """What each explanation of the theorem says of the distinct words, (d,)."""
    game = word_game(reading)
    limes = {f"LIME, ν = {nu}": lime.exact(game, bandwidth=nu).scores for nu in BANDWIDTHS}
    return limes | {
        "Shapley": shapley.exact(game).scores,
        "Banzhaf": occlusion.banzhaf(game).scores,
        "leave-one-out": occlusion.leave_one_out(game).scores,
        "IG": by_word(integrated.gradients(reading)).scores,
        "G×Δe": word_part(reading).scores,
    }


def effects(reading: Reading, contexts: int = 5) -> Array:
    """f with each distinct word less f without it, all T × T attentions, in random contexts.

    (contexts, d). The first context keeps all other words, the second none.
    """
    words = tuple(dict.fromkeys(reading.text[1:]))
    place = np.array([words.index(word) for word in reading.text[1:]])
    draw = np.random.default_rng(0)
    z = draw.integers(0, 2, (contexts, 1, 1, len(words)))
    z[0], z[1] = 1, 0
    pairs = np.tile(z, (1, 2, len(words), 1))
    each = np.arange(len(words))
    pairs[:, 0, each, each], pairs[:, 1, each, each] = 0, 1
    kept = np.ones((*pairs.shape[:-1], len(reading.tokens), 1))
    kept[..., 1 : reading.length, 0] = pairs[..., place]
    e = kept * reading.embeddings + (1 - kept) * reading.masked_embeddings
    without, beside = full_attention(reading.heads, torch.from_numpy(e)).numpy().transpose(1, 0, 2)
    return beside - without


@statement(
    "thm-intrinsic-map",
    "six explanations, one map and no interaction where keys see no word",
    OURS,
    1e-12,
)
def one_map(
    reading: Reading,
    formula: Callable[[Reading], Explanation] = intrinsic_map,
    blind: Callable[[Reading], Reading] = seen_by_keys,
) -> float:
    """All claims, and `formula`, against the effects in random contexts, in the `blind` model;
    its attention against that of the masked text, and the interactions against 0.

    The error is per largest effect, if that is above 1.
    """
    found = blind(reading)
    truth = effects(found)
    masked = replace(found, embeddings=found.masked_embeddings)
    errors = [np.abs(scores - truth).max() for scores in claims(found).values()]
    errors.append(np.abs(formula(found).scores - truth).max())
    errors.append(np.abs(found.attention - masked.attention).max())
    if truth.shape[1] > 1:
        errors.append(np.abs(interactions.exact(word_game(found)).matrix).max())
    return largest(*errors) / max(1.0, float(np.abs(truth).max()))


def first_gap(reading: Reading) -> Array:
    """The slope at τ = 0 of leave-one-out less Shapley, (d,), from logits and values alone.

    With ȧ_j = Σ g~ (l - l~) and b_j = Σ g~ (u - h) over the positions of word j, and sums A, B over
    all words: - mean_i [ȧ_j (B - b_j) + b_j (A - ȧ_j)] / (2 D²).
    """
    words = tuple(dict.fromkeys(reading.text[1:]))
    place = [words.index(word) for word in reading.text[1:]]
    weights = np.exp(reading.masked_logits)
    D = weights.sum(axis=1, keepdims=True)
    a, b = (np.zeros((len(D), len(words))) for _ in range(2))
    moved = weights * (reading.logits - reading.masked_logits)
    gained = weights * (reading.values - reading.masked_values)
    for j, t in zip(place, range(1, reading.length)):
        a[:, j] += moved[:, t]
        b[:, j] += gained[:, t]
    A, B = a.sum(axis=1, keepdims=True), b.sum(axis=1, keepdims=True)
    return -((a * (B - b) + b * (A - a)) / (2 * D**2)).mean(axis=0)


@statement("prop-dial-slope", "how fast leave-one-out leaves Shapley at τ = 0", OURS, 1e-7)
def dial_slope(reading: Reading, formula: Callable[[Reading], Array] = first_gap) -> float:
    """`formula` against a difference quotient of order four, per largest slope."""

    def gap(share: float) -> Array:
        game = word_game(seen_by_keys(reading, share))
        return occlusion.leave_one_out(game).scores - shapley.exact(game).scores

    h = 2e-3
    slope = (8 * (gap(h) - gap(-h)) - (gap(2 * h) - gap(-2 * h))) / (12 * h)
    return float(np.abs(formula(reading) - slope).max() / np.abs(slope).max())


METRICS: dict[str, Callable[[Array, Array], float]] = {
    "CC": overlap.cc,
    "Spearman": overlap.spearman,
    "SIM": overlap.sim,
    "KL": overlap.kl,
    "top 3": lambda found, truth: overlap.top_overlap(found, truth, 3),
}


@statement("prop-no-scale", "the metrics of maps see neither scale nor zero", OURS, 1e-9)
def no_scale(seed: int, metrics: Mapping[str, Callable[[Array, Array], float]] = METRICS) -> float:
    """Each metric on two random maps, and after one of them was stretched and raised."""
    draw = np.random.default_rng(seed)
    one, other = draw.exponential(size=(2, 12))
    factor, shift = draw.uniform(0.2, 5, size=2)
    return largest(*(abs(m(factor * one + shift, other) - m(one, other)) for m in metrics.values()))
