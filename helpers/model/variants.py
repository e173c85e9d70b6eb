"""The same document in a changed model: one head, other coordinates, attention without words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from helpers.model.reading import Array, Heads, Reading, finite


def one_head(reading: Reading, head: int) -> Reading:
    """The document in a model that has only one of the heads."""
    arrays = {name: value[head : head + 1] for name, value in vars(reading.heads).items()}
    return replace(reading, heads=Heads(**arrays))


def mirrored(reading: Reading) -> Reading:
    """The same document in the model whose read-out W_l is negated: its output is -f(x)."""
    return replace(reading, heads=replace(reading.heads, W_l=-reading.heads.W_l))


def in_basis(reading: Reading, Q: Array) -> Reading:
    """The document with every embedding e turned into Q e, and every W into W Q^T, so that f stays.

    Raises `ValueError` if `Q` (d_e, d_e) is not orthogonal.
    """
    d_e = reading.embeddings.shape[1]
    Q = finite("Q", Q, (d_e, d_e))
    if not np.allclose(Q @ Q.T, np.eye(d_e), atol=1e-10):
        raise ValueError("Q is not orthogonal")
    heads = reading.heads
    turned = {name: getattr(heads, name) @ Q.T for name in ("W_q", "W_k", "W_v")}
    return replace(
        reading,
        embeddings=reading.embeddings @ Q.T,
        masked_embeddings=reading.masked_embeddings @ Q.T,
        heads=replace(heads, **turned),
    )


def reflection(start: Array, end: Array) -> Array:
    """The reflection (d_e, d_e) that sends the direction of `start` to that of `end`."""
    across = start / np.linalg.norm(start) - end / np.linalg.norm(end)
    length = np.linalg.norm(across)
    if length < 1e-12:
        return np.eye(len(start))
    return np.eye(len(start)) - 2 * np.outer(across, across) / length**2


def level(reading: Reading, amount: float = 1.0) -> Reading:
    """The document with `amount` of what attention sees of its words taken away; 1 takes all.

    Masking moves a word's embedding by a vector. The part of it in the span of the heads' key
    directions is what moves a logit; without that part, masking moves no attention weight.
    """
    basis, sizes, _ = np.linalg.svd(reading.key_directions.T, full_matrices=False)
    basis = basis[:, sizes > 1e-12 * max(sizes.max(), 1e-300)]
    moved = reading.embeddings - reading.masked_embeddings
    return replace(reading, embeddings=reading.embeddings - amount * (moved @ basis) @ basis.T)
