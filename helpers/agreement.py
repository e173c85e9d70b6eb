"""How far explanations agree: rank and sign agreement, and means with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from helpers.reading import Array, finite


@dataclass(frozen=True)
class Interval:
    """A mean and its 95 % confidence interval over documents."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.2f} [{self.low:.2f}, {self.high:.2f}]"


def rank_correlation(one: Array, other: Array) -> float:
    """Kendall's τ-b of two score vectors (d,), from -1 to 1; NaN if one is constant or d = 1."""
    one = finite("one", one, (None,))
    return float(stats.kendalltau(one, finite("other", other, one.shape)).statistic)


def sign_agreement(one: Array, other: Array) -> float:
    """Share of the d entries whose signs agree."""
    one = finite("one", one, (None,))
    return float(np.mean(np.sign(one) == np.sign(finite("other", other, one.shape))))


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
