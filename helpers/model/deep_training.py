"""How the classifier of six layers was trained: ``python -m helpers.model.deep_training``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from helpers.data.corpus import split
from helpers.data.reviews import Review, load_snippets
from helpers.data.words import CLS_ID, UNK_ID, Vocabulary, tokenize
from helpers.model.deep import (
    SHIPPED_DEEP,
    SIX_HEADS,
    SIX_LAYERS,
    DeepClassifier,
    Stack,
    load_deep,
    padded,
)
from helpers.model.threads import one_thread
from helpers.model.training import accuracy, card_of, command, parts_of
from helpers.model.weights import Sizes

# Training amplifies the last bits of a sum; both were 1.000 with a processor's other instructions.
TOLERANCE = {"equal signs": 0.97, "correlation": 0.99}


@dataclass(frozen=True)
class Recipe:
    """Everything that training depends on, besides the data and the sizes."""

    seed: int = 0
    epochs: int = 14
    batch: int = 32
    learning_rate: float = 5e-4
    warm_up: float = 0.1  # share of the steps in which the learning rate rises to its height
    weight_decay: float = 0.1
    dropout: float = 0.2
    embedding_dropout: float = 0.3
    averaging: float = 0.99  # decay of the running mean of the weights
    rating_scale: float = 1.5  # a document's target is sigmoid(rating_scale * mean rating)
    min_count: int = 3
    single: float = 0.8  # share of documents that are one snippet; the others have 2 or more
    most_snippets: int = 6
    masking: float = 0.6  # a document's share of masked words is uniform from 0 to this


def batches(
    tokens: Sequence[np.ndarray], ratings: np.ndarray, recipe: Recipe, T_max: int,
    draw: np.random.Generator,
) -> Iterator[tuple[Tensor, Tensor]]:  # fmt: skip
    """One epoch of (ids, targets): each snippet once, in documents of one polarity, with masks.

    Documents of about one length share a batch, because padding costs as much as words do.
    """
    built = []
    for side in (ratings > 0, ratings < 0):
        order = draw.permutation(np.flatnonzero(side))
        while len(order):
            alone = draw.random() < recipe.single
            size = 1 if alone else draw.integers(2, recipe.most_snippets + 1)
            part, order = order[:size], order[size:]
            words = np.concatenate([tokens[i] for i in part])[: T_max - 1]
            masked = draw.random(len(words)) < recipe.masking * draw.random()
            target = 1 / (1 + np.exp(-recipe.rating_scale * ratings[part].mean()))
            built.append((np.r_[CLS_ID, np.where(masked, UNK_ID, words)], target))
    order = draw.permutation(len(built))
    order = sorted(order, key=lambda i: len(built[i][0]) + draw.integers(6))
    groups = [order[i : i + recipe.batch] for i in range(0, len(order), recipe.batch)]
    for g in draw.permutation(len(groups)):
        rows, targets = zip(*(built[i] for i in groups[g]))
        yield padded(rows), torch.tensor(targets, dtype=torch.float32)


@one_thread()
def train(
    snippets: Sequence[Review], recipe: Recipe = Recipe(), sizes: Sizes = SIX_HEADS,
    stack: Stack = SIX_LAYERS, kind: type[DeepClassifier] = DeepClassifier,
) -> tuple[DeepClassifier, dict]:  # fmt: skip
    """Train, and return the classifier of the epoch that was best on validation, and its card.

    `kind` is the class to train, with the arguments of `DeepClassifier`. Its weights are
    rounded to float16, as they are stored; the test split is not looked at.
    """
    parts = parts_of(snippets)
    torch.manual_seed(recipe.seed)
    vocabulary = Vocabulary.build([s.text for s in parts["train"]], recipe.min_count)
    model = kind(vocabulary, sizes, stack, recipe.dropout, recipe.embedding_dropout)
    tokens = tuple(vocabulary.lookup(tokenize(s.text)) for s in parts["train"])
    ratings = np.array([s.rating for s in parts["train"]])
    draw = np.random.default_rng(recipe.seed)
    epochs = [
        list(batches(tokens, ratings, recipe, sizes.T_max, draw)) for _ in range(recipe.epochs)
    ]
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.learning_rate, total_steps=sum(map(len, epochs)),
        pct_start=recipe.warm_up, anneal_strategy="linear", cycle_momentum=False,
    )  # fmt: skip
    averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(recipe.averaging))
    curve, best, kept = [], 0, {}
    progress = tqdm(enumerate(epochs, 1), total=len(epochs), desc="training", disable=None)
    for epoch, steps in progress:
        losses = []
        model.train()
        for ids, target in steps:
            loss = torch.nn.functional.binary_cross_entropy_with_logits(model(ids), target)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            averaged.update_parameters(model)
            losses.append(loss.item())
        reached = accuracy(averaged.module.eval(), parts["validation"])
        curve.append({"epoch": epoch, "loss": float(np.mean(losses)), "validation": reached})
        progress.set_postfix(loss=f"{np.mean(losses):.3f}", validation=f"{reached:.3f}")
        if not best or reached > curve[best - 1]["validation"]:
            best = epoch
            kept = {k: v.half().float() for k, v in averaged.module.state_dict().items()}
    model.load_state_dict(kept)
    model.eval()
    stored = accuracy(model, parts["validation"])
    return model, card_of(recipe, parts, vocabulary, curve, best, stored)


def gaps(one: DeepClassifier, other: DeepClassifier) -> dict[str, float]:
    """How far two models are from each other on validation: share of equal signs, correlation."""
    texts = [review.text for review in split(load_snippets())["validation"]]
    f, g = one.predict(texts), other.predict(texts)
    return {
        "equal signs": float(np.mean((f > 0) == (g > 0))),
        "correlation": float(np.corrcoef(f, g)[0, 1]),
    }


def compared(model: DeepClassifier) -> tuple[str, bool]:
    """How far the model is from the shipped one, in words, and whether that is near enough."""
    found = gaps(model, load_deep())
    said = "; ".join(f"{name}: {found[name]:.3f}, at least {TOLERANCE[name]}" for name in TOLERANCE)
    return said, all(found[name] >= least for name, least in TOLERANCE.items())


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    return command("helpers.model.deep_training", SHIPPED_DEEP, train, compared, arguments)


if __name__ == "__main__":
    sys.exit(main())
