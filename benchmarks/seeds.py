"""Retrain with other seeds, and measure how explanations move: python benchmarks/seeds.py

Writes ``seeds.json``, which the chapter on robustness shows. Five models take about a minute on
one core; weights are not kept. Processors round differently, and training amplifies that, so
another machine gives numbers that differ a little; the settings and hashes say what was trained.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

from helpers import load_classifier
from helpers.data.corpus import held_out
from helpers.data.reviews import SHA256, load_snippets
from helpers.evaluation import rewording
from helpers.explainers import methods
from helpers.explainers.ties import largest
from helpers.model.classifier import PARAMETERS, AttentionClassifier
from helpers.model.training import Recipe, train

TARGET = Path(__file__).resolve().parent / "seeds.json"
SEEDS = (1, 2, 3, 4, 5)  # the shipped classifier has seed 0
DOCUMENTS = 100


def fingerprint(classifier: AttentionClassifier) -> str:
    """SHA-256 of the weights as float32, in the order of `PARAMETERS`."""
    parts = (getattr(classifier, name).detach().float().numpy().tobytes() for name in PARAMETERS)
    return hashlib.sha256(b"".join(parts)).hexdigest()


def texts() -> list[str]:
    """The held-out documents that the chapter, too, looks at."""
    return rewording.rewordable(x.text for x in held_out(200))[:DOCUMENTS]


def row(classifier: AttentionClassifier) -> dict:
    """Outputs of a model (documents,), and the places of each method's three top content words."""
    readings = classifier.read_many(texts())
    top = {
        key: [largest(rewording.content_scores(key, x), 3).tolist() for x in readings]
        for key in methods.METHODS
    }
    return {"outputs": [round(x.output, 4) for x in readings], "top": top}


def moved(classifier: AttentionClassifier, other: AttentionClassifier) -> dict[str, list]:
    """For each method, τ-b, top-3 overlap and cosine between two models, (documents, 3)."""
    pairs = [*zip(classifier.read_many(texts()), other.read_many(texts()))]
    found: dict[str, list] = {}
    for key in methods.METHODS:
        both = ([rewording.content_scores(key, x) for x in pair] for pair in pairs)
        rows = [rewording.similarity(*scores) for scores in both]
        found[key] = [[None if np.isnan(x) else round(x, 2) for x in three] for three in rows]
    return found


def main() -> None:
    """Train, measure and write the file."""
    snippets, shipped, begin = load_snippets(), load_classifier(), time.perf_counter()
    report = {
        "recipe": asdict(Recipe()) | {"seed": SEEDS},
        "data": SHA256,
        "documents": DOCUMENTS,
        "shipped": {"weights": fingerprint(shipped), **row(shipped)},
        "retrained": [],
    }
    for seed in SEEDS:
        model, card = train(snippets, Recipe(seed=seed))
        model = model.double().requires_grad_(False).eval()
        report["retrained"].append(
            {
                "seed": seed,
                "weights": fingerprint(model),
                "validation": round(card["accuracy"]["validation"], 4),
                "best epoch": card["best epoch"],
                "outputs": row(model)["outputs"],
                "moved": moved(shipped, model),
            }
        )
        print(f"seed {seed}: {time.perf_counter() - begin:.0f} s", file=sys.stderr, flush=True)
    TARGET.write_text(json.dumps(report) + "\n", encoding="utf8")


if __name__ == "__main__":
    main()
