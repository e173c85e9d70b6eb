"""Prove the best deletions and insertions of held-out documents: python benchmarks/faithfulness.py

Writes ``faithfulness.json``, which the chapter on faithfulness reads: reviews of more words than it
looks at all masks of. A value that is proved is the same on every machine; where the limit of
time ended a search, `proved` is 0, and value and bound are what was known by then.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

from helpers import games, load_classifier
from helpers.data.corpus import held_out
from helpers.evaluation import ceilings

TARGET = Path(__file__).resolve().parent / "faithfulness.json"
SECONDS = 5.0  # for each number of words
LONGER = 16  # words; the chapter itself proves the ceilings of reviews of as many
DOCUMENTS = 16


def number(x: float) -> float:
    """Nine digits, far below what a program of HiGHS leaves open."""
    return float(f"{x:.9g}")


def measured(text: str) -> dict[str, object]:
    """Ceilings of one document, in both directions."""
    scale = ceilings.scale(games.word_game(load_classifier().read(text)), SECONDS)
    entry: dict[str, object] = {"words": len(scale.game.labels)}
    for name in ("deleted", "inserted"):
        found = getattr(scale, name)
        entry[name] = {
            "values": [number(x) for x in found.values],
            "bounds": [number(x) for x in found.bounds],
            "proved": [int(x) for x in found.proved],
        }
    return entry


def main() -> None:
    """Measure all documents, and write the file after each, so that a run can be cut short."""
    lines = []
    for place, document in enumerate(held_out(200)):
        words = set(load_classifier().read(document.text).text[1:])
        if len(words) <= LONGER or len(lines) == DOCUMENTS:
            continue
        lines.append(json.dumps({"place": place, **measured(document.text)}))
        head = f'{{"scipy": "{version("scipy")}", "seconds": {SECONDS},\n"documents": [\n'
        TARGET.write_text(head + ",\n".join(lines) + "\n]}\n", encoding="utf8")
        print(len(lines), lines[-1][:30], flush=True)


if __name__ == "__main__":
    main()
