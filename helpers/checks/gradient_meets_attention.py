"""Checks of the gradient chapters: the truth is automatic differentiation of full attention."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch

from helpers.checks.base import largest, statement
from helpers.explainers import gradients
from helpers.explainers.explanation import Explanation
from helpers.model.reading import Array, Heads, Reading

Rows = Callable[[Reading], Array]
PAPER = "Lopardo et al. (2024), Section 4"


def full_attention(heads: Heads, e: torch.Tensor, queries_of: torch.Tensor) -> torch.Tensor:
    """f from embeddings (T, d_e), head by head, with all T rows of attention; a scalar."""
    outputs = []
    for i in range(len(heads.W_l)):
        W_q, W_k, W_v, W_l, b_q, b_k, b_v = (
            torch.tensor(getattr(heads, name)[i])
            for name in ("W_q", "W_k", "W_v", "W_l", "b_q", "b_k", "b_v")
        )
        q, k, v = queries_of @ W_q.T + b_q, e @ W_k.T + b_k, e @ W_v.T + b_v
        weights = torch.softmax(q @ k.T / len(W_q) ** 0.5, dim=1)
        outputs.append((weights @ v)[0] @ W_l)
    return torch.stack(outputs).mean()


def automatic(
    reading: Reading, embeddings: Array | None = None, fixed_query: bool = False
) -> tuple[float, Array]:
    """f and its gradient (T_max, d_e) by automatic differentiation, at `embeddings` or the text's.

    With `fixed_query` the queries are constants, so that [CLS] counts as a key and a value only.
    """
    at = reading.embeddings if embeddings is None else embeddings
    e = torch.tensor(at, requires_grad=True)
    f = full_attention(reading.heads, e, e.detach() if fixed_query else e)
    return f.item(), torch.autograd.grad(f, e)[0].numpy()


def _error(found: Array, truth: Array) -> float:
    """Largest difference, relative to the largest entry of the truth if that is above 1."""
    scale = max(1.0, float(np.abs(truth).max(initial=0.0)))
    return float(np.abs(np.asarray(found) - truth).max(initial=0.0)) / scale


@statement("thm-gradient", "the gradient at every token but [CLS]", PAPER, 1e-12)
def gradient_of_tokens(reading: Reading, formula: Rows = gradients.gradient) -> float:
    return _error(formula(reading)[1:], automatic(reading)[1][1:])


@statement("thm-cls-row", "the gradient at [CLS]", "this book", 1e-12)
def gradient_of_cls(reading: Reading, formula: Rows = gradients.gradient) -> float:
    return _error(formula(reading)[0], automatic(reading)[1][0])


@statement(
    "cor-biases", "the biases of keys and values drop out of the gradient", "this book", 1e-12
)
def biases_drop_out(reading: Reading, formula: Rows = gradients.gradient) -> float:
    heads = reading.heads
    bare = replace(reading, heads=replace(heads, b_k=0 * heads.b_k, b_v=0 * heads.b_v))
    f, truth = automatic(reading)
    shift = automatic(bare)[0] + (heads.W_l * heads.b_v).sum(axis=1).mean() - f
    return largest(_error(formula(bare), truth), _error(shift, np.zeros(1)) / max(1.0, abs(f)))


def contribution_plus_covariance(reading: Reading) -> Array:
    """The two parts of G×I of a model without biases whose query is held fixed, (T_max,)."""
    contributions = (reading.attention * reading.values).mean(axis=0)
    return contributions + gradients.covariance_parts(reading)


@statement("prop-times-input", "G×I is contribution plus covariance part", "this book", 1e-12)
def times_input_splits(reading: Reading, formula: Rows = contribution_plus_covariance) -> float:
    gradient = automatic(reading, fixed_query=True)[1]
    return _error(formula(reading), (reading.embeddings * gradient).sum(axis=1))


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
    return _error(np.array(formula(reading)), np.array(gaps))


def rotated(reading: Reading, seed: int = 0) -> Reading:
    """The same document and model, written in another orthonormal basis of the embedding space."""
    d_e = reading.embeddings.shape[1]
    R = np.linalg.qr(np.random.default_rng(seed).normal(size=(d_e, d_e)))[0]
    heads = reading.heads
    turned = replace(heads, W_q=heads.W_q @ R, W_k=heads.W_k @ R, W_v=heads.W_v @ R)
    e, masked = reading.embeddings @ R, reading.masked_embeddings @ R
    return replace(reading, embeddings=e, masked_embeddings=masked, heads=turned)


@statement("prop-basis", "G-l2 and G×I do not depend on the basis", "this book", 1e-12)
def basis_does_not_matter(
    reading: Reading,
    methods: tuple[Callable[[Reading], Explanation], ...] = (gradients.l2, gradients.times_input),
) -> float:
    other = rotated(reading)
    f = automatic(reading)[0]
    pairs = [(method(other).scores, method(reading).scores) for method in methods]
    same_model = abs(automatic(other)[0] - f) / max(1.0, abs(f))
    return largest(same_model, *(_error(found, truth) for found, truth in pairs))
