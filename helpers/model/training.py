"""How the shipped classifier was trained: ``python -m helpers.model.training`` does it again."""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from helpers.data.corpus import documents, split
from helpers.data.kinds import list_of, wrong_kind
from helpers.data.reviews import PACKAGE, SHA256, Review, load_snippets
from helpers.data.words import CLS_ID, SHIPPED, UNK_ID, Vocabulary, tokenize
from helpers.model.classifier import AttentionClassifier, load_classifier
from helpers.model.threads import one_thread
from helpers.model.weights import PAPER, Sizes

Tokens = tuple[np.ndarray, ...]
TENS = 100  # documents of ten test snippets: so few that no snippet is used twice
TOLERANCE = (
    0.05  # of a logit: float32 sums differ between types of CPU, and training amplifies that
)


@dataclass(frozen=True)
class Recipe:
    """Everything that training depends on, besides the data and the sizes."""

    seed: int = 0
    epochs: int = 20
    batch: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.1
    averaging: float = 0.99  # decay of the running mean of the weights
    rating_scale: float = 1.5  # a document's target is sigmoid(rating_scale * mean rating)
    min_count: int = 3
    single: float = 0.5  # share of documents that are one snippet; the others have 2 or more
    most_snippets: int = 12
    masking: float = 1.0  # a document's share of masked words is uniform from 0 to this


def accuracy(classifier: AttentionClassifier, reviews: Sequence[Review]) -> float:
    """Share of `reviews` whose polarity is the sign of the logit. Unknown words read as [UNK].

    Raises `ValueError` if there is no review.
    """
    call = "call training.accuracy(load_classifier(), corpus.held_out(60))"
    if not callable(getattr(classifier, "predict", None)):
        raise wrong_kind("classifier is a classifier", classifier, call)
    if not list_of(Review, "reviews", reviews, call):
        raise ValueError("the accuracy on no review at all: give at least one")
    logits = classifier.predict([review.text for review in reviews])
    return float(np.mean((logits > 0) == np.array([review.positive for review in reviews])))


