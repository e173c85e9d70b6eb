"""The same document in a changed model: one head, no padding, other coordinates, level logits.

Two of the changes are none to the output: `in_basis` and `moved_origin` write the same model anew.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from helpers.data.kinds import number, whole
from helpers.model.reading import Array, Heads, Reading, finite, takes_reading


@takes_reading
def one_head(reading: Reading, head: int) -> Reading:
    """The document in a model that has only one of the heads, which are counted from 0.

    Raises `ValueError` if there is no such head.
    """
    head = whole("head", head, 0, len(reading.heads.W_l) - 1)
    arrays = {name: value[head : head + 1] for name, value in vars(reading.heads).items()}
    return replace(reading, heads=Heads(**arrays))


@takes_reading
def unpadded(reading: Reading) -> Reading:
    """The document in a model that reads exactly as many tokens as the text has: T_max = T."""
    return replace(
        reading,
        tokens=reading.text,
        embeddings=reading.embeddings[: reading.length],
        masked_embeddings=reading.masked_embeddings[: reading.length],
    )


@takes_reading
def mirrored(reading: Reading) -> Reading:
    """The same document in the model whose read-out W_l is negated: its output is -f(x)."""
    return replace(reading, heads=replace(reading.heads, W_l=-reading.heads.W_l))


@takes_reading
def in_basis(reading: Reading, Q: Array) -> Reading:
    """The document with every embedding e turned into Q e, and every W into W Q^T, so that f stays.

    Raises `ValueError` if `Q` (d_e, d_e) is not orthogonal.
    """
    d_e = reading.embeddings.shape[1]
    Q = finite("Q", Q, (d_e, d_e))
    if not np.allclose(Q @ Q.T, np.eye(d_e), rtol=0, atol=1e-10):
        raise ValueError("Q is not orthogonal")
    heads = reading.heads
    turned = {name: getattr(heads, name) @ Q.T for name in ("W_q", "W_k", "W_v")}
    return replace(
        reading,
        embeddings=reading.embeddings @ Q.T,
        masked_embeddings=reading.masked_embeddings @ Q.T,
        heads=replace(heads, **turned),
    )


@takes_reading
def moved_origin(reading: Reading, shift: Array) -> Reading:
    """The document with `shift` (d_e,) added to every embedding, and W `shift` off every bias.

    Queries, keys and values stay, so that f stays; only the zero of the embeddings has moved.
    """
    shift = finite("shift", shift, (reading.embeddings.shape[1],))
    pairs = {"b_q": "W_q", "b_k": "W_k", "b_v": "W_v"}
    heads = reading.heads
    biases = {b: getattr(heads, b) - getattr(heads, W) @ shift for b, W in pairs.items()}
    return replace(
        reading,
        embeddings=reading.embeddings + shift,
        masked_embeddings=reading.masked_embeddings + shift,
        heads=replace(heads, **biases),
    )


def reflection(start: Array, end: Array) -> Array:
    """The reflection (d_e, d_e) that sends the direction of `start` to that of `end`.

    Both are vectors (d_e,). Raises `ValueError` if one is zero, because zero has no direction.
    """
    start = finite("start", start, (None,))
    end = finite("end", end, start.shape)
    if not (start.any() and end.any()):
        raise ValueError("a zero vector has no direction: no reflection starts or ends there")
    across = start / np.linalg.norm(start) - end / np.linalg.norm(end)
    length = np.linalg.norm(across)
    if length < 1e-12:
        return np.eye(len(start))
    return np.eye(len(start)) - 2 * np.outer(across, across) / length**2


@takes_reading
def level(reading: Reading, amount: float = 1.0) -> Reading:
    """The document with `amount` of what attention sees of its words taken away; 1 takes all.

    Masking moves a word's embedding by a vector. The part of it in the span of the heads' key
    directions is what moves a logit; without that part, masking moves no attention weight.
    """
    amount = number("amount", amount)
    basis, sizes, _ = np.linalg.svd(reading.key_directions.T, full_matrices=False)
    basis = basis[:, sizes > 1e-12 * max(sizes.max(), 1e-300)]
    moved = reading.embeddings - reading.masked_embeddings
    return replace(reading, embeddings=reading.embeddings - amount * (moved @ basis) @ basis.T)


@takes_reading
def seen_by_keys(reading: Reading, share: float = 0.0) -> Reading:
    """The document in a model of two embeddings a token: the values read the one that it has, and
    keys and query another, in which a word differs from [UNK] only by `share` of its difference.

    Every projected value stays, and a logit is l~ + share (l - l~), with l~ that of the mask. At 0
    no key tells words apart, of whatever document; at 1 this is the same model, written anew.
    """
    share = number("share", share)
    masked, heads = reading.masked_embeddings, reading.heads
    seen = masked + share * (reading.embeddings - masked)
    low = np.zeros_like(heads.W_k)
    two = {name: np.concatenate([low, getattr(heads, name)], axis=2) for name in ("W_q", "W_k")}
    two["W_v"] = np.concatenate([heads.W_v, np.zeros_like(heads.W_v)], axis=2)
    return replace(
        reading,
        embeddings=np.hstack([reading.embeddings, seen]),
        masked_embeddings=np.hstack([masked, masked]),
        heads=replace(heads, **two),
    )
