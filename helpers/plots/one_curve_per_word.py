"""Figures on one curve per word: two words that cross, shares of crossing pairs, a dial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from helpers.evaluation.agreement import Interval
from helpers.model.reading import Array
from helpers.plots.base import BLUE, GREEN, GREY, ORANGE, RED

PAIR = (("#CC79A7", "-", "o"), (GREEN, "--", "s"))  # two words, neither of them a sign


def two_words(
    p: Array,
    curves: Array,
    pair: Sequence[int],
    labels: Sequence[str],
    scores: Mapping[str, Array],
) -> Figure:
    """Left: the curves (d, Q) of all words, a `pair` in colour; right: its `scores`, (d,) each."""
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(5.6, 3.8), sharey=True, width_ratios=[1.5, 1]
    )
    for j in set(range(len(curves))) - set(pair):
        left.plot(p, curves[j], color=GREY, linewidth=0.9, alpha=0.8)
    for j, (colour, line, marker) in zip(pair, PAIR, strict=True):
        left.plot(p, curves[j], line, color=colour, linewidth=2.4, label=labels[j])
        found = [score[j] for score in scores.values()]
        right.plot(found, marker + line, color=colour, linewidth=1.0, markersize=6)
    left.plot([], [], color=GREY, linewidth=0.9, label="other words")
    for axis in (left, right):
        axis.axhline(0, color="black", linewidth=0.8)
    left.set(xlabel="p, the chance to keep each other word", ylabel="effect of the word on f")
    left.set_title("one curve per word")
    right.set_title("five scores of the two")
    names = [name.replace(", ", ",\n") for name in scores]
    right.set_xticks(range(len(scores)), names, rotation=90)
    left.legend(loc="upper right")
    return figure


def shares(rows: Mapping[str, Interval], nulls: int) -> Figure:
    """Shares of pairs that cross with intervals, from top to bottom; the first rows are nulls."""
    figure, axis = plt.subplots(figsize=(5.6, 0.9 + 0.3 * len(rows)))
    for k, found in enumerate(rows.values()):
        colour, marker = (GREY, "x") if k < nulls else (BLUE, "o")
        reach = [[found.mean - found.low], [found.high - found.mean]]
        axis.errorbar(found.mean, k, xerr=reach, fmt=marker, color=colour, capsize=3)
    axis.set_yticks(range(len(rows)), rows)
    axis.set(xlabel="share of pairs whose curves cross", xlim=(0, None))
    axis.xaxis.set_major_formatter("{x:.0%}")
    axis.grid(axis="y", visible=False)
    axis.invert_yaxis()
    return figure


def dial(factors: Array, distances: Mapping[str, Array], bounds: Mapping[str, Array]) -> Figure:
    """Distances and bounds (factors,) against how heavy the rest is made, on log scales."""
    figure, axis = plt.subplots(figsize=(5.6, 4.2))
    looks = ((RED, "o"), (ORANGE, "s"), (BLUE, "^"), (GREEN, "v"))
    for (name, values), (colour, marker) in zip(distances.items(), looks, strict=True):
        axis.plot(factors, values, marker + "-", color=colour, markersize=5, label=name)
    for (name, values), colour in zip(bounds.items(), (RED, BLUE), strict=True):
        axis.plot(factors, values, ":", color=colour, linewidth=1.8, label=name)
    axis.set(xscale="log", yscale="log", xlabel="rest made heavier by this factor")
    axis.set_ylabel("share of the largest Shapley value")
    marked = factors[::2]
    axis.set_xticks(marked, [f"{x:,.0f}" if x >= 1 else f"1/{1 / x:.0f}" for x in marked])
    axis.minorticks_off()
    figure.legend(loc="outside lower center", ncols=2)
    return figure
