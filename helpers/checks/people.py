"""Checks of the chapter on people: what plausibility cannot see, and what chance gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import numpy as np

from helpers.checks.base import deviation, largest, statement
from helpers.evaluation import agreement, plausibility
from helpers.explainers.explanation import Explanation, by_word
from helpers.explainers.methods import METHODS, Method
from helpers.model.reading import Array, Reading

SOURCE = "this book"
AMOUNTS = (2.0, 0.5, 0.0, -1.0, -3.0)


def dialled(reading: Reading, amount: float) -> Reading:
    """The document in the model whose read-out W_l is `amount` times as long; -1 mirrors it."""
    return replace(reading, heads=replace(reading.heads, W_l=amount * reading.heads.W_l))


def promised(method: Method, amount: float) -> float:
    """What the theorem says that the dial multiplies the method's scores with."""
    if method.key.startswith("attention-"):
        return 1.0
    return amount if method.signed else abs(amount)


def of_words(explanation: Explanation) -> Array:
    """The scores of the distinct words, (d,)."""
    tokens = explanation.text[:1] == ("[CLS]",)
    return (by_word(explanation) if tokens else explanation).scores


def counted(scores: Array, marked: Array, near: float) -> float:
    """AUROC pair by pair: a marked word above an unmarked one is 1, within `near` of it ½."""
    gaps = [one - other for one in scores[marked] for other in scores[~marked]]
    return float(np.mean([0.5 if abs(gap) <= near else float(gap > 0) for gap in gaps]))


@statement(
    "thm-dial",
    "the dial: attention stays, norms get |λ|, signed scores λ, and AUROC follows",
    SOURCE,
    1e-8,
)
def dial(
    reading: Reading,
    marked: Array,
    law: Callable[[Method, float], float] = promised,
    towards: Callable[[Array, bool, float], Array] = plausibility.towards,
) -> float:
    """Every method of the registry in five models, their AUROC counted pair by pair.

    Scores towards the predicted class are compared, too, for all λ but 0, which predicts nothing.
    """
    errors = [0.0]
    for method in METHODS.values():
        scores = of_words(method.function(reading))
        near = 1e-8 * float(np.abs(scores).max())
        start = counted(scores, marked, near)
        claim = towards(scores, method.signed, reading.output)
        for amount in AMOUNTS:
            turned = dialled(reading, amount)
            found, factor = of_words(method.function(turned)), law(method, amount)
            errors.append(np.abs(found - factor * scores).max() / np.abs(scores).max())
            expected = 0.5 + np.sign(factor) * (start - 0.5)
            errors.append(abs(counted(found, marked, near * abs(factor) + 1e-14) - expected))
            if amount:
                there = towards(found, method.signed, turned.output)
                gap = plausibility.auroc(there, marked) - plausibility.auroc(claim, marked)
                errors.append(abs(gap))
    return largest(*errors)


@statement(
    "prop-lexicon-wins", "the lexicon, as an explanation, has every measure 1", SOURCE, 1e-12
)
def lexicon_wins(valence: Array, explanation: Callable[[Array], Array] = np.asarray) -> float:
    """AUROC, average precision and F1 against the positive words, and τ-b, of `explanation`."""
    scores, marked = explanation(valence), valence > 0
    found = (
        plausibility.auroc(scores, marked),
        plausibility.average_precision(scores, marked),
        plausibility.token_f1(scores, marked, top=int(marked.sum())),
        agreement.rank_correlation(scores, valence),
    )
    return largest(*(abs(1 - value) for value in found))


@statement(
    "prop-auroc-null",
    "AUROC of scores in random order: mean ½, variance with ties",
    "Mann and Whitney (1947); Lehmann (1975)",
    1e-12,
)
def auroc_null(
    scores: Array,
    marks: int,
    variance: Callable[[Array, Array], float] = plausibility.null_variance,
) -> float:
    """All places that the marked words can have, each pair of words compared."""
    d = len(scores)
    order = np.sign(scores[:, None] - scores)
    found = []
    for place in combinations(range(d), marks):
        rest = [j for j in range(d) if j not in place]
        found.append(0.5 + order[np.ix_(place, rest)].mean() / 2)
    claim = variance(scores, np.arange(d) < marks)
    return largest(abs(np.mean(found) - 0.5), deviation(np.array([claim]), np.var(found)))
