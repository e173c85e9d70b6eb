"""Figures on robustness: drops over documents, areas that move with competitors, what moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.model.reading import Array
from helpers.plots.base import ABOVE, BLUE, GREEN, GREY, INK, ORANGE, RED

LOOKS = {  # marker, colour
    "repeat": ("o", BLUE),
    "reorder": ("s", GREEN),
    "drop": ("^", ORANGE),
    "mask": ("v", RED),
    "retrain": ("D", INK),
    "permuted": ("x", GREY),
}


def bands(shares: Sequence[float], found: Mapping[str, Array]) -> Figure:
    """A panel for each method: the median drop and the middle 80 % of documents, (3, shares)."""
    figure, axes = plt.subplots(1, len(found), figsize=(5.2, 2.8), sharey=True)
    for axis, (name, (low, middle, high)) in zip(axes, found.items()):
        axis.fill_between(shares, low, high, color=BLUE, alpha=0.2, linewidth=0)
        axis.plot(shares, middle, color=BLUE)
        axis.plot(shares, low, ":", color=BLUE)
        axis.axhline(0, color="black", linewidth=0.8)
        axis.set_title(name)
        axis.set_xticks([0, 0.5, 1], ["0", "½", "1"])
    axes[0].set_ylabel("normalised drop")
    axes[len(axes) // 2].set_xlabel("share k of the words that speak for the class")
    return figure


def shifts(names: Sequence[str], without: Array, more: Array) -> Figure:
    """For each method a published area (M,), and the same if one more method takes part."""
    figure, axis = plt.subplots(figsize=(5.4, 1.2 + 0.27 * len(names)))
    place = np.arange(len(names))
    axis.hlines(place, without, more, color=GREY, linewidth=1)
    axis.plot(without, place, "o", color=BLUE, label="as compared")
    axis.plot(more, place, "D", color=ORANGE, label="with one useless method more")
    axis.set_yticks(place, names)
    axis.set_xlabel("area of the scaled skewness")
    axis.grid(axis="y", visible=False)
    axis.invert_yaxis()
    axis.legend(**ABOVE, ncols=2, columnspacing=0.8, handletextpad=0.2)
    return figure


def moves(names: Sequence[str], found: Mapping[str, Array], label: str) -> Figure:
    """Mean agreement with its interval of each method, (3, M), for each kind of change."""
    figure, axis = plt.subplots(figsize=(5.2, 1.5 + 0.36 * len(names)))
    place = np.arange(len(names))
    for offset, (kind, (mean, low, high)) in zip(np.linspace(-0.3, 0.3, len(found)), found.items()):
        marker, colour = LOOKS[kind]
        axis.errorbar(mean, place + offset, xerr=[mean - low, high - mean], fmt=marker,
                      color=colour, markersize=4, linewidth=1, label=kind)  # fmt: skip
    axis.set_yticks(place, names)
    axis.set(xlabel=label, xlim=(min(-0.1, axis.get_xlim()[0]), 1.02))
    axis.grid(axis="y", visible=False)
    axis.invert_yaxis()
    axis.legend(**ABOVE, ncols=3, columnspacing=0.8, handletextpad=0.2)
    return figure
