"""Figures of the chapter on a reader's own attention: bags of digits with scores, who finds the 9."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.data.bags import Bag
from helpers.evaluation.agreement import Interval
from helpers.model.reading import Array
from helpers.plots.base import BLUE, COLOURS, GREY, MARKERS, ORANGE


def scored_bags(bags: Sequence[Bag], scores: Mapping[str, Sequence[Array]]) -> Figure:
    """The images of each bag, 9s framed, above one row of coloured scores for each method.

    Colours are linear, and each method has one scale for all bags: its largest absolute score.
    """
    size = (7.0, len(bags) * (1.2 + 0.3 * len(scores)))
    figure, axes = plt.subplots(2 * len(bags), 1, figsize=size, height_ratios=[3, 4] * len(bags))
    largest = [max(np.abs(one).max() for one in given) for given in scores.values()]
    for i, bag in enumerate(bags):
        strip, table = axes[2 * i : 2 * i + 2]
        _images(strip, bag)
        rows = np.array([given[i] for given in scores.values()])
        shares = rows / np.array(largest)[:, None]
        table.imshow(shares, cmap="RdBu", vmin=-1, vmax=1, aspect="auto")
        table.set_yticks(range(len(scores)), list(scores))
        for (row, column), score in np.ndenumerate(rows):
            colour = "white" if abs(shares[row, column]) > 0.6 else "black"
            text = f"{score:+.2f}".replace("-", "−") if (rows[row] < 0).any() else f"{score:.2f}"
            table.text(column, row, text, ha="center", va="center", color=colour, fontsize=9)
        for axis in (strip, table):
            axis.grid(visible=False)
            axis.spines[:].set_visible(False)
            axis.tick_params(length=0)
        table.set_xticks([])
    return figure


def _images(axis: plt.Axes, bag: Bag) -> None:
    """The images side by side, in cells as wide as those of the table below, a frame around 9s."""
    axis.set(xlim=(-0.5, len(bag.digits) - 0.5), ylim=(-0.5, 0.5), xticks=[], yticks=[])
    for t, image in enumerate(bag.images):
        place = (t - 0.38, t + 0.38, -0.5, 0.5)
        axis.imshow(image.reshape(8, 8), cmap="gray_r", extent=place, aspect="auto")
        if bag.nines[t]:
            frame = {"fill": False, "edgecolor": ORANGE, "linewidth": 3, "clip_on": False}
            axis.add_patch(plt.Rectangle((t - 0.38, -0.5), 0.76, 1, **frame))
    axis.set(xlim=(-0.5, len(bag.digits) - 0.5), ylim=(-0.5, 0.5))
    n = int(bag.nines.sum())
    axis.set_title({0: "no 9", 1: "one 9"}.get(n, f"{n} nines"), fontsize=10, loc="left")


def who_finds_them(
    found: Mapping[str, Mapping[int, Interval]], accused: Mapping[str, Interval]
) -> Figure:
    """Above, how well each method tells the 9s of a bag from the rest; below, false accusations.

    `found` maps a method to an interval for each number of 9s, `accused` to one over the bags
    that hold none.
    """
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(6.0, 5.6), height_ratios=[3, 2])
    shifts = np.linspace(-0.15, 0.15, len(found))
    for (name, by_count), colour, marker, shift in zip(
        found.items(), (*COLOURS[:4], GREY), MARKERS, shifts, strict=True
    ):
        x = np.array(list(by_count)) + shift
        _intervals(top, x, list(by_count.values()), colour, marker, name)
    top.axhline(0.5, color="black", linewidth=0.8, linestyle=":")
    top.set_xticks(list(by_count), [f"{n} nines" if n > 1 else "one 9" for n in by_count])
    top.set(ylabel="AUROC within a bag", ylim=(0.3, 1.03))
    top.legend(fontsize=8, ncols=2, loc="lower left")
    for place, (name, interval) in enumerate(accused.items()):
        bottom.barh(place, interval.mean, color=BLUE, alpha=0.35)
        ends = [[interval.mean - interval.low], [interval.high - interval.mean]]
        bottom.errorbar([interval.mean], [place], xerr=ends, fmt="o", color="black", capsize=4)
    bottom.set_yticks(range(len(accused)), list(accused))
    bottom.set(xlim=(0, 1.02), xlabel="share of bags without a 9 in which an image is accused")
    bottom.invert_yaxis()
    bottom.grid(axis="y", visible=False)
    return figure


def _intervals(
    axis: plt.Axes, x: Array, intervals: Sequence[Interval], colour: str, marker: str, name: str
) -> None:
    means = np.array([interval.mean for interval in intervals])
    low = means - [interval.low for interval in intervals]
    high = [interval.high for interval in intervals] - means
    style = {"color": colour, "marker": marker, "capsize": 3, "linewidth": 1.2, "label": name}
    axis.errorbar(x, means, yerr=[low, high], **style)
