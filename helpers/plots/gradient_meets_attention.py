"""Figures of the chapter on the gradient."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.evaluation.agreement import Interval
from helpers.explainers import gradients
from helpers.model.reading import Array, Reading
from helpers.plots.base import ABOVE, BLUE, GREY, ORANGE, RED, ramp


def arrows(reading: Reading) -> Figure:
    """The gradient at each token of a one-head model with d_e = 2, as the sum of its parts."""
    value_part = reading.attention[0][:, None] * reading.value_directions
    key_part = gradients.logit_slopes(reading)[0][:, None] * reading.key_directions
    query_part = np.zeros_like(key_part)
    query_part[0] = gradients.through_query(reading)
    start, middle = reading.embeddings, reading.embeddings + value_part
    drop = np.array([0, -0.07])  # so that two opposite arrows do not hide each other
    parts = (
        ("α val", start, value_part, BLUE),
        ("α (u − f) key", middle, key_part, ORANGE),
        ("through the query", middle[:1] + key_part[:1] + drop, query_part[:1], RED),
        ("their sum, the gradient", start, value_part + key_part + query_part, "black"),
    )
    figure, axis = plt.subplots(figsize=(5.6, 4.4))
    for label, tail, arrow, colour in parts:
        axis.quiver(
            *tail.T, *arrow.T, color=colour, label=label, width=0.006, zorder=3,
            angles="xy", scale_units="xy", scale=1,
        )  # fmt: skip
    axis.plot(*start.T, "o", color="black", markersize=7, zorder=4)
    for name, place in zip(reading.tokens, start, strict=True):
        axis.annotate(name, place, (8, -13), textcoords="offset points", fontsize=11)
    axis.axhline(reading.output, color=GREY, linestyle="--")
    axis.text(2.05, reading.output + 0.06, "$f(x)$", ha="right")
    axis.legend(**ABOVE, ncols=2)
    axis.set(
        xlabel="first coordinate: the logit $l_t$", ylabel="second coordinate: the value $u_t$"
    )
    axis.set(xlim=(-0.6, 2.1), ylim=(-1.4, 2.8))
    return figure


def theory_and_practice(tokens: Sequence[str], theory: Array, practice: Array) -> Figure:
    """Two explanations of the same tokens: side by side above, their difference below."""
    figure, (upper, lower) = plt.subplots(
        2, 1, figsize=(6.0, 4.4), sharex=True, height_ratios=(3, 1.2)
    )
    place = np.arange(len(tokens))
    upper.bar(place - 0.2, theory, 0.4, color=BLUE, label="theory: the closed form")
    upper.bar(
        place + 0.2, practice, 0.4, color=ORANGE, hatch="//", label="practice: differentiation"
    )
    upper.legend(**ABOVE, ncols=2)
    upper.set_ylabel("G-l1")
    lower.axhspan(-1e-12, 1e-12, color=GREY, alpha=0.2)
    lower.plot(place, np.zeros(len(tokens)), color=GREY, linewidth=0.8)
    lower.bar(place, np.where(np.abs(theory - practice) <= 1e-12, 0.0, theory - practice))
    lower.set_ylim(-2e-12, 2e-12)
    lower.set_yticks([-1e-12, 0, 1e-12], ["$-10^{-12}$", "0", "$10^{-12}$"])
    lower.set_ylabel("difference")
    lower.set_xticks(place, tokens, rotation=60, ha="right")
    for axis in (upper, lower):
        axis.grid(axis="x", visible=False)
    return figure


def pulls(attention: Array, centred: Array) -> Figure:
    """Many tokens (n,) of heads: the value minus the output, u - f, against the attention."""
    figure, axis = plt.subplots(figsize=(5.6, 3.8))
    size = float(np.quantile(np.abs(centred), 0.999))
    for wanted, colour in ((centred >= 0, BLUE), (centred < 0, RED)):
        axis.hexbin(
            attention[wanted], centred[wanted], gridsize=(44, 31), extent=(-5, 0, -size, size),
            xscale="log", bins="log", mincnt=1, cmap=ramp(colour), linewidths=0.1, rasterized=True,
            antialiased=False,
        )  # fmt: skip
    axis.axhline(0, color="black", linewidth=0.8)
    axis.set(xlabel="attention α", ylabel="value minus output, u − f",
             xlim=(1e-5, 1), ylim=(-size, size))  # fmt: skip
    return figure


def bases(stored: Interval, others: Sequence[Interval], null: Interval) -> Figure:
    """Means with intervals: of random bases in ascending order, the stored one, and the null."""
    figure, axis = plt.subplots(figsize=(5.6, 3.4))
    rising = sorted(others, key=lambda found: found.mean)
    groups = (
        ("random bases", rising, 0, BLUE, "o"),
        ("as stored", [stored], len(rising), RED, "D"),
        ("shuffled over words", [null], len(rising) + 1, GREY, "s"),
    )
    for name, found, first, colour, marker in groups:
        mean = np.array([x.mean for x in found])
        ends = np.abs(np.array([(x.low, x.high) for x in found]).T - mean)
        place = first + np.arange(len(found))
        axis.errorbar(place, mean, yerr=ends, fmt=marker, color=colour, capsize=2, label=name)
    axis.axhline(0.5, color="black", linewidth=0.8, linestyle=":")
    axis.set(ylim=(0, 1), ylabel="share of signs that agree", xticks=[])
    axis.legend(**ABOVE, ncols=3, handletextpad=0.2, columnspacing=0.8)
    return figure
