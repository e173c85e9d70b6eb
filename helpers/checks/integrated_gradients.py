"""Checks of the chapter on integrated gradients: the truth is quadrature of derivatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from scipy.integrate import quad_vec

from helpers.checks.base import deviation, largest, statement
from helpers.checks.oracles import automatic
from helpers.explainers import integrated
from helpers.explainers.explanation import Explanation
from helpers.model.reading import Array, Reading, micro_example


def steep_words(spread: float, values: Sequence[float]) -> Reading:
    """[CLS] of logit 1 and value 0, and words of fixed values whose logits grow by `spread`.

    They grow from 1 - spread/2 to 1 + spread/2.  For one word the denominator vanishes at
    1/2 ± iπ/spread, the nearest that the bound of the quadrature allows.
    """
    rows = {
        name: np.array([[1.0, 0.0], *([1 + sign * spread / 2, value] for value in values)])
        for name, sign in (("embeddings", 1), ("masked_embeddings", -1))
    }
    tokens = ("[CLS]", *(f"word {n}" for n, _ in enumerate(values, start=1)))
    return replace(micro_example(), tokens=tokens, length=len(tokens), **rows)


def path_integral(reading: Reading, precision: float = 1e-12) -> Array:
    """Integrated gradients (T_max,) by adaptive quadrature of automatic derivatives."""
    start, way = reading.masked_embeddings, reading.embeddings - reading.masked_embeddings

    def slope(along: float) -> Array:
        return (way * automatic(reading, start + along * way)[1]).sum(axis=1)

    return quad_vec(slope, 0, 1, epsabs=precision, epsrel=precision, norm="max")[0]


@statement(
    "thm-integrated", "integrated gradients are a one-dimensional integral", "this book", 1e-10
)
def integrated_is_path_integral(
    reading: Reading, formula: Callable[[Reading], Explanation] = integrated.gradients
) -> float:
    """Scores and padding of `formula` against automatic gradients added up along the path."""
    found, truth, T = formula(reading), path_integral(reading), reading.length
    return deviation(np.append(found.scores, found.padding), np.append(truth[:T], truth[T:].sum()))


@statement(
    "cor-completeness",
    "integrated gradients add up to the change of the output",
    "Sundararajan et al. (2017)",
    1e-10,
)
def integrated_is_complete(
    reading: Reading, formula: Callable[[Reading], Explanation] = integrated.gradients
) -> float:
    """The sum of `formula` and its padding against f at the text less f at the baseline."""
    found = formula(reading)
    change = automatic(reading)[0] - automatic(reading, reading.masked_embeddings)[0]
    return deviation(np.array([found.scores.sum() + found.padding]), np.array([change]))


@statement("thm-nodes", "no error of a score exceeds its bound", "this book", 1, "of the bound")
def bound_holds(
    reading: Reading, bound: Callable[[Reading, int], float] = integrated.quadrature_bound
) -> float:
    """The largest error / bound over numbers of nodes with a bound far above rounding errors."""
    truth, share = path_integral(reading), 0.0
    rounding = 1e-12 * max(1.0, float(np.abs(truth).max()))
    for nodes in (1, 2, 3, 5, 8, 12, 16, 24):
        error = float(np.abs(integrated.scores(reading, nodes) - truth).max())
        share = largest(share, max(0.0, error - rounding) / (bound(reading, nodes) + rounding))
    return share
