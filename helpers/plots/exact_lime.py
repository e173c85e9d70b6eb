"""Figures on exact LIME: its two ingredients, and what sampling makes of its scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.explainers.explanation import Explanation
from helpers.explainers.ties import largest
from helpers.model.reading import Array
from helpers.plots.base import BLUE, GREEN, GREY, ORANGE, RED

Rule = tuple[Array, Array, float]
STYLES = ((BLUE, "-"), (ORANGE, "--"), (GREEN, "-."))


def rules(
    make: Callable[[float, float, float], Rule], ratio: float, steps: Sequence[float]
) -> Figure:
    """Left: nodes of the rule for 1/D on its integrand; right: its error for each D, and bounds."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.2))
    u, w, _ = make(1.0, ratio, steps[-1])
    x = np.linspace(np.log(u[0]), np.log(u[-1]), 400)
    for D, (colour, line) in zip((1.0, ratio), STYLES):
        left.plot(x, D * np.exp(x - D * np.exp(x)), line, color=colour, label=f"D = {D:g}")
    left.plot(np.log(u), np.full(len(u), -0.02), "|", color="black", label="nodes")
    left.set(xlabel="x = log u", ylabel=r"$D\,e^{x - D e^x}$", title="what is integrated")
    grid = np.geomspace(1, ratio, 400)
    for tolerance, (colour, line) in zip(steps, STYLES):
        u, w, bound = make(1.0, ratio, tolerance)
        error = np.abs(1 - grid * (np.exp(-np.outer(grid, u)) @ w))
        right.loglog(grid, error, line, color=colour, label=f"{len(u)} nodes")
        right.axhline(bound, color=colour, linestyle=line, linewidth=0.8)
    right.set(xlabel="D", ylabel="relative error", title="error, and bound (horizontal)")
    right.set_ylim(bottom=bound / 1e3)
    right.legend(fontsize=8, ncols=3, loc="lower center", columnspacing=1.0, handlelength=1.5)
    left.legend(fontsize=8)
    return figure


def mixture(p: Array, c: Array, sizes: Array, sums: Array) -> Figure:
    """Left: coefficients `c` at probabilities `p`; right: `sizes`, and the `sums` they make."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.0))
    left.vlines(p, 0, c, color=np.where(c < 0, RED, BLUE))
    left.plot(p[c >= 0], c[c >= 0], "o", color=BLUE, markersize=4, label="positive")
    left.plot(p[c < 0], c[c < 0], "s", color=RED, markersize=4, label="negative")
    left.set(xlabel="probability p of keeping a word", ylabel="coefficient", title="the mixture")
    left.legend(fontsize=8)
    m = np.arange(len(sizes))
    right.fill_between(m, sizes, step="mid", color=GREY, alpha=0.5, label="LIME's weights")
    right.plot(m, sums, ".", color=BLUE, markersize=4, label="mixture of binomials")
    right.set(xlabel="words kept", ylabel="weight", title="what it makes")
    right.legend(fontsize=8)
    return figure


def shrinking(exact: Explanation, runs: Sequence[Explanation], count: int = 12) -> Figure:
    """One panel for each sampled explanation: its 95 % intervals, less the exact scores."""
    order = largest(exact.scores, count)
    place = np.arange(count)
    figure, axes = plt.subplots(
        1, len(runs), figsize=(7.8, 0.9 + 0.24 * count), sharex=True, sharey=True
    )
    for axis, run in zip(axes, runs):
        axis.errorbar(
            (run.scores - exact.scores)[order], place,
            xerr=1.96 * run.standard_errors[order], fmt="o",
            color=BLUE, ecolor=BLUE, markersize=3.5, capsize=2, label="sampled, 95 % interval",
        )  # fmt: skip
        axis.axvline(0, color=RED, linewidth=1.2, label="exact")
        axis.set_title(run.method.replace("sampled LIME, ", ""), fontsize=10)
        axis.set_xlabel("less the exact one")
    axes[0].set_yticks(place, [exact.labels[j] for j in order])
    axes[0].invert_yaxis()
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def cost(d: Array, numbers: Array, slope: float, intercept: float) -> Figure:
    """Exponentials or products that exact LIME takes, against d, with the fitted power law."""
    figure, axis = plt.subplots(figsize=(5.2, 3.2))
    axis.loglog(d, numbers, "o", color=BLUE, markersize=3.5, label="a held-out document")
    grid = np.geomspace(d.min(), d.max(), 2)
    label = f"power {slope:.2f} of d"
    axis.loglog(grid, np.exp(intercept) * grid**slope, "--", color=RED, label=label)
    axis.set(xlabel="distinct words d", ylabel="factors computed")
    axis.legend(fontsize=8)
    return figure
