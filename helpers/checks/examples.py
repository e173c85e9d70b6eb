"""Random documents and games to try statements on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from helpers.games import PerturbationGame
from helpers.games.reciprocal import reciprocal_rule
from helpers.model.reading import Array, Heads, Reading


def random_reading(
    seed: int,
    T: int = 12,
    K: int = 2,
    d_e: int = 5,
    d_att: int = 4,
    d_out: int = 3,
    scale: float = 1.0,
    biases: bool = False,
    distinct: int | None = None,
) -> Reading:
    """A document of `T` tokens in a model with Gaussian weights; the last quarter of it is padding.

    Logits have a standard deviation of about `scale`. `distinct` is the number of different
    words (default: all tokens differ); 0 makes a document of ``[UNK]`` only.
    """
    draw = np.random.default_rng(seed)
    length = max(1, T - T // 4)
    positions = 0.3 * draw.normal(size=(T, d_e))
    cls, unk = draw.normal(size=(2, d_e))
    masked = np.vstack([cls, np.tile(unk, (T - 1, 1))])
    kinds = max(1, T if distinct is None else distinct)
    words = draw.normal(size=(kinds, d_e))
    chosen = np.arange(T) % kinds
    embeddings = np.where((np.arange(T) < length)[:, None] & (distinct != 0), words[chosen], masked)
    embeddings[0] = cls
    heads = Heads(
        W_q=draw.normal(size=(K, d_att, d_e)) * scale / d_e,
        W_k=draw.normal(size=(K, d_att, d_e)),
        W_v=draw.normal(size=(K, d_out, d_e)) / np.sqrt(d_e),
        W_l=draw.normal(size=(K, d_out)) / np.sqrt(d_out),
        **(
            {
                n: draw.normal(size=(K, d_out if n == "b_v" else d_att))
                for n in ("b_q", "b_k", "b_v")
            }
            if biases
            else {}
        ),
    )
    names = [
        "[CLS]",
        *(f"w{k}" if distinct != 0 else "[UNK]" for k in chosen[1:length]),
        *["[UNK]"] * (T - length),
    ]
    return Reading(tuple(names), length, embeddings + positions, masked + positions, heads)


def random_game(
    seed: int, d: int, K: int = 2, decades: float = 1.0, equal: bool = False
) -> PerturbationGame:
    """A game with lognormal weights of `decades` powers of ten (one standard deviation).

    With `equal`, a word and its mask weigh the same, so that D is constant and f is linear.
    """
    draw = np.random.default_rng(seed)
    kept, masked, rest = (10 ** (decades * draw.normal(size=n)) for n in ((K, d), (K, d), (K,)))
    masked = kept if equal else masked
    u, h, r = draw.normal(size=(K, d)), draw.normal(size=(K, d)), draw.normal(size=K)
    labels = tuple(f"w{j}" for j in range(d))
    return PerturbationGame(labels, labels, kept, kept * u, masked, masked * h, rest, rest * r)


def whole_numbers(seed: int, d: int, K: int = 1, most: int = 3) -> PerturbationGame:
    """A game whose weights are whole numbers of at most `most`, and whose values are whole, too."""
    draw = np.random.default_rng(seed)
    kept, masked = draw.integers(0, most + 1, (K, d)), draw.integers(0, 2, (K, d))
    rest = draw.integers(1, 5, K)
    u, h, r = (draw.integers(-9, 10, size) for size in ((K, d), (K, d), K))
    labels = tuple(f"w{j}" for j in range(d))
    return PerturbationGame(labels, labels, kept, kept * u, masked, masked * h, rest, rest * r)


def equal_words(seed: int, d: int, K: int = 2) -> PerturbationGame:
    """A game whose words all have one weight in a head, and whose masked words have one, too."""
    draw = np.random.default_rng(seed)
    kept, masked, rest = (np.exp(draw.normal(size=(K, 1))) for _ in range(3))
    values, unknown = draw.normal(0.5, 1.0, size=(2, K, d))
    names, ones = tuple(f"w{j}" for j in range(d)), np.ones((K, d))
    return PerturbationGame(
        names,
        names,
        kept * ones,
        kept * values,
        masked * ones,
        masked * unknown,
        rest[:, 0],
        0.3 * rest[:, 0],
    )


def repeated_words(d: int, seed: int = 0) -> PerturbationGame:
    """One head, eight kinds of words and `d` / 8 words of each, and padding that grows with `d`."""
    draw, copies = np.random.default_rng(seed), d // 8
    kept = np.tile(np.exp(draw.normal(size=(1, 8))), copies)
    u, h = (np.tile(draw.normal(0.5, 1.0, size=(1, 8)), copies) for _ in range(2))
    masked, rest = np.full((1, d), 0.3), np.array([0.1 * d])
    names = tuple(f"w{j}" for j in range(d))
    return PerturbationGame(names, names, kept, kept * u, masked, masked * h, rest, 0.3 * rest)


def balanced_words(d: int, seed: int = 0) -> PerturbationGame:
    """`repeated_words` with values such that masking the whole text leaves the output at 0.4."""
    game, f = repeated_words(d, seed), 0.4
    empty = game.rest_weight + game.masked_weight.sum(axis=1)
    full = game.rest_weight + game.kept_weight.sum(axis=1)
    rest = f * empty - game.masked_value.sum(axis=1)
    missing = f * full - rest - game.kept_value.sum(axis=1)
    shift = missing / game.kept_weight.sum(axis=1)
    kept = game.kept_value + shift[:, None] * game.kept_weight
    return replace(game, kept_value=kept, rest_value=rest)


def heavy_rest(d: int, seed: int = 0) -> PerturbationGame:
    """`repeated_words` with N(0) about d²: it grows faster than the mean-field theorem allows."""
    return replace(repeated_words(d, seed), rest_value=np.array([float(d) ** 2]))


def constant_game(weights: Array, value: Array = 1.0) -> PerturbationGame:
    """Heads in which each token has the same value, so that f is `value`; a masked word weighs 0.

    `weights` (K, d) are those of the words, for [CLS] 1. LIME of it is zero: scores are errors.
    """
    kept = np.atleast_2d(np.asarray(weights, dtype=float))
    K, d = kept.shape
    value = np.broadcast_to(value, K)
    labels, none, one = tuple(f"w{j}" for j in range(d)), np.zeros((K, d)), np.ones(K)
    return PerturbationGame(
        labels, labels, kept, kept * value[:, None], none, none, one, one * value
    )


def turning_point(tolerance: float, words: int = 1) -> float:
    """The weight of a word for which 1/D is as wrong as it can be, to either side, without and with
    one of that many words.
    """

    def swing(weight: float) -> float:
        u, w, bound = reciprocal_rule(1.0, 1 + words * weight, tolerance)
        low, high = (D * w @ np.exp(-u * D) - 1 for D in (1.0, 1 + weight))
        return min(abs(low), abs(high)) / bound if low * high < 0 else 0.0

    return max(np.expm1(np.linspace(0.05, 3, 600)), key=swing)
