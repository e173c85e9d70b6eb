"""Figures on exact LIME: its two ingredients, and its error and work beside those of sampling."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.model.reading import Array
from helpers.plots.base import BLUE, GREEN, GREY, ORANGE, RED

Rule = tuple[Array, Array, float]
FLOOR = 1e-13  # errors below are those of rounding, which differ between machines
STYLES = ((BLUE, "-"), (ORANGE, "--"), (GREEN, "-."))


def rules(
    make: Callable[[float, float, float], Rule], ratio: float, steps: Sequence[float]
) -> Figure:
    """Left: nodes of the rule for 1/D on its integrand; right: its error for each D, and bounds."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.2))
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
    handles = right.get_legend_handles_labels()[0]
    figure.legend(handles=handles, loc="outside lower right", ncols=3, fontsize=8)
    left.legend(fontsize=8)
    return figure


def mixture(p: Array, c: Array, sizes: Array, sums: Array) -> Figure:
    """Left: coefficients `c` at probabilities `p`; right: `sizes`, and the `sums` they make."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.0))
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


def race(sampled: tuple[Array, Array], exact: tuple[Array, Array, Array]) -> Figure:
    """Error against operations: runs of sampled LIME, and exact LIME with its certificate.

    `sampled` are operations (n,) and errors (runs, n); `exact` operations, errors and certificates,
    (m,) each. Errors below `FLOOR` are rounding and are drawn there.
    """
    figure, axis = plt.subplots(figsize=(5.6, 3.9))
    work, errors = sampled
    axis.fill_between(work, *np.quantile(errors, [0.1, 0.9], axis=0), color=ORANGE, alpha=0.25)
    mean = errors.mean(axis=0)
    axis.loglog(work, mean, "o-", color=ORANGE, markersize=4, label="sampled: error")
    guide = mean[0] * 0.4 * np.sqrt(work[0] / work)
    axis.plot(work, guide, ":", color="black", label="slope −1/2")
    work, errors, certificates = exact
    axis.plot(work, certificates, "s-", color=GREEN, markersize=4, label="exact: certificate")
    found = np.maximum(errors, FLOOR)
    axis.plot(work, found, "x", color=GREEN, markersize=6, label="exact: error")
    axis.set(xlabel="operations", ylabel="share of the largest coefficient", ylim=(FLOOR / 3, 3))
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    return figure


def held_out(
    exact: tuple[Array, Array], sampled: tuple[Array, Array], work: tuple[Array, Array, Array]
) -> Figure:
    """Left: certificates of exact LIME and errors of sampled LIME; right: what they take.

    `exact` and `sampled` are numbers of distinct words, and what is drawn against them. `work` has
    operations for the documents of `exact`: its own, of fitting the mixture, and of the samples.
    """
    d, certificates = exact
    figure, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.6))
    left.semilogy(sampled[0], np.maximum(sampled[1], FLOOR), "o", color=ORANGE, markersize=3)
    left.plot(d, certificates, "s", color=GREEN, markersize=3)
    left.set(xlabel="distinct words d", ylabel="share of the largest coefficient")
    left.set_title("error, and certificate", fontsize=10)
    left.set_ylim(FLOOR / 3, 3)
    right.loglog(d, work[0], "s", color=GREEN, markersize=3, label="exact LIME")
    right.loglog(d, work[1], "x", color=GREY, markersize=4, label="fitting its mixture")
    order = np.argsort(d)
    right.plot(d[order], work[2][order], ":", color="black", label="5,000 samples")
    right.set(xlabel="distinct words d", ylabel="operations")
    right.set_title("work", fontsize=10)
    dot = left.plot([], [], "o", color=ORANGE, label="sampled LIME")
    handles = [*dot, *right.get_legend_handles_labels()[0]]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=9)
    return figure
