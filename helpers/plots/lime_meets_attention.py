"""Figures of the chapter on LIME and attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.explainers import lime
from helpers.model.reading import Array
from helpers.plots.base import COLOURS, GREEN, GREY, MARKERS, RED


def seeds_and_theory(
    labels: Sequence[str], samples: Mapping[str, Array], theory: Mapping[str, Array]
) -> Figure:
    """For each word the (seeds, d) runs of each sampler, and a marker of each theory (d,).

    Runs are dots around a box of their middle half. The last theory is the truth: the lower panel
    shows how far all others are from it.
    """
    figure, axes = plt.subplots(2, 1, figsize=(8.0, 6.6), sharex=True, height_ratios=[1, 1.25])
    place, draw = np.arange(len(labels)), np.random.default_rng(0)
    places = np.linspace(-0.36, 0.36, len(samples) + len(theory))
    truth = [*theory.values()][-1]
    for axis, zero in zip(axes, (np.zeros_like(truth), truth)):
        for (name, scores), x, colour, marker in zip(samples.items(), places, COLOURS, MARKERS):
            shown, jitter = scores - zero, draw.uniform(-0.05, 0.05, size=scores.shape)
            axis.plot((place + x + jitter).ravel(), shown.ravel(), marker, color=colour,
                      markersize=3, alpha=0.5)  # fmt: skip
            line = {"color": colour, "linewidth": 1.6}
            axis.boxplot(shown, positions=place + x, widths=0.15, showfliers=False, showcaps=False,
                         manage_ticks=False, boxprops=line, whiskerprops=line,
                         medianprops=line | {"linewidth": 3})  # fmt: skip
            axis.plot([], [], marker, color=colour, markersize=5, label=name)
        looks = ("x", RED, 8), ("D", GREEN, 5), ("_", "black", 11)
        for (name, scores), x, look in zip(theory.items(), places[len(samples) :], looks):
            marker, colour, size = look
            axis.plot(place + x, scores - zero, marker, color=colour, markersize=size,
                      markeredgewidth=2, label=name)  # fmt: skip
        axis.vlines(place[1:] - 0.5, 0, 1, transform=axis.get_xaxis_transform(), color="#bbbbbb",
                    linewidth=0.8)  # fmt: skip
        axis.axhline(0, color="black", linewidth=0.8)
        axis.grid(axis="x", visible=False)
    axes[0].set_ylabel("coefficient")
    axes[0].legend(fontsize=9, ncols=2)
    axes[1].set_ylabel(f"coefficient minus {[*theory][-1]}")
    axes[1].set_xlim(-0.5, len(labels) - 0.5)
    axes[1].set_xticks(place, labels)
    return figure


def constants(r: Array, bandwidths: Sequence[float]) -> Figure:
    """c(r) for several bandwidths, and below it where heads (documents, K) of real texts stand."""
    figure, (axis, heads) = plt.subplots(
        2, 1, figsize=(6.6, 4.6), sharex=True, height_ratios=[3, 1.3]
    )
    grid = np.geomspace(0.01, 3, 200)
    for bandwidth, style, colour in zip(bandwidths, ("-", "--", "-."), COLOURS, strict=False):
        name = "∞" if np.isinf(bandwidth) else f"{bandwidth:g}"
        curve = lime.large_d_constant(grid, bandwidth)
        axis.plot(grid, curve, style, color=colour, label=f"c(r), ν = {name}")
    axis.axhline(1.5, color=RED, linestyle=":", label="the constant 3/2")
    axis.plot(1, 1, "o", color="black")
    axis.annotate("masking moves no attention", (1, 1), (0.16, 0.62), textcoords="data", fontsize=8,
                  arrowprops={"arrowstyle": "-", "color": GREY})  # fmt: skip
    axis.set(xscale="log", ylabel="constant", ylim=(0.4, 3.05))
    axis.legend(fontsize=8)
    boxes = heads.boxplot(r, orientation="horizontal", whis=(5, 95), showfliers=False, widths=0.6)
    for line in boxes["medians"]:
        line.set_color(RED)
    heads.set_yticks(range(1, r.shape[1] + 1), [f"head {i}" for i in range(1, r.shape[1] + 1)],
                     fontsize=8)  # fmt: skip
    heads.set_xlabel("r, the share of attention mass that survives masking every word")
    return figure


def error_boxes(errors: Mapping[str, Array], truth: str = "exact LIME") -> Figure:
    """One box for each method: its relative errors over documents, on a log scale."""
    figure, axis = plt.subplots(figsize=(6.8, 0.9 + 0.42 * len(errors)))
    axis.boxplot(
        list(errors.values()),
        orientation="horizontal",
        tick_labels=list(errors),
        whis=(5, 95),
        showfliers=False,
        medianprops={"color": RED, "linewidth": 2},
    )
    axis.set_xscale("log")
    axis.set_xlabel(f"relative error, in the Euclidean norm, against {truth}")
    axis.invert_yaxis()
    return figure
