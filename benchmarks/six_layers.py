"""LIME against what shows inside six layers and one: python benchmarks/six_layers.py

Writes ``six_layers.json``, which the chapter on six layers shows and measures again in part.
For each of 200 held-out snippets: two runs of sampled LIME of the model of six layers, each with
the number of samples that the error bars of a first run ask for; Kendall's τ-b of their mean with
every summary of the inside; how far rules of Part 4 are from it; and the same for one layer, with
exact LIME. The six layers are read in single precision. No timing is in it. It takes some ten
minutes on one core; ``--count`` measures fewer, ``--texts FILE`` other texts, one a line.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from helpers import load_classifier
from helpers.data.corpus import held_out
from helpers.data.words import tokenize
from helpers.evaluation import depth
from helpers.evaluation.agreement import rank_correlation, sign_agreement
from helpers.evaluation.lime_rules import distance, fitted
from helpers.explainers import lime
from helpers.games import text_game
from helpers.model.classifier import AttentionClassifier
from helpers.model.deep import DeepClassifier, load_deep
from helpers.model.reading import Array

TARGET = Path(__file__).resolve().parent / "six_layers.json"
COUNT, FEWEST = 200, 5  # documents; different words, at least one of them known
SIGNED = ("G-avg", "G×I", "integrated gradients", "leave-one-out")


def texts(count: int = COUNT) -> list[str]:
    """The first `count` held-out snippets of at least five different words."""
    found = [x.text for x in held_out(2 * count) if len(set(tokenize(x.text))) >= FEWEST]
    return found[:count]


def agreement(scores: Mapping[str, Array], truth: Array) -> dict[str, dict[str, float]]:
    """τ-b of absolute scores with |truth|, and shares of equal signs, to four digits."""
    tau = {k: rank_correlation(np.abs(x), np.abs(truth)) for k, x in scores.items()}
    signs = {k: sign_agreement(scores[k], truth) for k in SIGNED}
    return {"tau": _short(tau), "signs": _short(signs)}


def rules(scores: Mapping[str, Array], loo: Array, truth: Array) -> dict[str, dict[str, float]]:
    """Relative errors of rules for LIME, as they are and times the constant that fits best."""
    shuffled = np.random.default_rng(len(truth)).permutation(truth)
    scores = {**scores, "leave-one-out": loo, "null: wrong words": shuffled}
    return {
        "error": _short({k: distance(x, truth) for k, x in scores.items()}),
        "fitted": _short({k: distance(fitted(x, truth, False), truth) for k, x in scores.items()}),
        "constant": _short({k: float(x @ truth / (x @ x)) for k, x in scores.items()}),
    }


def measured(one: AttentionClassifier, deep: DeepClassifier, text: str) -> dict:
    """What is kept of one text: LIME of six layers, and all agreements with it and with one."""
    reading, game = one.read(text), text_game(deep.predict, text)
    runs = depth.lime_runs(game)
    truth = (runs[0].scores + runs[1].scores) / 2
    errors = np.sqrt(runs[0].standard_errors ** 2 + runs[1].standard_errors ** 2) / 2
    inside, outside = depth.inside(deep, text), depth.one_layer(reading)
    exact = lime.exact(reading).scores
    return {
        "words": len(truth),
        "n": runs[0].samples,
        "lime": [float(f"{x:.4g}") for x in truth],
        "errors": [float(f"{x:.3g}") for x in errors],
        "runs": round(rank_correlation(*(np.abs(run.scores) for run in runs)), 4),
        "six": agreement(inside, truth) | rules(
            depth.rules(deep.top(text)), inside["leave-one-out"], truth
        ),
        "one": agreement(outside, exact) | rules(
            depth.rules(reading), outside["leave-one-out"], exact
        ),
    }  # fmt: skip


def _short(values: Mapping[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.4g}") for name, value in values.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all documents and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help="documents")
    parser.add_argument(
        "--texts", type=Path, help="a file of one text a line; without it, snippets"
    )
    parser.add_argument("--out", type=Path, default=TARGET)
    given = parser.parse_args(arguments)
    chosen = given.texts.read_text("utf8").splitlines() if given.texts else texts(given.count)
    one, deep, found = load_classifier(), load_deep().float(), []
    for k, text in enumerate(chosen, start=1):
        found.append(measured(one, deep, text))
        if k % 20 == 0:
            print(k, file=sys.stderr, flush=True)
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in found)
    given.out.write_text(f"[\n{lines}\n]\n", encoding="utf8")


if __name__ == "__main__":
    main()
