"""Does the output follow the explanation? Curves of masked words, beside exact chance."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from helpers.explainers.ties import settle
from helpers.games import PerturbationGame, as_game
from helpers.games.expectations import least, states
from helpers.games.reciprocal import reciprocal_rule
from helpers.model.reading import Array, Reading, finite

ERASER_BINS = 0.01, 0.05, 0.1, 0.2, 0.5  # DeYoung et al. (2020)
FERRET_BINS = tuple(k / 10 for k in range(1, 11))  # Attanasio et al. (2023)


def ranking(scores: Array, signed: bool, output: float) -> Array:
    """Places of the words (d,), the one that supports the prediction most first.

    Scores of a `signed` method speak for the positive class, so that those of a negative `output`
    are turned around; others are taken as they are. Scores are settled first: of equal words, the
    one that stands first in the text comes first.
    """
    towards = -1.0 if signed and output < 0 else 1.0
    return np.argsort(-towards * settle(finite("scores", scores, (None,))), kind="stable")


def deletion(game: PerturbationGame | Reading, order: Array) -> Array:
    """f (d + 1,) with the first 0, 1, …, d words of `order` masked."""
    game = as_game(game)
    return game.value(1 - _first(order, len(game.labels)))


def insertion(game: PerturbationGame | Reading, order: Array) -> Array:
    """f (d + 1,) with only the first 0, 1, …, d words of `order` kept."""
    game = as_game(game)
    return game.value(_first(order, len(game.labels)))


def floor(game: PerturbationGame | Reading, tolerance: float = 1e-13) -> Array:
    """The mean of f over all masks with 0, 1, …, d masked words (d + 1,): a deletion by chance.

    Read backwards, it is an insertion by chance. 1/D is a sum of exponentials (`reciprocal_rule`,
    relative error `tolerance`), and the mean of e^{-uD} over subsets of each size grows by a word
    at a time: a subset of s of the first j words holds word j with probability s/j. All terms of
    the means are positive, so that nothing cancels. O(K U d²).
    """
    game = as_game(game)
    K, d = game.kept_weight.shape
    means = np.zeros(d + 1)
    for head, (low, high) in enumerate(zip(*game.bounds)):
        u, w, _ = reciprocal_rule(low, high, tolerance)
        means += _by_size(game, head, u) @ (w * np.exp(-u * least(game)[head]))
    return game.offset + means[::-1] / K


def _by_size(game: PerturbationGame, head: int, u: Array) -> Array:
    """The mean of N e^{-u (D - least)} over all masks with 0, 1, …, d kept words, (d + 1, U)."""
    _, _, kept, masked = states(game.a[head], u)
    d = len(game.labels)
    power, total = np.zeros((d + 1, len(u))), np.zeros((d + 1, len(u)))
    power[0], total[0] = 1.0, game.rest_value[head]
    for j in range(d):
        share = (np.arange(j + 2) / (j + 1))[:, None]  # of the subsets that hold word j
        on, off = share[1:] * kept[:, j], (1 - share[:-1]) * masked[:, j]
        with_it = on * (total[: j + 1] + game.kept_value[head, j] * power[: j + 1])
        total[: j + 1] = off * (total[: j + 1] + game.masked_value[head, j] * power[: j + 1])
        total[1 : j + 2] += with_it
        with_it = on * power[: j + 1]
        power[: j + 1] *= off
        power[1 : j + 2] += with_it
    return total


def normalised(curve: Array, floor: Array, ceiling: Array) -> Array:
    """The way from chance to the best, (…,): 0 at the `floor`, 1 at the `ceiling`, elementwise.

    NaN where the two are equal, as they are where no or all words are masked.
    """
    room = np.asarray(ceiling) - floor
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.abs(room) > 1e-12, (np.asarray(curve) - floor) / room, np.nan)


def comprehensiveness(
    game: PerturbationGame | Reading, order: Array, bins: Sequence[float] = ERASER_BINS
) -> float:
    """How much masking the first words of `order` takes from the probability of the prediction.

    A mean over the shares in `bins`, of which each masks at least its share of the words
    (DeYoung et al., 2020). The probability is σ(f) or, if f < 0, σ(-f).
    """
    curve = _probability(deletion(game, order))
    return float(np.mean(curve[0] - curve[_counts(bins, len(curve) - 1)]))


def sufficiency(
    game: PerturbationGame | Reading, order: Array, bins: Sequence[float] = ERASER_BINS
) -> float:
    """How much keeping only the first words of `order` takes from that probability, as above."""
    curve = _probability(insertion(game, order)[::-1])[::-1]
    return float(np.mean(curve[-1] - curve[_counts(bins, len(curve) - 1)]))


def _first(order: Array, d: int) -> Array:
    """Masks (d + 1, d) that keep the first 0, 1, …, d words of `order`."""
    order = np.asarray(order)
    if order.shape != (d,) or not np.array_equal(np.sort(order), np.arange(d)):
        raise ValueError(
            f"order holds each of the {d} places 0 to {d - 1} once: "
            "call faithfulness.ranking(scores, signed, output)"
        )
    z = np.zeros((d + 1, d))
    z[:, order] = np.arange(1, d + 1) <= np.arange(d + 1)[:, None]
    return z


def _probability(curve: Array) -> Array:
    """Logits, of which the first is that of the text, as probabilities of its prediction."""
    return 1 / (1 + np.exp(-np.copysign(1.0, curve[0]) * curve))


def _counts(bins: Sequence[float], d: int) -> list[int]:
    """How many of `d` words the shares in `bins` are, rounded up: at least one."""
    return [max(1, math.ceil(share * d - 1e-9)) for share in bins]
