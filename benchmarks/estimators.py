"""Measure how far Shapley estimators are off for a budget: python benchmarks/estimators.py

Writes ``estimators.json``, which the page on estimators shows and measures again in part. No
timing is in it: the same versions give the same numbers anywhere, to about four digits.
"""

from __future__ import annotations

import json
import math
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

from helpers import games, load_classifier
from helpers.checks import estimators
from helpers.explainers import shapley

TARGET = Path(__file__).resolve().parent / "estimators.json"
BUDGETS = (4, 8, 16, 32, 64)  # evaluations for each word
DOCUMENTS = 20
LONGEST = {"shapiq SVARM": 50}  # words; longer documents take it minutes each


def measured(text: str, seed: int) -> dict[str, list]:
    """For each estimator, (error, evaluations) at each budget, (None, 0) where it gives none."""
    game = games.word_game(load_classifier().read(text))
    exact, d = shapley.exact(game).scores, len(game.labels)
    found: dict[str, list] = {}
    for name in estimators.ESTIMATORS:
        if d > LONGEST.get(name, d):
            continue
        found[name] = []
        for budget in BUDGETS:
            too_few = name == "shapley.sampled" and budget * d < shapley.fewest_samples(d)
            scores, used = (
                (exact * math.nan, 0) if too_few else estimators.run(name, game, budget * d, seed)
            )
            error = estimators.relative_error(scores, exact)
            found[name].append((None if math.isnan(error) else float(f"{error:.4g}"), used))
    return found


def main() -> None:
    """Measure all documents, and write the file after each, so that a run can be cut short."""
    warnings.simplefilter("ignore")  # shap Sampling takes means of nothing where it gives NaN
    texts = {d: estimators.texts(d, DOCUMENTS) for d in estimators.SNIPPETS}
    report = {
        "packages": {name: version(name) for name in ("shap", "shapiq", "captum")},
        "budgets": BUDGETS,
        "errors": {d: {} for d in texts},
        "evaluations": {d: {} for d in texts},
    }
    for k in range(DOCUMENTS):
        for d in texts:
            for name, pairs in measured(texts[d][k], seed=k).items():
                errors, used = zip(*pairs)
                report["errors"][d].setdefault(name, []).append(errors)
                report["evaluations"][d][name] = used
        TARGET.write_text(json.dumps(report) + "\n", encoding="utf8")
        print(f"{k + 1} of {DOCUMENTS}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
