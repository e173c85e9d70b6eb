"""A reader's own attention layer, `torch.nn.MultiheadAttention` with a read-out, as a Reading.

What is covered: one attention layer whose only query is row 0 ([CLS]), then `torch.nn.Linear`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from helpers.model.reading import Array, Heads, Reading

ONE_LAYER = (
    "from_torch covers one attention layer whose query is row 0 ([CLS]), read out linearly; "
    "several layers, a residual stream, a LayerNorm after the attention and a feed-forward part "
    "are not covered"
)


def from_torch(
    attention: nn.MultiheadAttention,
    readout: nn.Linear,
    embeddings: Array | torch.Tensor,
    masked_embeddings: Array | torch.Tensor,
    *,
    output: int | None = None,
    tokens: Sequence[str] | None = None,
    length: int | None = None,
) -> Reading:
    """A document of ``readout(attention(e[:1], e, e)[0])[0]`` as a `Reading`, in float64.

    `embeddings` (T, embed_dim) is what enters the layer, positions included, [CLS] in row 0;
    `masked_embeddings` are the same rows where each word is masked. `tokens` are T names, [CLS]
    first; the last T - `length` of them are padding that is attended to and never masked.
    `output` is the row of a read-out with several. Weights are copied, dropout is left out as in
    ``eval()``; for the constant that biases add to contributions see `heads_from_torch`.

    Raises `TypeError` for another module, and `ValueError` for wrong shapes, for `add_bias_kv` and
    `add_zero_attn`, and if row 0 is not the same in both: then the query depends on the words.
    """
    heads = heads_from_torch(attention, readout, output)
    rows = {"embeddings": embeddings, "masked_embeddings": masked_embeddings}
    one, other = (_rows(name, value, attention.embed_dim) for name, value in rows.items())
    if one.shape != other.shape:
        raise ValueError(f"embeddings are {one.shape}, masked_embeddings {other.shape}: unequal")
    if not np.array_equal(one[0], other[0]):
        raise ValueError(
            "row 0 differs in embeddings and masked_embeddings: the query would depend on the "
            "words; row 0 is [CLS], which is never masked"
        )
    T = len(one)
    names = ("[CLS]", *(f"token {t}" for t in range(1, T))) if tokens is None else tuple(tokens)
    if len(names) != T:
        raise ValueError(f"{len(names)} tokens for {T} rows of embeddings: name [CLS] as well")
    return Reading(names, T if length is None else length, one, other, heads)


def heads_from_torch(
    attention: nn.MultiheadAttention, readout: nn.Linear, output: int | None = None
) -> Heads:
    """The weights of both modules as `Heads`, to be shared by many documents.

    Torch adds up the heads, after `out_proj`, and this book takes their mean: so head i has
    W_l = K W_o[:, i]^T w, where w is the read-out's row and W_o[:, i] head i's columns of
    `out_proj`. The biases of `out_proj` and of the read-out are a constant c = <w, b_o> + b, which
    is a coordinate of its own in every value, d_out = head_dim + 1: its bias is 1 and W_l reads it
    with c. As attention adds up to one, each head returns c and so does their mean. Contributions
    share c out in proportion to attention; what compares outputs (gradients, LIME, Shapley values,
    leave-one-out) does not see it.
    """
    _require_one_layer(attention, readout)
    w, b = _row(readout, output)
    if len(w) != attention.embed_dim:
        raise ValueError(
            f"the read-out takes {len(w)} numbers, the layer gives {attention.embed_dim}"
        )
    K, width = attention.num_heads, attention.head_dim
    W_q, W_k, W_v = _array(attention.in_proj_weight).reshape(3, K, width, -1)
    bias = attention.in_proj_bias
    b_q, b_k, b_v = np.zeros((3, K, width)) if bias is None else _array(bias).reshape(3, K, width)
    W_l = K * (w @ _array(attention.out_proj.weight)).reshape(K, width)
    c = b + (0.0 if attention.out_proj.bias is None else float(w @ _array(attention.out_proj.bias)))
    return Heads(
        W_q,
        W_k,
        W_v=np.concatenate([W_v, np.zeros_like(W_v[:, :1])], axis=1),
        W_l=np.column_stack([W_l, np.full(K, c)]),
        b_q=b_q,
        b_k=b_k,
        b_v=np.column_stack([b_v, np.ones(K)]),
    )


def _require_one_layer(attention: object, readout: object) -> None:
    if not isinstance(attention, nn.MultiheadAttention):
        hint = "; its layer.self_attn alone is one" if hasattr(attention, "self_attn") else ""
        raise TypeError(
            f"attention is a {type(attention).__name__}, not an nn.MultiheadAttention{hint}: "
            f"{ONE_LAYER}"
        )
    if not isinstance(readout, nn.Linear):
        raise TypeError(f"readout is a {type(readout).__name__}, not an nn.Linear: {ONE_LAYER}")
    if attention.bias_k is not None or attention.add_zero_attn:
        raise ValueError(
            "add_bias_kv and add_zero_attn attend to a row that is no token: not supported; "
            "train the layer without them"
        )
    if attention.in_proj_weight is None:
        raise ValueError(
            f"kdim {attention.kdim} or vdim {attention.vdim} is not embed_dim "
            f"{attention.embed_dim}: keys, values and the query must come from the same embeddings"
        )


def _row(readout: nn.Linear, output: int | None) -> tuple[Array, float]:
    """Weights (embed_dim,) and bias of the read-out's row `output`."""
    if output is None and readout.out_features > 1:
        raise ValueError(
            f"the read-out has {readout.out_features} outputs, and an explanation is of one: "
            f"pass output=0 to output={readout.out_features - 1}"
        )
    row = 0 if output is None else output
    if not 0 <= row < readout.out_features:
        raise ValueError(f"output is {row}, expected 0 to {readout.out_features - 1}")
    bias = 0.0 if readout.bias is None else float(_array(readout.bias)[row])
    return _array(readout.weight)[row], bias


def _rows(name: str, value: Array | torch.Tensor, width: int) -> Array:
    array = _array(value) if isinstance(value, torch.Tensor) else np.asarray(value, np.float64)
    if array.ndim != 2 or array.shape[1] != width or len(array) == 0:
        raise ValueError(
            f"{name} has shape {array.shape}, expected (T, {width}): one document, without a batch"
        )
    return array


def _array(tensor: torch.Tensor) -> Array:
    return tensor.detach().cpu().double().numpy()
