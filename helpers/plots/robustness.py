"""Figures on robustness: drops over documents, areas that move with competitors, what moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from helpers.evaluation.agreement import Interval
from helpers.model.reading import Array
from helpers.plots.base import ABOVE, BLUE, GREEN, GREY, INK, ORANGE, RED

LOOKS = {  # marker, colour, how far below the middle of the row
    "repeat": ("o", BLUE, -0.2),
    "reorder": ("s", GREEN, -0.2),
    "drop": ("^", ORANGE, 0.2),
    "mask": ("v", RED, 0.2),
    "retrain": ("D", INK, 0),
    "permuted": ("x", GREY, 0),
}


def bands(shares: Sequence[float], found: Mapping[str, Array]) -> Figure:
    """A panel for each method: the median drop and the middle 80 % of documents, (3, shares)."""
    figure, axes = plt.subplots(1, len(found), figsize=(5.4, 2.8), sharey=True)
    figure.get_layout_engine().set(wspace=0.06)
    for axis, (name, (low, middle, high)) in zip(axes, found.items()):
        axis.fill_between(shares, low, high, color=BLUE, alpha=0.2, linewidth=0)
        axis.plot(shares, middle, color=BLUE)
        axis.plot(shares, low, ":", color=BLUE)
        axis.axhline(0, color="black", linewidth=0.8)
        axis.set_title(name)
        axis.set_xticks([0, 0.5, 1], ["0", "½", "1"])
    low, middle, _ = next(iter(found.values()))
    names = {
        "median": middle[-1] - 0.06,
        "nine of ten\nexceed this": low[(len(low) - 1) * 2 // 5] - 0.03,
    }
    for text, height in names.items():
        axes[0].text(1, height, text, fontsize=9, ha="right", va="top")
    axes[0].set_ylabel("normalised drop")
    axes[len(axes) // 2].set_xlabel("share k of the words that speak for the class")
    return figure


def shifts(names: Sequence[str], without: Array, more: Array) -> Figure:
    """For each method a published area (M,), and the same if one more method takes part."""
    figure, axis = plt.subplots(figsize=(5.4, 1.1 + 0.24 * len(names)))
    order = np.argsort(np.round(without, 9), kind="stable")
    without, more = without[order], more[order]
    place = np.arange(len(names))
    axis.hlines(place, without, more, color=GREY, linewidth=1)
    axis.plot(without, place, "o", color=BLUE, label="as compared")
    axis.plot(more, place, "D", color=ORANGE, label="with one useless method more")
    axis.set_yticks(place, [names[k] for k in order])
    axis.set_xlabel("area of the scaled skewness")
    axis.grid(axis="y", visible=False)
    axis.invert_yaxis()
    axis.legend(**ABOVE, ncols=2, columnspacing=0.8, handletextpad=0.2)
    return figure


def reported(
    tenths: Mapping[str, Interval], worse: Mapping[str, tuple[float, float, float]]
) -> Figure:
    """What nine of ten texts exceed, and the share (mean, low, high) that is worse than chance.

    A row for each method, in both panels; the largest of `tenths` stands at the top.
    """
    names = sorted(tenths, key=lambda name: round(-tenths[name].mean, 9))
    figure, axes = plt.subplots(1, 2, figsize=(5.4, 1.0 + 0.24 * len(names)), sharey=True)
    columns = ([(x.mean, x.low, x.high) for x in map(tenths.get, names)], [*map(worse.get, names)])
    for axis, rows, colour in zip(axes, columns, (BLUE, RED)):
        mean, low, high = np.array(rows).T
        axis.errorbar(mean, range(len(names)), xerr=[mean - low, high - mean], fmt="o",
                      color=colour, markersize=4, linewidth=1.5)  # fmt: skip
        axis.axvline(0, color="black", linewidth=0.8)
        axis.grid(axis="y", visible=False)
    axes[0].set_yticks(range(len(names)), names)
    axes[0].set_xlabel("drop that nine of ten exceed")
    axes[1].set_xlabel("worse than a random order")
    axes[1].xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axes[0].invert_yaxis()
    return figure


def moves(
    names: Sequence[str], found: Mapping[str, Array], counts: Mapping[str, int], label: str
) -> Figure:
    """Mean agreement with its interval of each method, (3, M), for each kind of change.

    The legend says of how many reviews; methods that move least when trained again are at the top.
    """
    figure, axis = plt.subplots(figsize=(5.4, 1.4 + 0.28 * len(names)))
    order = np.argsort(-np.round(found["retrain"][0], 9), kind="stable")
    place = np.arange(len(names))
    for row in place[::2]:
        axis.axhspan(row - 0.5, row + 0.5, color=GREY, alpha=0.1, linewidth=0)
    for kind, values in found.items():
        mean, low, high = values[:, order]
        marker, colour, offset = LOOKS[kind]
        style = {"color": colour, "markersize": 4, "linewidth": 1, "fmt": marker}
        style["label"] = f"{kind} ({counts[kind]})"
        axis.errorbar(mean, place + offset, xerr=[mean - low, high - mean], **style)
    axis.set_yticks(place, [names[k] for k in order])
    axis.set(xlabel=label, xlim=(min(-0.1, axis.get_xlim()[0]), 1.02))
    axis.grid(axis="y", visible=False)
    axis.set_ylim(len(names) - 0.5, -0.5)
    axis.legend(**ABOVE, ncols=3, columnspacing=0.8, handletextpad=0.2)
    return figure
