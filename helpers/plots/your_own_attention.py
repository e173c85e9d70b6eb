"""Figures of the chapter on a reader's own attention: bags with scores, and who finds the 9."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.data.bags import Bag
from helpers.evaluation.agreement import Interval
from helpers.model.reading import Array
from helpers.plots.base import COLOURS, MARKERS, ORANGE, SIGNED, ink_on


def scored_bags(bags: Sequence[Bag], scores: Mapping[str, Sequence[Array]]) -> Figure:
    """The images of each bag, 9s framed, above one row of coloured scores for each method.

    Colours are linear, and each method has one scale for all bags: its largest absolute score.
    """
    heights = [0.43, 0.2 * len(scores), 0.08] * len(bags)  # images, table, gap, in inches
    size = (6.1, sum(heights) + 0.17 * len(bags))
    figure, axes = plt.subplots(3 * len(bags) - 1, 1, figsize=size, height_ratios=heights[:-1])
    figure.get_layout_engine().set(h_pad=0.02, hspace=0)
    largest = [max(np.abs(one).max() for one in given) for given in scores.values()]
    signed = [min(one.min() for one in given) < 0 for given in scores.values()]
    for i, bag in enumerate(bags):
        strip, table = axes[3 * i : 3 * i + 2]
        _images(strip, bag)
        rows = np.array([given[i] for given in scores.values()])
        shares = rows / np.array(largest)[:, None]
        image = table.imshow(shares, cmap=SIGNED, vmin=-1, vmax=1, aspect="auto")
        table.set_yticks(range(len(scores)), list(scores))
        for (row, column), score in np.ndenumerate(rows):
            colour = ink_on(image.to_rgba(shares[row, column]))
            text = _number(score, signed[row])
            table.text(column, row, text, ha="center", va="center", color=colour, fontsize=9.5)
        for axis in (strip, table):
            axis.grid(visible=False)
            axis.spines[:].set_visible(False)
            axis.tick_params(length=0)
        table.set_xticks([])
    for gap in axes[2::3]:
        gap.axis("off")
    return figure


def _number(score: float, signed: bool) -> str:
    """Two decimals; a sign if the row is signed and the number does not round to zero."""
    text = f"{score:+.2f}" if signed and abs(score) >= 0.005 else f"{abs(score):.2f}"
    return text.replace("-", "−")


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
    name = ("no 9", "one 9", "two 9s", "three 9s")[n]
    axis.set_title(name, fontsize=10, loc="left", fontweight="bold")


def who_finds_them(found: Mapping[str, Mapping[str, Interval]]) -> Figure:
    """For each method, top to bottom, how well its scores tell 9s from the rest, with intervals.

    `found` maps a method to an interval for each way of asking; all methods share the ways.
    """
    ways = list(next(iter(found.values())))
    figure, axis = plt.subplots(figsize=(6.1, 1.1 + 0.44 * len(found)))
    for way, shift, colour, marker in zip(
        ways, np.linspace(-0.27, 0.27, len(ways)), COLOURS, MARKERS, strict=False
    ):
        means = np.array([by_way[way].mean for by_way in found.values()])
        low = means - [by_way[way].low for by_way in found.values()]
        high = [by_way[way].high for by_way in found.values()] - means
        place = np.arange(len(found)) + shift
        style = {"color": colour, "capsize": 2, "markersize": 5, "label": way}
        axis.errorbar(means, place, xerr=[low, high], fmt=marker, **style)
    axis.axvline(0.5, color="black", linewidth=0.8, linestyle=":")
    axis.set_yticks(range(len(found)), list(found))
    axis.set(xlabel="AUROC: 1 finds every 9, 0.5 is chance", xlim=(0.2, 1.02))
    axis.invert_yaxis()
    figure.legend(loc="outside upper center", ncols=len(ways), fontsize=9.5)
    return figure
