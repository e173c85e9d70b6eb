"""Measure where the paper's formula and LIME part: python benchmarks/papers_experiments.py

Writes ``papers_experiments.json``, which the chapter on the paper's experiments shows and measures
again in part. No timing is in it: the same versions give the same numbers anywhere, to about four
digits. It takes two minutes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from helpers import load_classifier
from helpers.data.corpus import held_out
from helpers.evaluation.gap import released_gap
from helpers.evaluation.lime_rules import RULES, distance
from helpers.explainers import lime, occlusion
from helpers.games import word_game
from helpers.model.reading import Reading

TARGET = Path(__file__).resolve().parent / "papers_experiments.json"
SIZES, COUNT = (1, 2, 4, 8), 400
COMPARED = ("3/2 (paper)", "centred c(r)", "mean field", "mean field, own word exact")


def readings() -> list[tuple[int, Reading]]:
    """Held-out documents of at least three different words, and their numbers of snippets."""
    reviews = held_out(COUNT, sizes=SIZES)
    read = load_classifier().read_many([review.text for review in reviews])
    sizes = [review.identifier.count("+") + 1 for review in reviews]
    return [(size, x) for size, x in zip(sizes, read) if len(set(x.text[1:])) >= 3]


def measured(reading: Reading) -> dict:
    """The gap of one document, what repairs leave of it, and the errors of rules, all relative."""
    gap, game = released_gap(reading), word_game(reading)
    exact, length = lime.exact(game).scores, np.linalg.norm(gap.truth)
    rules = {name: distance(RULES[name](game, exact), exact) for name in COMPARED}
    rules["leave-one-out"] = distance(occlusion.leave_one_out(game).scores, exact)
    rules["null: wrong words"] = distance(RULES["null: wrong words"](game, exact), exact)
    endless = max(0.0, (gap.steps[:3].sum(axis=0) ** 2).sum() - gap.doubt)
    fitted = max(0.0, (gap.steps[1:].sum(axis=0) ** 2).sum() - gap.doubt) + gap.noise
    left = {
        "as released": np.sqrt(gap.squared) / length,
        "endless samples, no penalty": np.sqrt(endless) / length,
        "the best constant": np.sqrt(fitted) / length,
        "masked in place": rules["3/2 (paper)"],
    }
    return {
        "words": len(gap.labels),
        "shares": [round(float(x), 5) for x in gap.shares],
        "left": {name: float(f"{x:.4g}") for name, x in left.items()},
        "rules": {name: float(f"{x:.4g}") for name, x in rules.items()},
    }


def main() -> None:
    """Measure all documents and write the file."""
    found = []
    for k, (size, reading) in enumerate(readings()):
        found.append({"snippets": size, **measured(reading)})
        if k % 50 == 49:
            print(k + 1, file=sys.stderr, flush=True)
    lines = ",\n".join(map(json.dumps, found))
    TARGET.write_text(f"[\n{lines}\n]\n", encoding="utf8")


if __name__ == "__main__":
    main()
