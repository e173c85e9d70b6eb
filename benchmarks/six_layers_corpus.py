"""The corpus runner on the model of six layers: python -m benchmarks.six_layers_corpus

Writes ``six_layers_corpus.json``, which the chapter on six layers shows and measures again in part:
for held-out snippets, spread evenly, and each method that is right for six layers, the columns of
the runner in `COLUMNS`. With ``--run`` the folder of the run is kept, and one that was ended goes
on. It takes some 3 seconds a snippet on one core.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from helpers import experiments

TARGET = Path(__file__).resolve().parent / "six_layers_corpus.json"
COUNT = 100  # documents
COLUMNS = (
    *("deletion_gain", "insertion_gain", "noise", "tau_lime", "tau_shapley"),
    *("signs_valence", "signs_praise"),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help="documents")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--run", type=Path, help="the folder of the run")
    parser.add_argument("--out", type=Path, default=TARGET)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as other:
        settings = experiments.Settings(
            "snippets", given.run or Path(other), None, given.count, given.jobs, model="six-layers"
        )
        summary = experiments.run(settings)
        found = experiments.load(settings.out)
    M = len(settings.methods)
    measures = {name: found[name].reshape(-1, M) for name in COLUMNS}
    record = {
        "places": found["place"][::M].astype(int).tolist(),
        "methods": list(settings.methods),
        "failed": len(summary.failed),
        "chance_error": [_short(x) for x in found["chance_error"][::M]],
        **{name: [[_short(x) for x in row] for row in rows] for name, rows in measures.items()},
    }
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in record.items())
    given.out.write_text("{\n" + lines + "\n}\n", encoding="utf8")


def _short(x: float) -> float | None:
    return None if np.isnan(x) else float(f"{x:.4g}")


if __name__ == "__main__":
    main()
