"""Figures of the chapter on gradient times input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.model.reading import Array
from helpers.plots.base import ABOVE, BLUE, GREEN, GREY, ORANGE, words_axis
from helpers.plots.spreads import spreads


def two_parts(labels: Sequence[str], position: Array, word: Array) -> Figure:
    """For each token a bar of the position's part of G×I (T,), and below it the word's (T,)."""
    figure, axis = plt.subplots(figsize=(5.2, 1.1 + 0.31 * len(labels)))
    place = np.arange(len(labels))
    axis.barh(place - 0.2, position, 0.4, color=ORANGE, label="position × gradient")
    axis.barh(place + 0.2, word, 0.4, color=BLUE, label="word × gradient")
    words_axis(axis, labels, "part of the score of the token")
    axis.tick_params(axis="y", length=0)
    axis.legend(**ABOVE, ncols=2)
    return figure


def completeness_gaps(outputs: Array, totals: Array, covariances: Array) -> Figure:
    """G×I over documents: totals against outputs f, and their gaps against mean covariances."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(5.6, 2.9))
    style = {"s": 14, "alpha": 0.7, "edgecolor": "none"}
    for axis, x, y, slope, line in (
        (left, outputs, totals, 1, "total = output"),
        (right, covariances, totals - outputs, 2, "gap = 2 × covariance"),
    ):
        axis.scatter(x, y, color=BLUE, **style)
        ends = np.array([min(x.min(), 0), max(x.max(), 0)])
        axis.plot(ends, slope * ends, color="black", linewidth=1, linestyle="--", label=line)
        axis.legend(**ABOVE)
        axis.locator_params(nbins=6, steps=[1, 2, 5, 10])
    left.set(xlabel="output $f(x)$", ylabel="Σ G×I, all tokens")
    right.set(xlabel="mean covariance of l and u", ylabel="gap, Σ G×I − f")
    return figure


def other_origins(steps: Array, curves: Mapping[str, Array]) -> Figure:
    """Rank correlations (documents, steps) of each score while the origin moves by `steps`."""
    figure, axis = plt.subplots(figsize=(5.6, 3.6))
    for (name, values), colour, style in zip(
        curves.items(), (ORANGE, BLUE, GREEN), ("-", "--", ":"), strict=False
    ):
        axis.fill_between(
            steps, *np.quantile(values, [0.05, 0.95], axis=0), color=colour, alpha=0.2
        )
        axis.plot(steps, values.mean(axis=0), style, color=colour, linewidth=2, label=name)
    axis.axhline(0, color="black", linewidth=0.8)
    axis.set(ylim=(-1.05, 1.05), ylabel="τ-b with leave-one-out",
             xlabel="origin moved by this many mean position vectors")  # fmt: skip
    axis.set(xticks=np.arange(0, 2.1, 0.5), yticks=np.arange(-1, 1.1, 0.5))
    axis.legend(**ABOVE, ncols=2)
    return figure


def agreements(shares: Mapping[str, Array]) -> Figure:
    """One row for each name, the last a null: shares over documents, half of them and 90 %."""
    figure, axis = plt.subplots(figsize=(5.6, 0.8 + 0.29 * len(shares)))
    spreads(axis, shares, [BLUE] * (len(shares) - 1) + [GREY])
    axis.axvline(0.5, color="black", linewidth=0.8, linestyle=":")
    axis.set(xlim=(0, 1.01), xlabel="share of words where G-avg has the sign of G×I")
    return figure
