"""How far explanations agree: ranks, signs and top words, each with what chance gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from helpers.explainers.ties import largest, settle
from helpers.model.reading import Array, finite


@dataclass(frozen=True)
class Interval:
    """A mean and its 95 % confidence interval over documents."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.2f} [{self.low:.2f}, {self.high:.2f}]"


def rank_correlation(one: Array, other: Array) -> float:
    """Kendall's τ-b of two score vectors (d,), from -1 to 1; NaN if one is constant or d = 1.

    Scores are settled first, so that ties which rounding broke count as ties.
    """
    one = finite("one", one, (None,))
    other = finite("other", other, one.shape)
    if len(one) < 2:
        return float("nan")
    return float(stats.kendalltau(settle(one), settle(other)).statistic)


def partial_rank_correlation(one: Array, other: Array, given: Array) -> float:
    """Spearman's correlation of two arrays (n,) where their ranks owe nothing to those of `given`.

    That is the correlation of what is left of both ranks after a linear fit to the ranks of the
    third. NaN if one of the three is constant.
    """
    one = finite("one", one, (None,))
    ranks = [stats.rankdata(settle(finite("x", x, one.shape))) for x in (one, other, given)]
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.corrcoef(ranks)
        left = np.sqrt((1 - r[0, 2] ** 2) * (1 - r[1, 2] ** 2))
        return float((r[0, 1] - r[0, 2] * r[1, 2]) / left)


def sign_agreement(one: Array, other: Array) -> float:
    """Share of the d entries whose signs agree; a score that is zero but for rounding has none."""
    one = finite("one", one, (None,))
    other = finite("other", other, one.shape)
    return float(np.mean(np.sign(settle(one)) == np.sign(settle(other))))


def rank_correlations(scores: Array) -> Array:
    """Kendall's τ-b of every two rows of `scores` (M, d): (M, M), NaN where a row is constant."""
    scores = settle(finite("scores", scores, (None, None)))
    first, second = np.triu_indices(scores.shape[1], 1)
    order = np.sign(scores[:, first] - scores[:, second])
    length = np.sqrt((order**2).sum(axis=1))
    with np.errstate(invalid="ignore"):
        return order @ order.T / np.outer(length, length)


def sign_agreements(scores: Array) -> Array:
    """Share of the d entries whose signs agree, of every two rows of `scores` (M, d): (M, M)."""
    signs = np.sign(settle(finite("scores", scores, (None, None))))
    return (signs[:, None] == signs).mean(axis=2)


def chance_agreements(scores: Array) -> Array:
    """Mean of `sign_agreements` (M, M) if the words of one row are permuted at random."""
    signs = np.sign(settle(finite("scores", scores, (None, None))))
    shares = np.array([(signs == sign).mean(axis=1) for sign in (-1, 0, 1)])
    return shares.T @ shares


def beyond_chance(observed: Array, chance: Array, seed: int = 0) -> Array:
    """Cohen's κ over documents, (3, ...): its value, and the ends of a 95 % bootstrap interval.

    κ = Σ (observed - chance) / Σ (1 - chance), sums over the documents, the first axis of both
    arrays (n, ...). It is 1 if all signs agree and 0 if as many do as chance gives; NaN where
    chance alone makes all of them agree.
    """
    observed = np.asarray(observed, dtype=np.float64)
    n, gain, room = len(observed), observed - chance, 1.0 - np.asarray(chance)
    draw = np.random.default_rng(seed)
    times = np.vstack([np.ones(n), draw.multinomial(n, np.full(n, 1 / n), size=2000)])
    gained, possible = (np.tensordot(times, part, axes=1) for part in (gain, room))
    possible = np.where(possible > 1e-9 * n, possible, np.nan)
    kappa = gained / possible
    return np.array([kappa[0], *np.quantile(kappa[1:], [0.025, 0.975], axis=0)])


