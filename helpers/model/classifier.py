"""The paper's classifier (Section 2): one layer of attention, many heads, one [CLS] query."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from helpers.data.kinds import list_of, whole, wrong_kind
from helpers.data.words import (
    CLS,
    CLS_ID,
    SHIPPED,
    UNK,
    UNK_ID,
    Vocabulary,
    readable_words,
    tokenize,
)
from helpers.model import weights
from helpers.model.reading import Heads, Reading
from helpers.model.threads import one_thread
from helpers.model.weights import PAPER, Sizes, WeightsError

PARAMETERS = ("W_e", "W_q", "W_k", "W_v", "W_l")


def sinusoids(T_max: int, d_e: int) -> Tensor:
    """Positional embeddings of Vaswani et al. (2017), (T_max, d_e): sines and cosines in turn."""
    T_max, d_e = whole("T_max", T_max, 1), whole("d_e", d_e, 1)
    angle = torch.arange(T_max)[:, None] / 10000 ** (torch.arange(0, d_e, 2) / d_e)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).reshape(T_max, -1)[:, :d_e]


class AttentionClassifier(nn.Module):
    """Attention classifier of text: its output is a logit, positive for a positive review.

    Shapes, with D words in the vocabulary and K heads: ``W_e`` (D, d_e), ``W_p`` (T_max, d_e),
    ``W_q`` and ``W_k`` (K, d_att, d_e), ``W_v`` (K, d_out, d_e), ``W_l`` (K, d_out). No biases.
    """

    W_p: Tensor

    def __init__(self, vocabulary: Vocabulary, sizes: Sizes = PAPER, seed: int = 0) -> None:
        super().__init__()
        if not isinstance(vocabulary, Vocabulary):
            raise wrong_kind(
                "vocabulary is a Vocabulary", vocabulary, "call Vocabulary.build(texts)"
            )
        self.vocabulary, self.sizes = vocabulary, sizes
        K, d_e, d_att, d_out = sizes.heads, sizes.d_e, sizes.d_att, sizes.d_out
        draw = torch.Generator().manual_seed(seed)
        self.W_e = nn.Parameter(torch.randn(len(vocabulary), d_e, generator=draw) * 0.02)
        self.W_q = nn.Parameter(torch.randn(K, d_att, d_e, generator=draw) / math.sqrt(d_e))
        self.W_k = nn.Parameter(torch.randn(K, d_att, d_e, generator=draw) / math.sqrt(d_e))
        self.W_v = nn.Parameter(torch.randn(K, d_out, d_e, generator=draw) / math.sqrt(d_e))
        self.W_l = nn.Parameter(torch.randn(K, d_out, generator=draw) / math.sqrt(d_out))
        self.register_buffer("W_p", sinusoids(sizes.T_max, d_e), persistent=False)

    def directions(self, e_0: Tensor) -> tuple[Tensor, Tensor]:
        """Per head, the vectors that e_t meets in its logit and in its projected value.

        `e_0` is the embedding of [CLS], shape (..., d_e). Returns ``key = W_k^T q / sqrt(d_att)``
        of shape (..., K, d_e) and ``val = W_v^T W_l`` of shape (K, d_e).
        """
        if not isinstance(e_0, Tensor):
            raise wrong_kind("e_0 is a tensor", e_0, "call torch.from_numpy(reading.embeddings[0])")
        query = torch.einsum("kad,...d->...ka", self.W_q, e_0)
        key = torch.einsum("kad,...ka->...kd", self.W_k, query) / math.sqrt(self.sizes.d_att)
        return key, torch.einsum("kod,ko->kd", self.W_v, self.W_l)

    def forward(self, ids: Tensor) -> Tensor:
        """Logits of documents: `ids` (n, T_max) gives (n,).

        [CLS] stands at position 0 of every document, so all documents share one query.
        Logits and projected values are then linear in the token and in the position, and
        are looked up in two small tables instead of computed from T_max embeddings.
        """
        if not isinstance(ids, Tensor):
            raise wrong_kind("ids is a tensor", ids, "call classifier.logits([text])")
        key, value = self.directions(self.W_e[CLS_ID] + self.W_p[0])
        both = torch.cat([key, value]).T
        scores = nn.functional.embedding(ids, self.W_e @ both) + (self.W_p @ both)[: ids.shape[1]]
        logits, values = scores.split(self.sizes.heads, dim=-1)
        return (logits.softmax(dim=1) * values).sum(dim=1).mean(dim=-1)

    def from_embeddings(self, e: Tensor) -> Tensor:
        """Logits from embeddings, positions included: `e` (..., T, d_e) gives (...)."""
        if not isinstance(e, Tensor):
            raise wrong_kind("e is a tensor", e, "call torch.from_numpy(reading.embeddings)")
        key, value = self.directions(e[..., 0, :])
        logits = torch.einsum("...td,...kd->...kt", e, key)
        values = torch.einsum("...td,kd->...kt", e, value)
        return (logits.softmax(dim=-1) * values).sum(dim=-1).mean(dim=-1)

    def encode(self, texts: Sequence[str]) -> Tensor:
        """Ids of `texts`, (n, T_max): any text is allowed, also one without a known word."""
        texts = list_of(str, "texts", texts, "call classifier.predict(['a fine film'])")
        rows = [self.vocabulary.encode(tokenize(text), self.sizes.T_max) for text in texts]
        return torch.from_numpy(np.array(rows, dtype=np.int64).reshape(-1, self.sizes.T_max))

    @one_thread()
    @torch.no_grad()
    def predict(self, texts: Sequence[str]) -> np.ndarray:
        """f(x) for each of `texts`, shape (n,), float64: a black box for lime, shap or captum.

        Such explainers delete words, and any text is allowed: empty, or without a known word.
        A list, a tuple or an array of texts will do; one str raises `TypeError`. A text of more
        than T_max - 1 words is cut with a warning.
        """
        parts = [self(ids) for ids in self.encode(texts).split(512)]
        return torch.cat(parts).double().numpy()

    def logits(self, texts: Sequence[str]) -> np.ndarray:
        """The same as `predict`, but strict: `TextError` for a text without a known word."""
        for text in list_of(str, "texts", texts, "call classifier.logits(['a fine film'])"):
            readable_words(text, self.vocabulary, self.sizes.T_max - 1)
        return self.predict(texts)

    def heads(self) -> Heads:
        """The heads' weights as float64 arrays."""
        W_q, W_k, W_v, W_l = (
            getattr(self, name).detach().double().numpy() for name in PARAMETERS[1:]
        )
        return Heads(W_q, W_k, W_v, W_l)

    def read(self, text: str) -> Reading:
        """What the document looks like inside the model. Raises `TextError` as `logits` does."""
        if not isinstance(text, str):
            raise wrong_kind("a text is a str", text, "give one text, or call classifier.read_many")
        return self.read_many([text])[0]

    def read_many(self, texts: Sequence[str]) -> tuple[Reading, ...]:
        """The same for each of `texts`: the readings share what is the same in all documents."""
        texts = list_of(str, "texts", texts, "call classifier.read_many(['a fine film'])")
        T_max, heads = self.sizes.T_max, self.heads()
        W_e, W_p = self.W_e.detach().double().numpy(), self.W_p.double().numpy()
        masked = W_e[np.where(np.arange(T_max) > 0, UNK_ID, CLS_ID)] + W_p
        readings = []
        for text in texts:
            words = readable_words(text, self.vocabulary, T_max - 1)
            kept = words[: T_max - 1]
            readings.append(
                Reading(
                    tokens=(CLS, *kept, *[UNK] * (T_max - 1 - len(kept))),
                    length=1 + len(kept),
                    embeddings=W_e[self.vocabulary.encode(words, T_max)] + W_p,
                    masked_embeddings=masked,
                    heads=heads,
                )
            )
        return tuple(readings)

    def without_positions(self) -> AttentionClassifier:
        """The same classifier with all positional embeddings set to zero."""
        other = copy.deepcopy(self)
        other.W_p.zero_()
        return other

    def save(self, folder: str | Path, card: dict) -> None:
        """Write weights, vocabulary and `card` as `weights.write` does: as a whole."""
        tensors = {name: getattr(self, name).detach().float().contiguous() for name in PARAMETERS}
        weights.write(folder, tensors, self.vocabulary, asdict(self.sizes), card)


def load_classifier(folder: str | Path = SHIPPED) -> AttentionClassifier:
    """The trained classifier in float64. Raises `WeightsError` if a file is missing or damaged."""
    card, vocabulary, tensors = weights.read(folder)
    sizes = Sizes(**card["sizes"])
    shapes, found = _shapes(len(vocabulary), sizes), {n: tuple(t.shape) for n, t in tensors.items()}
    if found != shapes:
        raise WeightsError(
            f"{folder} does not hold the weights that its card describes: {found}, not {shapes}"
        )
    classifier = AttentionClassifier(vocabulary, sizes)
    classifier.load_state_dict(tensors)
    for name in PARAMETERS:
        if not getattr(classifier, name).isfinite().all():
            raise WeightsError(f"{name} in {folder} holds NaN or infinity: run 'make train'")
    return classifier.double().requires_grad_(False).eval()


def _shapes(words: int, sizes: Sizes) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter."""
    K, d_e, d_att, d_out = sizes.heads, sizes.d_e, sizes.d_att, sizes.d_out
    query, value = (K, d_att, d_e), (K, d_out, d_e)
    return {"W_e": (words, d_e), "W_q": query, "W_k": query, "W_v": value, "W_l": (K, d_out)}
