"""Figures on counterfactuals: a marked review and its paths, what orders need, sizes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.evaluation.agreement import Interval
from helpers.model.reading import Array
from helpers.plots.base import ABOVE, BLUE, GREEN, GREY, INK, ORANGE, RED

LINE = 56  # characters in a line of a review
STYLES = ((RED, "s"), (ORANGE, "^"), (BLUE, "v"))


def _write(axis: Axes, text: Sequence[str], masked: Collection[str]) -> None:
    """The words of a text in lines of equal letters, in bold and boxed where they are masked."""
    rows: list[list[str]] = [[]]
    for word in text:
        if len(" ".join([*rows[-1], word])) > LINE:
            rows.append([])
        rows[-1].append(word)
    axis.set(xlim=(0, LINE), ylim=(len(rows) - 0.4, -0.6))
    axis.set_axis_off()
    for height, row in enumerate(rows):
        place = 0
        for word in row:
            style = {"color": INK, "weight": "normal"}
            if word in masked:
                box = {"boxstyle": "round,pad=0.15", "facecolor": "none", "edgecolor": RED}
                style = {"color": RED, "weight": "bold", "bbox": box}
            axis.text(
                place + len(word) / 2, height, word,
                family="monospace", fontsize=11, ha="center", va="center", **style,
            )  # fmt: skip
            place += len(word) + 1


def flipped(
    text: Sequence[str],
    masked: Collection[str],
    best: Array,
    paths: Mapping[str, Array],
    chance: Array,
) -> Figure:
    """Above the `text` with its `masked` words; below, the output after k words are masked.

    `best` (n,) is the extreme over all masks of k words, each of the `paths` (n,) is of one order,
    and `chance` (n, orders) of random ones, shown by their mean and middle 90 %.
    """
    figure, (above, below) = plt.subplots(2, 1, figsize=(6.0, 5.2), height_ratios=[1, 2.4])
    _write(above, text, masked)
    k = np.arange(len(best))
    low, high = np.quantile(chance, [0.05, 0.95], axis=1)
    below.fill_between(k, low, high, color=GREY, alpha=0.2)
    below.plot(k, chance.mean(axis=1), ":", color=GREY, linewidth=2, label="random orders")
    for (name, path), (colour, marker) in zip(paths.items(), STYLES):
        below.plot(k, path, marker=marker, markersize=5, color=colour, label=name)
    below.plot(k, best, color=GREEN, marker="o", linewidth=2.5, label="best of all masks")
    below.axhline(0, color="black", linewidth=1)
    below.set(xlabel="masked words", ylabel="output")
    below.legend(**ABOVE, ncols=2)
    return figure


def needed(panels: Mapping[str, Mapping[str, Interval]], marks: Mapping[str, tuple]) -> Figure:
    """For each collection, the mean number of words that each order masks, with its interval.

    `marks[collection]` are the means of the smallest counterfactual and of random orders.
    """
    names = list(next(iter(panels.values())))
    size = (6.6, 1.5 + 0.25 * len(names))
    figure, axes = plt.subplots(1, len(panels), figsize=size, sharey=True)
    place = np.arange(len(names))
    for axis, (title, found) in zip(axes, panels.items()):
        middle = np.array([found[name].mean for name in names])
        ends = np.array([[found[name].low, found[name].high] for name in names]).T
        smallest, random = marks[title]
        axis.axvline(smallest, color=GREEN, linewidth=2, label="smallest")
        axis.axvline(random, color=GREY, linestyle=":", linewidth=2, label="random order")
        axis.errorbar(middle, place, xerr=np.abs(ends - middle), fmt="o", color=BLUE, markersize=4)
        axis.set_yticks(place, names)
        axis.grid(axis="y", visible=False)
        axis.set(xscale="log", title=title, xlabel="masked words")
        ticks = [x for x in (1, 3, 5, 10, 20, 50) if 0.8 * smallest < x < 1.3 * random]
        axis.set_xticks(ticks, [str(x) for x in ticks])
        axis.minorticks_off()
    axes[0].invert_yaxis()
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)
    return figure


def sizes(changes: Sequence[float], reasons: Sequence[float]) -> Figure:
    """How many documents have a smallest counterfactual, and a smallest reason, of each size."""
    figure, axis = plt.subplots(figsize=(6.0, 3.0))
    place = np.arange(1, int(max(*changes, *reasons)) + 1)
    for shift, (name, found, colour, hatch) in zip(
        (-0.2, 0.2),
        (("counterfactual", changes, RED, ""), ("reason", reasons, BLUE, "//")),
    ):
        count = [sum(x == size for x in found) for size in place]
        axis.bar(place + shift, count, 0.4, color=colour, hatch=hatch, label=f"smallest {name}")
    axis.set(xlabel="words", ylabel="documents", xticks=place)
    axis.grid(axis="x", visible=False)
    axis.legend(loc="upper right")
    return figure
