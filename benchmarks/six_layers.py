"""LIME against what shows inside six layers and one: python -m benchmarks.six_layers

Writes ``six_layers.json``, which the chapter on six layers shows and measures again in part.
For each of 200 held-out snippets: two runs of sampled LIME of the model of six layers, each with
the number of samples that the error bars of a first run ask for; Kendall's τ-b of their mean with
every summary of the inside; how far rules of Part 4 are from it; and the same for one layer, with
exact LIME. The six layers are read in single precision. No timing is in it. It takes some ten
minutes on one core; ``--count`` measures fewer, ``--texts FILE`` other texts, one a line, and
``--products`` writes ``six_layers_products.json`` of sentences about products, which no model of
this book has seen.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from helpers import load_classifier
from helpers.evaluation.depth import COUNT, measured, product_texts, texts
from helpers.model.deep import load_deep

TARGET = Path(__file__).resolve().parent / "six_layers.json"
PRODUCTS, FEW = TARGET.with_name("six_layers_products.json"), 60


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all documents and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, help=f"documents ({COUNT}, and {FEW} of products)")
    parser.add_argument("--products", action="store_true", help="sentences about products")
    parser.add_argument(
        "--texts", type=Path, help="a file of one text a line; without it, snippets"
    )
    parser.add_argument("--out", type=Path)
    given = parser.parse_args(arguments)
    if given.texts:
        chosen = given.texts.read_text("utf8").splitlines()
    else:
        chosen = (
            product_texts(given.count or FEW) if given.products else texts(given.count or COUNT)
        )
    one, deep, found = load_classifier(), load_deep().float(), []
    for k, text in enumerate(chosen, start=1):
        found.append(measured(one, deep, text))
        if k % 20 == 0:
            print(k, file=sys.stderr, flush=True)
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in found)
    target = given.out or (PRODUCTS if given.products else TARGET)
    target.write_text(f"[\n{lines}\n]\n", encoding="utf8")


if __name__ == "__main__":
    main()
