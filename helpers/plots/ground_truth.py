"""Figures on ground truth: the dial, the marker's share of each map, ranks by metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.model.reading import Array
from helpers.plots.base import BLUE, GREEN, GREY, INK, MARKERS, ORANGE, RED, SIZES, ink_on
from helpers.plots.seven_explanations import coloured_words

__all__ = ["coloured_words", "dial", "marker_shares", "mean_ranks"]

PURPLE = "#CC79A7"
LINES = ("-", "--", "-.", ":", (0, (3, 1, 1, 1, 1, 1)), (0, (5, 1)))
LOOKS = tuple(zip((GREEN, BLUE, ORANGE, INK, PURPLE, RED), LINES, (*MARKERS, "P")))


def dial(shares: Array, panels: Mapping[str, Mapping[str, Array]], null: str) -> Figure:
    """One panel for each truth: means and intervals (3, n) of each method against `shares` (n,).

    The method named `null` is drawn grey. A method keeps its look in all panels.
    """
    names = [name for name in dict.fromkeys(k for panel in panels.values() for k in panel)]
    looks = dict(zip([name for name in names if name != null], LOOKS))
    looks[null] = (GREY, "-", "")
    size = (4.8, 1.0 + 2.5 * len(panels))
    figure, axes = plt.subplots(len(panels), 1, figsize=size, sharex=True, squeeze=False)
    for axis, (title, panel) in zip(axes[:, 0], panels.items()):
        for name, (mean, low, high) in panel.items():
            colour, line, marker = looks[name]
            axis.fill_between(shares, low, high, color=colour, alpha=0.15, linewidth=0)
            axis.plot(shares, mean, color=colour, linestyle=line, marker=marker, markersize=4)
        axis.set(title=title, ylabel="disagreement, 1 − ρ", ylim=(-0.02, 1.12))
    axis.set_xlabel("τ, the share of the words that keys see")
    handles = [
        plt.Line2D([], [], color=c, linestyle=line, marker=m, markersize=4)
        for c, line, m in (looks[name] for name in names)
    ]
    figure.legend(handles, names, loc="outside lower center", ncols=3, fontsize=8)
    return figure


def marker_shares(
    names: Sequence[str], linked: Array, free: Array, truth: float, chance: float
) -> Figure:
    """For each method the marker's share of its map, (3, M) mean and interval, in two models.

    `truth` is its share of the Shapley values of the first model, `chance` that of a word.
    """
    figure, axis = plt.subplots(figsize=(5.6, 1.5 + 0.3 * len(names)))
    place = np.arange(len(names))
    axis.axvline(chance, color=GREY, linewidth=1, linestyle=":", label="an even map")
    axis.axvline(truth, color=GREEN, linewidth=1.5, label="true share, first model")
    rows = ((linked, "D", BLUE, "marker follows the words"), (free, "o", GREY, "marker is free"))
    for offset, ((mean, low, high), mark, colour, label) in zip((-0.12, 0.12), rows):
        axis.errorbar(mean, place + offset, xerr=[mean - low, high - mean], fmt=mark,
                      color=colour, markersize=5, label=label)  # fmt: skip
    axis.set_yticks(place, names)
    axis.set(xlabel="share of the map that the marker has", xlim=(0, None))
    axis.grid(axis="y", visible=False)
    axis.invert_yaxis()
    figure.legend(loc="outside upper center", ncols=2, fontsize=8)
    return figure


def mean_ranks(ranks: Array, names: Sequence[str], metrics: Sequence[str]) -> Figure:
    """Mean ranks (methods, metrics), 1 the best, as grey cells with their numbers."""
    figure, axis = plt.subplots(figsize=(1.9 + 0.6 * len(metrics), 1.1 + 0.32 * len(names)))
    image = axis.imshow(ranks, aspect="auto", cmap=SIZES, vmin=1, vmax=1.3 * len(names))
    for (i, j), value in np.ndenumerate(ranks):
        axis.text(j, i, f"{value:.1f}", ha="center", va="center", fontsize=8.5,
                  color=ink_on(image.to_rgba(value)))  # fmt: skip
    axis.set_yticks(range(len(names)), names)
    axis.set_xticks(range(len(metrics)), metrics)
    axis.xaxis.tick_top()
    axis.tick_params(length=0)
    axis.grid(visible=False)
    return figure
