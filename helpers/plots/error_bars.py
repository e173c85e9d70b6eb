"""Figures on sampled LIME: intervals that cover or miss, coverage, power, the penalty's pull."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.explainers.explanation import Explanation
from helpers.model.reading import Array
from helpers.plots.base import BLUE, GREEN, GREY, ORANGE, RED


def repeated(words: Sequence[str], exact: Explanation, runs: Sequence[Explanation]) -> Figure:
    """For each of `words`, the 95 % intervals of `runs` beside its exact score; squares miss."""
    figure, axes = plt.subplots(1, len(words), figsize=(5.6, 4.0), sharey=True)
    for axis, word in zip(axes, words):
        j = exact.labels.index(word)
        score = np.array([run.scores[j] for run in runs])
        half = 1.96 * np.array([run.standard_errors[j] for run in runs])
        hit = np.abs(score - exact.scores[j]) <= half
        for chosen, colour, marker, name in ((hit, BLUE, "o", "hits"), (~hit, RED, "s", "misses")):
            axis.errorbar(
                score[chosen], np.flatnonzero(chosen) + 1, xerr=half[chosen], fmt=marker,
                color=colour, markersize=3, elinewidth=0.9, label=f"interval {name}",
            )  # fmt: skip
        axis.axvline(exact.scores[j], color="black", label="exact LIME")
        axis.locator_params(axis="x", nbins=3)
        axis.set(title=word, xlabel="coefficient")
    axes[0].set_ylabel("run")
    handles = {label: h for axis in axes for h, label in zip(*axis.get_legend_handles_labels())}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=3)
    return figure


def coverage(multiples: Sequence[int], found: Mapping[str, Sequence[Array]]) -> Figure:
    """Coverage against n over the fewest samples: for each group of documents (mean, low, high)."""
    figure, axis = plt.subplots(figsize=(5.6, 3.4))
    place = np.arange(len(multiples))
    styles = ((BLUE, "o", -0.06), (ORANGE, "s", 0.06))
    for (name, intervals), (colour, marker, shift) in zip(found.items(), styles, strict=True):
        mean, low, high = np.transpose(intervals)
        axis.errorbar(
            place + shift, mean, yerr=[mean - low, high - mean], fmt=marker, color=colour,
            capsize=3, label=name,
        )  # fmt: skip
    axis.axhline(0.95, color="black", linestyle="--", linewidth=1, label="promised")
    axis.set_xticks(place, [f"× {multiple}" for multiple in multiples])
    axis.set(xlabel="samples, as a multiple of the fewest", ylabel="share of intervals that hold")
    axis.legend(loc="lower right")
    return figure


def power(
    curve: tuple[Array, Array], measured: Array, careless: Array, promised: float = 0.8
) -> Figure:
    """Power against size: a curve, and rows (size, share, low, high).

    A size of one is told with probability `promised`.

    `careless` (share, low, high) is the power where a word's own score was plugged in.
    """
    figure, axis = plt.subplots(figsize=(5.6, 3.6))
    axis.plot(*curve, color=GREY, label="predicted from one run")
    for rows, colour, marker, name in (
        (measured, BLUE, "o", "measured in fresh runs"),
        (np.r_[1.0, careless][None], RED, "s", "own score plugged in"),
    ):
        size, share, low, high = rows.T
        axis.errorbar(
            size, share, yerr=[share - low, high - share], fmt=marker, color=colour, capsize=3,
            label=name,
        )  # fmt: skip
    axis.axhline(promised, color="black", linestyle="--", linewidth=1)
    axis.text(2.45, promised - 0.02, "promised", ha="right", va="top")
    axis.set(xlabel=f"size / size told with {promised:.0%} by this n", ylabel="signs told")
    axis.set_xlim(0, 2.5)
    axis.legend(loc="lower right")
    return figure


def ridge_pull(scores: Array, measured: Array, predicted: Array) -> Figure:
    """What the penalty adds to each coefficient: measured, and predicted; the part away from 0."""
    figure, axis = plt.subplots(figsize=(5.6, 3.4))
    order = np.argsort(scores)
    away = scores * predicted > 0
    axis.plot(scores[order], predicted[order], color=GREEN, label="predicted", zorder=1)
    for chosen, colour, marker, name in (
        (~away, BLUE, "o", "towards zero"),
        (away, RED, "s", "away from zero"),
    ):
        axis.plot(scores[chosen], measured[chosen], marker, color=colour, label=name, markersize=5)
    axis.axhline(0, color="black", linewidth=0.8)
    axis.axvline(0, color="black", linewidth=0.8)
    axis.axvline(scores.mean(), color="black", linestyle=":", label="mean coefficient")
    axis.set(xlabel="exact coefficient", ylabel="what the penalty adds")
    figure.legend(loc="outside lower center", ncols=2)
    return figure
