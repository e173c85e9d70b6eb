"""Measure where the paper's formula and LIME part: python benchmarks/papers_experiments.py

Writes ``papers_experiments.json``, which the chapter on the paper's experiments shows and measures
again in part. No timing is in it: the same versions give the same numbers anywhere, to about four
digits. It takes two minutes. ``--imdb aclImdb --out imdb.json`` measures reviews of that folder.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from helpers import load_classifier
from helpers.data.corpus import held_out
from helpers.data.reviews import Review, load_imdb
from helpers.data.words import tokenize
from helpers.evaluation.gap import released_gap
from helpers.evaluation.lime_rules import RULES, distance
from helpers.explainers import lime, occlusion
from helpers.games import word_game
from helpers.model.reading import Reading

TARGET = Path(__file__).resolve().parent / "papers_experiments.json"
SIZES, COUNT = (1, 2, 4, 8), 400
COMPARED = ("3/2 (paper)", "centred c(r)", "mean field", "mean field, own word exact")


def documents(imdb: str | None = None, count: int = COUNT) -> list[Review]:
    """Held-out documents of snippets, or `count` reviews, evenly spread, of IMDb's test half."""
    if imdb is None:
        return held_out(count, sizes=SIZES)
    test = load_imdb(imdb)["test"]
    few = min(count, len(test))
    return [test[k * len(test) // few] for k in range(few)]


def readings(reviews: Sequence[Review]) -> list[tuple[int, Reading]]:
    """Numbers of snippets and readings of texts with three different words, one of them known."""
    classifier, found = load_classifier(), []
    for review in reviews:
        words = tokenize(review.text)
        if len(set(words)) >= 3 and classifier.vocabulary.lookup(words).any():
            found.append((review.identifier.count("+") + 1, classifier.read(review.text)))
    return found


def measured(reading: Reading) -> dict:
    """The gap of one document, what repairs leave of it, and the errors of rules, all relative."""
    gap, game = released_gap(reading), word_game(reading)
    exact, length = lime.exact(game).scores, np.linalg.norm(gap.run)
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all documents and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--imdb", help="the folder aclImdb; without it, snippets")
    parser.add_argument("--count", type=int, default=COUNT, help="documents")
    parser.add_argument("--out", type=Path, default=TARGET)
    given = parser.parse_args(arguments)
    found = []
    for k, (size, reading) in enumerate(readings(documents(given.imdb, given.count)), start=1):
        found.append({"snippets": size, **measured(reading)})
        if k % 50 == 0:
            print(k, file=sys.stderr, flush=True)
    lines = ",\n".join(map(json.dumps, found))
    given.out.write_text(f"[\n{lines}\n]\n", encoding="utf8")


if __name__ == "__main__":
    main()
