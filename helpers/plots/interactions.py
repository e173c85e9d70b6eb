"""Figures on interactions: pairs of one text, their curves, shares of variance, negated words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Arc

from helpers.explainers.interactions import Interactions
from helpers.model.reading import Array
from helpers.plots.base import ABOVE, BLUE, GREEN, GREY, INK, ORANGE, RED, SIGNED

STYLES = ("-", "--", "-.", ":")


def arcs_and_matrix(found: Interactions, shown: int = 10) -> Figure:
    """Above, an arc for each of the `shown` strongest pairs; below, all pairs as a matrix."""
    d, most = len(found.labels), float(np.abs(found.matrix).max())
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(5.6, 6.2), sharex=True, height_ratios=[1, 2.1]
    )
    for i, j in found.places(shown)[::-1]:
        value = found.matrix[i, j]
        style = {"edgecolor": BLUE} if value > 0 else {"edgecolor": RED, "linestyle": "--"}
        width = 1 + 4 * abs(value) / most
        above.add_patch(Arc(((i + j) / 2, 0), j - i, j - i, theta2=180, linewidth=width, **style))
    above.set(ylim=(-0.1, d / 2), xlim=(-0.6, d - 0.4))
    above.set_axis_off()
    image = below.imshow(found.matrix, cmap=SIGNED, vmin=-most, vmax=most, aspect="auto")
    below.set_xticks(range(d), found.labels, rotation=60, ha="left", rotation_mode="anchor")
    below.xaxis.tick_top()
    below.set_yticks(range(d), found.labels)
    below.tick_params(length=0)
    below.grid(visible=False)
    figure.colorbar(image, ax=below, orientation="horizontal", shrink=0.6, label=found.index)
    return figure


def curves(
    p: Array, pairs: Mapping[str, Array], weights: Mapping[str, Callable[[Array], Array]]
) -> Figure:
    """Above: a curve (Q,) over `p` for each pair, in its sign's colour; below: weights of p."""
    figure, (above, below) = plt.subplots(2, 1, figsize=(5.2, 5.0), sharex=True)
    for (name, curve), line in zip(pairs.items(), STYLES):
        above.plot(p, curve, line, color=BLUE if curve.mean() > 0 else RED, label=name)
    above.axhline(0, color="black", linewidth=0.8)
    above.set_title("mean interaction of a pair", loc="left")
    above.legend(loc="lower right")
    for (name, weight), colour, line in zip(weights.items(), (GREEN, ORANGE, INK), STYLES):
        below.plot(p, weight(p), line, color=colour, label=name)
    below.plot([0.5, 0.5], [0, 2.1], color=GREY, linewidth=1.5, label="both Banzhaf")
    below.set(xlabel="chance p of each other word", ylim=(0, 2.9), yticks=[0, 1, 2])
    below.set_title("weight of an index", loc="left")
    below.legend(loc="upper right", ncols=2)
    return figure


def shares(words: Array, pairs: Array) -> Figure:
    """R² of words and of words and pairs, for documents in the order of the former."""
    figure, axis = plt.subplots(figsize=(5.4, 3.2))
    order, place = np.argsort(words), np.arange(1, len(words) + 1)
    axis.fill_between(place, words[order], pairs[order], color=GREEN, alpha=0.2)
    axis.plot(place, pairs[order], ".", color=GREEN, markersize=4, label="words and pairs")
    axis.plot(place, words[order], ".", color=ORANGE, markersize=4, label="words alone")
    axis.set(xlabel="documents, in the order of the lower share", ylabel="share explained, R²")
    axis.set_ylim(top=1.005)
    axis.yaxis.set_major_formatter("{x:.0%}")
    axis.legend(loc="lower right", markerscale=2)
    return figure


def negated(negators: tuple[Array, Array], others: tuple[Array, Array]) -> Figure:
    """Effects of words, without and with the word before them: a negator, or another word."""
    figure, axis = plt.subplots(figsize=(5.2, 4.2))
    end = 1.05 * max(np.abs(x).max() for x in (*negators, *others))
    axis.plot([-end, end], [-end, end], color=GREY, linewidth=1, label="effects add up")
    axis.plot([-end, end], [end, -end], ":", color=GREY, linewidth=1.5, label="turned round")
    axis.plot(*others, "x", color=GREY, markersize=4, label="after another word")
    axis.plot(*negators, "o", color=BLUE, markersize=4, label="after a negator")
    axis.set(xlabel="effect of a word alone", ylabel="its effect after the first word")
    axis.set(xlim=(-end, end), ylim=(-end, end))
    axis.legend(**ABOVE, ncols=2)
    return figure
