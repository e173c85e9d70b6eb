"""Explanations of a document in several layers: what attention, gradients and paths say of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import maximum_flow

from helpers.data.kinds import whole, wrong_kind
from helpers.explainers.explanation import Explanation
from helpers.model.deep_reading import DeepReading
from helpers.model.reading import Array, Heads

UNITS = 10**7  # of a capacity of 1: maximum flows are computed in whole numbers


class Stack(Protocol):
    """What integrated gradients need of a classifier: `load_deep()` has it."""

    def embeddings(self, text: str) -> tuple[Array, Array]: ...

    def slopes(self, e: Array) -> tuple[Array, Array]: ...

    def read(self, text: str) -> DeepReading: ...


def attention(reading: DeepReading, layer: int) -> Explanation:
    """What [CLS] attends to in `layer`, 1 to L: the mean over the heads of row 0."""
    _require(reading)
    layer = whole("layer", layer, 1, len(reading.attention))
    row = reading.attention[layer - 1].mean(axis=0)[0]
    return _of_tokens(reading, row, f"attention of layer {layer}")


def rollout(reading: DeepReading) -> Explanation:
    """Attention rollout (Abnar and Zuidema, 2020): row 0 of the product of (A + I) / 2, top first.

    A is the mean over the heads of a layer; I stands for the residual. The scores add up to one.
    """
    row = np.eye(len(_require(reading).tokens))[0]
    for step in _with_residual(reading)[::-1]:
        row = row @ step
    return _of_tokens(reading, row, "attention rollout")


def flow(reading: DeepReading) -> Explanation:
    """Attention flow (Abnar and Zuidema, 2020): the most that can flow from [CLS] to each token.

    Through a graph with a node for each token at each level, and (A + I) / 2 as capacities.
    Capacities are rounded to 1e-7, so that a flow is within T L 1e-7 of the exact one.
    """
    steps = _with_residual(_require(reading))
    L, T, _ = steps.shape
    level, s, t = np.indices(steps.shape)
    units = np.round(steps * UNITS).astype(np.int32).ravel()
    above, below = ((L - 1 - level) * T + s).ravel(), ((L - level) * T + t).ravel()
    nodes = (L + 1) * T
    graph = coo_array((units, (above, below)), shape=(nodes, nodes)).tocsr()
    most = [maximum_flow(graph, 0, L * T + t).flow_value / UNITS for t in range(T)]
    return _of_tokens(reading, np.array(most), "attention flow")


def gradient(reading: DeepReading, summary: Callable[[Array], Array], name: str) -> Explanation:
    """A `summary` (T, d_e) → (T,) of the gradient at the embeddings, that torch found."""
    return _of_tokens(reading, summary(_require(reading).gradients[0]), name)


def l1(reading: DeepReading) -> Explanation:
    """G-l1: the sum of the absolute coordinates of the gradient, for each token."""
    return gradient(reading, lambda rows: np.abs(rows).sum(axis=1), "G-l1")


def l2(reading: DeepReading) -> Explanation:
    """G-l2: the Euclidean norm of the gradient, for each token."""
    return gradient(reading, lambda rows: np.linalg.norm(rows, axis=1), "G-l2")


def times_input(reading: DeepReading) -> Explanation:
    """G×I: <e_t, ∇_{e_t} f>, for each token."""
    return gradient(reading, lambda rows: (rows * reading.states[0]).sum(axis=1), "G×I")


def integrated(classifier: Stack, text: str, nodes: int = 32) -> Explanation:
    """Integrated gradients from the text with all words masked, by `nodes` Gauss-Legendre nodes.

    The scores add up to f(x) - f(all [UNK]) but for the error of the rule, which their sum shows.
    """
    for name in ("embeddings", "slopes", "read"):
        if not callable(getattr(classifier, name, None)):
            raise wrong_kind("classifier has several layers", classifier, "call load_deep()")
    tokens = classifier.read(text).tokens
    x, weights = np.polynomial.legendre.leggauss(whole("nodes", nodes, 1))
    end, start = classifier.embeddings(text)
    path = start + ((1 + x) / 2)[:, None, None] * (end - start)
    slope = np.tensordot(weights / 2, classifier.slopes(path)[1], axes=1)
    scores = (slope * (end - start)).sum(axis=1)
    return Explanation(tokens, scores, "integrated gradients", tokens)


def attention_gradient(heads: Heads, x: Array, arriving: Array) -> Array:
    """∂f/∂x (T, d_e) of a layer whose T tokens all ask, from ∂f/∂(each head's output).

    `x` (T, d_e) is what enters the attention, and `arriving` (K, T, d_out) is g, the gradient at
    the output o of head i for token s. With g for W_l it is the paper's formula for every s:
    Σ_i Σ_s α_st [W_v^T g_s + <g_s, v_t - o_s> W_k^T q_s / sqrt(d_att)] and the queries' part.
    """
    q, k, v = (
        np.einsum("kad,td->kta", W, x) + b[:, None]
        for W, b in ((heads.W_q, heads.b_q), (heads.W_k, heads.b_k), (heads.W_v, heads.b_v))
    )
    logits = q @ k.transpose(0, 2, 1) / heads.scale
    alpha = np.exp(logits - logits.max(axis=2, keepdims=True))
    alpha /= alpha.sum(axis=2, keepdims=True)
    u = arriving @ v.transpose(0, 2, 1)
    slopes = alpha * (u - (alpha * u).sum(axis=2, keepdims=True)) / heads.scale
    by_value = np.einsum("kst,kso,kod->td", alpha, arriving, heads.W_v)
    by_key = np.einsum("kst,ksa,kad->td", slopes, q, heads.W_k)
    by_query = np.einsum("kst,kta,kad->sd", slopes, k, heads.W_q)
    return by_value + by_key + by_query


def norm_jacobian(h: Array, weight: Array, epsilon: float = 1e-5) -> Array:
    """∂ LayerNorm(h_t)/∂h_t of each token: `h` (T, d), the norm's `weight` (d,) give (T, d, d)."""
    d = h.shape[1]
    centred = h - h.mean(axis=1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(axis=1) + epsilon)[:, None, None]
    unit = centred[:, :, None] / deviation
    inner = np.eye(d) - 1 / d - unit @ unit.transpose(0, 2, 1) / d
    return weight[:, None] * inner / deviation


def layer_gradient(reading: DeepReading, layer: int) -> Array:
    """∂f/∂(what enters the attention of the layer), through its LayerNorm, less the residual's."""
    return reading.gradients[layer] - reading.between_gradients[layer]


def _with_residual(reading: DeepReading) -> Array:
    """(A + I) / 2 of each layer, (L, T, T), A the mean over its heads."""
    return (reading.attention.mean(axis=1) + np.eye(len(reading.tokens))) / 2


def _of_tokens(reading: DeepReading, scores: Array, name: str) -> Explanation:
    return Explanation(reading.tokens, scores, name, reading.tokens)


def _require(reading: DeepReading) -> DeepReading:
    if not isinstance(reading, DeepReading):
        raise wrong_kind(
            "a reading of several layers is wanted", reading, "call load_deep().read(text)"
        )
    return reading
