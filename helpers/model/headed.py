"""A frozen encoder with the paper's attention head on its token vectors: a common design.

The head is one `nn.MultiheadAttention` of six heads of width 64, asked by the vector of [CLS], and
one `nn.Linear`. It is exact what the book explains; what lies below it, mixes words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from helpers.data.files import content
from helpers.data.kinds import list_of, wrong_kind
from helpers.data.pieces import MASK, PAD, Pieces, WordPiece
from helpers.data.words import SHIPPED, TextError
from helpers.model.adapters import from_torch
from helpers.model.encoder import BATCH, T_MAX, Encoder, batches, load_encoder
from helpers.model.reading import Array, Reading
from helpers.model.weights import WeightsError

HEAD = "encoder_head.safetensors"
AGAIN = "check it out again with git, or run 'python -m helpers.model.headed_training --write'"


class Head(nn.Module):
    """K attention heads asked by row 0 of the token vectors, and a linear read-out: a logit."""

    def __init__(self, width: int = 384, heads: int = 6) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.readout = nn.Linear(width, 1)

    def forward(self, rows: Tensor, padding: Tensor | None = None) -> Tensor:
        """Logits (n,) of token vectors (n, T, width), [CLS] first; `padding` (n, T) is no token."""
        asked = self.attention(
            rows[:, :1], rows, rows, key_padding_mask=padding, need_weights=False
        )
        return self.readout(asked[0])[:, 0, 0]


@dataclass(frozen=True)
class HeadedEncoder:
    """`predict`, `read` and `document` of texts, from a tokenizer, a frozen encoder and a head."""

    tokenizer: WordPiece
    encoder: Encoder
    head: Head

    @torch.no_grad()
    def predict(self, texts: Sequence[str]) -> Array:
        """Logits (n,), float64, of any texts; ``[MASK]`` in a text is the encoder's own."""
        texts = list_of(str, "texts", texts, 'call model.predict(["a fine film"])')
        found = np.empty(len(texts))
        for places, ids in batches([self.tokenizer.read(text, T_MAX).ids for text in texts]):
            padding = ids == self.tokenizer.ids[PAD]
            found[places] = self.head(self.encoder(ids, padding), padding).numpy()
        return found

    def document(self, text: str) -> Document:
        """`text` inside the model. Raises `TextError` if there is no word in it."""
        if not isinstance(text, str):
            raise wrong_kind("a text is a str", text, 'call model.document("a fine film")')
        pieces = self.tokenizer.read(text, T_MAX)
        if max(pieces.place) < 0:
            raise TextError(f"the text {text[:80]!r} has no word to explain")
        return Document(self, pieces, text)

    def read(self, text: str) -> Reading:
        """The head on the token vectors of `text`: `Document.reading`."""
        return self.document(text).reading


@dataclass(frozen=True)
class Document:
    """One text inside a `HeadedEncoder`: what its rows are at each layer, and where its words are.

    `states` are the rows (T, width) that enter each layer and those that leave the last; in
    `masked_states` all pieces of all words are ``[MASK]``, and what is no word stays.
    """

    model: HeadedEncoder
    pieces: Pieces
    source: str

    @property
    def place(self) -> Array:
        """The distinct word that each piece is of, (T,), an index of `labels`, or -1 for none."""
        order = {word: j for j, word in enumerate(self.labels)}
        return np.array([order[self.pieces.words[k]] if k >= 0 else -1 for k in self.pieces.place])

    @property
    def labels(self) -> tuple[str, ...]:
        """The distinct words that the encoder reads of the text."""
        read = [self.pieces.words[k] for k in self.pieces.place if k >= 0]
        return tuple(dict.fromkeys(read))

    @cached_property
    def states(self) -> tuple[Tensor, ...]:
        return tuple(
            torch.from_numpy(rows[0]) for rows in self.rows(np.ones((1, len(self.labels))))
        )

    @cached_property
    def masked_states(self) -> tuple[Tensor, ...]:
        return tuple(
            torch.from_numpy(rows[0]) for rows in self.rows(np.zeros((1, len(self.labels))))
        )

    def kept(self, z: Array) -> Tensor:
        """Whether each piece stays under masks (n, d), (n, T): what is no word always does."""
        place = self.place
        return torch.from_numpy((z[:, np.maximum(place, 0)] == 1) | (place < 0))

    @torch.no_grad()
    def rows(self, z: Array) -> list[Array]:
        """The rows (n, T, width) at each layer, input first, where masked words are ``[MASK]``."""
        mask = self.model.tokenizer.ids[MASK]
        ids = torch.tensor([self.pieces.ids]).masked_fill(~self.kept(z), mask)
        return [rows.numpy() for rows in self.model.encoder.states(ids)]

    @torch.no_grad()
    def outputs(self, z: Array, layer: int) -> Array:
        """Logits (n,) if masks (n, d) exchange rows where they enter the layer of that index.

        Layers are counted from zero; the head is the one after the last.
        """
        kept, found = self.kept(z)[:, :, None], []
        for part in kept.split(max(1, BATCH // kept.shape[1])):
            rows = torch.where(part, self.states[layer], self.masked_states[layer])
            found.append(self.model.head(self.model.encoder.above(rows, layer)))
        return torch.cat(found).double().numpy()

    @cached_property
    def reading(self) -> Reading:
        """The head on the contextual token vectors, in float64, exactly.

        A masked word has the vectors that stand in its place when all words are masked; [CLS],
        [SEP] and punctuation keep theirs. Each piece has the name of its word, so that a word's
        pieces are masked together. Attention does not know the order: words come first, and
        [SEP] and punctuation stand where this book has its padding.
        """
        place = self.place
        order = [0, *np.flatnonzero(place >= 0), *(np.flatnonzero(place[1:] < 0) + 1)]
        words = torch.from_numpy(place >= 0)[:, None]
        kept, other = self.states[-1], self.masked_states[-1]
        names = np.array([*self.labels, "[SEP]"])[place[order[1:]]]
        return from_torch(
            self.model.head.attention,
            self.model.head.readout,
            kept[order],
            torch.where(words, other, kept)[order],
            tokens=("[CLS]", *names.tolist()),
            length=1 + int((place >= 0).sum()),
        )


def load_headed() -> HeadedEncoder:
    """all-MiniLM-L6-v2 with the head that this book trained on the snippets.

    The encoder is fetched on first use: raises `DataError` as `load_files` does, and
    `WeightsError` if the head is not there or is damaged.
    """
    return HeadedEncoder(*load_encoder(), load_head())


def load_head(path: str | Path = SHIPPED / HEAD) -> Head:
    """The trained head, float32, from weights in half precision, or a `WeightsError`."""
    head, found = Head(), content(Path(path), AGAIN, WeightsError)
    try:
        head.load_state_dict(load(found))
    except (SafetensorError, RuntimeError) as error:
        raise WeightsError(f"{path} holds no weights of a head: {AGAIN}") from error
    return head.requires_grad_(False).eval()


def save_head(head: Head, path: str | Path = SHIPPED / HEAD) -> None:
    """Write the weights in half precision: 1.2 MB."""
    halved = {name: value.detach().half().contiguous() for name, value in head.state_dict().items()}
    Path(path).write_bytes(save(halved))
