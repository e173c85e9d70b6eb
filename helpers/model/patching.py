"""Six layers with some heads' outputs taken from another text: natural effects, by running it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from helpers.model.deep import DeepClassifier
from helpers.model.reading import Array
from helpers.model.threads import one_thread


@dataclass(frozen=True)
class DeepEffects:
    """Natural indirect effects on a logit: of each head (L, K), of all heads of each layer (L,)."""

    heads: Array
    layers: Array
    total: float


def head_outputs(attention: nn.MultiheadAttention, x: Tensor) -> Tensor:
    """What each head adds to the residual stream, (n, K, T, d_e), the bias left out."""
    K = attention.num_heads
    q, k, v = (x @ attention.in_proj_weight.T + attention.in_proj_bias).chunk(3, dim=-1)
    q, k, v = (part.unflatten(-1, (K, -1)).transpose(1, 2) for part in (q, k, v))
    alpha = (q @ k.mT / q.shape[-1] ** 0.5).softmax(dim=-1)
    return torch.einsum(
        "nkto,eko->nkte", alpha @ v, attention.out_proj.weight.unflatten(1, (K, -1))
    )


def run(
    model: DeepClassifier, e: Tensor, given: Tensor | None = None, taken: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Logits (n,) of embeddings (n, T, d_e), and what each head added, (L, n, K, T, d_e).

    Heads that `taken` (n, L, K) marks add what `given` (L, 1, K, T, d_e) says instead.
    """
    h, added = e, []
    for i, layer in enumerate(model.layers):
        own = head_outputs(layer.attention, layer.norm1(h))
        if given is not None and taken is not None:
            own = torch.where(taken[:, i, :, None, None], given[i], own)
        h = h + own.sum(dim=1) + layer.attention.out_proj.bias
        h = h + layer.mlp(layer.norm2(h))
        added.append(own)
    return model.readout(model.norm(h[:, 0]))[:, 0], torch.stack(added)


@one_thread()
@torch.no_grad()
def deep_effects(model: DeepClassifier, text: str, other: str) -> DeepEffects:
    """Effects of reading `other` instead of `text`, through heads and layers, at every token.

    Raises `ValueError` unless both have as many words.
    """
    rows = model.encode([text, other])
    if len(rows[0]) != len(rows[1]):
        raise ValueError("the texts have different numbers of words: give two of one length")
    here, there = model.embed(torch.from_numpy(np.array(rows)))[:, None]
    end, given = run(model, there)
    L, K = len(given), given.shape[2]
    single = torch.eye(L * K).reshape(-1, L, K)
    whole = torch.eye(L)[:, :, None].expand(-1, -1, K)
    taken = torch.cat([torch.zeros(1, L, K), single, whole]).bool()
    f = run(model, here.expand(len(taken), -1, -1), given, taken)[0]
    change = (f[1:] - f[0]).double().numpy()
    return DeepEffects(change[: L * K].reshape(L, K), change[L * K :], float(end[0] - f[0]))
