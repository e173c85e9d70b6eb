"""Statements on a frozen encoder with an attention head, and the encoder a second time.

The truth is a forward pass in NumPy that shares no code with torch, and every mask of short texts.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import torch
from scipy.special import erf
from torch import nn

from helpers.checks import oracles
from helpers.checks.base import largest, statement
from helpers.data.pieces import CLS, MASK, PAD, SEP, UNK, WordPiece
from helpers.explainers import shapley
from helpers.explainers.explanation import Explanation
from helpers.games import PerturbationGame, word_game
from helpers.games.layers import layer_game
from helpers.model.encoder import Encoder
from helpers.model.headed import Document, Head, HeadedEncoder
from helpers.model.reading import Array

OURS = "this book"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def by_numpy(weights: dict[str, Array], ids: Array, heads: int = 12) -> Array:
    """The token vectors (T, width) of one text by BERT's own names, in float64, head by head.

    `weights` are those of ``model.safetensors``; after Devlin et al. (2019), layer by layer.
    """
    w = {name: np.asarray(value, dtype=np.float64) for name, value in weights.items()}

    def normed(x: Array, name: str) -> Array:
        centred = x - x.mean(axis=1, keepdims=True)
        size = np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-12)
        return centred / size * w[f"{name}.LayerNorm.weight"] + w[f"{name}.LayerNorm.bias"]

    def dense(x: Array, name: str) -> Array:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    x = (
        w["embeddings.word_embeddings.weight"][ids]
        + w["embeddings.token_type_embeddings.weight"][0]
    )
    x = normed(x + w["embeddings.position_embeddings.weight"][: len(ids)], "embeddings")
    layer = 0
    while f"encoder.layer.{layer}.output.dense.weight" in w:
        name = f"encoder.layer.{layer}"
        asked = (dense(x, f"{name}.attention.self.{part}") for part in ("query", "key", "value"))
        mixed = []
        for q, k, v in zip(*(np.split(part, heads, axis=1) for part in asked), strict=True):
            scores = np.exp(q @ k.T / np.sqrt(q.shape[1]))
            mixed.append(scores / scores.sum(axis=1, keepdims=True) @ v)
        mixed = dense(np.concatenate(mixed, axis=1), f"{name}.attention.output.dense")
        x = normed(x + mixed, f"{name}.attention.output")
        inner = dense(x, f"{name}.intermediate.dense")
        inner = inner * (1 + erf(inner / np.sqrt(2))) / 2
        x = normed(x + dense(inner, f"{name}.output.dense"), f"{name}.output")
        layer += 1
    return x


def random_model(seed: int = 0, depth: int = 2, still: int | None = None) -> HeadedEncoder:
    """A small model with Gaussian weights, float64, that reads words letter by letter.

    The attention of layer `still`, if there is one, adds nothing to any row.
    """
    torch.manual_seed(seed)
    names = [PAD, UNK, CLS, SEP, MASK, "!", *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    encoder = Encoder(len(names), width=12, heads=2, inner=16, depth=depth, positions=40)
    head = Head(12, heads=3).requires_grad_(False).eval()
    for parameter in (*encoder.parameters(), *head.parameters()):
        nn.init.normal_(parameter, std=0.6)
    if still is not None:
        for parameter in encoder.stack.layers[still].self_attn.out_proj.parameters():
            nn.init.zeros_(parameter)
    tokenizer = WordPiece({name: i for i, name in enumerate(names)})
    return HeadedEncoder(tokenizer, encoder.double(), head.double())


def in_double(model: HeadedEncoder) -> HeadedEncoder:
    """A copy of `model` in float64."""
    encoder, head = (copy.deepcopy(part).double() for part in (model.encoder, model.head))
    return HeadedEncoder(model.tokenizer, encoder, head)


def masked_ids(document: Document, z: Array) -> list[int]:
    """The ids of a text in which the words with z = 0 are masked, piece by piece."""
    kept = dict(zip(document.labels, z))
    words, mask = document.pieces.words, document.model.tokenizer.ids[MASK]
    return [
        mask if word >= 0 and not kept[words[word]] else piece
        for piece, word in zip(document.pieces.ids, document.pieces.place)
    ]


@statement("prop-exact-top", "the head on token vectors is a game, exactly", OURS, 1e-11)
def exact_top(
    document: Document,
    game: Callable[[Document], PerturbationGame] = lambda document: word_game(document.reading),
    explain: Callable[[PerturbationGame], Explanation] = shapley.exact,
) -> float:
    """All 2^d masks through torch's own layer, and Shapley values by enumeration, both in float64.

    Rows stay in the order of the text here. Relative to the largest output.
    """
    head, outputs = copy.deepcopy(document.model.head).double(), {}
    one, other = (states[-1].numpy() for states in (document.states, document.masked_states))
    for z in oracles.every_mask(len(document.labels)):
        hidden = np.array(masked_ids(document, z)) != np.array(document.pieces.ids)
        rows = np.where(hidden[:, None], other, one)
        outputs[tuple(z.astype(int).tolist())] = head(torch.tensor(rows[None]).double()).item()
    truth, played = np.array(list(outputs.values())), game(document)
    size = max(1.0, float(np.abs(truth).max()))
    return largest(
        np.abs(played.value(np.array(list(outputs))) - truth).max() / size,
        np.abs(explain(played).scores - oracles.enumerated_shapley(outputs)).max() / size,
    )


def at_layers(document: Document) -> Array:
    """The outputs of the games at the input, at each layer and at the head: (depth + 1, 2^d)."""
    z, depth = oracles.every_mask(len(document.labels)), document.model.encoder.depth
    return np.array([layer_game(document, layer).value(z) for layer in range(depth + 1)])


def added_up(document: Document, table: Array) -> tuple[Array, Array]:
    """Shapley values at the input, by the head's exact ones plus one step a layer; steps' totals.

    `table` (depth + 1, 2^d) are the outputs of the games, masks in the order of `every_mask`.
    """
    z = [tuple(row) for row in oracles.every_mask(len(document.labels)).astype(int).tolist()]
    steps = [oracles.enumerated_shapley(dict(zip(z, step))) for step in table[:-1] - table[1:]]
    totals = table[1:, z.index((0,) * len(z[0]))] - table[:-1, z.index((0,) * len(z[0]))]
    return shapley.exact(document.reading).scores + np.sum(steps, axis=0), totals


@statement("thm-mixing", "what the head misses is one term a layer", OURS, 1e-10)
def mixing(document: Document, formula: Callable = added_up) -> float:
    """`formula` against Shapley values of masking at the input, by 2^d forward passes of texts.

    And the totals of the steps against their sums over the words. Relative to the largest output.
    """
    z = oracles.every_mask(len(document.labels))
    ids = torch.tensor([masked_ids(document, mask) for mask in z])
    model, places = document.model, [tuple(row) for row in z.astype(int).tolist()]
    with torch.no_grad():
        outputs = model.head(model.encoder(ids)).double().numpy()
    table = at_layers(document)
    found, totals = formula(document, table)
    truth = oracles.enumerated_shapley(dict(zip(places, outputs)))
    steps = [oracles.enumerated_shapley(dict(zip(places, step))) for step in table[:-1] - table[1:]]
    size = max(1.0, float(np.abs(outputs).max()))
    return largest(
        np.abs(found - truth).max() / size,
        np.abs(np.sum(steps, axis=1) - totals).max() / size,
    )


@statement("prop-still-layer", "a layer that mixes nothing misses nothing", OURS, 1e-11)
def still_layer(document: Document, layer: int) -> float:
    """The largest step of `layer` over all masks; zero if its attention adds nothing."""
    table = at_layers(document)
    return np.abs(table[layer] - table[layer + 1]).max() / max(1.0, np.abs(table).max())
