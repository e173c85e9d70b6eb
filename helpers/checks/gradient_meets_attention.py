"""Checks of the gradient chapters: the truth is automatic differentiation of full attention."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from helpers.checks.base import deviation, largest, statement
from helpers.checks.oracles import automatic
from helpers.explainers import gradients
from helpers.explainers.explanation import Explanation
from helpers.model import variants
from helpers.model.reading import Array, Reading

Rows = Callable[[Reading], Array]
PAPER = "Lopardo et al. (2024), Section 4"


@statement("thm-gradient", "the gradient at every token but [CLS]", PAPER, 1e-12)
def gradient_of_tokens(reading: Reading, formula: Rows = gradients.gradient) -> float:
    return deviation(formula(reading)[1:], automatic(reading)[1][1:])


@statement("thm-cls-row", "the gradient at [CLS]", "this book", 1e-12)
def gradient_of_cls(reading: Reading, formula: Rows = gradients.gradient) -> float:
    return deviation(formula(reading)[0], automatic(reading)[1][0])


@statement(
    "cor-biases", "the biases of keys and values drop out of the gradient", "this book", 1e-12
)
def biases_drop_out(reading: Reading, formula: Rows = gradients.gradient) -> float:
    heads = reading.heads
    bare = replace(reading, heads=replace(heads, b_k=0 * heads.b_k, b_v=0 * heads.b_v))
    f, truth = automatic(reading)
    shift = automatic(bare)[0] + (heads.W_l * heads.b_v).sum(axis=1).mean() - f
    return largest(
        deviation(formula(bare), truth), deviation(shift, np.zeros(1)) / max(1.0, abs(f))
    )


def contribution_plus_covariance(reading: Reading) -> Array:
    """The two parts of G×I of a model without biases whose query is held fixed, (T_max,)."""
    contributions = (reading.attention * reading.values).mean(axis=0)
    return contributions + gradients.covariance_parts(reading)


@statement("prop-times-input", "G×I is contribution plus covariance part", "this book", 1e-12)
def times_input_splits(reading: Reading, formula: Rows = contribution_plus_covariance) -> float:
    gradient = automatic(reading, fixed_query=True)[1]
    return deviation(formula(reading), (reading.embeddings * gradient).sum(axis=1))


def one_and_two_covariances(reading: Reading) -> tuple[float, float]:
    """What Σ_t G×I_t exceeds f by, with the query held fixed and with the whole gradient."""
    covariance = gradients.covariance_parts(reading).sum()
    return covariance, 2 * covariance


@statement("cor-gap", "the completeness gap of G×I is a covariance", "this book", 1e-12)
def gap_is_covariance(
    reading: Reading, formula: Callable[[Reading], tuple[float, float]] = one_and_two_covariances
) -> float:
    gaps = []
    for fixed_query in (True, False):
        f, gradient = automatic(reading, fixed_query=fixed_query)
        gaps.append((reading.embeddings * gradient).sum() - f)
    return deviation(np.array(formula(reading)), np.array(gaps))


def random_basis(d_e: int, seed: int = 0) -> Array:
    """A random orthogonal matrix (d_e, d_e)."""
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(d_e, d_e)))[0]


@statement("prop-basis", "G-l2 and G×I do not depend on the basis", "this book", 1e-12)
def basis_does_not_matter(
    reading: Reading,
    methods: tuple[Callable[[Reading], Explanation], ...] = (gradients.l2, gradients.times_input),
    turn: Callable[[Reading, Array], Reading] = variants.in_basis,
) -> float:
    """`turn` (reading, Q) must leave f and every method as they are, and turn the gradient by Q."""
    Q = random_basis(reading.embeddings.shape[1])
    other = turn(reading, Q)
    (f, rows), (other_f, other_rows) = automatic(reading), automatic(other)
    pairs = [(method(other).scores, method(reading).scores) for method in methods]
    same_model = abs(other_f - f) / max(1.0, abs(f))
    turned = deviation(other_rows, rows @ Q.T)
    return largest(same_model, turned, *(deviation(found, truth) for found, truth in pairs))
