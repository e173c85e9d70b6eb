"""Figures of the chapter on seven explanations: one review in colours, and who agrees with whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.explainers.ties import settle
from helpers.model.reading import Array
from helpers.plots.base import ABOVE, BLUE, GREY, ORANGE, RED, SIGNED, SIZES, ink_on


def coloured_words(
    words: Sequence[str],
    blocks: Mapping[str, Mapping[str, Array]],
    unsigned: str,
    bold: Collection[str] = (),
) -> Figure:
    """Words from top to bottom, a column for each explanation (d,), in blocks with a heading.

    Each column is divided by its largest absolute value. Blue and + are positive, vermilion and −
    negative; the block named `unsigned` is grey. Names in `bold` are bold.
    """
    columns = sum(map(len, blocks.values()))
    figure, axis = plt.subplots(figsize=(1.0 + 0.37 * columns, 1.9 + 0.29 * len(words)))
    start, places, names = 0.0, [], []
    for heading, block in blocks.items():
        for name, scores in block.items():
            _column(axis, start, settle(scores) / np.abs(scores).max(), heading == unsigned)
            places, names, start = [*places, start], [*names, name], start + 1
        middle = start - (len(block) + 1) / 2
        axis.text(middle, -0.75, heading, ha="center", va="bottom", fontsize=9)
        start += 0.35
    axis.set(xlim=(-0.55, start - 0.8), ylim=(len(words) - 0.45, -0.6))
    axis.set_yticks(range(len(words)), words)
    axis.set_xticks(places, names, rotation=60, ha="right", rotation_mode="anchor")
    for label in axis.get_xticklabels():
        label.set_fontweight("bold" if label.get_text() in bold else "normal")
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    axis.grid(visible=False)
    return figure


def _column(axis: Axes, x: float, scaled: Array, grey: bool) -> None:
    colours = SIZES(0.9 * scaled) if grey else SIGNED(0.5 + 0.5 * scaled)
    axis.bar(np.full(len(scaled), x), 0.94, 0.94, np.arange(len(scaled)) - 0.47, color=colours,
             edgecolor="#dddddd", linewidth=0.5)  # fmt: skip
    for y, value in enumerate(scaled):
        if abs(value) >= 0.05 and not grey:
            sign = "+" if value > 0 else "−"
            axis.text(x, y, sign, ha="center", va="center", color=ink_on(colours[y]))


def agreement_map(
    order: Array, signs: Array, methods: Sequence[str], blocks: Sequence[int]
) -> Figure:
    """A mean (M, M) of two kinds for each pair: of ranks below the diagonal, of signs above it.

    Both are 0 at chance and 1 for full agreement; a pair of signs that is NaN has a dash. Lines
    divide the methods into `blocks` of these sizes.
    """
    M = len(methods)
    shown = np.where(np.tri(M, k=-1, dtype=bool), order, signs)
    shown[np.diag_indices(M)] = np.nan
    figure, axis = plt.subplots(figsize=(1.2 + 0.42 * M, 1.4 + 0.36 * M))
    image = axis.imshow(
        np.ma.masked_invalid(shown), aspect="auto", cmap=SIGNED, vmin=-1.2, vmax=1.2
    )
    for (i, j), value in np.ndenumerate(shown):
        text = (
            "–"
            if np.isnan(value)
            else f"{value + 0.0:.2f}".replace("0.", ".").replace("-.00", ".00")
        )
        text = "" if i == j else text
        axis.text(j, i, text, ha="center", va="center", fontsize=8.5,
                  color="black" if np.isnan(value) else ink_on(image.to_rgba(value)))  # fmt: skip
    for edge in np.cumsum(blocks)[:-1] - 0.5:
        axis.axhline(edge, color="black", linewidth=1.2)
        axis.axvline(edge, color="black", linewidth=1.2)
    axis.axline((-0.5, -0.5), slope=1, color="black", linewidth=0.8)
    axis.set_xticks(range(M), methods, rotation=60, ha="right", rotation_mode="anchor")
    axis.set_yticks(range(M), methods)
    axis.tick_params(length=0)
    axis.grid(visible=False)
    axis.set_title("signs, κ (above) · order, τ-b (below)", fontsize=10, loc="left")
    return figure


def shared_factor(names: Sequence[str], measured: Array, null: Array) -> Figure:
    """For each method two means with intervals (3, M): as measured, and of the shared factor."""
    figure, axis = plt.subplots(figsize=(5.2, 1.2 + 0.34 * len(names)))
    rows = (
        (null, "o", GREY, "null: only the factor α in common"),
        (measured, "D", BLUE, "measured"),
    )
    place = np.arange(len(names))
    for offset, ((mean, low, high), marker, colour, label) in zip((-0.12, 0.12), rows):
        axis.errorbar(mean, place + offset, xerr=[mean - low, high - mean], fmt=marker,
                      color=colour, markersize=6, label=label)  # fmt: skip
    axis.set_yticks(place, names)
    axis.set(xlim=(0.5, 0.9), xlabel="τ-b with α-avg")
    axis.grid(axis="y", visible=False)
    axis.invert_yaxis()
    axis.legend(**ABOVE, ncols=2, columnspacing=0.8, handletextpad=0.2)
    return figure


def parting(amounts: Array, distances: Mapping[str, Array]) -> Figure:
    """Distance of explanations from exact LIME (3, amounts) against what attention sees."""
    figure, axis = plt.subplots(figsize=(5.2, 3.2))
    looks = zip(("-", "--", ":"), ("o", "s", "^"), (BLUE, ORANGE, RED))
    for (name, (mean, low, high)), (line, marker, colour) in zip(distances.items(), looks):
        axis.fill_between(amounts, low, high, color=colour, alpha=0.15, linewidth=0)
        axis.plot(amounts, mean, line, marker=marker, color=colour, markersize=5, label=name)
    axis.set_xlabel("share of what attention sees of the words")
    axis.set_ylabel("distance from exact LIME")
    axis.set_ylim(bottom=0)
    axis.legend(**ABOVE, ncols=3, columnspacing=0.9)
    return figure


def storage(amounts: Array, by_origin: Array, by_axes: Array, stored: float) -> Figure:
    """Agreement of signs with exact LIME: G×I by origin (3, n), and G-avg in many axes (m,).

    `stored` is that of G-avg in the axes in which the model is stored.
    """
    figure, (upper, lower) = plt.subplots(2, 1, figsize=(5.2, 4.6), height_ratios=(3, 2))
    upper.axhline(0, color="black", linewidth=0.8)
    upper.fill_between(amounts, *by_origin[1:], color=BLUE, alpha=0.2, linewidth=0)
    upper.plot(amounts, by_origin[0], "-o", color=BLUE, markersize=4)
    upper.plot(0, by_origin[0][np.abs(amounts).argmin()], "D", color=RED, label="as stored")
    upper.set(ylim=(-1, 1.02), ylabel="κ of G×I",
              xlabel="origin, from the stored one (0) to the middle of [UNK] (1)")  # fmt: skip
    upper.legend(**ABOVE)
    lower.axvline(0, color="black", linewidth=0.8)
    lower.hist(by_axes, bins=np.linspace(-1, 1, 21), color=BLUE, edgecolor="white")
    lower.plot(stored, 0, "D", color=RED, clip_on=False, zorder=3)
    lower.set(xlim=(-1, 1), xlabel="κ of G-avg", ylabel="random axes")
    lower.set_xticks([-1, -0.5, 0, 0.5, 1])
    return figure
