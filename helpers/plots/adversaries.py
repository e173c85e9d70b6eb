"""Figures on exchanged words: what HotFlip promises, what it gets, how many words turn a review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.model.reading import Array
from helpers.plots.base import ABOVE, BLUE, GREEN, GREY, INK, MARKERS, ORANGE, RED

STYLES = (
    (RED, "-", "HotFlip's first"),
    (ORANGE, "--", "best of its first 100"),
    (GREY, ":", "an average exchange"),
)


def promises(promised: Array, real: Array, marks: Mapping[str, tuple[float, float]]) -> Figure:
    """A dot for each exchange (n, V), promise across and effect up; `marks` are named ones."""
    figure, axis = plt.subplots(figsize=(5.2, 3.9))
    axis.plot(promised.ravel(), real.ravel(), ".", color=GREY, markersize=2, rasterized=True)
    low, high = real.min(), real.max()
    axis.plot([low, high], [low, high], color=INK, linewidth=1)
    near = {"textcoords": "offset points", "color": INK, "fontsize": 9.5}
    axis.annotate("promise\nkept", (low, low), (-6, 2), ha="right", **near)
    line = {"arrowstyle": "-", "color": GREY, "linewidth": 0.8}
    beside = ((-2, 46, "bottom"), (10, 0, "center"))  # of a choice at the left, and one below
    for (name, (x, y)), marker, colour, (*away, va) in zip(
        marks.items(), MARKERS, (RED, GREEN), beside
    ):
        axis.plot(x, y, marker, color=colour, markersize=9)
        axis.annotate(name.replace(": ", ":\n"), (x, y), away, va=va, arrowprops=line, **near)
    axis.axhline(0, color=INK, linewidth=0.6)
    axis.set(xlabel="HotFlip's score", ylabel="effect on the output")
    return figure


def shares(panels: Mapping[str, Sequence[Array]]) -> Figure:
    """For each collection, shares of the best effect (documents,) in order, a line for each way."""
    figure, axes = plt.subplots(1, len(panels), figsize=(5.2, 3.3), sharey=True)
    for axis, (title, lines) in zip(axes, panels.items()):
        for values, (colour, style, name) in zip(lines, STYLES):
            place = (np.arange(len(values)) + 1) / len(values)
            axis.plot(place, np.sort(values), style, color=colour, linewidth=2, label=name)
        axis.axhline(1, color=GREEN, linewidth=2, label="the best of all")
        axis.set(title=title, xlabel="share of documents", xticks=(0, 0.5, 1))
        axis.set_xticklabels(("0", "0.5", "1"))
    axes[0].set_ylabel("share of the best effect")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)
    return figure


def fewest(groups: Mapping[str, Sequence[float]], most: int = 6) -> Figure:
    """The share of documents that need 1, 2, … exchanges, or more than `most`, for each group."""
    figure, axis = plt.subplots(figsize=(5.2, 3.0))
    place, width = np.arange(1, most + 2), 0.8 / len(groups)
    styles = zip(groups.items(), (BLUE, ORANGE, GREEN), ("", "//", ".."))
    for k, ((name, found), colour, hatch) in enumerate(styles):
        capped = np.minimum(np.asarray(found, dtype=float), most + 1)
        heights = [(capped == size).mean() for size in place]
        shift = (k - (len(groups) - 1) / 2) * width
        axis.bar(place + shift, heights, width, color=colour, hatch=hatch, label=name)
    names = [*map(str, place[:-1]), f"{most + 1}+, ∞"]
    axis.set(xlabel="exchanged words", ylabel="share of documents")
    axis.set_xticks(place, names)
    axis.grid(axis="x", visible=False)
    axis.legend(**ABOVE)
    return figure