def kappas(tables: Sequence[Array], seed: int = 0) -> Array:
    """`beyond_chance` of the signs of every two rows of the documents' scores (M, d): (3, M, M)."""
    pairs = [(sign_agreements(scores), chance_agreements(scores)) for scores in tables]
    return beyond_chance(*map(np.array, zip(*pairs)), seed=seed)


def factor_null(shared: Array, other: Array, draw: np.random.Generator) -> float:
    """τ-b of `shared` (d,) with |other| (d,) if they had nothing but the factor `shared` in common.

    |other| is `shared` > 0 times a ratio; the null puts the ratios in an order drawn at random.
    """
    ratio = np.abs(finite("other", other, np.shape(shared))) / shared
    return rank_correlation(shared, shared * draw.permutation(ratio))


def top_words(scores: Array, effects: Array) -> tuple[Array, Array]:
    """Of the word that each row of `scores` (M, d) puts first: its effect, and its direction.

    The effect (M,) is a share of the largest of `effects` (d,), regardless of sign; the direction
    (M,) is 1 if the score has the sign of the effect, else 0. The first of equal scores counts.
    """
    scores = finite("scores", scores, (None, None))
    effects = finite("effects", effects, scores.shape[1:])
    top = np.array([largest(row, 1)[0] for row in scores])
    claimed, found = np.sign(scores[np.arange(len(top)), top]), np.sign(settle(effects))[top]
    return np.abs(effects[top]) / np.abs(effects).max(), (claimed == found).astype(float)


def mean_interval(values: Array, seed: int = 0) -> Interval:
    """The mean over documents with a percentile bootstrap interval; NaN entries are left out.

    Raises `ValueError` if fewer than two values are left.
    """
    kept = np.asarray(values, dtype=np.float64)
    kept = kept[~np.isnan(kept)]
    if len(kept) < 2:
        raise ValueError("an interval needs at least two values that are not NaN")
    draw = np.random.default_rng(seed)
    found = stats.bootstrap((kept,), np.mean, n_resamples=2000, method="percentile", rng=draw)
    low, high = found.confidence_interval
    return Interval(float(kept.mean()), float(low), float(high))


def difference_interval(one: Array, other: Array, seed: int = 0) -> Interval:
    """Mean of `one` less mean of `other`, documents drawn anew from each; NaN is left out.

    Raises `ValueError` if fewer than two values of either are left.
    """
    kept = [x[~np.isnan(x)] for x in (np.asarray(one, float), np.asarray(other, float))]
    if min(map(len, kept)) < 2:
        raise ValueError("an interval needs at least two values that are not NaN on each side")
    draw = np.random.default_rng(seed)
    first, second = (draw.choice(x, (2000, len(x))).mean(axis=1) for x in kept)
    low, high = np.quantile(first - second, [0.025, 0.975])
    return Interval(float(kept[0].mean() - kept[1].mean()), float(low), float(high))


def ratio_interval(one: Array, other: Array, seed: int = 0) -> Interval:
    """Mean of `one` over mean of `other`, of the same documents, which are drawn anew together."""
    one, other = finite("one", one, (None,)), finite("other", other, np.shape(one))
    drawn = np.random.default_rng(seed).integers(len(one), size=(2000, len(one)))
    low, high = np.quantile(one[drawn].mean(axis=1) / other[drawn].mean(axis=1), [0.025, 0.975])
    return Interval(float(one.mean() / other.mean()), float(low), float(high))


def mean_intervals(values: Array, seed: int = 0) -> Array:
    """Mean, low and high, (3, M, M), of each pair in `values` (documents, M, M), symmetric."""
    found = np.ones((3, *values.shape[1:]))
    for i, j in zip(*np.triu_indices(len(found[0]), 1)):
        interval = mean_interval(values[:, i, j], seed)
        found[:, i, j] = found[:, j, i] = interval.mean, interval.low, interval.high
    return found
