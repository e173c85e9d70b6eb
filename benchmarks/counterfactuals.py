"""Search the smallest changes of held-out documents: python benchmarks/counterfactuals.py

Writes ``counterfactuals.json``, which the chapter on counterfactuals shows and searches again in
part. What is proved is the same on every machine; where the limit of time ended a search, the
record says so and holds what was proved by then. The masks themselves are not kept, because they
need not be unique.
"""

from __future__ import annotations

import json
import math
from importlib.metadata import version
from pathlib import Path

import numpy as np

from helpers import games, load_classifier
from helpers.checks import counterfactuals as checks
from helpers.data.corpus import held_out
from helpers.evaluation import counterfactuals
from helpers.explainers.methods import METHODS

TARGET = Path(__file__).resolve().parent / "counterfactuals.json"
SECONDS = 20.0  # for each search
FREE = 17  # words beside a reason of which all masks are looked at
LARGEST = 400_000  # masks that are looked at one by one
COLLECTIONS = {"one snippet": (200, (1,)), "four snippets": (40, (4,))}


def number(x: float) -> int | None:
    """A whole number; None stands for infinity in JSON."""
    return int(x) if math.isfinite(x) else None


def searched(text: str) -> dict[str, object]:
    """Sizes and bounds of one document, and what each method's order needs."""
    reading = load_classifier().read(text)
    game = games.word_game(reading)
    d = len(game.labels)
    entry: dict[str, object] = {"words": d, "output": float(f"{game.value(np.ones(d)):.4g}")}
    for name, search in (
        ("counterfactual", counterfactuals.smallest),
        ("sufficient", counterfactuals.sufficient),
        ("reason", counterfactuals.smallest_reason),
    ):
        found = search(game, SECONDS)
        entry[name] = [number(found.size), number(found.bound)]
    if d - found.size <= FREE:
        assert checks.never_flips(game, found.mask)
        entry["looked"] = True
    size = entry["counterfactual"][0]
    few = size is not None and sum(math.comb(d, k) for k in range(size + 1)) <= LARGEST
    if few:
        entry["every"] = [len(x) for x in checks.every_flip(game, size)]
    entry["greedy"] = number(counterfactuals.until_flip(game, counterfactuals.greedy(game)))
    entry["numerator"] = number(
        counterfactuals.until_flip(game, counterfactuals.by_numerator(game))
    )
    entry["orders"] = checks.orders_needed(reading, game)
    entry["random"] = [float(f"{x:.4g}") for x in checks.random_needed(game)]
    return entry


def main() -> None:
    """Search all documents, and write the file after each collection."""
    report: dict[str, object] = {"scipy": version("scipy"), "seconds": SECONDS}
    report["methods"] = list(METHODS)
    for name, (count, sizes) in COLLECTIONS.items():
        report[name] = []
        for document in held_out(count, sizes):
            report[name].append(searched(document.text))
            print(name, len(report[name]), report[name][-1]["counterfactual"], flush=True)
    lines = []
    for key, value in report.items():
        rows = [json.dumps(x) for x in value] if key in COLLECTIONS else None
        shown = "[\n" + ",\n".join(rows) + "\n]" if rows else json.dumps(value)
        lines.append(f"{json.dumps(key)}: {shown}")
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf8")


if __name__ == "__main__":
    main()
