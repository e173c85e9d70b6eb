"""Figures on exact Shapley values: beside shap's estimators, LIME's axioms, repeated words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.model.reading import Array
from helpers.plots.base import BLUE, GREEN, GREY, ORANGE, RED, words_axis

FLOOR = 1e-13  # errors below are those of rounding, which differ between machines
SHAPLEY = (("o", "-"), ("s", "--"), ("^", ":"))  # estimators that tend to the Shapley values
OTHERS = (("D", "-"), ("v", "--"))  # what tends to something else
# Where the name of an estimator stands: beside which of its points, and on which side.
BESIDE = {
    "Permutation": (-1, (0, -14), "center"),
    "Kernel, all words": (-1, (-4, -13), "center"),
    "Sampling": (1, (0, 6), "center"),
    "Kernel, default": (-2, (8, 3), "left"),
    "Partition": (0, (6, 2), "left"),
}


def race(
    found: Mapping[str, tuple[Array, Array]],
    elsewhere: Mapping[str, tuple[Array, Array]],
    exact: tuple[Array, Array, Array],
) -> Figure:
    """Error against work: above, estimators of Shapley values and of something else; below, exact.

    Estimators have evaluations (n,) and mean errors (n,); `exact` the work in evaluations, errors
    and certificates, (m,) each. Errors below `FLOOR` are rounding and are drawn there.
    """
    figure, (above, below) = plt.subplots(2, 1, figsize=(5.4, 5.6), sharex=True)
    for group, styles, colour in ((found, SHAPLEY, ORANGE), (elsewhere, OTHERS, GREY)):
        for (name, (work, errors)), (marker, line) in zip(group.items(), styles):
            style = {"marker": marker, "linestyle": line, "color": colour, "markersize": 4}
            above.loglog(work, errors, label=name, **style)
            short = name.removeprefix("shap: ")
            point, offset, side = BESIDE[short]
            above.annotate(short, (work[point], errors[point]), offset, ha=side,
                           textcoords="offset points")  # fmt: skip
    above.set(ylabel="error", ylim=(0.03, 1))
    above.set_yticks([0.03, 0.1, 0.3, 1], ["0.03", "0.1", "0.3", "1"])
    above.set_title("shap's explainers", loc="left")
    work, errors, certificates = exact
    proved, drawn = (np.maximum(x, FLOOR) for x in (certificates, errors))
    below.loglog(work, proved, "s-", color=GREEN, markersize=4)
    below.plot(work, drawn, "x", color=GREEN, markersize=6)
    middle = len(work) // 2
    beside = {"va": "center", "textcoords": "offset points"}
    below.annotate("certificate", (work[middle], proved[middle]), (8, 4), **beside)
    below.annotate("error", (work[middle], drawn[middle]), (-8, -3), ha="right", **beside)
    if found:
        best = min(missed.min() for _, missed in found.values())
        below.axhline(best, color=ORANGE, linestyle=":")
        below.annotate("the lowest point above", (1, best), (-2, 4), ha="right",
                       xycoords=("axes fraction", "data"), textcoords="offset points")  # fmt: skip
    below.set(ylabel="error", ylim=(FLOOR / 3, 3), xlabel="evaluations of f, or as many operations")
    below.set_title("exact Shapley values", loc="left")
    ticks = [500, 1000, 2000, 5000, 10000]
    below.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    for axis in (above, below):
        axis.minorticks_off()
    return figure


def ten_kept(labels: Sequence[str], exact: Array, kept: Array | None) -> Figure:
    """Bars of the exact values of some words (n,), and dots of what `shap` gives by default."""
    figure, axis = plt.subplots(figsize=(5.4, 0.9 + 0.24 * len(labels)))
    place = np.arange(len(labels))
    axis.barh(place, exact, color=np.where(exact < 0, RED, BLUE), height=0.6)
    if kept is not None:
        style = {"markeredgecolor": "black", "markerfacecolor": ORANGE, "markersize": 6}
        axis.plot(kept, place, "o", **style, label="shap's Kernel by default")
        axis.barh([], [], color=GREY, label="exact Shapley value")
        axis.legend(loc="lower left")
    words_axis(axis, labels, "score")
    return figure


def axioms(
    change: Array, totals: Mapping[str, Array], lengths: Array, moved: Array, floor: float
) -> Figure:
    """Left: totals of scores against what they should be; right: what idle words move.

    `change` (n,) is f(1) - f(0), `totals` of LIME and Shapley values (n,); `moved` (m,) is the
    largest change of LIME for texts of `lengths` words; that of Shapley values is below `floor`.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(5.6, 3.3))
    styles = ((ORANGE, "o", 10), (GREEN, "s", 6))
    for total, (colour, marker, size) in zip(totals.values(), styles):
        left.scatter(change, total, s=size, color=colour, marker=marker)
    first, second = totals
    left.annotate(second, (0.5, 0.9), xycoords="axes fraction", ha="center")
    left.annotate(first, (0.72, 0.3), xycoords="axes fraction")
    left.set(xlabel="f(1) − f(0)", ylabel="sum of all scores")
    left.set_title("efficiency")
    right.loglog(lengths, moved, "o", color=ORANGE, markersize=3)
    right.loglog(lengths, np.full(len(lengths), floor), "s", color=GREEN, markersize=3)
    right.set(xlabel="distinct words", ylabel="largest change")
    right.annotate(first, (lengths.min(), np.median(moved)), (2, -24), textcoords="offset points")
    right.annotate(second, (lengths.min(), floor), (0, 8), textcoords="offset points")
    right.set_title("ten idle words more")
    return figure


def repeated(counts: Array, gaps: Array, largest: int) -> Figure:
    """What the positions of a word make of its value, against how many they are, (n,) each.

    Words with more positions than `largest` are drawn there.
    """
    figure, axis = plt.subplots(figsize=(5.4, 3.2))
    spread = np.random.default_rng(0).uniform(-0.25, 0.25, len(counts))
    place = np.minimum(counts, largest) + spread
    axis.plot(place, gaps, ".", color=BLUE, markersize=3, alpha=0.6, rasterized=True)
    axis.axhline(0, color="black", linewidth=0.8)
    ticks = np.arange(2, largest + 1)
    axis.set_xticks(ticks, [*map(str, ticks[:-1]), f"{largest}+"])
    axis.yaxis.set_major_formatter(lambda x, _: f"{x:+.0%}".replace("-", "−").replace("+0%", "0"))
    axis.set(xlabel="positions of the word", ylabel="sum of positions − value")
    return figure
