"""Gradients of the classifier in closed form (paper, Section 4), and explanations made of them."""

from __future__ import annotations

import numpy as np

from helpers.attention import token_explanation
from helpers.reading import Array, Explanation, Reading, softmax


def gradient(reading: Reading) -> Array:
    """∇_{e_t} f for every token, (T_max, d_e): mean_i α_t [val + (u_t - f_i) key].

    The row of ``[CLS]`` also counts its part in the query:
    mean_i W_q^T Σ_s α_s (u_s - f_i) k_s / sqrt(d_att). Biases change nothing in the formulas.
    """
    heads = reading.heads
    centred = reading.attention * (reading.values - reading.head_outputs[:, None])
    rows = reading.attention.T @ reading.value_directions + centred.T @ reading.key_directions
    through_keys = (centred[:, None, :] @ reading.keys)[:, 0] / heads.scale
    rows[0] += np.einsum("kad,ka->d", heads.W_q, through_keys)
    return rows / len(heads.W_l)


def mean(reading: Reading) -> Explanation:
    """G-avg: the mean over the d_e coordinates of the gradient, for each token."""
    return token_explanation(reading, gradient(reading).mean(axis=1), "G-avg")


def l1(reading: Reading) -> Explanation:
    """G-l1: the sum of the absolute coordinates of the gradient, for each token."""
    return token_explanation(reading, np.abs(gradient(reading)).sum(axis=1), "G-l1")


def l2(reading: Reading) -> Explanation:
    """G-l2: the Euclidean norm of the gradient, for each token."""
    return token_explanation(reading, np.linalg.norm(gradient(reading), axis=1), "G-l2")


def times_input(reading: Reading) -> Explanation:
    """G×I: <e_t, ∇_{e_t} f>, for each token."""
    return token_explanation(reading, (reading.embeddings * gradient(reading)).sum(axis=1), "G×I")


def integrated_scores(reading: Reading, nodes: int) -> Array:
    """Integrated gradients from ``masked_embeddings``, (T_max,), with `nodes` Gauss-Legendre nodes.

    On the straight line between the two documents the query stays as it is, so logits and projected
    values move linearly and the integral is one-dimensional: with l(τ), u(τ), α(τ), f_i(τ) at the
    fraction τ of the way, it is ∫ mean_i α_t(τ) [Δu_t + (u_t(τ) - f_i(τ)) Δl_t] dτ.
    Raises `ValueError` if the baseline changes ``[CLS]``.
    """
    if not np.array_equal(reading.embeddings[0], reading.masked_embeddings[0]):
        raise ValueError(
            "the baseline changes the embedding of [CLS]; keep masked_embeddings[0] = embeddings[0]"
        )
    x, weights = np.polynomial.legendre.leggauss(nodes)
    path = (x[:, None, None] + 1) / 2
    dl, du = reading.logits - reading.masked_logits, reading.values - reading.masked_values
    attention = softmax(reading.masked_logits + path * dl)
    values = reading.masked_values + path * du
    outputs = (attention * values).sum(axis=-1, keepdims=True)
    slopes = (attention * (du + (values - outputs) * dl)).mean(axis=1)
    return weights @ slopes / 2


def integrated(reading: Reading, tolerance: float = 1e-10) -> Explanation:
    """Integrated gradients (Sundararajan et al., 2017) from the all-``[UNK]`` document.

    Doubles the number of nodes until the scores add up to f(x) - f(baseline) within `tolerance`;
    `method` says how many it took. Raises `ArithmeticError` if 1,024 do not reach it.
    """
    baseline = float((reading.masked_attention * reading.masked_values).sum(axis=1).mean())
    for nodes in (4, 8, 16, 32, 64, 128, 256, 512, 1024):
        scores = integrated_scores(reading, nodes)
        gap = abs(scores.sum() - (reading.output - baseline))
        if gap <= tolerance:
            return token_explanation(reading, scores, f"integrated gradients ({nodes} nodes)")
    raise ArithmeticError(
        f"1024 nodes leave a completeness gap of {gap:.1e}, more than {tolerance:.1e}"
    )
