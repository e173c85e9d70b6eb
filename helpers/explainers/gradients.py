"""Gradients of the classifier in closed form (paper, Section 4), and explanations made of them."""

from __future__ import annotations

import numpy as np

from helpers.explainers.explanation import Explanation, token_explanation
from helpers.model.reading import Array, Reading, finite, takes_reading


@takes_reading
def gradient(reading: Reading) -> Array:
    """∇_{e_t} f for every token, (T_max, d_e): mean_i α_t [val + (u_t - f_i) key].

    The row of ``[CLS]`` also has its part `through_query`. Biases change nothing in the formulas.
    """
    slopes = logit_slopes(reading).T
    rows = reading.attention.T @ reading.value_directions + slopes @ reading.key_directions
    rows /= len(reading.heads.W_l)
    rows[0] += through_query(reading)
    return rows


@takes_reading
def logit_slopes(reading: Reading) -> Array:
    """∂f_i/∂l_t = α_t (u_t - f_i) for each head and token, (K, T_max); each head's sum to zero."""
    return reading.attention * (reading.values - reading.head_outputs[:, None])


@takes_reading
def through_query(reading: Reading) -> Array:
    """What ``[CLS]`` does as the query: mean_i W_q^T Σ_s α_s (u_s - f_i) k_s / sqrt(d_att), (d_e,).

    The slopes of a head sum to zero, so a bias of the keys drops out, and W_k meets one vector
    for each head instead of one for each token.
    """
    heads = reading.heads
    weighted = logit_slopes(reading) @ reading.embeddings
    keys = (heads.W_k @ weighted[:, :, None])[:, :, 0]
    return np.tensordot(keys, heads.W_q, axes=2) / (heads.scale * len(keys))


@takes_reading
def covariance_parts(reading: Reading) -> Array:
    """mean_i l_t α_t (u_t - f_i) for each token, (T_max,): they add up to mean_i Cov(l, u) under α.

    Without biases, and with the query held fixed, G×I is the contribution plus this.
    """
    return (reading.logits * logit_slopes(reading)).mean(axis=0)


@takes_reading
def along(reading: Reading, vectors: Array) -> Array:
    """<x_t, ∇_{e_t} f> for each token, (T_max,): how fast f changes if every e_t moves along x_t.

    `vectors` is one x for all tokens, (d_e,), or one for each, (T_max, d_e).
    Raises `ValueError` for another shape.
    """
    rows = gradient(reading)
    vectors = finite("vectors", vectors)
    if vectors.shape not in (rows.shape, rows.shape[1:]):
        wanted = f"{rows.shape} or {rows.shape[1:]}"
        raise ValueError(f"vectors has shape {vectors.shape}, expected {wanted}")
    return (vectors * rows).sum(axis=1)


@takes_reading
def mean(reading: Reading) -> Explanation:
    """G-avg: the mean over the d_e coordinates of the gradient, for each token."""
    return token_explanation(reading, gradient(reading).mean(axis=1), "G-avg")


@takes_reading
def l1(reading: Reading) -> Explanation:
    """G-l1: the sum of the absolute coordinates of the gradient, for each token."""
    return token_explanation(reading, np.abs(gradient(reading)).sum(axis=1), "G-l1")


@takes_reading
def l2(reading: Reading) -> Explanation:
    """G-l2: the Euclidean norm of the gradient, for each token."""
    return token_explanation(reading, np.linalg.norm(gradient(reading), axis=1), "G-l2")


@takes_reading
def times_input(reading: Reading) -> Explanation:
    """G×I: <e_t, ∇_{e_t} f>, for each token."""
    return token_explanation(reading, along(reading, reading.embeddings), "G×I")
