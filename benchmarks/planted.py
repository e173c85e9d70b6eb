"""Train classifiers on planted words: python benchmarks/planted.py

Writes ``planted.json``, what ten seeds of each kind of corpus make of the marker, and the weights
of seed 0 into ``planted/linked`` and ``planted/free``, which the page on ground truth explains.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from helpers.data import planted
from helpers.evaluation import ground_truth
from helpers.model.classifier import AttentionClassifier
from helpers.model.training import Recipe, accuracy, train
from helpers.model.weights import Sizes

HERE = Path(__file__).resolve().parent
TARGET, FOLDER = HERE / "planted.json", HERE / "planted"
SIZES = Sizes(heads=2, d_e=16, d_att=8, d_out=8, T_max=18)
SEEDS, TRAINED, TESTED = 10, 3000, 300


def fitted(linked: bool, seed: int) -> tuple[AttentionClassifier, dict]:
    """A small classifier in float64 that was trained on one corpus, and its card."""
    recipe = Recipe(seed=seed, epochs=12, batch=32, learning_rate=3e-3, min_count=1, single=1.0)
    model, card = train(planted.draw(TRAINED, linked, 100 + seed), recipe, SIZES)
    card["data"] = {"script": "benchmarks/planted.py", "linked": linked}
    return model.double().requires_grad_(False).eval(), card


def measured(model: AttentionClassifier, linked: bool) -> dict[str, float]:
    """Accuracy on new documents, and what the marker is worth there, as shares of each map."""
    tested = planted.draw(TESTED, linked, 1)
    parts: dict[str, list[float]] = {}
    effects = []
    for reading in model.read_many([review.text for review in tested]):
        words = tuple(dict.fromkeys(reading.text[1:]))
        if planted.MARKER not in words:
            continue
        place = words.index(planted.MARKER)
        found = ground_truth.by_method(reading, ("Shapley", "α-avg"))
        effects.append(found["Shapley"][place])
        for name in ("Shapley", "α-avg"):
            parts.setdefault(name, []).append(ground_truth.shares(found[name], words)["marker"])
    return {
        "accuracy": accuracy(model, tested),
        "marker": float(np.mean(effects)),
        **{name: float(np.mean(part)) for name, part in parts.items()},
    }


def main() -> None:
    """Train and measure all of them."""
    runs: dict[str, list] = {}
    for name, linked in (("linked", True), ("free", False)):
        for seed in range(SEEDS):
            model, card = fitted(linked, seed)
            found = {key: round(x, 4) for key, x in measured(model, linked).items()}
            runs.setdefault(name, []).append({"seed": seed, **found})
            print(name, runs[name][-1], file=sys.stderr, flush=True)
            if seed == 0:
                model.save(FOLDER / name, card)
    TARGET.write_text(json.dumps(runs, indent=1) + "\n", encoding="utf8")


if __name__ == "__main__":
    main()
