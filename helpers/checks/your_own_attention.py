"""Statements on a reader's own attention: a torch layer folded, attention pooling as a game.

The truth is torch's own layer, run on every masked document, and softmax over every sub-bag.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from helpers import games
from helpers.checks import oracles
from helpers.checks.base import largest, statement
from helpers.explainers import lime, shapley
from helpers.explainers.explanation import Explanation
from helpers.games import PerturbationGame
from helpers.model.adapters import from_torch
from helpers.model.reading import Array, Reading

OURS = "this book"
Explain = Callable[[PerturbationGame], Explanation]


def random_layer(
    seed: int, K: int = 2, width: int = 3, biases: bool = True
) -> tuple[nn.MultiheadAttention, nn.Linear]:
    """A layer of K heads of that `width` with Gaussian weights, and a read-out; both float32."""
    torch.manual_seed(seed)
    attention = nn.MultiheadAttention(K * width, K, bias=biases)
    readout = nn.Linear(K * width, 1, bias=biases)
    for parameter in (*attention.parameters(), *readout.parameters()):
        nn.init.normal_(parameter)
    return attention, readout


def random_rows(seed: int, T: int, width: int) -> tuple[Array, Array]:
    """Embeddings of T tokens, and those of the masked document: two arrays (T, width)."""
    one, other = np.random.default_rng(seed).normal(size=(2, T, width)) / math.sqrt(width)
    other[0] = one[0]
    return one, other


@torch.no_grad()
def by_torch(
    attention: nn.MultiheadAttention, readout: nn.Linear, embeddings: Array
) -> tuple[float, Array]:
    """The output for row 0 as query and the heads' attention (K, T), by torch alone in float64."""
    layer, last = (copy.deepcopy(module).double().eval() for module in (attention, readout))
    rows = torch.tensor(embeddings)[:, None]  # (T, 1, embed_dim)
    pooled, weights = layer(rows[:1], rows, rows, average_attn_weights=False)
    return float(last(pooled)[0, 0, 0]), weights[0, :, 0].numpy()


@statement("prop-torch-folding", "a torch layer with one query is our model", OURS, 1e-12)
def folding(
    attention: nn.MultiheadAttention,
    readout: nn.Linear,
    embeddings: Array,
    masked_embeddings: Array,
    fold: Callable[..., Reading] = from_torch,
) -> float:
    """Outputs of all 2^(T-1) masked documents through `fold`, relative to the largest of them.

    And the rows of attention on the document itself.
    """
    reading = fold(attention, readout, embeddings, masked_embeddings)
    game = games.position_game(reading)
    z = oracles.every_mask(len(embeddings) - 1)
    kept = np.column_stack([np.ones(len(z)), z])[:, :, None]
    documents = np.where(kept == 1, embeddings, masked_embeddings)
    truth = np.array([by_torch(attention, readout, rows)[0] for rows in documents])
    size = max(1.0, float(np.abs(truth).max()))
    _, rows = by_torch(attention, readout, embeddings)
    return largest(
        np.abs(game.value(z) - truth).max() / size,
        abs(reading.output - truth[-1]) / size,
        np.abs(reading.attention - rows).max(),
    )


def every_bag(logits: Array, values: Array, empty: float) -> dict[tuple[int, ...], float]:
    """The output of each sub-bag, by softmax over the instances that are in it; (K, d) or (d,)."""
    logits, values = np.atleast_2d(logits), np.atleast_2d(values)
    found = {}
    for z in oracles.every_mask(logits.shape[1]).astype(int).tolist():
        kept = np.array(z, dtype=bool)
        weights = torch.softmax(torch.tensor(logits[:, kept]), dim=1).numpy()
        output = (weights * values[:, kept]).sum(axis=1).mean() if kept.any() else empty
        found[tuple(z)] = float(output)
    return found


@statement("prop-pooling", "attention pooling is a game, explained exactly", OURS, 1e-12)
def pooling(
    logits: Array,
    values: Array,
    empty: float,
    game: Callable[..., PerturbationGame] = games.pooling_game,
    explain: Explain = shapley.exact,
) -> float:
    """`game` against softmax over all 2^d sub-bags, `explain` and LIME against enumeration.

    Relative to the largest value, that of the `empty` bag included.
    """
    outputs, played = every_bag(logits, values, empty), game(logits, values, empty=empty)
    d = len(played.labels)
    found = played.value(np.array(list(outputs)))
    gaps = [
        found - list(outputs.values()),
        explain(played).scores - oracles.enumerated_shapley(outputs),
    ]
    if d > 1:
        truth = oracles.least_squares(outputs, oracles.lime_weights(d, math.inf))
        gaps.append(lime.exact(played, math.inf).scores - truth)
    size = max(1.0, float(np.abs(values).max()), abs(empty))
    return largest(*(np.abs(gap).max() for gap in gaps)) / size


@statement("prop-empty-bag", "the empty bag moves all scores by one amount", OURS, 1e-12)
def empty_bag(
    logits: Array,
    values: Array,
    rate: Callable[[int], float] = lambda d: -1 / d,
    explain: Explain = shapley.exact,
) -> float:
    """Each score under `explain` moves at `rate`(d) as the empty bag's value goes from -1 to 2."""
    low, high = (explain(games.pooling_game(logits, values, empty=e)) for e in (-1.0, 2.0))
    return np.abs(high.scores - low.scores - 3 * rate(len(low.labels))).max()
