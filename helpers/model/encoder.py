"""all-MiniLM-L6-v2, a pretrained transformer, as torch's own `nn.TransformerEncoder`.

Six layers of twelve heads and width 384 (Wang et al., 2020; Reimers and Gurevych, 2019), frozen.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from safetensors.torch import load
from torch import Tensor, nn

from helpers.data.pieces import PAD, WordPiece
from helpers.data.pretrained import WEIGHTS, WORDS, load_files

T_MAX = 256  # pieces of a text that are read, as sentence-transformers does
ASKED = ("query", "key", "value")
BATCH = 2**12  # pieces at a time


class Encoder(nn.Module):
    """BERT's encoder: embeddings, then `depth` layers that each let the pieces of a text mix."""

    def __init__(
        self, pieces=30522, width=384, heads=12, inner=1536, depth=6, positions=512
    ) -> None:
        super().__init__()
        self.word = nn.Embedding(pieces, width)
        self.place = nn.Embedding(positions, width)
        self.norm = nn.LayerNorm(width, eps=1e-12)
        layer = nn.TransformerEncoderLayer(
            width, heads, inner, 0.0, "gelu", layer_norm_eps=1e-12, batch_first=True
        )
        self.stack = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
        self.eval().requires_grad_(False)

    @property
    def depth(self) -> int:
        return len(self.stack.layers)

    def embed(self, ids: Tensor) -> Tensor:
        """Rows that enter the first layer, (n, T) to (n, T, width): of its own piece only, each."""
        return self.norm(self.word(ids) + self.place.weight[: ids.shape[1]])

    def above(self, rows: Tensor, layer: int = 0, padding: Tensor | None = None) -> Tensor:
        """What the layers after the first `layer` make of `rows` (n, T, width); at the depth, them.

        `padding` (n, T) is true where nothing stands.
        """
        for one in self.stack.layers[layer:]:
            rows = one(rows, src_key_padding_mask=padding)
        return rows

    def states(self, ids: Tensor) -> list[Tensor]:
        """The rows that enter each layer, and those that leave the last: depth + 1 of (n, T, .)."""
        found = [self.embed(ids)]
        for one in self.stack.layers:
            found.append(one(found[-1]))
        return found

    def forward(self, ids: Tensor, padding: Tensor | None = None) -> Tensor:
        """The contextual token vectors, (n, T) to (n, T, width)."""
        return self.above(self.embed(ids), 0, padding)


def load_encoder() -> tuple[WordPiece, Encoder]:
    """The tokenizer and the encoder, float32. Raises `DataError` as `load_files` does."""
    files = load_files()
    encoder = Encoder()
    encoder.load_state_dict(torch_names(load(files[WEIGHTS]), encoder.depth))
    return WordPiece.load(files[WORDS]), encoder


def torch_names(bert: dict[str, Tensor], depth: int) -> dict[str, Tensor]:
    """BERT's weights under the names that they have in an `Encoder`.

    Every text is of kind 0, so that the embedding of the kind is added to those of the positions;
    query, key and value are stacked, as torch has them.
    """
    below = {key.removeprefix("embeddings."): value for key, value in bert.items()}
    kind = below["token_type_embeddings.weight"][0]
    found = {
        "word.weight": below["word_embeddings.weight"],
        "place.weight": below["position_embeddings.weight"] + kind,
        **{f"norm.{part}": below[f"LayerNorm.{part}"] for part in ("weight", "bias")},
    }
    for i in range(depth):
        old, new = f"encoder.layer.{i}.", f"stack.layers.{i}."
        for part in ("weight", "bias"):
            asked = [
                bert[f"{old}attention.self.{name}.{part}"] for name in ("query", "key", "value")
            ]
            found[f"{new}self_attn.in_proj_{part}"] = torch.cat(asked)
            for ours, theirs in (
                ("self_attn.out_proj", "attention.output.dense"),
                ("norm1", "attention.output.LayerNorm"),
                ("linear1", "intermediate.dense"),
                ("linear2", "output.dense"),
                ("norm2", "output.LayerNorm"),
            ):
                found[f"{new}{ours}.{part}"] = bert[f"{old}{theirs}.{part}"]
    return found


def batches(rows: Sequence[Sequence[int]], pad: int = 0) -> list[tuple[list[int], Tensor]]:
    """Texts of similar length together: their places in `rows`, and padded ids (n, T)."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    found = []
    while order:
        longest = len(rows[order[-1]])
        size = max(1, min(len(order), BATCH // longest))
        chosen, order = order[-size:], order[:-size]
        padded = [[*rows[i], *[pad] * (longest - len(rows[i]))] for i in chosen]
        found.append((chosen, torch.tensor(padded)))
    return found


def sentence_vectors(texts: Sequence[str], tokenizer: WordPiece, encoder: Encoder) -> Tensor:
    """What sentence-transformers gives: the mean token vector of each text, of length 1, (n, .)."""
    found = torch.empty(len(texts), encoder.word.embedding_dim)
    for places, ids in batches([tokenizer.read(text, T_MAX).ids for text in texts]):
        there = ids != tokenizer.ids[PAD]
        rows = encoder(ids, ~there) * there[..., None]
        found[places] = nn.functional.normalize(rows.sum(1) / there.sum(1, keepdim=True), dim=1)
    return found
