"""Explain every document of a corpus by every method, and measure the explanations.

Ended at any moment and started again, it goes on where it was.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from helpers.data.files import DataError
from helpers.experiments import Settings, Summary, run
from helpers.experiments.corpora import FORMS
from helpers.experiments.inside import MODELS, ONE, SIX
from helpers.experiments.pools import MissingPackageError
from helpers.experiments.report import markdown
from helpers.experiments.shards import ShardError
from helpers.experiments.worker import WorkerError

ERRORS = (DataError, MissingPackageError, OSError, ShardError, TypeError, ValueError, WorkerError)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; what cannot be done is said in a line."""
    parser = argparse.ArgumentParser(prog="python -m helpers.experiments", description=__doc__)
    parser.add_argument("--data", required=True, help=f"{FORMS}; the held-out part of the first")
    parser.add_argument("--out", required=True, help="a new folder, or that of a run to go on with")
    parser.add_argument(
        "--methods", nargs="+", metavar="KEY",
        help="; ".join(f"{model}: {', '.join(MODELS[model])}" for model in MODELS),
    )  # fmt: skip
    parser.add_argument("--model", default=ONE, help=f"{ONE} (default) or {SIX}")
    parser.add_argument("--limit", type=int, help="only so many documents, spread evenly")
    parser.add_argument("--jobs", type=int, help="processes (default: one for each core)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster")
    try:
        settings = Settings(**vars(parser.parse_args(arguments)))
        summary = run(settings)
        draw(summary, settings)
    except ERRORS as error:
        print(f"{parser.prog}: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"stopped; the same command goes on in {settings.out}", file=sys.stderr)
        return 130
    print(markdown(summary), end="")
    return 0


def draw(summary: Summary, settings: Settings) -> None:
    """The pictures of a run; workers import this module, and shall not import matplotlib."""
    from helpers.plots import a_whole_corpus as plots

    plots.save(summary, settings.out)


if __name__ == "__main__":
    sys.exit(main())
