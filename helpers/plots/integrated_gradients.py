"""Figures of the chapter on integrated gradients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.evaluation.agreement import Interval
from helpers.explainers.ties import largest
from helpers.model.reading import Array
from helpers.plots.base import ABOVE, BLUE, GREY, MARKERS, ORANGE, RED

FLOOR = 1e-14  # errors below it are rounding, which differs between processors


def path_slopes(path: Array, slopes: Array, tokens: Sequence[str], marked: int = 3) -> Figure:
    """What the integral adds up: slopes (path, tokens) along the way from baseline to document.

    The `marked` tokens of largest area are named, with the area in colour and the last slope as a
    dot.
    """
    figure, axis = plt.subplots(figsize=(5.4, 3.6))
    order = largest(slopes.mean(axis=0), slopes.shape[1])
    axis.plot(path, slopes[:, order[marked:]], color=GREY, linewidth=0.7, alpha=0.6)
    for t, colour, style in zip(order[:marked], (BLUE, ORANGE, RED), ("-", "--", "-.")):
        axis.fill_between(path, slopes[:, t], color=colour, alpha=0.15, linewidth=0)
        axis.plot(path, slopes[:, t], style, color=colour, linewidth=2.2)
        axis.plot(path[-1], slopes[-1, t], "o", color=colour, markersize=7, clip_on=False)
        axis.annotate(tokens[t], (path[-1], slopes[-1, t]), (8, 0), va="center",
                      textcoords="offset points", color=colour)  # fmt: skip
    axis.axhline(0, color="black", linewidth=0.8)
    axis.set_xticks([0, 0.5, 1], ["0\nall-[UNK]", "0.5", "1\nthe review"])
    axis.set(xlabel="fraction τ of the way", ylabel="slope of f", xlim=(0, 1))
    return figure


def nodes_and_errors(nodes: Array, errors: Mapping[str, Array]) -> Figure:
    """Two kinds of errors (documents, nodes) on a log scale: medians, and bands from least to most.

    Whatever is below 1e-14 is drawn at 1e-14.
    """
    figure, axis = plt.subplots(figsize=(5.4, 3.6))
    for (name, values), colour, marker in zip(errors.items(), (ORANGE, BLUE), "so", strict=True):
        values = np.maximum(values, FLOOR)
        axis.fill_between(
            nodes, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.25, linewidth=0
        )
        axis.plot(nodes, np.median(values, axis=0), marker=marker, color=colour, label=name)
    axis.axhline(1e-10, color="black", linewidth=0.8, linestyle="--")
    axis.text(nodes[0], 1.6e-10, "tolerance", fontsize=9)
    axis.set(yscale="log", ylim=(FLOOR / 3, None), xticks=nodes)
    axis.set(xlabel="Gauss-Legendre nodes", ylabel="absolute error, at least $10^{-14}$")
    axis.legend(**ABOVE, ncols=2)
    return figure


def bound_shares(nodes: Array, shares: Mapping[str, Array]) -> Figure:
    """Errors as shares of their bound (nodes,), on a log scale; NaN where rounding hides them."""
    figure, axis = plt.subplots(figsize=(5.4, 3.6))
    for (name, share), marker in zip(shares.items(), MARKERS, strict=False):
        axis.plot(nodes, share, marker=marker, label=name)
    axis.axhline(1, color="black", linewidth=1.2)
    axis.text(nodes[-1], 1.15, "the bound", ha="right", fontsize=9)
    axis.set(yscale="log", ylim=(None, 2), xticks=nodes)
    axis.set(xlabel="Gauss-Legendre nodes", ylabel="error / bound")
    axis.legend(**ABOVE, ncols=2)
    return figure


def from_baselines(words: Sequence[str], scores: Mapping[str, Array]) -> Figure:
    """For each word one marker for each baseline (d,)."""
    figure, axis = plt.subplots(figsize=(5.2, 1.1 + 0.26 * len(words)))
    place = np.arange(len(words))
    ends = np.array(list(scores.values()))
    axis.hlines(place, ends.min(axis=0), ends.max(axis=0), color=GREY, linewidth=0.8, alpha=0.6)
    for (name, found), marker, colour, offset in zip(
        scores.items(), MARKERS, (BLUE, ORANGE, RED), (-0.1, 0, 0.1), strict=False
    ):
        axis.plot(found, place + offset, marker, color=colour, markersize=6, label=name)
    axis.axvline(0, color="black", linewidth=0.8)
    axis.set_yticks(place, words)
    axis.set_xscale("symlog", linthresh=0.1)
    axis.margins(x=0.08)
    axis.set_xticks([-0.05, 0, 0.05, 0.1, 0.3, 1], ["−0.05", "0", "0.05", "0.1", "0.3", "1"])
    axis.minorticks_off()
    axis.tick_params(axis="y", length=0)
    axis.grid(axis="y", visible=False)
    axis.set_xlabel("score (linear up to 0.1, logarithmic beyond)")
    axis.invert_yaxis()
    axis.legend(**ABOVE, ncols=3, handletextpad=0.1, columnspacing=0.8)
    return figure


def agreement_by_head(rows: Sequence[str], found: Mapping[str, Sequence[Interval]]) -> Figure:
    """For each row (all heads, each head, the null) one interval for each baseline."""
    figure, axis = plt.subplots(figsize=(5.2, 0.8 + 0.27 * len(rows)))
    place = np.arange(len(rows))
    for (name, intervals), marker, colour, offset in zip(
        found.items(), MARKERS[1:], (ORANGE, RED), (-0.12, 0.12), strict=False
    ):
        ends = np.array([[i.mean - i.low, i.high - i.mean] for i in intervals]).T
        axis.errorbar([i.mean for i in intervals], place + offset, xerr=ends, fmt=marker,
                      color=colour, capsize=3, label=name)  # fmt: skip
    axis.axvline(0, color="black", linewidth=0.8)
    axis.set_yticks(place, rows)
    axis.tick_params(axis="y", length=0)
    axis.grid(axis="y", visible=False)
    axis.set(xlabel="Kendall's τ-b with the all-[UNK] baseline", xlim=(-0.15, 1))
    axis.invert_yaxis()
    axis.legend(**ABOVE, ncols=2)
    return figure
