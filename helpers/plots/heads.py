"""Figures on heads: effects by head and route, shares of effects, and what probes read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.evaluation.agreement import Interval
from helpers.evaluation.mediation import Effects
from helpers.model.reading import Array
from helpers.plots.base import ABOVE, BLUE, GREEN, GREY, INK, ORANGE, RED

ROUTES = {  # part of the effects: name, marker, colour
    "values": ("values alone", "s", GREEN),
    "attention": ("attention alone", "^", ORANGE),
}
KINDS = (("o", BLUE), ("D", RED), ("x", GREY))
ENDS = ("mean", "low", "high")
STATES = (("o", BLUE, 5), ("D", ORANGE, 5), ("s", INK, 5), ("x", GREY, 6))


def by_head(panels: Mapping[str, Effects]) -> Figure:
    """A panel for each intervention: of each head a bar, its effect, and markers, the routes."""
    figure, axes = plt.subplots(1, len(panels), figsize=(5.2, 3.3), sharey=True)
    for axis, (title, found) in zip(axes, panels.items()):
        place = np.arange(len(found.heads))
        colours = [BLUE if x > 0 else RED for x in found.heads]
        axis.barh(place, found.heads, color=colours, alpha=0.3, height=0.8, label="both")
        for (part, (name, marker, colour)), shift in zip(ROUTES.items(), (-0.2, 0.2)):
            axis.plot(getattr(found, part), place + shift, marker, color=colour, label=name)
        axis.axvline(0, color="black", linewidth=0.8)
        axis.set_yticks(place, [f"head {k + 1}" for k in place])
        axis.set(title=title, xlabel="effect on the output")
        axis.grid(axis="y", visible=False)
    axes[0].invert_yaxis()
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure


def tokens(found: Effects) -> Figure:
    """For n masked tokens, summed over heads: the effect by either route alone against both."""
    figure, axis = plt.subplots(figsize=(4.9, 3.8))
    total = found.total
    end = 1.05 * float(np.abs(total).max())
    axis.plot([-end, end], [-end, end], color=GREY, linewidth=1, label="the whole effect")
    for part, (name, marker, colour) in ROUTES.items():
        axis.plot(
            total, getattr(found, part).sum(axis=0), marker,
            color=colour, markersize=4, alpha=0.6, label=name, rasterized=True,
        )  # fmt: skip
    axis.set(xlabel="effect of masking a token", ylabel="effect by one route alone")
    axis.legend(**ABOVE, ncols=3, columnspacing=1.0, handletextpad=0.3)
    return figure


def _rows(axis: Axes, rows: Sequence[str], found: Mapping[str, Sequence[Interval]]) -> None:
    """Of each row one interval for each kind, one below the other."""
    place = np.arange(len(rows))
    for (kind, intervals), (marker, colour), offset in zip(
        found.items(), KINDS, np.linspace(-0.22, 0.22, len(found))
    ):
        mean, low, high = (np.array([getattr(x, n) for x in intervals]) for n in ENDS)
        axis.errorbar(
            mean, place + offset, xerr=[mean - low, high - mean], fmt=marker,
            color=colour, markersize=4, label=kind,
        )  # fmt: skip
    axis.set_yticks(place, rows)
    axis.set_xlabel("share of the effect")
    axis.grid(axis="y", visible=False)
    axis.invert_yaxis()


def shares(
    routes: Mapping[str, Sequence[Interval]], heads: Mapping[str, Sequence[Interval]]
) -> Figure:
    """Above the shares of routes, below those of heads, with intervals, for each intervention."""
    figure, (above, below) = plt.subplots(2, 1, figsize=(4.9, 3.6), height_ratios=[1, 1.5])
    _rows(above, ["attention alone", "values alone", "together"], routes)
    above.axvline(0, color="black", linewidth=0.8)
    above.axvline(1, color=GREY, linestyle=":")
    count = len(next(iter(heads.values())))
    _rows(below, [f"head {k + 1}" for k in range(count)], heads)
    below.axvline(1 / count, color=GREY, linestyle=":")
    below.set_xlim(left=0)
    handles, labels = above.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure


def probed(
    properties: Sequence[str],
    areas: Mapping[str, Array],
    lost: Array,
    chance: Array,
) -> Figure:
    """Left, areas (3, m) with their ends of each of m properties; right, shares of variance lost.

    `areas` has an entry for each representation; `chance` (3,) are the median and the ends of what
    random directions lose.
    """
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(5.2, 1.15 + 0.26 * len(properties)), sharey=True, width_ratios=[1.7, 1]
    )
    place = np.arange(len(properties))
    for (name, (mean, low, high)), (marker, colour, size), offset in zip(
        areas.items(), STATES, np.linspace(-0.27, 0.27, len(areas))
    ):
        left.errorbar(
            mean, place + offset, xerr=[mean - low, high - mean], fmt=marker,
            color=colour, markersize=size, label=name,
        )  # fmt: skip
    left.axvline(0.5, color=GREY, linestyle=":")
    left.set_yticks(place, properties)
    left.set_xlabel("area under the ROC curve")
    right.axvspan(*chance[1:], color=GREY, alpha=0.15)
    right.axvline(chance[0], color=GREY, linestyle="--")
    right.barh(place, lost, color=BLUE, height=0.5)
    right.set(xlabel="variance of f lost", xlim=(0, 1), xticks=(0, 0.5, 1))
    for axis in (left, right):
        axis.grid(axis="y", visible=False)
    left.invert_yaxis()
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)
    return figure
