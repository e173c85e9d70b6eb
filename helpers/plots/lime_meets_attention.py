"""Figures of the chapter on LIME and attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.explainers import lime
from helpers.model.reading import Array
from helpers.plots.base import ABOVE, BLUE, GREEN, GREY, ORANGE, power_law, ramp, words_axis
from helpers.plots.spreads import spreads


def rules_of_words(
    labels: Sequence[str], rules: Mapping[str, Array], truth: tuple[str, Array]
) -> Figure:
    """For each word a bar of the truth (d,), and one marker for each of two rules (d,)."""
    figure, axis = plt.subplots(figsize=(5.2, 1.1 + 0.29 * len(labels)))
    place = np.arange(len(labels))
    axis.barh(place, truth[1], height=0.62, color=GREEN, alpha=0.45, label=truth[0])
    looks = (("X", ORANGE), ("o", BLUE))
    for (name, scores), (marker, colour) in zip(rules.items(), looks, strict=True):
        axis.plot(scores, place, marker, color=colour, markersize=9, markeredgecolor="white",
                  markeredgewidth=0.7, label=name)  # fmt: skip
    words_axis(axis, labels, "coefficient of the word")
    axis.tick_params(axis="y", length=0)
    axis.legend(**ABOVE, ncols=3, handletextpad=0.3, columnspacing=0.9)
    return figure


def rule_against_exact(rules: Mapping[str, Array], truth: Array) -> Figure:
    """One panel for each rule (n,): its coefficients of all words against the truth (n,)."""
    figure, axes = plt.subplots(1, len(rules), figsize=(5.6, 3.1), sharex=True, sharey=True)
    for axis, (name, scores), colour in zip(axes, rules.items(), (ORANGE, BLUE)):
        axis.hexbin(truth, scores, gridsize=44, extent=(-1.8, 1.8, -1.8, 1.8), bins="log",
                    cmap=ramp(colour), mincnt=1, linewidths=0.1, rasterized=True)  # fmt: skip
        axis.plot([-1.8, 1.8], [-1.8, 1.8], color="black", linewidth=0.9)
        axis.set(xlim=(-1.1, 1.1), ylim=(-1.8, 1.8), title=name, xlabel="exact LIME")
    axes[0].set_ylabel("the rule")
    return figure


def constants(r: Array, bandwidths: Sequence[float]) -> Figure:
    """c(r) for several bandwidths, and below it where heads (documents, K) of real texts stand."""
    figure, (axis, heads) = plt.subplots(
        2, 1, figsize=(5.6, 4.5), sharex=True, height_ratios=[3, 2]
    )
    grid = np.geomspace(0.002, 3, 200)
    for bandwidth, style, colour in zip(bandwidths, ("-", "--"), (GREEN, BLUE), strict=True):
        name = "∞" if np.isinf(bandwidth) else f"{bandwidth:g}"
        curve = lime.large_d_constant(grid, bandwidth)
        axis.plot(grid, curve, style, color=colour, linewidth=2, label=f"c(r), ν = {name}")
    axis.axhline(1.5, color=ORANGE, linestyle=":", linewidth=2, label="3/2")
    axis.plot(1, 1, "o", color="black")
    axis.annotate("masking moves\nno attention", (1, 1), (0.04, 0.55), arrowprops={
        "arrowstyle": "-", "color": GREY})  # fmt: skip
    axis.set(xscale="log", ylabel="constant", ylim=(0.4, 3.05))
    axis.legend(**ABOVE, ncols=3)
    spreads(heads, {f"head {i}": x for i, x in enumerate(r.T, start=1)}, [BLUE] * r.shape[1])
    heads.set_xlabel("r, attention mass that survives masking every word")
    return figure


def error_spreads(errors: Mapping[str, Array], truth: str = "exact LIME") -> Figure:
    """One row for each method: its relative errors over documents, on a log scale."""
    figure, axis = plt.subplots(figsize=(5.8, 0.8 + 0.29 * len(errors)))
    groups = {"centred": BLUE, "mean field": BLUE, "null": GREY}
    looks = [
        next((colour for start, colour in groups.items() if name.startswith(start)), ORANGE)
        for name in errors
    ]
    spreads(axis, errors, looks)
    axis.set(xscale="log", xlabel=f"relative error against {truth}")
    axis.set_xticks([0.1, 0.2, 0.5, 1, 2], ["0.1", "0.2", "0.5", "1", "2"])
    axis.minorticks_off()
    return figure


def idle_words(words: Array, shares: Array) -> Figure:
    """The coefficient of a word that does nothing, over the text's largest, against its length."""
    figure, axis = plt.subplots(figsize=(5.2, 3.2))
    axis.plot(words, shares, "o", color=BLUE, markersize=4, alpha=0.45, markeredgewidth=0)
    axis.set(xscale="log", yscale="log", xlabel="number of words d",
             ylabel="idle coefficient / largest")  # fmt: skip
    axis.set_xticks([5, 10, 20, 50, 100], ["5", "10", "20", "50", "100"])
    axis.minorticks_off()
    return figure


def rates(words: Array, errors: Mapping[str, Array]) -> Figure:
    """Errors times d, (runs, sizes), against the number of words, beside a line of slope -1."""
    figure = power_law(words, errors, -1.0, ("number of words d", "largest error × d"))
    (axis,) = figure.axes
    axis.get_legend().remove()
    lines = sorted(axis.lines, key=lambda line: line.get_ydata()[-1])
    for line, higher in zip(lines, [*lines[1:], None], strict=True):
        start, end = line.get_xydata()[[0, -1]]
        free = higher is None or higher.get_ydata()[-1] > 3 * end[1]
        above = 19 if start[1] > 1.5 * end[1] else 7
        axis.annotate(line.get_label(), end, (0, above if free else -15), ha="right",
                      textcoords="offset points", color=line.get_color())  # fmt: skip
    axis.set_ylim(bottom=axis.get_ylim()[0] / 2)
    return figure
