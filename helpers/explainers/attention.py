"""Attention weights as an explanation (paper, Section 3), and what they leave out."""

from __future__ import annotations

import numpy as np

from helpers.explainers.explanation import Explanation, token_explanation
from helpers.model.reading import Array, Reading, softmax, takes_reading


@takes_reading
def average(reading: Reading) -> Explanation:
    """α-avg: the mean of the heads' attention weights, for each token."""
    return token_explanation(reading, reading.attention.mean(axis=0), "α-avg")


@takes_reading
def maximum(reading: Reading) -> Explanation:
    """α-max: the largest of the heads' attention weights, for each token."""
    return token_explanation(reading, reading.attention.max(axis=0), "α-max")


@takes_reading
def contributions(reading: Reading) -> Explanation:
    """c_t = mean_i α_t u_t: with the padding's, they add up to f(x) exactly."""
    return token_explanation(
        reading, (reading.attention * reading.values).mean(axis=0), "contributions"
    )


@takes_reading
def leaving_out(reading: Reading) -> Array:
    """What a head's output gains when a token has no vote, (K, T_max): α_t (f_i - u_t) / (1 - α_t).

    The query stays, also that of [CLS], and the others share the token's attention. Rounding costs
    about 1e-16 / (1 - α_t). Raises `ValueError` if a token has all of a head's attention.
    """
    alpha = reading.attention
    if (alpha == 1).any():
        raise ValueError(
            "a token has all of a head's attention, and nothing is left without it: "
            "leave it out of the text and call classifier.read(text) again"
        )
    return alpha * (reading.head_outputs[:, None] - reading.values) / (1 - alpha)


@takes_reading
def matrices(reading: Reading) -> Array:
    """All T_max rows of each head's attention, (K, T_max, T_max); row 0 is ``reading.attention``.

    Only row 0 reaches the output; the others are what heat maps of attention show beside it.
    """
    queries = reading.embeddings @ reading.heads.W_q.transpose(0, 2, 1) + reading.heads.b_q[:, None]
    return softmax(queries @ reading.keys.transpose(0, 2, 1) / reading.heads.scale)


@takes_reading
def deciding_heads(reading: Reading) -> Array:
    """Which heads decide, (K,) of bool: without the head, f(x) has the other sign.

    Head i does exactly if its output opposes the sum of the others' and is larger.
    """
    others = reading.head_outputs.sum() - reading.head_outputs
    opposed = np.sign(reading.head_outputs) * np.sign(others) < 0
    return opposed & (np.abs(reading.head_outputs) > np.abs(others))
