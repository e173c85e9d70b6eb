"""Figures on exact LIME: its two ingredients, and its error and work beside those of sampling."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.model.reading import Array
from helpers.plots.base import BLUE, GREEN, GREY, ORANGE, RED

Rule = tuple[Array, Array, float]
FLOOR = 1e-13  # errors below are those of rounding, which differ between machines
STYLES = ((BLUE, "-"), (ORANGE, "--"), (GREEN, "-."))


def note(axis: Axes, text: str, place: tuple[float, float], shift: tuple[float, float],
         **style: object) -> None:  # fmt: skip
    """A label beside what it names, so that no legend is needed."""
    axis.annotate(text, place, shift, textcoords="offset points", annotation_clip=False, **style)


def rules(
    make: Callable[[float, float, float], Rule], ratio: float, steps: Sequence[float]
) -> Figure:
    """Above: nodes of the rule for 1/D on its integrand; below: its error for each D, bounds."""
    figure, (upper, lower) = plt.subplots(2, 1, figsize=(5.4, 4.5))
    u, w, _ = make(1.0, ratio, steps[-1])
    x = np.linspace(np.log(u[0]), np.log(u[-1]), 400)
    for D, (colour, line) in zip((1.0, ratio), STYLES):
        upper.plot(x, D * np.exp(x - D * np.exp(x)), line, color=colour)
        note(upper, f"D = {D:g}", (-np.log(D), np.exp(-1)), (0, 5), ha="center", color=colour)
    upper.plot(np.log(u), np.full(len(u), -0.02), "|", color="black")
    note(upper, "nodes", (np.log(u[-1]), -0.02), (6, 0), va="center")
    upper.set(xlabel="x = log u", ylabel="D exp(x − D exp x)", ylim=(-0.05, 0.43),
              yticks=[0, 0.1, 0.2, 0.3])  # fmt: skip
    upper.set_title("what is integrated, and where", loc="left")
    grid = np.geomspace(1, ratio, 400)
    for tolerance, (colour, line) in zip(steps, STYLES):
        u, w, bound = make(1.0, ratio, tolerance)
        error = np.abs(1 - grid * (np.exp(-np.outer(grid, u)) @ w))
        lower.loglog(grid, error, line, color=colour)
        lower.axhline(bound, color=colour, linestyle=line, linewidth=0.8)
        note(lower, f"{len(u)} nodes", (ratio, bound), (8, 0), va="center", color=colour)
    lower.set(xlabel="D", ylabel="relative error", xlim=(1, ratio))
    lower.set_title("error, and its bound (horizontal)", loc="left")
    lower.set_xticks([1, 3, 10, ratio], ["1", "3", "10", f"{ratio:g}"])
    lower.minorticks_off()
    lower.set_ylim(bottom=bound / 1e3)
    return figure


def mixture(p: Array, c: Array, sizes: Array, sums: Array) -> Figure:
    """Above: coefficients `c` at probabilities `p`; below: `sizes`, and the `sums` they make."""
    figure, (upper, lower) = plt.subplots(2, 1, figsize=(5.4, 3.6))
    upper.vlines(p, 0, c, color=np.where(c < 0, RED, BLUE))
    upper.plot(p[c >= 0], c[c >= 0], "o", color=BLUE, markersize=4)
    upper.plot(p[c < 0], c[c < 0], "s", color=RED, markersize=4)
    upper.axhline(0, color="black", linewidth=0.8)
    note(upper, "negative: takes the untouched text away", (1, c[np.argmax(p)]), (-7, 0),
         ha="right", va="center", color=RED)  # fmt: skip
    upper.set(xlabel="probability p of keeping a word", ylabel="coefficient", xlim=(-0.02, 1.02))
    upper.set_title("the mixture", loc="left")
    m = np.arange(len(sizes))
    lower.fill_between(m, sizes, step="mid", color=GREY, alpha=0.4, label="LIME's weights")
    lower.plot(m, sums, ".", color=BLUE, markersize=4, label="mixture of binomials")
    d = len(sizes) - 1
    lower.set(xlabel="words kept", ylabel="weight", xlim=(-0.02 * d, 1.02 * d))
    lower.set_title("what it makes", loc="left")
    lower.legend(loc="upper left")
    for axis in (upper, lower):
        axis.locator_params(axis="y", nbins=5)
    return figure


def race(sampled: tuple[Array, Array], exact: tuple[Array, Array, Array]) -> Figure:
    """Error against operations: runs of sampled LIME, and exact LIME with its certificate.

    `sampled` are operations (n,) and errors (runs, n); `exact` operations, errors and certificates,
    (m,) each. Errors below `FLOOR` are rounding and are drawn there.
    """
    figure, axis = plt.subplots(figsize=(5.6, 3.6))
    work, errors = sampled
    axis.fill_between(work, *np.quantile(errors, [0.1, 0.9], axis=0), color=ORANGE, alpha=0.25)
    mean = errors.mean(axis=0)
    axis.loglog(work, mean, "o-", color=ORANGE, markersize=4, label="sampled: error")
    note(axis, "sampled LIME: error", (work[-1], mean[-1]), (0, 9), ha="right", color=ORANGE)
    guide = mean[0] * 0.4 * np.sqrt(work[0] / work)
    axis.plot(work, guide, ":", color="black", label="slope −1/2")
    note(axis, "slope −1/2", (work[-1], guide[-1]), (0, -14), ha="right")
    work, errors, certificates = exact
    axis.plot(work, certificates, "s-", color=GREEN, markersize=4, label="exact: certificate")
    found = np.maximum(errors, FLOOR)
    axis.plot(work, found, "x", color=GREEN, markersize=6, label="exact: error")
    k = len(work) // 2
    note(axis, "exact LIME: certificate", (work[k], certificates[k]), (9, 1), color=GREEN)
    note(axis, "exact LIME: error", (work[k], found[k]), (-9, -4), ha="right", color=GREEN)
    axis.set(xlabel="operations", ylabel="share of the largest coefficient", ylim=(FLOOR / 3, 3))
    axis.set_yticks(10.0 ** np.arange(-12, 1, 3))
    axis.minorticks_off()
    return figure


def held_out(
    exact: tuple[Array, Array], sampled: tuple[Array, Array], work: tuple[Array, Array, Array]
) -> Figure:
    """Above: certificates of exact LIME and errors of sampled LIME; below: what they take.

    `exact` and `sampled` are numbers of distinct words, and what is drawn against them. `work` has
    operations for the documents of `exact`: its own, of fitting the mixture, and of the samples.
    """
    d, certificates = exact
    figure, (upper, lower) = plt.subplots(2, 1, figsize=(5.4, 5.0), sharex=True)
    upper.loglog(sampled[0], np.maximum(sampled[1], FLOOR), "o", color=ORANGE, markersize=3)
    upper.plot(d, certificates, "s", color=GREEN, markersize=3)
    middle = float(np.median(sampled[1]))
    note(upper, "sampled LIME: error", (sampled[0].max(), middle), (9, -3), color=ORANGE)
    last, text = (d.max(), certificates.max()), "exact LIME: certificate, at most"
    note(upper, text, last, (0, 8), color=GREEN, ha="right")
    upper.set(ylabel="share of the largest", ylim=(FLOOR / 3, 3))
    upper.set_yticks(10.0 ** np.arange(-12, 1, 3))
    lower.loglog(d, work[0], "s", color=GREEN, markersize=3)
    lower.plot(d, work[1], "x", color=GREY, markersize=4)
    order = np.argsort(d, kind="stable")  # the same among equal ones on every machine
    lower.plot(d[order], work[2][order], ":", color="black")
    k = order[len(order) // 2]
    note(lower, "evaluating 5,000 samples", (d[k], work[2][k]), (-6, 8), ha="right")
    note(lower, "exact LIME", (d[k], work[0][k]), (12, -12), color=GREEN)
    note(lower, "fitting its mixture", (d[k], work[1][k]), (12, -10), color=GREY)
    lower.set(xlabel="distinct words d", ylabel="operations")
    lower.set_xticks([2, 5, 10, 20, 50, 100], ["2", "5", "10", "20", "50", "100"])
    for axis in (upper, lower):
        axis.minorticks_off()
    return figure
