"""Figures of the chapter on the paper's experiments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.explainers.ties import settle
from helpers.model.reading import Array
from helpers.plots.base import (
    ABOVE,
    BLUE,
    GREEN,
    GREY,
    INK,
    MARKERS,
    ORANGE,
    RED,
    SIGNED,
    SIZES,
    ink_on,
    words_axis,
)  # fmt: skip

COLOURS = (BLUE, ORANGE, GREEN, RED, "#CC79A7", GREY)


def causes(names: Sequence[str], shares: Mapping[str, Array]) -> Figure:
    """For each cause, top to bottom, its share of the gap: mean, low and high (3, causes)."""
    figure, axis = plt.subplots(figsize=(5.4, 1.2 + 0.5 * len(names)))
    place = np.arange(len(names))
    offsets = np.linspace(-0.27, 0.27, len(shares))
    for (label, (mean, low, high)), offset, marker, colour in zip(
        shares.items(), offsets, MARKERS, COLOURS
    ):
        axis.errorbar(mean, place + offset, xerr=[mean - low, high - mean], fmt=marker,
                      color=colour, markersize=5, label=label)  # fmt: skip
    words_axis(axis, names, "share of the squared gap")
    axis.legend(**ABOVE, ncols=len(shares), columnspacing=0.8, handletextpad=0.2)
    return figure


def runs(labels: Sequence[str], found: Array, others: Mapping[str, Array]) -> Figure:
    """For each word the coefficients of some runs (runs, d), and `others` (d,) with a mark each.

    All are distances from what a run gives on average, in standard errors of a run.
    """
    figure, axis = plt.subplots(figsize=(5.4, 1.4 + 0.3 * len(labels)))
    place = np.arange(len(labels))
    axis.axvspan(-1.96, 1.96, color=BLUE, alpha=0.2, linewidth=0, label="95 % of runs, foretold")
    for k, run in enumerate(found):
        height = place + 0.12 * (k - (len(found) - 1) / 2)
        axis.plot(run, height, ".", color=INK, markersize=4, label="runs" if k == 0 else None)
    for (name, scores), marker, colour in zip(others.items(), ("x", "D"), (RED, GREEN)):
        axis.plot(scores, place, marker, color=colour, markersize=6, fillstyle="none", label=name)
    words_axis(axis, labels, "distance from the foretold mean, in standard errors")
    axis.set_xscale("symlog", linthresh=3)
    ticks = (-100, -30, -10, -3, 0, 3, 10, 30, 100)
    axis.set_xticks(ticks, [f"{x}".replace("-", "−") for x in ticks])
    axis.set_xlim(-130, 130)
    axis.minorticks_off()
    axis.legend(**ABOVE, ncols=2, columnspacing=0.8, handletextpad=0.3)
    return figure


def strips(blocks: Mapping[str, tuple[Sequence[str], Mapping[str, Array], set[str]]]) -> Figure:
    """Under each heading a strip (d,) for each explainer, and the words (d,) from left to right.

    A strip is divided by its largest absolute value; those named in the set have no sign, and are
    grey. Blue and + are positive, vermilion and − negative.
    """
    rows = [len(block[1]) for block in blocks.values()]
    figure, axes = plt.subplots(
        len(blocks), 1, figsize=(5.4, 0.22 * sum(rows) + 1.1 * len(blocks)), height_ratios=rows
    )
    for axis, (heading, (words, scores, unsigned)) in zip(np.atleast_1d(axes), blocks.items()):
        for y, (name, row) in enumerate(scores.items()):
            scaled = settle(row) / np.abs(row).max()
            grey = name in unsigned
            colours = SIZES(0.9 * scaled) if grey else SIGNED(0.5 + 0.5 * scaled)
            place = np.arange(len(row))
            axis.bar(place, 0.94, 0.96, y - 0.47, color=colours, edgecolor="#dddddd", linewidth=0.5)
            for x in np.flatnonzero((np.abs(scaled) >= 0.05) & (not grey)):
                axis.text(x, y, "+" if scaled[x] > 0 else "−", ha="center", va="center",
                          color=ink_on(colours[x]))  # fmt: skip
        axis.set(xlim=(-0.5, len(words) - 0.5), ylim=(len(scores) - 0.45, -0.55))
        axis.set_yticks(range(len(scores)), list(scores), fontsize=9)
        axis.set_xticks(range(len(words)), words, rotation=40, ha="right", rotation_mode="anchor")
        axis.set_title(heading, loc="left")
        axis.tick_params(length=0)
        axis.spines[:].set_visible(False)
        axis.grid(visible=False)
    return figure


def left_out(shares: Array) -> Figure:
    """A histogram over documents of the share of the [CLS] gradient that a formula leaves out."""
    figure, axis = plt.subplots(figsize=(5.2, 2.6))
    axis.hist(shares, bins=np.linspace(0, np.ceil(10 * shares.max()) / 10, 25), color=BLUE,
              edgecolor="white")  # fmt: skip
    axis.axvline(0, color=RED, linewidth=2)
    axis.annotate("every other token", (0, 0.92), (6, 0), xycoords=("data", "axes fraction"),
                  textcoords="offset points", color=RED)  # fmt: skip
    axis.set(xlabel="query part, as a share of the gradient at [CLS]", ylabel="documents")
    return figure


def by_length(snippets: Sequence[str], errors: Mapping[str, Sequence[Array]]) -> Figure:
    """Relative errors of each rule in groups of documents: medians, and the middle 90 %."""
    figure, axis = plt.subplots(figsize=(5.4, 3.6))
    offsets = np.linspace(-0.28, 0.28, len(errors))
    looks = zip((*MARKERS, "x"), COLOURS, offsets)
    for (name, groups), (marker, colour, offset) in zip(errors.items(), looks):
        low, middle, high = np.array([np.quantile(x, [0.05, 0.5, 0.95]) for x in groups]).T
        axis.errorbar(np.arange(len(groups)) + offset, middle, [middle - low, high - middle],
                      fmt=marker, color=colour, markersize=5, label=name)  # fmt: skip
    axis.set(yscale="log", ylabel="relative error", xlabel="snippets in a document")
    axis.set_yticks([0.1, 0.3, 1], ["0.1", "0.3", "1"])
    axis.minorticks_off()
    axis.set_xticks(range(len(snippets)), snippets)
    axis.grid(axis="x", visible=False)
    axis.legend(**ABOVE, ncols=2, columnspacing=0.8, handletextpad=0.2)
    return figure
