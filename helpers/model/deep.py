"""A classifier of several layers: the common encoder (residuals, LayerNorm, MLP), read at [CLS]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from helpers.data.kinds import list_of, whole, wrong_kind
from helpers.data.words import CLS, SHIPPED, UNK_ID, Vocabulary, readable_words, tokenize
from helpers.model import weights
from helpers.model.adapters import from_torch
from helpers.model.deep_reading import DeepReading
from helpers.model.reading import Array, Reading
from helpers.model.threads import one_thread
from helpers.model.weights import Sizes, WeightsError

SHIPPED_DEEP = SHIPPED / "deep"
SIX_HEADS = Sizes(heads=6, d_e=96, d_att=16, d_out=16, T_max=256)
Trace = list[
    tuple[Tensor, Tensor, Tensor]
]  # of each layer: h, h + attention, attention (n, K, T, T)
PAD = -1  # no token: what fills a shorter document of a batch, and what no token attends to


@dataclass(frozen=True)
class Stack:
    """How the layers are stacked: their number, and the width of each MLP."""

    layers: int = 6
    feed_forward: int = 192

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            whole(name, value, 1)


SIX_LAYERS = Stack()


class Layer(nn.Module):
    """h + attention(norm(h)), then h + MLP(norm(h)): `nn.TransformerEncoderLayer`, norm first.

    Written out because torch's own layer does not return its attention.
    """

    def __init__(self, sizes: Sizes, feed_forward: int, dropout: float) -> None:
        super().__init__()
        d_e = sizes.d_e
        self.norm1, self.norm2 = nn.LayerNorm(d_e), nn.LayerNorm(d_e)
        self.attention = nn.MultiheadAttention(d_e, sizes.heads, dropout, batch_first=True)
        self.mlp = nn.Sequential(
            nn.Linear(d_e, feed_forward),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(feed_forward, d_e),
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, h: Tensor, padding: Tensor | None, trace: Trace | None = None) -> Tensor:
        """(n, T, d_e) gives (n, T, d_e); what happens on the way goes to `trace`, if given."""
        x = self.norm1(h)
        mixed, alpha = self.attention(
            x, x, x, padding, need_weights=trace is not None, average_attn_weights=False
        )
        between = h + self.dropout(mixed)
        if trace is not None:
            trace.append((h, between, alpha))
        return between + self.dropout(self.mlp(self.norm2(between)))


class DeepClassifier(nn.Module):
    """A text's logit, positive for a positive review, after several layers of attention.

    Padding is masked: no token attends to it, and a text's output does not depend on its batch.
    A word without an embedding, or a masked one, is read as [UNK], as in one layer.
    """

    def __init__(
        self, vocabulary: Vocabulary, sizes: Sizes = SIX_HEADS, stack: Stack = SIX_LAYERS,
        dropout: float = 0.0, embedding_dropout: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__()
        if not isinstance(vocabulary, Vocabulary):
            raise wrong_kind(
                "vocabulary is a Vocabulary", vocabulary, "call Vocabulary.build(texts)"
            )
        if not sizes.heads * sizes.d_att == sizes.heads * sizes.d_out == sizes.d_e:
            raise ValueError(f"heads share d_e: d_att = d_out = d_e / heads is wanted, not {sizes}")
        self.vocabulary, self.sizes, self.stack = vocabulary, sizes, stack
        self.words = nn.Embedding(len(vocabulary), sizes.d_e)
        self.positions = nn.Embedding(sizes.T_max, sizes.d_e)
        nn.init.normal_(self.words.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.02)
        self.dropout = nn.Dropout(embedding_dropout)
        self.layers = nn.ModuleList(
            Layer(sizes, stack.feed_forward, dropout) for _ in range(stack.layers)
        )
        self.norm, self.readout = nn.LayerNorm(sizes.d_e), nn.Linear(sizes.d_e, 1)

    def embed(self, ids: Tensor) -> Tensor:
        """Word and position of each token: ids (n, T) give (n, T, d_e)."""
        return self.words(ids.clamp(min=0)) + self.positions.weight[: ids.shape[1]]

    def from_embeddings(
        self, e: Tensor, padding: Tensor | None = None, trace: Trace | None = None
    ) -> Tensor:
        """Logits (n,) from embeddings (n, T, d_e); `padding` (n, T) is true where no token is."""
        h = self.dropout(e)
        for layer in self.layers:
            h = layer(h, padding, trace)
        return self.readout(self.norm(h[:, 0]))[:, 0]

    def forward(self, ids: Tensor) -> Tensor:
        """Logits (n,) of documents: ids (n, T), `PAD` after the end of the shorter ones."""
        padding = ids == PAD
        return self.from_embeddings(self.embed(ids), padding if padding.any() else None)

    def encode(self, texts: Sequence[str]) -> list[Array]:
        """Ids of each text, [CLS] first, without padding; any text is allowed."""
        texts = list_of(str, "texts", texts, "call classifier.predict(['a fine film'])")
        rows = []
        for text in texts:
            words = tokenize(text)
            row = self.vocabulary.encode(words, self.sizes.T_max)
            rows.append(row[: 1 + len(words)])
        return rows

    @one_thread()
    @torch.no_grad()
    def predict(self, texts: Sequence[str]) -> Array:
        """f(x) for each of `texts`, shape (n,), float64: a black box for lime, shap or captum."""
        rows = self.encode(texts)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        found = np.empty(len(rows))
        for start in range(0, len(rows), 128):
            chosen = order[start : start + 128]
            found[chosen] = self(padded([rows[i] for i in chosen])).double().numpy()
        return found

    @one_thread()
    def read(self, text: str, masked: bool = False) -> DeepReading:
        """What the document looks like inside, or, if `masked`, what [UNK] for every word does.

        Raises `TextError` if no word is known.
        """
        if not isinstance(text, str):
            raise wrong_kind("a text is a str", text, "call classifier.read('a fine film')")
        words = readable_words(text, self.vocabulary, self.sizes.T_max - 1)
        (ids,) = self.encode([text])
        ids = np.where(np.arange(len(ids)) > 0, UNK_ID, ids) if masked else ids
        trace: Trace = []
        e = self.embed(torch.from_numpy(ids)[None]).detach().requires_grad_()
        output = self.from_embeddings(e, trace=trace)[0]
        states, between, attention = ([step[i] for step in trace] for i in range(3))
        slopes = torch.autograd.grad(output, states + between)
        L = len(trace)
        parts = (states, between, slopes[:L], slopes[L:], attention)
        return DeepReading(
            (CLS, *words[: len(ids) - 1]),
            *(torch.cat([x.detach() for x in part]).double().numpy() for part in parts),
            output=float(output.detach()),
        )

    @one_thread()
    def top(self, text: str) -> Reading:
        """The last layer alone as the paper's model: attention of one query, read out linearly.

        Its tokens are what enters the attention of the last layer, and its read-out is ∂f/∂ of what
        leaves it at [CLS]: a linear one, which stands for LayerNorm and MLP near this text. Masked
        tokens are those of the text with all words masked; [CLS] stays that of this text.
        """
        whole, masked = self.read(text), self.read(text, masked=True)
        layer, readout = self.layers[-1], nn.Linear(self.sizes.d_e, 1, bias=False)
        readout.weight.data = torch.from_numpy(whole.between_gradients[-1][:1])
        dtype = layer.norm1.weight.dtype
        x, empty = (
            layer.norm1(torch.from_numpy(r.states[-1]).to(dtype)).detach() for r in (whole, masked)
        )
        empty[0] = x[0]
        return from_torch(layer.attention, readout, x, empty, tokens=whole.tokens)

    def embeddings(self, text: str) -> tuple[Array, Array]:
        """Embeddings of [CLS] and the words of `text`, and the same with all words masked."""
        (ids,) = self.encode([text])
        masked = np.where(np.arange(len(ids)) > 0, UNK_ID, ids)
        e = self.embed(torch.from_numpy(np.stack([ids, masked])))
        return tuple(e.detach().double().numpy())

    @one_thread()
    def slopes(self, e: Array) -> tuple[Array, Array]:
        """f (n,) and ∂f/∂e (n, T, d_e) at embeddings `e` (n, T, d_e)."""
        rows = torch.from_numpy(e).to(self.words.weight.dtype).requires_grad_()
        f = self.from_embeddings(rows)
        (slopes,) = torch.autograd.grad(f.sum(), rows)
        return f.detach().double().numpy(), slopes.double().numpy()

    def save(self, folder: str | Path, card: dict) -> None:
        """Write weights as float16, vocabulary and `card`, as `weights.write` does: as a whole."""
        tensors = {name: value.half().contiguous() for name, value in self.state_dict().items()}
        card = {"stack": asdict(self.stack), **card}
        weights.write(folder, tensors, self.vocabulary, asdict(self.sizes), card)


def padded(rows: Sequence[Array]) -> Tensor:
    """Ids of several documents as one batch, (n, longest), `PAD` after each."""
    ids = np.full((len(rows), max(map(len, rows))), PAD)
    for row, document in zip(ids, rows):
        row[: len(document)] = document
    return torch.from_numpy(ids)


def load_deep(folder: str | Path = SHIPPED_DEEP) -> DeepClassifier:
    """The trained classifier of six layers, in float64. `WeightsError` if a file is damaged."""
    card, vocabulary, tensors = weights.read(folder)
    classifier = DeepClassifier(vocabulary, Sizes(**card["sizes"]), Stack(**card["stack"]))
    try:
        classifier.load_state_dict(tensors)
    except RuntimeError as reason:
        raise WeightsError(
            f"{folder} does not hold the weights that its card describes: {reason}"
        ) from reason
    for name, value in classifier.named_parameters():
        if not value.isfinite().all():
            raise WeightsError(f"{name} in {folder} holds NaN or infinity: train it again")
    return classifier.double().requires_grad_(False).eval()
