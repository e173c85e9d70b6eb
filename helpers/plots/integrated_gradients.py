"""Figures of the chapter on integrated gradients."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers.explainers.ties import largest
from helpers.model.reading import Array
from helpers.plots.base import BLUE, GREY, ORANGE


def nodes_and_errors(nodes: Array, errors: Array, gaps: Array, bounds: Array) -> Figure:
    """Errors (documents, nodes) of integrated gradients on a log scale, with their bounds.

    Whatever is below 1e-14 is drawn at 1e-14.
    """
    figure, axis = plt.subplots(figsize=(7.2, 4.0))
    floor = 1e-14  # below it, errors are rounding, which differs between processors
    for values, colour, marker, label in (
        (bounds, GREY, "s", "bound, before any integration"),
        (errors, BLUE, "o", "largest error of a score"),
        (gaps, ORANGE, "x", "completeness gap"),
    ):
        shown = np.maximum(values, floor)
        axis.plot(nodes, shown.T, color=colour, linewidth=0.7, alpha=0.6)
        axis.plot(nodes, shown.T, marker, color=colour, markersize=4, alpha=0.8)
        axis.plot([], [], marker=marker, color=colour, label=label)
    axis.set_yscale("log")
    axis.set_ylim(floor / 3, 1e3)
    axis.axhline(1e-10, color="black", linewidth=0.8, linestyle="--")
    axis.text(nodes[0], 1.6e-10, "tolerance", fontsize=9)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set(xlabel="Gauss-Legendre nodes", ylabel="absolute error, at least 1e-14")
    axis.legend(loc="upper right")
    return figure


def path_slopes(path: Array, slopes: Array, tokens: Sequence[str], marked: int = 4) -> Figure:
    """What the integral adds up: slopes (path, tokens) along the way from baseline to document.

    The `marked` tokens of largest area have a colour and a name.
    """
    figure, axis = plt.subplots(figsize=(7.2, 3.6))
    order = largest(slopes.mean(axis=0), slopes.shape[1])
    axis.plot(path, slopes[:, order[marked:]], color=GREY, linewidth=0.7, alpha=0.6)
    for rank, (t, line) in enumerate(zip(order[:marked], ("-", "--", "-.", ":"), strict=False)):
        axis.plot(path, slopes[:, t], line, color=f"C{rank}", linewidth=2.2, label=tokens[t])
    axis.axhline(0, color="black", linewidth=0.8)
    axis.legend(title="token", loc="center left", bbox_to_anchor=(1, 0.5))
    axis.set(xlabel="fraction τ of the way from the baseline", ylabel="slope of f")
    return figure
