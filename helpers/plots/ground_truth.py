"""Figures on ground truth: two truths, the dial, the marker's share of each map, ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, PercentFormatter

from helpers.model.reading import Array
from helpers.plots.base import BLUE, GREEN, GREY, INK, MARKERS, ORANGE, RED, SIZES, ink_on
from helpers.plots.labels import apart
from helpers.plots.seven_explanations import coloured_words

__all__ = ["dial", "marker_shares", "mean_ranks", "two_truths"]

PURPLE = "#CC79A7"
LINES = ("-", "--", "-.", ":", (0, (3, 1, 1, 1, 1, 1)), (0, (5, 1)))
LOOKS = tuple(zip((GREEN, BLUE, ORANGE, INK, PURPLE, RED), LINES, (*MARKERS, "P")))


def two_truths(
    words: Sequence[str],
    groups: Mapping[str, Mapping[str, Array]],
    unsigned: str,
    marked: str,
) -> Figure:
    """The columns of `coloured_words`, with a frame around the row of the word `marked`."""
    figure = coloured_words(words, groups, unsigned)
    row = list(words).index(marked)
    for axis in figure.axes:
        low, high = axis.get_xlim()
        frame = plt.Rectangle((low, row - 0.5), high - low, 1, fill=False, edgecolor=INK)
        axis.add_patch(frame)
        frame.set(linewidth=1.5, clip_on=False, zorder=5)
    figure.axes[0].get_yticklabels()[row].set_weight("bold")
    return figure


def dial(shares: Array, panels: Mapping[str, Mapping[str, Array]], null: str) -> Figure:
    """One panel for each truth: means and intervals (3, n) of each method against `shares` (n,).

    The method named `null` is drawn grey. A method keeps its look in all panels. Names stand at the
    ends of the lines; the scale is that of a square root, so that small errors can be told apart.
    """
    names = [name for name in dict.fromkeys(k for panel in panels.values() for k in panel)]
    looks = dict(zip([name for name in names if name != null], LOOKS))
    looks[null] = (GREY, "-", "")
    size = (5.4, 0.55 + 1.75 * len(panels))
    figure, axes = plt.subplots(len(panels), 1, figsize=size, sharex=True, squeeze=False)
    right = shares[-1] + 0.02 * np.ptp(shares)
    for axis, (title, panel) in zip(axes[:, 0], panels.items()):
        axis.set_yscale("function", functions=(_root, np.square))
        ends = {}
        for name, (mean, low, high) in panel.items():
            colour, line, marker = looks[name]
            axis.fill_between(shares, low, high, color=colour, alpha=0.15, linewidth=0)
            axis.plot(shares, mean, color=colour, linestyle=line, marker=marker, markersize=4)
            ends[name] = _root(mean[-1]), colour
        axis.set_ylim(0, 1.15)
        axis.set_xlim(shares[0] - 0.02 * np.ptp(shares), right)
        axis.set_yticks([0, 0.05, 0.2, 0.5, 1], ["0", "0.05", "0.2", "0.5", "1"])
        axis.set_title(title, loc="left")
        axis.set_ylabel("1 − ρ")
        heights = apart([height for height, _ in ends.values()], 0.105)
        for (name, (height, colour)), place in zip(ends.items(), heights):
            lead = [right + 0.01, right + 0.045]
            axis.plot(lead, np.square([height, place]), color=colour, linewidth=1, clip_on=False)
            axis.text(right + 0.055, place**2, name, fontsize=9, va="center", clip_on=False)
    axis.set_xlabel("τ, the share of the words that keys see")
    return figure


def _root(x: Array) -> Array:
    return np.sqrt(np.maximum(x, 0))


def marker_shares(
    names: Sequence[str],
    linked: Array,
    free: Array,
    truth: float,
    chance: float,
    beside: Mapping[str, Sequence[str]],
) -> Figure:
    """For each method the marker's share of its map, (3, M) mean and interval, in two models.

    `truth` is its share of the Shapley values of the first model, `chance` that of a word. `beside`
    are columns of text for the methods, on the right. The largest shares stand at the top.
    """
    figure, axis = plt.subplots(figsize=(5.4, 1.4 + 0.25 * len(names)))
    order = np.argsort(-np.round(linked[0], 9), kind="stable")
    place = np.arange(len(names))
    axis.axvline(chance, color=GREY, linewidth=1, linestyle=":", label="an even map")
    axis.axvline(truth, color=GREEN, linewidth=1.5, label="truth where it follows")
    rows = ((linked, "D", BLUE, "marker follows the words"), (free, "o", GREY, "marker is free"))
    for values, mark, colour, label in rows:
        mean, low, high = values[:, order]
        axis.errorbar(mean, place, xerr=[mean - low, high - mean], fmt=mark,
                      color=colour, markersize=4.5, label=label)  # fmt: skip
    axis.set_yticks(place, [names[k] for k in order])
    axis.set(xlabel="share of the map that the marker has", xlim=(0, None))
    axis.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axis.xaxis.set_major_locator(MultipleLocator(0.05))
    axis.grid(axis="y", visible=False)
    axis.set_ylim(len(names) - 0.5, -0.5)
    for k, (title, cells) in enumerate(beside.items()):
        x = 1.07 + 0.13 * k
        style = {"fontsize": 9, "ha": "center", "va": "center", "clip_on": False}
        axis.text(x, -1, title, transform=axis.get_yaxis_transform(), **style)
        for row, method in enumerate(order):
            axis.text(x, row, cells[method], transform=axis.get_yaxis_transform(), **style)
    figure.legend(loc="outside upper center", ncols=2, fontsize=9)
    return figure


def mean_ranks(ranks: Array, names: Sequence[str], metrics: Sequence[str]) -> Figure:
    """Mean ranks (methods, metrics), 1 the best, as grey cells with their numbers."""
    figure, axis = plt.subplots(figsize=(1.8 + 0.6 * len(metrics), 0.9 + 0.27 * len(names)))
    image = axis.imshow(ranks, aspect="auto", cmap=SIZES, vmin=1, vmax=1.5 * len(names))
    for (i, j), value in np.ndenumerate(ranks):
        axis.text(j, i, f"{value:.1f}", ha="center", va="center", fontsize=9,
                  color=ink_on(image.to_rgba(value)))  # fmt: skip
    axis.set_yticks(range(len(names)), names)
    axis.set_xticks(range(len(metrics)), metrics)
    axis.xaxis.tick_top()
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    axis.grid(visible=False)
    return figure
