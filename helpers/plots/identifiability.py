"""Figures of the chapter on other attention with the same output."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.evaluation.identifiability import Adversary
from helpers.model.reading import Array, Reading
from helpers.plots.base import BLUE, GREEN, GREY, ORANGE, RED


def triangle(reading: Reading, adversary: Adversary, names: Sequence[str]) -> Figure:
    """Three tokens, one head: all attention as a triangle, and the segment with the same output."""
    corners = np.array([[0.5, math.sqrt(0.75)], [0.0, 0.0], [1.0, 0.0]])
    alpha, u = reading.attention[0], reading.values[0]
    f = float(alpha @ u)
    figure, axis = plt.subplots(figsize=(5.8, 4.4))
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
    axis.clabel(levels, fontsize=8, fmt="%+.1f")
    ends = []
    for i, j in ((0, 1), (0, 2), (1, 2)):
        if min(u[i], u[j]) <= f <= max(u[i], u[j]):
            x = (f - u[j]) / (u[i] - u[j])
            ends.append(x * corners[i] + (1 - x) * corners[j])
    axis.plot(*np.array(ends).T, color=BLUE, linewidth=3, label="attention with the same output")
    axis.plot(*(alpha @ corners), "o", color="black", markersize=9, label="the model's attention")
    axis.plot(
        *(adversary.weights @ corners), "s", color=RED, markersize=9, label="farthest from it"
    )
    for corner, name, value, shift in zip(corners, names, u, (0.06, -0.08, -0.08), strict=True):
        label = f"all on {name}, $u = {value:g}$"
        axis.text(corner[0], corner[1] + shift, label, ha="center", va="center")
    axis.set(xlim=(-0.25, 1.25), ylim=(-0.14, 1.2), aspect="equal")
    axis.axis("off")
    axis.legend(loc="upper left", fontsize=9, bbox_to_anchor=(-0.08, 1.0))
    return figure


def adversary_bars(tokens: Sequence[str], alpha: Array, u: Array, adversary: Adversary) -> Figure:
    """The model's attention, the farthest with the same output, and the projected values."""
    figure, axes = plt.subplots(1, 3, figsize=(8, 0.9 + 0.24 * len(tokens)), sharey=True)
    place = np.arange(len(tokens))
    titles = ("the model's attention", "the adversary's attention", "projected value $u_t$")
    for axis, row, title, colour in zip(
        axes, (alpha, adversary.weights, u), titles, (BLUE, RED, GREY), strict=True
    ):
        axis.barh(place, row, color=colour)
        axis.set_title(title, fontsize=10)
        axis.axvline(0, color="black", linewidth=0.8)
        axis.grid(axis="y", visible=False)
    for axis, weights in zip(axes, (alpha, adversary.weights), strict=False):
        axis.set_xlabel(f"output {weights @ u:.3f}")
        axis.set_xlim(0, 1)
    axes[0].set_yticks(place, tokens)
    axes[0].invert_yaxis()
    return figure


def search_and_exact(rows: Mapping[str, Array]) -> Figure:
    """Distances of the adversaries that each method finds, document by document, and log 2."""
    figure, axis = plt.subplots(figsize=(7.4, 3.4))
    order = np.argsort(next(iter(rows.values())))
    styles = zip(rows.items(), (GREY, ORANGE, BLUE, GREEN), ("o", "v", "s", "^"), strict=False)
    for (name, values), colour, marker in styles:
        axis.plot(
            np.arange(1, len(order) + 1), values[order], marker, color=colour, label=name, alpha=0.9
        )
    axis.axhline(math.log(2), color="black", linestyle="--", label="log 2, the largest possible")
    axis.set_xticks(range(1, len(order) + 1))
    axis.set(xlabel="document", ylabel="Jensen-Shannon divergence", ylim=(0, 0.74))
    axis.legend(fontsize=9, loc="lower right")
    return figure


def permuted(outputs: Array, f: float, mean: float, variance: float) -> Figure:
    """Histogram of permuted outputs, the closed mean and deviation, and the model's own output."""
    figure, axis = plt.subplots(figsize=(7, 3.2))
    axis.hist(outputs, 60, density=True, color=BLUE, alpha=0.5, label="permuted attention")
    width = math.sqrt(variance)
    axis.axvline(mean, color="black", label="mean, closed form")
    axis.axvspan(mean - width, mean + width, color=GREY, alpha=0.25, label="± one deviation")
    axis.axvline(f, color=RED, linestyle="--", linewidth=2, label="the model's attention")
    axis.set(xlabel="output $f$", ylabel="density")
    axis.legend(fontsize=9)
    return figure


def freedom_left(documents: Sequence[int], left: Sequence[int], alone: int) -> Figure:
    """Dimensions left to a head's key vector, against the number of documents it must serve."""
    figure, axis = plt.subplots(figsize=(7, 3.0))
    axis.plot(documents, left, color=BLUE, marker="o", label="one key vector for all documents")
    style = {"color": ORANGE, "linestyle": "--", "label": "attention free in each document"}
    axis.axhline(alone, **style)
    axis.set(xlabel="documents whose outputs must stay", ylabel="free dimensions", ylim=(-8, None))
    axis.legend(fontsize=9)
    return figure
