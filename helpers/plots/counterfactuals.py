"""Figures on counterfactuals: a marked review and its paths, what orders need, sizes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.evaluation.agreement import Interval
from helpers.model.reading import Array
from helpers.plots.base import BLUE, GREEN, GREY, INK, ORANGE, RED
from helpers.plots.labels import at_the_ends

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
    and `chance` (n, orders) of random ones, shown by their mean and middle 90 %. Names stand at the
    ends of the lines, with the number of words at which each first flips.
    """
    figure = plt.figure(figsize=(5.4, 4.7))
    top, bottom = figure.subfigures(2, 1, height_ratios=[1, 3.4])
    above, below = top.subplots(), bottom.subplots()
    _write(above, text, masked)
    k = np.arange(len(best))
    low, high = np.quantile(chance, [0.05, 0.95], axis=1)
    below.axhline(0, color="black", linewidth=1)
    below.fill_between(k, low, high, color=GREY, alpha=0.2, linewidth=0)
    below.plot(k, chance.mean(axis=1), ":", color=GREY, linewidth=2)
    ends = {"random orders": (chance.mean(axis=1)[-1], GREY)}
    for (name, path), (colour, marker) in zip(paths.items(), STYLES):
        below.plot(k, path, marker=marker, markersize=5, color=colour)
        ends[_with_flip(name, path)] = path[-1], colour
    below.plot(k, best, color=GREEN, marker="o", linewidth=2.5)
    ends[_with_flip("best mask", best)] = best[-1], GREEN
    below.set(xlabel="masked words", ylabel="output", xlim=(-0.3, 1.02 * k[-1]))
    at_the_ends(below, 1.02 * k[-1], ends, gap=0.075 * np.ptp(below.get_ylim()), step=0.05 * k[-1])
    return figure


def _with_flip(name: str, path: Array) -> str:
    flips = np.flatnonzero(np.sign(path) == -np.sign(path[0]))
    return f"{name}: {flips[0]}" if len(flips) else name


def needed(panels: Mapping[str, Mapping[str, Interval]], marks: Mapping[str, tuple]) -> Figure:
    """For each collection, the mean number of words that each order masks, with its interval.

    Orders that need the fewest in the first collection stand at the top.
    `marks[collection]` are the means of the smallest counterfactual and of random orders.
    """
    first = next(iter(panels.values()))
    names = sorted(first, key=lambda name: round(first[name].mean, 9))
    size = (5.4, 1.3 + 0.24 * len(names))
    figure, axes = plt.subplots(1, len(panels), figsize=size, sharey=True)
    place = np.arange(len(names))
    for axis, (title, found) in zip(axes, panels.items()):
        middle = np.array([found[name].mean for name in names])
        ends = np.array([[found[name].low, found[name].high] for name in names]).T
        smallest, random = marks[title]
        axis.axvline(smallest, color=GREEN, linewidth=2, label="proved smallest")
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
    figure.legend(handles, labels, loc="outside upper right", ncols=2)
    return figure


def sizes(changes: Sequence[float], reasons: Sequence[float]) -> Figure:
    """How many documents have a smallest counterfactual, and a smallest reason, of each size."""
    figure, axis = plt.subplots(figsize=(5.4, 2.8))
    place = np.arange(1, int(max(*changes, *reasons)) + 1)
    for shift, (name, found, colour) in zip(
        (-0.21, 0.21), (("counterfactual", changes, RED), ("reason", reasons, BLUE))
    ):
        count = [sum(x == size for x in found) for size in place]
        axis.bar(place + shift, count, 0.38, color=colour, label=f"smallest {name}")
    axis.set(xlabel="words", ylabel="reviews", xticks=place)
    axis.grid(axis="x", visible=False)
    axis.legend(loc="upper right")
    return figure
