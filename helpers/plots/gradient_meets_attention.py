"""Figures of the chapter on the gradient."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.evaluation.agreement import Interval
from helpers.explainers import gradients
from helpers.model.reading import Array, Reading
from helpers.plots.base import BLUE, GREEN, GREY, ORANGE, RED, ramp


def arrows(reading: Reading) -> Figure:
    """The gradient at each token of a one-head model with d_e = 2, as the sum of its parts."""
    slopes, f = gradients.logit_slopes(reading)[0], reading.output
    value_part = reading.attention[0][:, None] * reading.value_directions
    key_part = slopes[:, None] * reading.key_directions
    start, middle = reading.embeddings, reading.embeddings + value_part
    query_part, drop = gradients.through_query(reading), np.array([0, -0.09])
    top = middle + key_part
    end = top.copy()
    end[0] += query_part
    figure, axis = plt.subplots(figsize=(5.6, 4.1))
    low, high = -1.5, 3.0
    axis.axhspan(f, high, color=BLUE, alpha=0.08, linewidth=0)
    axis.axhspan(low, f, color=RED, alpha=0.08, linewidth=0)
    axis.axhline(f, color="black", linestyle="--", linewidth=1)

    def arrow(tail: Array, head: Array, colour: str, width: float, line: str = "-") -> None:
        axis.annotate("", head, tail, zorder=3, arrowprops={
            "arrowstyle": "-|>", "color": colour, "linewidth": width, "linestyle": line,
            "shrinkA": 0, "shrinkB": 0, "mutation_scale": 10})  # fmt: skip

    for t, slope in enumerate(slopes):
        arrow(start[t], middle[t], GREEN, 2.2)
        arrow(middle[t], top[t], BLUE if slope > 0 else RED, 2.2)
        arrow(start[t], end[t], "black", 1)
    arrow(top[0] + drop, top[0] + query_part + drop, "black", 1.2, ":")  # beside its opposite
    axis.plot(*start.T, "o", color="black", markersize=7, zorder=4)

    def note(text: str, place: Array, shift: tuple[float, float], **style: object) -> None:
        axis.annotate(text, place, shift, textcoords="offset points", **style)

    for name, place in zip(reading.tokens, start, strict=True):
        note(name, place, (8, -13), weight="bold")
    note("α val", (start[2] + middle[2]) / 2, (-5, 0), ha="right", va="center", color=GREEN)
    note("α (u − f) key", (middle[2] + top[2]) / 2, (0, 5), ha="center", color=BLUE)
    note("gradient, their sum", end[2], (5, -3), va="center")
    note("through the query", top[0] + drop, (-5, -1), ha="right", va="center")
    axis.text(2.66, f + 0.06, "output f", ha="right")
    axis.text(2.66, high - 0.08, "more attention pays", ha="right", va="top", color=GREY)
    axis.text(2.66, low + 0.08, "less attention pays", ha="right", color=GREY)
    axis.set(xlabel="first coordinate: the logit l", ylabel="second coordinate: the value u",
             xlim=(-0.6, 2.7), ylim=(low, high), xticks=[0, 1, 2], yticks=range(-1, 4))  # fmt: skip
    axis.grid(visible=False)
    return figure


def theory_and_practice(tokens: Sequence[str], theory: Array, practice: Array) -> Figure:
    """Two explanations of the same tokens: side by side on the left, their difference right."""
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(5.6, 0.9 + 0.3 * len(tokens)), sharey=True, width_ratios=(3, 1.1)
    )
    place = np.arange(len(tokens))
    left.barh(place - 0.19, theory, 0.36, color=BLUE, label="theory: the closed form")
    left.barh(place + 0.19, practice, 0.36, color=ORANGE, label="practice: differentiation")
    left.legend(loc="best", bbox_to_anchor=(0.28, 0, 0.72, 1))
    left.set_yticks(place, tokens)
    left.set_xlabel("G-l1, the 1-norm of the gradient")
    right.axvspan(-1e-12, 1e-12, color=GREY, alpha=0.2, linewidth=0)
    right.axvline(0, color=GREY, linewidth=0.8)
    right.barh(place, np.where(np.abs(theory - practice) <= 1e-12, 0.0, theory - practice))
    right.set_xlim(-2e-12, 2e-12)
    right.set_xticks([0])
    right.set_xlabel("difference\n(grey: $\\pm 10^{-12}$)")
    left.invert_yaxis()
    for axis in (left, right):
        axis.grid(axis="y", visible=False)
        axis.tick_params(axis="y", length=0)
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
    places = np.arange(len(rising) + 2)
    looks = [BLUE] * len(rising) + [RED, GREY]
    for place, found, colour in zip(places, [*rising, stored, null], looks, strict=True):
        ends = [[found.mean - found.low], [found.high - found.mean]]
        marker = {BLUE: "o", RED: "D", GREY: "s"}[colour]
        axis.errorbar(place, found.mean, yerr=ends, fmt=marker, color=colour, capsize=2)
    axis.axhline(0.5, color="black", linewidth=0.8, linestyle=":")
    axis.text(0, 0.51, "chance", fontsize=9)
    first = rising[0].mean if rising else stored.mean
    for text, place, shift, colour, side in (
        (f"{len(rising)} random bases", (0, first), (0, -15), BLUE, "left"),
        ("as stored", (places[-2], stored.mean), (-9, 2), RED, "right"),
        ("shuffled", (places[-1], null.mean), (6, -25), GREY, "right"),
    ):
        axis.annotate(text, place, shift, textcoords="offset points", color=colour, ha=side)
    axis.set(ylim=(0, 1), ylabel="share of signs that agree", xticks=[])
    return figure
