"""Checks of the chapter on the gradient: the truth is torch on full attention."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from helpers.checks.base import deviation, largest, statement
from helpers.checks.oracles import automatic, by_definition
from helpers.explainers import gradients
from helpers.explainers.explanation import Explanation
from helpers.model import variants
from helpers.model.reading import Array, Reading

Rows = Callable[[Reading], Array]
PAPER = "Lopardo et al. (2024), Section 4"


@statement("thm-gradient", "the gradient at every token but [CLS]", PAPER, 1e-12)
def gradient_of_tokens(reading: Reading, formula: Rows = gradients.gradient) -> float:
    """Rows of `formula` against automatic differentiation, for every token but [CLS]."""
    return deviation(formula(reading)[1:], automatic(reading)[1][1:])


@statement("thm-cls-row", "the gradient at [CLS]", "this book", 1e-12)
def gradient_of_cls(reading: Reading, formula: Rows = gradients.gradient) -> float:
    """Row 0 of `formula` against automatic differentiation, which sees the query, too."""
    return deviation(formula(reading)[0], automatic(reading)[1][0])


@statement(
    "cor-biases", "the biases of keys and values drop out of the gradient", "this book", 1e-12
)
def biases_drop_out(reading: Reading, formula: Rows = gradients.gradient) -> float:
    """`formula` without biases against the automatic gradient with them; f moves by ⟨W_l, b_v⟩."""
    heads = reading.heads
    bare = replace(reading, heads=replace(heads, b_k=0 * heads.b_k, b_v=0 * heads.b_v))
    f, truth = automatic(reading)
    shift = automatic(bare)[0] + (heads.W_l * heads.b_v).sum(axis=1).mean() - f
    return largest(
        deviation(formula(bare), truth), deviation(shift, np.zeros(1)) / max(1.0, abs(f))
    )


def pull_over_rest(reading: Reading) -> Array:
    """mean_i α_t (u_t - f_i) / (1 - α_t) of every token but [CLS], (T_max - 1,)."""
    return (gradients.logit_slopes(reading) / (1 - reading.attention)).mean(axis=0)[1:]


@statement("prop-removal", "what removing a token takes from the output", "this book", 1e-10)
def removal(reading: Reading, formula: Rows = pull_over_rest) -> float:
    """f from its definition, less f of the document without token t, for each t but [CLS]."""
    f, lost = by_definition(reading), []
    for t in range(1, len(reading.tokens)):
        rows = (np.delete(e, t, axis=0) for e in (reading.embeddings, reading.masked_embeddings))
        tokens = reading.tokens[:t] + reading.tokens[t + 1 :]
        lost.append(f - by_definition(Reading(tokens, 1, *rows, reading.heads)))
    return deviation(formula(reading), np.array(lost))


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
