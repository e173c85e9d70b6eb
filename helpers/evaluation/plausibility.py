"""Do people find an explanation plausible? Scores of words against what people say of the words.

Marks are one flag for each score, of distinct words or of tokens alike: what people have marked as
a reason, or what their lexicon calls positive. Scores are settled first: ties count as ties.
None of these numbers looks at the model.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from helpers.data.kinds import whole
from helpers.explainers.ties import settle
from helpers.model.reading import Array, Reading, finite, takes_reading


def towards(scores: Array, signed: bool, output: float) -> Array:
    """Scores (d,) for the class that the model predicts: signed ones times the output's sign."""
    scores = finite("scores", scores, (None,))
    return np.sign(output) * scores if signed else scores


@takes_reading
def marked_words(reading: Reading, rationale: Sequence[bool]) -> Array:
    """Which distinct words of the reading, (d,), are marked at one of their positions.

    `rationale` has a flag for each word of the text, also of those the model cuts off.
    Raises `ValueError` if it has fewer flags than the model reads words.
    """
    return marked_labels(reading.text[1:], rationale)


def marked_labels(tokens: Sequence[str], rationale: Sequence[bool]) -> Array:
    """The same for the words `tokens` that any model reads."""
    if len(rationale) < len(tokens):
        raise ValueError(
            f"{len(rationale)} flags for {len(tokens)} words: give the rationale of this text, "
            "as in marked_words(classifier.read(review.text), review.rationale)"
        )
    found = dict.fromkeys(tokens, False)
    for token, flag in zip(tokens, rationale):
        found[token] |= bool(flag)
    return np.array(list(found.values()), dtype=bool)


def auroc(scores: Array, marked: Array) -> float:
    """The chance that a marked word's score exceeds an unmarked one's, a tie counting one half.

    `scores` (d,), `marked` (d,) flags; ½ is chance. NaN if all words are marked, or none is.
    """
    scores, marked = _both(scores, marked)
    m, n = marked.sum(), (~marked).sum()
    if not m * n:
        return float("nan")
    return float((stats.rankdata(scores)[marked].sum() - m * (m + 1) / 2) / (m * n))


def null_variance(scores: Array, marked: Array) -> float:
    """The variance of `auroc` if the scores stood in a random order; its mean is then ½.

    With m marked and n other words and t scores in each tie, it is
    ((d + 1) - Σ (t³ - t) / (d (d - 1))) / (12 m n) (Mann and Whitney, 1947, and for ties
    Lehmann, 1975). NaN where the AUROC is.
    """
    scores, marked = _both(scores, marked)
    m, n, d = int(marked.sum()), int((~marked).sum()), len(marked)
    if not m * n:
        return float("nan")
    _, ties = np.unique(scores, return_counts=True)
    lost = float((ties.astype(float) ** 3 - ties).sum()) / (d * (d - 1))
    return (d + 1 - lost) / (12 * m * n)


def average_precision(scores: Array, marked: Array) -> float:
    """The area under the curve of precision against recall, in steps; equal scores come together.

    `scores` (d,), `marked` (d,) flags. Chance gives about the share of marked words.
    NaN if no word is marked.
    """
    scores, marked = _both(scores, marked)
    if not marked.any():
        return float("nan")
    levels, place = np.unique(-scores, return_inverse=True)
    found = np.cumsum(np.bincount(place, marked, minlength=len(levels)))
    listed = np.cumsum(np.bincount(place, minlength=len(levels)))
    return float((np.diff(found, prepend=0.0) * found / listed).sum() / marked.sum())


def token_f1(scores: Array, marked: Array, top: int = 5) -> float:
    """F1 of the `top` words of largest score against the marked; equal scores by their place.

    Five is ferret's number (Attanasio et al., 2023); ERASER (DeYoung et al., 2020) takes the
    mean share of marked words in the data set, times d. NaN if no word is marked.
    """
    top = whole("top", top, 1)
    scores, marked = _both(scores, marked)
    if not marked.any():
        return float("nan")
    listed = np.argsort(-scores, kind="stable")[:top]
    return float(2 * marked[listed].sum() / (len(listed) + marked.sum()))


def _both(scores: Array, marked: Array) -> tuple[Array, Array]:
    scores = settle(finite("scores", scores, (None,)))
    flags = finite("marked", marked, scores.shape)
    if not np.isin(flags, (0, 1)).all():
        raise ValueError("marked holds flags, one for each score: give marked=valence > 0")
    return scores, flags.astype(bool)