def batches(
    tokens: Tokens, ratings: np.ndarray, recipe: Recipe, T_max: int, draw: np.random.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """One epoch of (ids, targets): each snippet once, in documents of one polarity, with masks."""
    tokens = list_of(np.ndarray, "tokens", tokens, "call vocabulary.lookup(words) for each snippet")
    built = []
    for side in (ratings > 0, ratings < 0):
        order = draw.permutation(np.flatnonzero(side))
        while len(order):
            size = (
                1 if draw.random() < recipe.single else draw.integers(2, recipe.most_snippets + 1)
            )
            part, order = order[:size], order[size:]
            target = 1 / (1 + np.exp(-recipe.rating_scale * ratings[part].mean()))
            built.append((np.concatenate([tokens[i] for i in part])[: T_max - 1], target))
    shuffled = draw.permutation(len(built))
    for start in range(0, len(built), recipe.batch):
        chosen = [built[i] for i in shuffled[start : start + recipe.batch]]
        ids = np.full((len(chosen), T_max), UNK_ID)
        ids[:, 0] = CLS_ID
        for row, (document, _) in zip(ids, chosen):
            masked = draw.random(len(document)) < recipe.masking * draw.random()
            row[1 : 1 + len(document)] = np.where(masked, UNK_ID, document)
        yield (
            torch.from_numpy(ids),
            torch.tensor([target for _, target in chosen], dtype=torch.float32),
        )


@one_thread()
def train(
    snippets: Sequence[Review], recipe: Recipe = Recipe(), sizes: Sizes = PAPER
) -> tuple[AttentionClassifier, dict]:
    """Train, and return the classifier of the epoch that was best on validation, and its card.

    The test split is not looked at: `tested` does that, once, when the recipe is chosen.
    A progress bar is shown only where standard error is a terminal. Raises `ValueError` if a split
    has no snippet.
    """
    parts = parts_of(snippets)
    vocabulary = Vocabulary.build([s.text for s in parts["train"]], recipe.min_count)
    model = AttentionClassifier(vocabulary, sizes, recipe.seed)
    tokens = tuple(vocabulary.lookup(tokenize(s.text)) for s in parts["train"])
    ratings = np.array([s.rating for s in parts["train"]])
    draw = np.random.default_rng(recipe.seed)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(recipe.averaging))
    curve, best, kept = [], 0, {}
    progress = tqdm(range(1, recipe.epochs + 1), desc="training", unit="epoch", disable=None)
    for epoch in progress:
        losses = []
        for ids, target in batches(tokens, ratings, recipe, model.sizes.T_max, draw):
            loss = torch.nn.functional.binary_cross_entropy_with_logits(model(ids), target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            averaged.update_parameters(model)
            losses.append(loss.item())
        reached = {name: accuracy(averaged.module, parts[name]) for name in ("train", "validation")}
        curve.append({"epoch": epoch, "loss": float(np.mean(losses)), **reached})
        progress.set_postfix(
            loss=f"{curve[-1]['loss']:.3f}", validation=f"{reached['validation']:.3f}"
        )
        if not best or reached["validation"] > curve[best - 1]["validation"]:
            best, kept = epoch, {k: v.clone() for k, v in averaged.module.state_dict().items()}
    model.load_state_dict(kept)
    reached = curve[best - 1]["validation"]
    return model, card_of(recipe, parts, vocabulary, curve, best, reached)


def parts_of(snippets: Sequence[Review]) -> dict[str, list[Review]]:
    """The snippets by split. Raises `ValueError` if a split has none."""
    parts = split(snippets)
    if not all(parts.values()):
        missing = ", ".join(name for name, part in parts.items() if not part)
        raise ValueError(f"no snippet for {missing}: give more snippets, such as load_snippets()")
    return parts


def card_of(
    recipe: object, parts: dict[str, list[Review]], vocabulary: Vocabulary, curve: list[dict],
    best: int, validation: float,
) -> dict:  # fmt: skip
    """What is kept beside trained weights: how and on what they were trained, and what came out."""
    return {
        "recipe": asdict(recipe),  # type: ignore[call-overload]
        "data": {"package": PACKAGE, "sha256": SHA256},
        "splits": {name: len(part) for name, part in parts.items()},
        "words": len(vocabulary),
        "best epoch": best,
        "accuracy": {"validation": validation},
        "date": datetime.date.today().isoformat(),
        "curve": curve,
    }


def tested(classifier: AttentionClassifier, snippets: Sequence[Review]) -> dict[str, float]:
    """Accuracy on the test snippets of `snippets`, and on documents of ten that share none."""
    test = split(snippets)["test"]
    return {
        "test, single snippets": accuracy(classifier, test),
        "test, documents of 10": accuracy(classifier, documents(test, (10,), TENS)),
    }


def largest_difference(one: AttentionClassifier, other: AttentionClassifier) -> float:
    """Largest difference between the two models' logits on the test snippets."""
    for model in (one, other):
        if not isinstance(model, AttentionClassifier):
            raise wrong_kind("one and other are classifiers", model, "call load_classifier()")
    texts = [review.text for review in split(load_snippets())["test"]]
    return float(np.abs(one.predict(texts) - other.predict(texts)).max())


def compared(model: AttentionClassifier) -> tuple[str, bool]:
    """How far the model is from the shipped one, in words, and whether that is near enough."""
    gap = largest_difference(model, load_classifier())
    said = "largest difference of a test logit from the shipped classifier"
    return f"{said}: {gap:.1e}, tolerance {TOLERANCE}", gap <= TOLERANCE


def command(
    prog: str, folder: Path, train: Callable, compared: Callable, arguments: Sequence[str] | None
) -> int:
    """Train; write the weights with ``--write``, or else compare them with the shipped ones."""
    parser = argparse.ArgumentParser(prog=f"python -m {prog}", description=command.__doc__)
    parser.add_argument(
        "--write", action="store_true", help=f"replace the weights in {folder.name}/"
    )
    write = parser.parse_args(arguments).write
    snippets = load_snippets()
    model, card = train(snippets)
    card["accuracy"] |= tested(model, snippets)
    print("\n".join(f"accuracy, {name}: {value:.3f}" for name, value in card["accuracy"].items()))
    if write:
        model.save(folder, card)
        print(f"wrote {folder}")
        return 0
    said, near = compared(model)
    print(said)
    return int(not near)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    return command("helpers.model.training", SHIPPED, train, compared, arguments)


if __name__ == "__main__":
    sys.exit(main())
