"""How an explanation's words lower the prediction over a corpus: as published, and without a scale.

The published metrics are those of Wei, Turbé and Mengaldo (2024) as their released code computes
them, with its details, but for text: a corrupted word is ``[UNK]`` in its place, while they put
N(0, 1) noise into a time series.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import integrate, stats

from helpers.evaluation.agreement import Interval
from helpers.evaluation.faithfulness import deletion, ranking
from helpers.explainers import shapley
from helpers.explainers.ties import settle
from helpers.games import PerturbationGame, as_game
from helpers.games.expectations import averages
from helpers.model.reading import Array, Reading, finite

SHARES = (0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 1.0)
KINDS = ("top", "control")  # what the fine metric scales together
CLOSE = 0.01  # points nearer than this are dropped before the area is taken


@dataclass(frozen=True)
class Drops:
    """Normalised drops of a corpus: `top`, `bottom` and `control` (shares, n), one column a text.

    `fraction` (shares,) is the mean over documents of what the released code records as corrupted,
    one word less than what it corrupts; `control` corrupts as many random words as `top` does.
    """

    shares: tuple[float, ...]
    top: Array
    bottom: Array
    control: Array
    fraction: Array


@dataclass(frozen=True)
class Coarse:
    """Areas under the mean drop: to 1 with the last value carried on, and of both ends without."""

    area: float
    top: float
    bottom: float

    @property
    def F1(self) -> float:
        """A (1 - B) / (A + 1 - B), without the usual factor 2: at most 1/2 for areas in [0, 1]."""
        kept = 1 - self.bottom
        return self.top * kept / (self.top + kept)


def corrupted(relevance: Array, share: float, top: bool = True) -> tuple[Array, int]:
    """Which words (d,) are corrupted, and the number that the released code records.

    The threshold is entry int(share n - 1), counted from 0, of the n relevances that are not
    negative, sorted; ties join. So one more word is corrupted than is recorded. Without such a word
    none is (the released code stops there). `relevance` is settled first, so that ties are ties.
    """
    relevance = settle(finite("relevance", relevance, (None,)))
    if not 0 < share <= 1:
        raise ValueError(f"a share of the words is above 0 and at most 1; got {share}")
    ranked = np.sort(relevance[relevance >= 0])
    if not len(ranked):
        return np.zeros(len(relevance), dtype=bool), 0
    count = int(share * len(ranked) - 1)
    if top:
        return relevance >= ranked[::-1][count], count
    return (relevance >= 0) & (relevance <= ranked[count]), count


def normalised_drop(before: Array, after: Array) -> Array:
    """(p - p') / p: how much of a probability, or of a positive logit, is gone."""
    return (before - after) / before


def probability(logit: Array, temperature: float = 1.0) -> Array:
    """The sigmoid of logit / temperature."""
    return 1 / (1 + np.exp(-np.asarray(logit) / temperature))


def drops(
    games: Sequence[PerturbationGame | Reading],
    relevances: Sequence[Array],
    temperature: float | None = 1.0,
    shares: Sequence[float] = SHARES,
    seed: int = 0,
) -> Drops:
    """The drop of the predicted class in each game when its most, or least, relevant words go.

    `relevances` (d,) are for the predicted class: of a signed method, the sign of the output times
    its scores. With `temperature` None it is the drop of the logit as a share of the logit.
    """
    draw, rows = np.random.default_rng(seed), []
    for one, relevance in zip(games, relevances, strict=True):
        game = as_game(one)
        both = [corrupted(relevance, share, top) for top in (True, False) for share in shares]
        gone = np.array([mask for mask, _ in both]).reshape(2, len(shares), -1)
        orders = draw.random(gone.shape[1:]).argsort(axis=1)
        control = orders < gone[0].sum(axis=1, keepdims=True)
        kept = 1.0 - np.concatenate([np.zeros((1, gone.shape[2])), *gone, control])
        f = game.value(kept)
        f = f * (1 if f[0] >= 0 else -1)
        p = f if temperature is None else probability(f, temperature)
        recorded = [count / gone.shape[2] for _, count in both[: len(shares)]]
        rows.append((*normalised_drop(p[0], p[1:]).reshape(3, -1), recorded))
    top, bottom, control, fraction = (np.array(x).T for x in zip(*rows))
    return Drops(tuple(shares), top, bottom, control, fraction.mean(axis=1))


def coarse(found: Drops, top: Array | None = None) -> Coarse:
    """The published areas, by Simpson's rule over the recorded fraction; `top` replaces the drops.

    (0, 0) is put in front. Only for `area`, the last value is carried to 1, and of two points
    nearer than 0.01 the first is dropped. The mean drop of the least relevant is clipped at 0.
    """
    mean = (found.top if top is None else top).mean(axis=1)
    x, y = np.r_[0, found.fraction, 1], np.r_[0, mean, mean[-1]]
    near = np.flatnonzero(np.diff(x) < CLOSE)
    area = integrate.simpson(np.delete(y, near), x=np.delete(x, near))
    low = np.r_[0, found.bottom.mean(axis=1).clip(min=0)]
    ends = (integrate.simpson(curve, x=x[:-1]) for curve in (y[:-1], low))
    return Coarse(float(area), *map(float, ends))


def moments(drop: Array) -> Array:
    """Biased skewness and excess kurtosis over documents, the last axis: (2, ...)."""
    return np.array([stats.skew(drop, axis=-1), stats.kurtosis(drop, axis=-1)])


def scaled_areas(curves: Mapping[str, Array], shares: Sequence[float] = SHARES) -> dict[str, float]:
    """The published fine metric: curves (shares,) of all that take part, scaled together.

    From the smallest value of any of them to the largest is 0 to 1; Simpson's rule over the shares.
    """
    table = np.array(list(curves.values()))
    low, high = table.min(), table.max()
    scaled = (table - low) / (high - low)
    return dict(zip(curves, integrate.simpson(scaled, x=shares, axis=1).tolist()))


def fine(found: Mapping[str, Drops]) -> dict[str, tuple[float, float]]:
    """Scaled areas of skewness and kurtosis of each method; methods and controls share a scale."""
    every = {(name, kind): getattr(one, kind) for name, one in found.items() for kind in KINDS}
    shares = next(iter(found.values())).shares
    skew, kurtosis = (
        scaled_areas(dict(zip(every, shape)), shares)
        for shape in moments(np.array([*every.values()]))
    )
    return {name: (skew[name, "top"], kurtosis[name, "top"]) for name in found}


def links(found: Sequence[Drops], resamples: int = 300, seed: int = 0) -> Array:
    """Kendall's τ-b over methods of the published area with 1 - skewness and with kurtosis.

    It is (1 + resamples, 2): first as measured, then with documents drawn anew, fractions as they
    are. No scale is needed, since one line for all methods changes no rank.
    """
    top, draw = np.array([one.top for one in found]), np.random.default_rng(seed)
    n, rows = top.shape[2], []
    for columns in (np.arange(n), *draw.integers(n, size=(resamples, n))):
        drawn = top[:, :, columns]
        area = [coarse(one, rows_of).area for one, rows_of in zip(found, drawn)]
        skew, kurtosis = integrate.simpson(moments(drawn), x=found[0].shares)
        rows.append([stats.kendalltau(area, fine).statistic for fine in (-skew, kurtosis)])
    return np.array(rows)


def bands(drop: Array, levels: Sequence[float] = (0.1, 0.5, 0.9)) -> Array:
    """Quantiles over documents of drops (shares, n): (levels, shares). They need no scale."""
    return np.quantile(drop, levels, axis=1)


def lowest_tenth(drop: Array, resamples: int = 300, seed: int = 0) -> Interval:
    """The drop (shares, n) that nine of ten documents exceed, a mean over shares, bootstrapped."""
    n, draw = drop.shape[1], np.random.default_rng(seed)
    drawn = drop[:, draw.integers(n, size=(resamples, n))]
    low, high = np.quantile(np.quantile(drawn, 0.1, axis=2).mean(axis=0), [0.025, 0.975])
    return Interval(float(bands(drop, [0.1]).mean()), float(low), float(high))


def floor_area(game: PerturbationGame | Reading, tolerance: float = 1e-10) -> float:
    """The mean of f as 0, 1, ..., d words go, and over all d! orders: ∫ E_p[f] dp, exactly.

    It is the mean of `faithfulness.floor`, without a recursion over sizes.
    """
    game = as_game(game)
    p, w = shapley.legendre(math.ceil((len(game.labels) + 1) / 2))
    return float(w @ averages(game, p, tolerance=tolerance).value)


def above_floor(game: PerturbationGame | Reading, relevance: Array, floor: float) -> float:
    """How much faster f leaves its side than in a random order: (floor - area), by the sign of f.

    Negative if the explanation is worse than chance. The first word of a tie goes first.
    """
    game = as_game(game)
    curve = deletion(game, ranking(relevance, signed=False, output=1.0))
    return float(np.sign(curve[0]) * (floor - curve.mean()))
