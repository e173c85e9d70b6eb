"""Figures on people: one text in three readings, plausibility of methods, and disagreement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.evaluation.agreement import Interval
from helpers.model.reading import Array
from helpers.plots.base import BLUE, COLOURS, GREY, MARKERS, RED


def three_readings(words: Sequence[str], scores: Mapping[str, Array]) -> Figure:
    """A panel of bars for each of `scores` (d,), over the same words; grey if none is negative."""
    size = (5.4, 0.8 + 0.24 * len(words))
    figure, axes = plt.subplots(1, len(scores), figsize=size, sharey=True)
    for axis, (name, values) in zip(axes, scores.items()):
        positive = BLUE if values.min() < 0 else GREY  # no colour of a sign where there is none
        axis.barh(range(len(words)), values, color=[positive if x >= 0 else RED for x in values])
        axis.axvline(0, color="black", linewidth=0.8)
        axis.set_title(name)
        axis.grid(axis="y", visible=False)
    axes[0].set_yticks(range(len(words)), words)
    axes[0].invert_yaxis()
    return figure


def plausible(
    which: Mapping[str, Interval], way: Mapping[str, Interval], people: Sequence[str]
) -> Figure:
    """Two panels of means with intervals, a row each; those of `people` are squares, in grey.

    Methods that find the way best stand at the top, and `people` below them.
    """
    figure, axes = plt.subplots(1, 2, figsize=(5.4, 0.9 + 0.24 * len(which)), sharey=True)
    methods = [name for name in which if name not in people]
    methods.sort(key=lambda name: round(-way[name].mean, 9))
    names = [*methods, *people]
    for axis, found, title in zip(axes, (which, way), ("Which words?", "Which way?")):
        for place, name in enumerate(names):
            colour, marker = (GREY, "s") if name in people else (BLUE, "o")
            _interval(axis, found[name], place, colour, marker)
        axis.axvline(0.5, color="black", linewidth=0.8, linestyle=":")
        axis.set_title(title, loc="left")
        axis.set_xlim(0.45, 1.02)
        axis.grid(axis="y", visible=False)
    figure.supxlabel("AUROC (½ is chance)", fontsize=10)
    axes[0].set_yticks(range(len(names)), names)
    axes[0].invert_yaxis()
    return figure


def _interval(axis: Axes, found: Interval, place: float, colour: str, marker: str) -> None:
    axis.plot([found.low, found.high], [place, place], color=colour, linewidth=2)
    axis.plot([found.mean], [place], marker, color=colour, markersize=5)


def spread(groups: Mapping[str, tuple[Array, Sequence[Interval]]]) -> Figure:
    """A line for each group of reviews: mean |f|, with intervals, against raters' spread (n,)."""
    figure, axis = plt.subplots(figsize=(5.4, 3.0))
    left = min(x[0] for x, _ in groups.values()) - 0.04
    for (name, (x, found)), marker, colour in zip(groups.items(), MARKERS, COLOURS):
        low, mean, high = np.array([(i.low, i.mean, i.high) for i in found]).T
        axis.errorbar(x, mean, [mean - low, high - mean], marker=marker, color=colour)
        axis.text(left, mean[0], name, fontsize=9, ha="right", va="center")
    axis.set(xlabel="standard deviation of a review's ratings", ylabel="mean |f|", ylim=(0, None))
    axis.set_xlim(left - 0.4, None)
    return figure
