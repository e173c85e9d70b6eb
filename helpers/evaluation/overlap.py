"""How far two score vectors overlap, as maps of attention over images are compared.

A map is a vector (d,), one number a word. To compare *where* two explanations look, give their
sizes |s|; what is equal but for rounding is settled first, so that ties stay ties.
Definitions as Bylinskii et al. (2019) compare them for models of where people look.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata

from helpers.data.kinds import whole
from helpers.explainers.ties import largest, settle
from helpers.model.reading import Array, finite

EPSILON = 2.2204e-16  # the published regulariser of KL


def _two(found: Array, truth: Array) -> tuple[Array, Array]:
    """Both as settled float64 vectors of one length."""
    truth = finite("truth", truth, (None,))
    return settle(finite("found", found, truth.shape)), settle(truth)


def _marked(found: Array, marked: Sequence[bool]) -> tuple[Array, Array]:
    """The settled scores, and flags of the same length."""
    found = settle(finite("found", found, (None,)))
    flags = np.asarray(marked, dtype=bool)
    if flags.shape != found.shape:
        raise ValueError(f"marked has shape {flags.shape}, expected one flag for each score")
    return found, flags


def cc(found: Array, truth: Array) -> float:
    """Pearson's correlation, from -1 to 1; NaN if one of the maps is constant."""
    one, other = (x - x.mean() for x in _two(found, truth))
    lengths = np.linalg.norm(one) * np.linalg.norm(other)
    return float(one @ other / lengths) if np.ptp(one) and np.ptp(other) else float("nan")


def spearman(found: Array, truth: Array) -> float:
    """The correlation of ranks, tied ranks averaged; NaN if one of the maps is constant."""
    return cc(*map(rankdata, _two(found, truth)))


def distribution(scores: Array) -> Array:
    """A map shifted so that its least entry is 0 and scaled to sum 1; a constant one is even."""
    shifted = scores - scores.min()
    return shifted / shifted.sum() if shifted.any() else np.full(len(scores), 1 / len(scores))


def sim(found: Array, truth: Array) -> float:
    """Histogram intersection Σ min(s, r) of the two distributions, from 0 to 1."""
    return float(np.minimum(*map(distribution, _two(found, truth))).sum())


def kl(found: Array, truth: Array) -> float:
    """Σ r log(ε + r / (s + ε)), r the true distribution: 0 if equal, large where s misses r."""
    s, r = map(distribution, _two(found, truth))
    return float((r * np.log(EPSILON + r / (s + EPSILON))).sum())


def nss(found: Array, marked: Sequence[bool]) -> float:
    """The mean z-score of the map at the marked words (population standard deviation).

    NaN if the map is constant or no word is marked.
    """
    found, flags = _marked(found, marked)
    if not flags.any() or not np.ptp(found):
        return float("nan")
    return float(((found - found.mean()) / found.std())[flags].mean())


def auc(found: Array, marked: Sequence[bool]) -> float:
    """The chance that a marked word scores above one that is not, a tie counting half.

    NaN if all words are marked, or none.
    """
    found, flags = _marked(found, marked)
    n, m = flags.sum(), (~flags).sum()
    if not n * m:
        return float("nan")
    return float((rankdata(found)[flags].sum() - n * (n + 1) / 2) / (n * m))


def top_overlap(found: Array, truth: Array, k: int) -> float:
    """The share of the `k` words of largest size that two maps have in common, from 0 to 1.

    The first of equal scores counts. With fewer than `k` words, all are compared.
    """
    one, other = _two(found, truth)
    k = min(whole("k", k, 1), len(one))
    return len(set(largest(one, k).tolist()) & set(largest(other, k).tolist())) / k
