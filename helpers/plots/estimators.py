"""Figures on Shapley estimators: error against budget, in a grid of packages and lengths."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.model.reading import Array
from helpers.plots.base import BLUE, GREEN, GREY, MARKERS, ORANGE, RED
from helpers.plots.tables import Table

COLOURS = (BLUE, ORANGE, RED, GREEN, "#CC79A7")
OURS = "shapley.sampled"
Curves = Mapping[str, tuple[Array, Array]]


def medians(report: Mapping) -> dict[int, Curves]:
    """Of the report of ``benchmarks/estimators.py``, the curves of medians over documents.

    Where an estimator gives no score for some document, there is a NaN.
    """
    found: dict[int, Curves] = {}
    for d, errors in report["errors"].items():
        found[int(d)] = {
            name: (
                np.array(report["evaluations"][d][name]) / int(d),
                np.median(np.array(rows, dtype=float), axis=0),
            )
            for name, rows in errors.items()
        }
    return found


def grid(found: Mapping[int, Curves], packages: tuple[str, ...]) -> Figure:
    """A row for each package, a column for each length: error against evaluations per word.

    `found[d]` holds (evaluations per word, error) of each estimator, whose name starts with that of
    its package; `shapley.sampled` is drawn in all rows. NaN is not drawn.
    """
    size = (1.7 + 1.95 * len(found), 0.6 + 1.9 * len(packages))
    figure, axes = plt.subplots(len(packages), len(found), figsize=size, sharex=True, sharey=True)
    x = np.array([4.0, 64.0])
    for column, (d, curves) in zip(axes.T, found.items()):
        for axis, package in zip(column, packages):
            axis.plot(*curves[OURS], color="black", marker="x", markersize=5, label=OURS)
            names = [name for name in found[min(found)] if name.startswith(package + " ")]
            for name, colour, marker in zip(names, COLOURS, MARKERS):
                label = name.removeprefix(package + " ")
                line = curves.get(name, (np.array([np.nan]), np.array([np.nan])))
                axis.plot(*line, color=colour, marker=marker, markersize=4, label=label)
            axis.plot(x, 0.9 * (x / 4) ** -0.5, color=GREY, linestyle=":", label="slope −1/2")
            axis.axhline(1.0, color=GREY, linestyle="--", linewidth=1, label="all words alike")
        column[0].set_title(f"{d} words")
    for axis, package in zip(axes[:, -1], packages):
        handles, labels = axis.get_legend_handles_labels()
        shown = slice(1, -2) if package != packages[0] else slice(0, None)
        axis.legend(
            handles[shown], labels[shown], title=package, loc="center left",
            bbox_to_anchor=(1.02, 0.5), handlelength=1.4, borderpad=0.0, alignment="left",
        )  # fmt: skip
    axes[0, 0].set(xscale="log", yscale="log", ylim=(0.008, 2.0))
    axes[0, 0].set_xticks([4, 16, 64], ["4", "16", "64"])
    axes[0, 0].set_yticks([0.01, 0.1, 1.0], ["0.01", "0.1", "1"])
    axes[0, 0].minorticks_off()
    figure.supxlabel("evaluations per word", fontsize=10)
    figure.supylabel("relative error", fontsize=10)
    return figure


def reached(found: Mapping[int, Curves], target: float) -> Table:
    """For each estimator and length, how many evaluations per word bring its error to `target`."""
    names = list(found[min(found)])
    head = ("estimator", *(f"d = {d}" for d in found))
    return Table(
        head, tuple((name, *(_count(found[d].get(name), target) for d in found)) for name in names)
    )


def _count(line: tuple[Array, Array] | None, target: float) -> str:
    """Where a falling line first passes the target, between its points on log scales."""
    if line is None:
        return "–"
    x, y = (np.log(part[~np.isnan(line[1])]) for part in line)
    below = np.flatnonzero(y <= np.log(target))
    if not len(below):
        return f"> {np.exp(x[-1]):.0f}"
    k = below[0]
    if k == 0:
        return f"≤ {np.exp(x[0]):.0f}"
    share = (y[k - 1] - np.log(target)) / (y[k - 1] - y[k])
    return f"{np.exp(x[k - 1] + share * (x[k] - x[k - 1])):.0f}"
