"""Figures on sampled LIME: intervals that cover or miss, their coverage, and how many samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.explainers.explanation import Explanation
from helpers.model.reading import Array
from helpers.plots.base import BLUE, GREEN, ORANGE, RED

STYLES = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (GREEN, "^", "-."))


def repeated(words: Sequence[str], exact: Explanation, runs: Sequence[Explanation]) -> Figure:
    """For each of `words`, the 95 % intervals of `runs` beside its exact score; squares miss."""
    figure, axes = plt.subplots(1, len(words), figsize=(7.8, 3.6), sharey=True)
    for axis, word in zip(axes, words):
        j = exact.labels.index(word)
        score = np.array([run.scores[j] for run in runs])
        half = 1.96 * np.array([run.standard_errors[j] for run in runs])
        hit = np.abs(score - exact.scores[j]) <= half
        for chosen, colour, marker, name in ((hit, BLUE, "o", "hits"), (~hit, RED, "s", "misses")):
            axis.errorbar(
                score[chosen], np.flatnonzero(chosen) + 1, xerr=half[chosen], fmt=marker,
                color=colour, markersize=3.5, elinewidth=1, label=f"interval {name}",
            )  # fmt: skip
        axis.axvline(exact.scores[j], color="black", label="exact LIME")
        axis.set(title=word, xlabel="coefficient")
    axes[0].set_ylabel("run (seed)")
    handles = {label: h for axis in axes for h, label in zip(*axis.get_legend_handles_labels())}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=3)
    return figure


def coverage(rates: Mapping[str, Array], intervals: Mapping[str, tuple[float, float]]) -> Figure:
    """For each document, the coverage of each word (dots) and of all, with its interval (bar)."""
    figure, axis = plt.subplots(figsize=(6.4, 3.0))
    for row, (name, rate) in enumerate(rates.items()):
        jitter = row + np.linspace(-0.25, 0.25, len(rate))
        axis.plot(rate, jitter, ".", color=ORANGE, label="one word" if not row else None)
        low, high = intervals[name]
        axis.plot(
            [low, high], [row, row], color=BLUE, linewidth=5, solid_capstyle="butt",
            label="all words, 95 % interval" if not row else None,
        )  # fmt: skip
    axis.axvline(0.95, color="black", linewidth=0.8, linestyle="--", label="promised")
    axis.set_yticks(range(len(rates)), list(rates))
    axis.set(xlabel="share of intervals that hold the exact coefficient")
    axis.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def samples_needed(
    n: Array, measured: Mapping[str, Array], predicted: Mapping[str, Array]
) -> Figure:
    """Chance that a run of n samples gets each thing right: measured (marks), predicted (lines)."""
    figure, axis = plt.subplots(figsize=(6.4, 3.4))
    for (name, share), (colour, marker, line) in zip(measured.items(), STYLES):
        axis.plot(n, share, marker, color=colour, label=f"{name}, measured")
        axis.plot(n, predicted[name], line, color=colour, label=f"{name}, predicted")
    axis.set_xscale("log")
    axis.set_xticks(n, [f"{size}" for size in n])
    axis.minorticks_off()
    axis.set(xlabel="samples n", ylabel="share of runs that are right", ylim=(-0.02, 1.02))
    axis.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure
