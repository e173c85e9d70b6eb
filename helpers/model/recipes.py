"""How the recipe was chosen: the candidates, their runs, and the accuracy on validation snippets.

``python -m helpers.model.recipes`` makes the runs that the log does not have, one after another.
No run looks at the test split.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

import numpy as np
import torch

from helpers.data.corpus import split
from helpers.data.reviews import Review, load_snippets
from helpers.data.words import SHIPPED, UNK_ID
from helpers.model.classifier import AttentionClassifier
from helpers.model.training import Recipe, train

LOG = SHIPPED / "recipes.json"
SEEDS = (0, 1, 2)
CANDIDATES: tuple[dict[str, float], ...] = (
    {},  # where the search began
    {"averaging": 0.995},
    {"learning_rate": 5e-4, "epochs": 30},
    {"learning_rate": 2e-3},
    {"weight_decay": 0.02},
    {"weight_decay": 0.5},
    {"rating_scale": 3.0},
    {"min_count": 2},
    {"min_count": 5},
    {"single": 0.5},
    {"single": 0.9},
)
UNMASKED = {"masking": 0.0}  # a control, and no candidate: explanations mask words
START = Recipe(single=0.7)


def load_log() -> list[dict]:
    """The runs so far: ``changes`` of `START`, ``seed``, ``validation`` accuracy, `measured`."""
    return json.loads(LOG.read_text("utf8")) if LOG.exists() else []


def masked_outputs(
    classifier: AttentionClassifier, texts: Sequence[str], share: float, seed: int = 0
) -> np.ndarray:
    """The outputs (n,) for `texts` with a random share of their words masked."""
    ids = classifier.encode(texts)
    draw = torch.Generator().manual_seed(seed)
    holes = torch.rand(ids.shape, generator=draw) < share
    holes[:, 0] = False  # [CLS] stays
    with torch.no_grad():
        return classifier(ids.masked_fill(holes, UNK_ID)).double().numpy()


def measured(classifier: AttentionClassifier, reviews: Sequence[Review]) -> dict[str, float]:
    """Accuracy on `reviews` with half of their words masked, and the output for no word at all."""
    half = masked_outputs(classifier, [review.text for review in reviews], 0.5) > 0
    right = half == np.array([review.positive for review in reviews])
    return {"half masked": float(right.mean()), "no words": float(classifier.predict([""])[0])}


def means(log: list[dict]) -> list[tuple[dict, float]]:
    """Each candidate's changes and mean validation accuracy over the seeds, in order of trial."""
    return [
        (changes, fmean(run["validation"] for run in log if run["changes"] == changes))
        for changes in CANDIDATES
    ]


def chosen(log: list[dict]) -> Recipe:
    """The candidate with the largest mean validation accuracy; the earlier one of two that tie."""
    changes, _ = max(means(log), key=lambda pair: pair[1])
    return replace(START, **changes)


def main() -> int:
    """Make the runs that are missing, and write the log after each."""
    snippets, log = load_snippets(), load_log()
    made = [(run["changes"], run["seed"]) for run in log]
    for changes in (*CANDIDATES, UNMASKED):
        for seed in SEEDS:
            if (changes, seed) not in made:
                model, card = train(snippets, replace(START, seed=seed, **changes))
                run = {"changes": changes, "seed": seed, "best epoch": card["best epoch"]}
                reached = {"validation": card["accuracy"]["validation"]}
                log.append(run | reached | measured(model, split(snippets)["validation"]))
                LOG.write_text(json.dumps(log, indent=1) + "\n", "utf8")
                print(log[-1], file=sys.stderr)
    print(f"best on validation, mean of {len(SEEDS)} seeds: {chosen(log)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
