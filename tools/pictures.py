"""Write the numbers that a picture to drag reads: r of 500 held-out documents in each head.

    python tools/pictures.py

A page opened from disk may not fetch a file, so that they are a script.
"""

import json
from pathlib import Path

import numpy as np

from helpers import games, load_classifier
from helpers.data.corpus import held_out

FILE = Path(__file__).parents[1] / "_scripts" / "pictures" / "large-d-constant.data.js"
PREFIX = (
    "// Written by tools/pictures.py: r of 500 held-out documents, sorted, for each head.\n"
    '"use strict";\n'
    "pictures.survivors = "
)


def survivors():
    """The surviving mass of the documents of the chapter, (heads, documents), sorted."""
    classifier = load_classifier()
    readings = (classifier.read(x.text) for x in held_out(500, sizes=(1, 2, 4, 8)))
    return np.sort([games.word_game(x).surviving_mass for x in readings], axis=0).T


def written():
    """What the script says, (heads, documents)."""
    return np.array(json.loads(FILE.read_text("utf-8").removeprefix(PREFIX).rstrip(";\n")))


def main():
    rows = [[float(f"{x:.3g}") for x in head] for head in survivors()]
    text = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    FILE.write_text(f"{PREFIX}[\n{text}\n];\n", encoding="utf-8")


if __name__ == "__main__":
    main()
