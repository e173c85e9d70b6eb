"""How the head was trained: ``python -m helpers.model.headed_training`` does it again.

The encoder stays as it is; its token vectors of the snippets are computed once, in some minutes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from helpers.data.corpus import split
from helpers.data.pieces import WordPiece
from helpers.data.reviews import Review, load_snippets
from helpers.model.encoder import T_MAX, Encoder, batches, load_encoder
from helpers.model.headed import Head, load_head, save_head
from helpers.model.reading import Array
from helpers.model.threads import one_thread

EPOCHS, BATCH, RATE, DECAY, DROPPED = 6, 64, 1e-3, 0.1, 0.2  # of three tries, by validation
PENALTY = 1.0  # C of the logistic regression, of the same tries
TOLERANCE = 0.05  # of a logit, between two trainings on different processors


@dataclass(frozen=True)
class Vectors:
    """Token vectors of texts in half precision: `flat` (all tokens, width), `lengths` (n,)."""

    flat: Tensor
    lengths: Array

    @property
    def starts(self) -> Array:
        return np.cumsum(self.lengths) - self.lengths

    def padded(self, chosen: Array) -> tuple[Tensor, Tensor]:
        """Rows (n, T, width) of the `chosen` texts, and where nothing stands, (n, T)."""
        starts, lengths = self.starts[chosen], self.lengths[chosen]
        step = np.arange(lengths.max())
        empty = step >= lengths[:, None]
        rows = self.flat[torch.from_numpy(np.where(empty, 0, starts[:, None] + step))].float()
        return rows, torch.from_numpy(empty)

    def means(self) -> Array:
        """The mean token vector of each text, scaled to length 1, (n, width)."""
        sums = np.add.reduceat(self.flat.float().numpy(), self.starts, axis=0)
        return sums / np.linalg.norm(sums, axis=1, keepdims=True)


@torch.no_grad()
def vectors(texts: Sequence[str], tokenizer: WordPiece, encoder: Encoder) -> Vectors:
    """The encoder's token vectors of `texts`."""
    rows = [tokenizer.read(text, T_MAX).ids for text in texts]
    lengths = np.array([len(ids) for ids in rows])
    found: list[Tensor] = [torch.empty(0)] * len(rows)
    for places, ids in batches(rows):
        for place, part in zip(places, encoder(ids, ids == 0).half()):
            found[place] = part[: lengths[place]].clone()
    return Vectors(torch.cat(found), lengths)


@one_thread()
def train(read: Vectors, positive: Array, seed: int = 0) -> Head:
    """Cross-entropy by AdamW; whole tokens are dropped at random, and the rate falls to zero."""
    torch.manual_seed(seed)
    head = Head(read.flat.shape[1])
    optimizer = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * -(-len(positive) // BATCH)
    falling = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, steps)
    targets, draw = torch.from_numpy(positive).float(), np.random.default_rng(seed)
    for _ in range(EPOCHS):
        for chosen in np.array_split(draw.permutation(len(positive)), steps // EPOCHS):
            rows, empty = read.padded(chosen)
            gone = torch.from_numpy(draw.random(empty.shape) < DROPPED)
            gone[:, 0] = False  # [CLS]
            logits = head(rows, empty | gone)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, targets[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            falling.step()
    return head.requires_grad_(False).eval()


@torch.no_grad()
def logits(head: Head, read: Vectors) -> Array:
    """The head's outputs for all texts, (n,)."""
    parts = np.array_split(np.arange(len(read.lengths)), -(-len(read.lengths) // 256))
    return torch.cat([head(*read.padded(part)) for part in parts]).double().numpy()


def mean_pooling(read: Vectors, positive: Array) -> LogisticRegression:
    """Logistic regression on mean token vectors, what the head is compared with."""
    return LogisticRegression(C=PENALTY, max_iter=1000).fit(read.means(), positive)


def polarity(reviews: Sequence[Review]) -> Array:
    return np.array([review.positive for review in reviews])


def main(arguments: Sequence[str] | None = None) -> int:
    """Train; write the weights with ``--write``, or else compare them with the shipped ones."""
    parser = argparse.ArgumentParser(
        prog="python -m helpers.model.headed_training", description=main.__doc__
    )
    parser.add_argument("--write", action="store_true", help="replace the shipped weights")
    write, parts = parser.parse_args(arguments).write, split(load_snippets())
    model = load_encoder()
    read = {
        name: vectors([review.text for review in parts[name]], *model)
        for name in ("train", "validation")
    }
    head = train(read["train"], polarity(parts["train"]))
    found = logits(head, read["validation"])
    right = np.mean((found > 0) == polarity(parts["validation"]))
    print(f"accuracy, validation: {right:.3f}")
    if write:
        save_head(head)
        return 0
    gap = float(np.abs(logits(load_head(), read["validation"]) - found).max())
    print(f"largest difference of a logit from the shipped head: {gap:.1e}, tolerance {TOLERANCE}")
    return int(gap > TOLERANCE)


if __name__ == "__main__":
    sys.exit(main())
