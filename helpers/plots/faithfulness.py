"""Figures on faithfulness: curves between chance and best, and how far each method gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.evaluation.agreement import Interval
from helpers.model.reading import Array
from helpers.plots.base import ABOVE, BLUE, GREEN, GREY, INK, MARKERS, ORANGE

KINDS = {"signed": (BLUE, "o"), "unsigned": (ORANGE, "s"), "search": (GREEN, "^")}


def ways(
    names: Sequence[str], kinds: Sequence[str], found: Mapping[str, Sequence[Interval]]
) -> Figure:
    """A panel for each of `found`, with a marker and its interval for each name, best on top.

    The order is that of the first panel; a kind is a key of `KINDS`.
    """
    first = next(iter(found.values()))
    order = sorted(range(len(names)), key=lambda m: (-round(first[m].mean, 3), m))
    figure, axes = plt.subplots(1, len(found), figsize=(5.4, 4.6), sharey=True)
    for axis, (title, intervals) in zip(axes, found.items()):
        for place, m in enumerate(order):
            x, (colour, marker) = intervals[m], KINDS[kinds[m]]
            axis.plot([x.low, x.high], [place, place], color=colour, linewidth=2)
            axis.plot(x.mean, place, marker, color=colour, markersize=5)
        axis.set(title=title, xlim=(-0.05, 1.05), xticks=[0, 0.5, 1])
        axis.set_xticklabels(["0", "½", "1"])
        axis.axvline(0, color=INK, linewidth=0.8)
        axis.axvline(1, color=INK, linewidth=0.8)
    axes[0].set_yticks(range(len(names)), [names[m] for m in order])
    axes[0].invert_yaxis()
    figure.supxlabel("share of the way from chance (0) to the best possible (1)", fontsize=10)
    handles = [
        plt.Line2D([], [], color=colour, marker=marker, linewidth=2, label=kind)
        for kind, (colour, marker) in KINDS.items()
        if kind in kinds
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=3)
    return figure


def curves(
    floor: Array, ceiling: Array, lines: Mapping[str, Array], name: str = "masked words"
) -> Figure:
    """Chance, what no choice of words passes, and a curve (d + 1,) for each of `lines`."""
    figure, axis = plt.subplots(figsize=(5.4, 3.6))
    k = np.arange(len(floor))
    axis.fill_between(k, floor, ceiling, color=GREY, alpha=0.18)
    axis.plot(k, floor, "--", color=INK, label="chance")
    axis.plot(k, ceiling, "-", color=INK, label="best possible")
    for (label, line), marker, colour in zip(lines.items(), MARKERS[1:], (ORANGE, BLUE, GREEN)):
        axis.plot(k, line, marker=marker, color=colour, markersize=4, label=label)
    axis.set(xlabel=name, ylabel="output f")
    axis.legend(**ABOVE, ncols=2)
    return figure
