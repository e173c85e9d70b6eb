"""Figures of the chapter on other attention with the same output."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.evaluation.identifiability import Adversary
from helpers.model.reading import Array, Reading
from helpers.plots.base import BLUE, GREY, RED


def triangle(reading: Reading, adversary: Adversary, names: Sequence[str]) -> Figure:
    """Three tokens, one head: all attention as a triangle, and the segment with the same output."""
    corners = np.array([[0.5, math.sqrt(0.75)], [0.0, 0.0], [1.0, 0.0]])
    alpha, u = reading.attention[0], reading.values[0]
    f = float(alpha @ u)
    figure, axis = plt.subplots(figsize=(5.4, 4.6))
    axis.fill(*corners.T, facecolor="#eef3f8", edgecolor=GREY, linewidth=1.5)
    steps = np.linspace(0, 1, 201)
    grid = np.array([(a, b, 1 - a - b) for a in steps for b in steps if a + b <= 1])
    levels = axis.tricontour(
        *(grid @ corners).T,
        grid @ u,
        np.arange(-0.5, 2, 0.5),
        colors=GREY,
        linewidths=0.8,
        negative_linestyles="solid",
    )
    axis.clabel(levels, fontsize=9, fmt=lambda x: f"{x:g}".replace("-", "−"))
    ends = []
    for i, j in ((0, 1), (0, 2), (1, 2)):
        if min(u[i], u[j]) <= f <= max(u[i], u[j]):
            x = (f - u[j]) / (u[i] - u[j])
            ends.append(x * corners[i] + (1 - x) * corners[j])
    axis.plot(*np.array(ends).T, color=BLUE, linewidth=3, label="attention with the same output")
    axis.plot(*(alpha @ corners), "o", color="black", markersize=9, label="the model's attention")
    axis.plot(
        *(adversary.weights @ corners),
        "s",
        color=RED,
        markersize=9,
        label="the farthest with the same output",
    )
    for corner, name, value, shift in zip(corners, names, u, (0.06, -0.08, -0.08), strict=True):
        label = f"all on {name}, $u = {value:g}$"
        axis.text(corner[0], corner[1] + shift, label, ha="center", va="center")
    axis.set(xlim=(-0.25, 1.25), ylim=(-0.14, 0.98), aspect="equal")
    axis.axis("off")
    axis.legend(loc="lower left", fontsize=9, bbox_to_anchor=(0, 1))
    return figure


def adversary_bars(tokens: Sequence[str], panels: Mapping[str, tuple[Array, Adversary]]) -> Figure:
    """One panel for each head: its attention (T,) and the farthest with the same output."""
    size = (6.1, 1.2 + 0.25 * len(tokens))
    figure, axes = plt.subplots(1, len(panels), figsize=size, sharex=True, sharey=True)
    place, half = np.arange(len(tokens)), 0.38
    for axis, (title, (alpha, adversary)) in zip(axes, panels.items(), strict=True):
        axis.barh(place - half / 2, alpha, half, color=BLUE, label="the model's attention")
        axis.barh(place + half / 2, adversary.weights, half, color=RED, hatch="//",
                  edgecolor="white", label="the farthest with the same output")  # fmt: skip
        axis.set_title(title, fontsize=10)
        axis.set(xlim=(0, 1.02), xlabel="weight")
        axis.set_xticks([0, 0.5, 1], ["0", "½", "1"])
        axis.grid(axis="y", visible=False)
    axes[0].set_yticks(place, tokens)
    axes[0].invert_yaxis()
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper left", fontsize=9.5)
    return figure


def room(divergence: Array, least: Array) -> Figure:
    """How far attention can go, (n,): a histogram where no token is needed, dots where one is.

    `least` (n,) is the largest weight that a token must keep; the line is the limit it sets.
    """
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(5.8, 3.6), sharey=True, width_ratios=[1, 1.8]
    )
    free = least == 0
    left.hist(divergence[free], np.linspace(0, math.log(2), 29), weights=np.full(free.sum(), 100 /
              len(free)), orientation="horizontal", color=BLUE)  # fmt: skip
    left.set(title="no token is needed", xlabel="% of all pairs", ylabel="divergence")
    right.plot(least[~free], divergence[~free], "o", color=RED, markersize=3.5, alpha=0.5,
               markeredgewidth=0)  # fmt: skip
    right.plot([0, 1], [math.log(2), 0], color="black", linewidth=1.2)
    right.annotate("limit", (0.35, 0.65 * math.log(2)), (4, 4), textcoords="offset points")
    right.set(title="a token is needed", xlabel="its least weight", xlim=(0, 1))
    for axis in (left, right):
        axis.axhline(math.log(2), color=GREY, linestyle="--")
        axis.set_title(axis.get_title(), fontsize=10)
    left.set_ylim(0, 0.72)
    return figure


def permuted(own: Array, null: Array) -> Figure:
    """Outputs in deviations from the mean over permutations: the model's, and permuted ones."""
    figure, axis = plt.subplots(figsize=(5.6, 3.2))
    bins = np.linspace(-6, 6, 37)
    axis.hist(null, bins, density=True, color=GREY, alpha=0.55, label="permuted attention")
    axis.hist(own, bins, density=True, histtype="step", color=BLUE, linewidth=2,
              label="the model's attention")  # fmt: skip
    axis.set(xlabel="output, in deviations from the mean over permutations", ylabel="density")
    axis.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=9)
    return figure
