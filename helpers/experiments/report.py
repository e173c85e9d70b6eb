"""The report of a run: means over documents with intervals, added up shard by shard."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import stats

from helpers.evaluation.agreement import Interval
from helpers.experiments import files
from helpers.experiments.inside import MODELS, ONE
from helpers.experiments.measures import MEASURES
from helpers.explainers.methods import Method

LEVEL = 0.95
SHOWN = 10  # reasons of failures in the summary; all of them are in failures.csv


@dataclass(frozen=True)
class Summary:
    """Means over the documents of a run.

    `table` maps method and measure to the number of documents that have it and the mean with its
    t interval of 95 %; `accuracy` has Wilson's. `failed` holds name and reason of each document
    that could not be explained.
    """

    documents: int
    accuracy: Interval
    table: dict[tuple[str, str], tuple[int, Interval]]
    failed: tuple[tuple[str, str], ...]
    model: str = ONE

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods of the run, in the order of the registry."""
        return tuple(dict.fromkeys(method for method, _ in self.table))

    def method(self, key: str) -> Method:
        """The method of that key, as it is for the model of the run."""
        return MODELS[self.model][key]


class _Moments:
    """Number, mean and sum of squared deviations of values that come in parts (Chan, 1979)."""

    def __init__(self) -> None:
        self.n, self.mean, self.squares = 0, 0.0, 0.0

    def add(self, values: np.ndarray) -> None:
        if not len(values):
            return
        n, mean = self.n + len(values), values.mean()
        step = mean - self.mean
        self.squares += ((values - mean) ** 2).sum() + step**2 * self.n * len(values) / n
        self.mean += step * len(values) / n
        self.n = n

    def interval(self) -> Interval:
        if self.n < 2:
            return Interval(float(self.mean) if self.n else np.nan, np.nan, np.nan)
        error = np.sqrt(self.squares / (self.n - 1) / self.n)
        width = float(stats.t.ppf((1 + LEVEL) / 2, self.n - 1) * error)
        return Interval(float(self.mean), float(self.mean - width), float(self.mean + width))


def summarise(several: Iterable[list[dict]], model: str = ONE) -> Summary:
    """The summary of shards, one in memory at a time."""
    moments: dict[tuple[str, str], _Moments] = {}
    failed, right, count = [], 0, 0
    for rows in several:
        failed += [(row["document"], row["failed"]) for row in rows if "failed" in row]
        explained = [row for row in rows if "failed" not in row]
        first = {row["place"]: row["correct"] for row in explained}
        count, right = count + len(first), right + int(sum(first.values()))
        for key in dict.fromkeys(row["method"] for row in explained):
            own = [row for row in explained if row["method"] == key]
            for name in (measure.name for measure in MEASURES):
                values = np.array([row.get(name) for row in own], dtype=np.float64)
                part = moments.setdefault((key, name), _Moments())
                part.add(values[~np.isnan(values)])
    table = {pair: (part.n, part.interval()) for pair, part in moments.items()}
    return Summary(count, _share(right, count), table, tuple(failed), model)


def _share(right: int, count: int) -> Interval:
    if not count:
        return Interval(np.nan, np.nan, np.nan)
    found = stats.binomtest(right, count).proportion_ci(LEVEL, method="wilson")
    return Interval(right / count, float(found.low), float(found.high))


def write(folder: Path, summary: Summary) -> None:
    """``summary.csv``, ``summary.md`` and ``failures.csv``, each as a whole."""
    rows = [
        (method, name, n, *(f"{x:.6g}" for x in (found.mean, found.low, found.high)))
        for (method, name), (n, found) in summary.table.items()
    ]
    head = ("method", "measure", "documents", "mean", "low", "high")
    files.write(folder / "summary.csv", _csv([head, *rows]))
    files.write(folder / "failures.csv", _csv([("document", "reason"), *summary.failed]))
    files.write(folder / "summary.md", markdown(summary).encode("utf8"))


def _csv(rows: Iterable[tuple]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf8")


def markdown(summary: Summary) -> str:
    """The summary as a page: what was explained, a table of means, what failed and why."""
    names = [m for m in MEASURES if any(summary.table[k, m.name][0] for k in summary.methods)]
    lines = [
        f"{summary.documents} documents explained, {len(summary.failed)} failed; "
        f"accuracy {summary.accuracy}.",
        "",
        "| method | " + " | ".join(measure.name for measure in names) + " |",
        "|---" * (len(names) + 1) + "|",
    ]
    for key in summary.methods:
        found = (summary.table[key, measure.name] for measure in names)
        cells = (str(interval) if n else "" for n, interval in found)
        lines.append(f"| {summary.method(key).name} | " + " | ".join(cells) + " |")
    lines += ["", *(f"- `{measure.name}`: {measure.meaning}." for measure in names)]
    if summary.failed:
        kinds = Counter(reason.partition(":")[0] for _, reason in summary.failed)
        lines += ["", *(f"- {n} failed with {kind}" for kind, n in kinds.most_common(SHOWN))]
    return "\n".join(lines) + "\n"
