"""Figures of the chapter on attention weights: opposite models, all words, rank correlations."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.evaluation.agreement import mean_interval
from helpers.explainers import attention
from helpers.model.reading import Array, Reading
from helpers.plots.base import BLUE, GREY, RED


def opposites(models: Mapping[str, Reading]) -> Figure:
    """Attention above contributions, one column for each model of the same text, on one scale.

    The last bar of a panel is all of the padding.
    """
    names = [*next(iter(models.values())).text, "padding"]
    place = np.arange(len(names))
    figure, axes = plt.subplots(2, len(models), figsize=(5.6, 1.5 + 0.48 * len(names)),
                                sharex="row", sharey=True)  # fmt: skip
    for column, (name, reading) in zip(axes.T, models.items(), strict=True):
        rows = attention.average(reading), attention.contributions(reading)
        for axis, found in zip(column, rows, strict=True):
            scores = np.append(found.scores, found.padding)
            sides = [BLUE if score >= 0 else RED for score in scores]
            axis.barh(place, scores, color=GREY if found is rows[0] else sides)
            axis.axvline(0, color="black", linewidth=0.8)
            axis.grid(axis="y", visible=False)
        text = f"{name}\noutput {reading.output:.2f}".replace("-", "−")
        column[0].set_title(text, fontsize=11)
        column[0].set_xlabel("attention, α-avg")
        column[1].set_xlabel("contributions")
    axes[0, 0].set_yticks(place, names)
    axes[0, 0].invert_yaxis()
    return figure


def fan(alpha: Array, c: Array) -> Figure:
    """Contributions (n,) of words against their attention (n,), both averaged over heads."""
    figure, axis = plt.subplots(figsize=(5.4, 3.4))
    colours = np.where(c >= 0, BLUE, RED)
    axis.scatter(alpha, c, s=9, c=colours, alpha=0.35, linewidths=0, rasterized=True)
    axis.axhline(0, color="black", linewidth=0.8)
    axis.set(xlabel="attention, α-avg", ylabel="contribution")
    axis.set_xlim(left=0)
    return figure


def rank_violins(
    correlations: Mapping[str, Array], nulls: Mapping[str, Array] | None = None
) -> Figure:
    """Half a violin of rank correlations for each name, with the mean's interval, in blue.

    Its null, if there is one, is the half below it in grey.
    """
    figure, axis = plt.subplots(figsize=(5.6, 0.9 + 0.95 * len(correlations)))
    halves = [(correlations, BLUE, "high", 1), (nulls or {}, GREY, "low", -1)]
    for place, name in enumerate(correlations):
        for values, colour, side, up in halves:
            if name not in values:
                continue
            kept = values[name][~np.isnan(values[name])]
            body = axis.violinplot(kept, [place], orientation="horizontal", showextrema=False,
                                   side=side, widths=0.7)  # fmt: skip
            body["bodies"][0].set(facecolor=colour, alpha=0.45)
            found = mean_interval(kept)
            ends = [[found.mean - found.low], [found.high - found.mean]]
            axis.errorbar([found.mean], [place + 0.1 * up], xerr=ends, fmt="o", color="black",
                          markersize=4, capsize=3)  # fmt: skip
            axis.text(0.02, place + 0.17 * up, f"{found}", va="center", color=colour,
                      transform=axis.get_yaxis_transform())  # fmt: skip
    axis.set_yticks(range(len(correlations)), list(correlations))
    axis.set(xlabel="Kendall's τ-b over the words of a review")
    return figure
