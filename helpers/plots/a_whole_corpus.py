"""Figures of a run over a corpus: means over documents with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers.experiments import Summary
from helpers.plots.base import BLUE, GREY, INK, RASTER
from helpers.plots.tables import Table

PANELS = {
    "deletion_gain": "deletion gain",
    "tau_shapley": "τ-b with Shapley",
    "signs_valence": "signs as people's",
}
BASELINES = {"signs_valence": "signs_praise"}  # what is dashed, where chance is not at zero


def measures(summary: Summary, panels: dict[str, str] = PANELS) -> Figure:
    """A panel for each measure: the mean of each method, from top to bottom, with its interval.

    Methods without a sign are grey. Where a measure has a baseline, its mean is a dashed line.
    """
    keys = summary.methods
    size = (min(1.8 + 1.2 * len(panels), 8.0), 0.8 + 0.24 * len(keys))
    figure, axes = plt.subplots(1, len(panels), figsize=size, sharey=True, squeeze=False)
    for axis, (name, title) in zip(axes[0], panels.items()):
        for place, key in enumerate(keys):
            n, found = summary.table[key, name]
            if n:
                colour = BLUE if summary.method(key).signed else GREY
                axis.plot([found.low, found.high], [place, place], color=colour, linewidth=2)
                axis.plot(found.mean, place, "o", color=colour, markersize=5)
        n, baseline = summary.table.get((keys[0], BASELINES.get(name, "")), (0, None))
        if n:
            axis.axvline(baseline.mean, color=INK, linewidth=1, linestyle="--")
        axis.set_title(title, fontsize=9)
        axis.axvline(0, color=INK, linewidth=0.8)
        axis.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
        axis.grid(axis="y", visible=False)
    axes[0, 0].set_yticks(range(len(keys)), [summary.method(key).short for key in keys])
    axes[0, 0].invert_yaxis()
    return figure


def table(summary: Summary, names: Sequence[str]) -> Table:
    """Methods × the measures `names`: means with their intervals, empty where there is none."""
    rows = []
    for key in summary.methods:
        found = (summary.table[key, name] for name in names)
        cells = (str(interval) if n else "" for n, interval in found)
        rows.append((summary.method(key).short, *cells))
    return Table(("method", *names), tuple(rows))


def save(summary: Summary, folder: Path) -> None:
    """Write ``summary.svg`` and ``summary.png`` into the folder of a run, if it has a document."""
    if not summary.documents:
        return
    figure = measures(summary)
    figure.savefig(folder / "summary.svg", metadata={"Date": None})
    figure.savefig(folder / "summary.png", dpi=RASTER)
    plt.close(figure)
