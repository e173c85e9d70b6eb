"""Padding masked, or padding with [UNK], for six layers: python -m benchmarks.padding

Trains the model of six layers twice for each seed, by the recipe of the shipped one: once with its
padding masked, as it is shipped, and once with the rest of the document filled with [UNK], which
every token attends to, as in the model of one layer. Writes ``padding.json``: for each run the
accuracy after each epoch, and which validation snippets came out right. The test split is not
looked at. Both variants are smaller than the shipped model's training in two ways, because
attention to padding costs the square of the document's length: 7 epochs and not 14, with a schedule
of that length, and T_max = 64 and not 256, so that 11 % of the training documents, which join
several snippets, are cut, but no validation snippet is. A masked run takes some 2 minutes on an
idle core, one with [UNK] some 4; runs that are there are kept.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock
from torch import Tensor

from helpers.data.corpus import split
from helpers.data.reviews import load_snippets
from helpers.data.words import UNK_ID
from helpers.model.deep import PAD, SIX_HEADS, DeepClassifier
from helpers.model.deep_training import Recipe, train

TARGET = Path(__file__).resolve().parent / "padding.json"
SIZES, EPOCHS = replace(SIX_HEADS, T_max=64), 7


class PaddedClassifier(DeepClassifier):
    """The same layers, but each document is filled with [UNK] to T_max, and that is attended to."""

    def forward(self, ids: Tensor) -> Tensor:
        """Logits (n,) of documents: ids (n, T), `PAD` after the end of the shorter ones."""
        filled = torch.full((len(ids), self.sizes.T_max), UNK_ID)
        filled[:, : ids.shape[1]] = torch.where(ids == PAD, UNK_ID, ids)
        return self.from_embeddings(self.embed(filled))


VARIANTS = {"masked": DeepClassifier, "[UNK]": PaddedClassifier}


def trained(variant: str, seed: int) -> dict:
    """Train one variant with one seed: its curve, and each validation snippet, 1 if it is right."""
    snippets = load_snippets()
    model, card = train(snippets, Recipe(seed=seed, epochs=EPOCHS), SIZES, kind=VARIANTS[variant])
    validation = split(snippets)["validation"]
    logits = model.predict([review.text for review in validation])
    right = (logits > 0) == np.array([review.positive for review in validation])
    curve = [round(row["validation"], 4) for row in card["curve"]]
    digits = "".join(map(str, right.astype(int)))
    return {"padding": variant, "seed": seed, "best epoch": card["best epoch"],
            "curve": curve, "right": digits}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the runs that are missing, and write each when it is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1])
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--out", type=Path, default=TARGET)
    given = parser.parse_args(arguments)
    for seed in given.seeds:
        for variant in given.variants:
            if not any((r["padding"], r["seed"]) == (variant, seed) for r in made(given.out)):
                found = trained(variant, seed)
                with FileLock(f"{given.out}.lock"):  # two processes may share the work
                    rows = [*made(given.out), found]
                    rows.sort(key=lambda row: (row["seed"], row["padding"]))
                    lines = ",\n".join(map(json.dumps, rows))
                    given.out.write_text(f"[\n{lines}\n]\n", encoding="utf8")


def made(path: Path = TARGET) -> list[dict]:
    """The runs so far."""
    return json.loads(path.read_text("utf8")) if path.exists() else []


if __name__ == "__main__":
    main()
