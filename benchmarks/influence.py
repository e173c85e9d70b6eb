"""Fit the read-out again without training documents: python benchmarks/influence.py

Writes ``influence.json``, which the chapter on training documents shows and measures again in part.
All fits are scikit-learn's, which shares no code with the influence of this book; no timing is in
the file, and another machine gives the same numbers to about six digits. It takes two minutes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from helpers import load_classifier
from helpers.checks.influence import retrained
from helpers.data.corpus import held_out, split
from helpers.data.reviews import SHA256, load_snippets
from helpers.evaluation import influence
from helpers.model.threads import one_thread

TARGET = Path(__file__).resolve().parent / "influence.json"
PENALTY = 1.0  # scikit-learn's own
HELD_OUT, LEFT_OUT = 30, 120
SHARES = (0.001, 0.01, 0.05, 0.1, 0.2)  # of the training documents, removed together
DRAWS = 3
PENALTIES = (0.1, 1.0, 10.0, 100.0, 1000.0)


def changes(rows: np.ndarray, positive: np.ndarray, x: np.ndarray, gone: list) -> list[list[float]]:
    """Changes of the logits of `x`, for each set of rows in `gone` that is left out."""
    before, found = x @ retrained(rows, positive, PENALTY), []
    for places in gone:
        kept = (np.delete(part, places, 0) for part in (rows, positive))
        found.append([float(f"{v:.7g}") for v in x @ retrained(*kept, PENALTY) - before])
    return found


@one_thread()
def main() -> int:
    classifier = load_classifier()
    train = influence.readable(split(load_snippets())["train"], classifier.vocabulary)
    rows = influence.pooled(classifier, [x.text for x in train])
    positive = np.array([x.positive for x in train])
    x = influence.pooled(classifier, [document.text for document in held_out(HELD_OUT)])
    found = influence.influence(influence.fit(rows, positive, PENALTY), x)

    order = np.argsort(np.abs(found).mean(axis=0), kind="stable")
    alone = order[np.linspace(0, len(order) - 1, LEFT_OUT).round().astype(int)].tolist()
    groups, draw = [], np.random.default_rng(0)
    for share in SHARES:
        size = round(share * len(train))
        for _ in range(DRAWS):
            rows_gone = draw.choice(len(train), size, replace=False).tolist()
            groups.append({"share": share, "drawn by": "chance", "rows": sorted(rows_gone)})
        rows_gone = np.argsort(found[0], kind="stable")[:size].tolist()
        groups.append({"share": share, "drawn by": "support", "rows": sorted(rows_gone)})
    checked = influence.readable(split(load_snippets())["validation"], classifier.vocabulary)
    other = influence.pooled(classifier, [document.text for document in checked])
    sides = np.array([document.positive for document in checked])
    right = {mu: np.mean((other @ retrained(rows, positive, mu) > 0) == sides) for mu in PENALTIES}
    report = {
        "penalty": PENALTY,
        "validation accuracy": {str(mu): round(float(share), 4) for mu, share in right.items()},
        "data": SHA256,
        "training documents": len(train),
        "left out": alone,
        "changes": changes(rows, positive, x, alone),
        "groups": groups,
    }
    for group, change in zip(groups, changes(rows, positive, x, [g["rows"] for g in groups])):
        group["changes"] = change
    TARGET.write_text(json.dumps(report) + "\n", encoding="utf8")
    print(f"wrote {TARGET.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
