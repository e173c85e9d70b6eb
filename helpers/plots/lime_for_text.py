"""Figures of the chapter on LIME for text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.explainers import lime
from helpers.model.reading import Array
from helpers.plots.base import ABOVE, BLUE, GREEN, GREY, MARKERS, ORANGE, RED, words_axis


def signs(values: Array) -> list[str]:
    """The colour of each number: one for positive, one for negative."""
    return [BLUE if value >= 0 else RED for value in values]


def perturbed_texts(
    labels: Sequence[str], z: Array, weights: Array, outputs: Array, run: Array, limit: Array
) -> Figure:
    """LIME as one table: masks (n, d), outputs and weights (n,), and below each word its slope.

    `run` (d,) are the coefficients of one run and `limit` (d,) those of infinitely many samples.
    """
    n, d = z.shape
    figure, axes = plt.subplots(
        2, 3, figsize=(6.2, 1.9 + 0.25 * n), sharex="col", sharey="row",
        width_ratios=[0.45 * d, 1.2, 1.2], height_ratios=[0.25 * n, 1.6],
    )  # fmt: skip
    (grid, answers, bars), (slopes, *empty) = axes
    rows, columns = np.arange(n) + 0.5, np.arange(d) + 0.5
    grid.pcolormesh(z, cmap="Greys", vmin=-0.12, vmax=1.3, edgecolor="white", linewidth=1.5)
    grid.set_title("1. mask words", fontsize=10)
    grid.set_yticks(rows, ["the text", *[""] * (n - 1)])
    grid.invert_yaxis()
    answers.barh(rows, outputs, color=signs(outputs), height=0.7)
    answers.axvline(0, color="black", linewidth=0.8)
    answers.set_title("2. ask: f", fontsize=10)
    bars.barh(rows, weights, color=GREY, height=0.7)
    bars.set_title("3. weigh: π", fontsize=10)
    slopes.bar(columns, run, color=signs(run), width=0.7, alpha=0.75)
    slopes.plot(columns, limit, "D", color=GREEN, markersize=6, markeredgecolor="white")
    slopes.axhline(0, color="black", linewidth=0.8)
    slopes.set_xticks(columns, labels, rotation=50, ha="right", rotation_mode="anchor")
    slopes.set_ylabel("4. fit: β")
    for axis in (grid, answers, bars, slopes):
        axis.grid(visible=False)
        axis.tick_params(left=axis is slopes, bottom=False, labelbottom=axis in (slopes,))
    for axis in empty:
        axis.remove()
    return figure


def weights(d: int, bandwidths: Sequence[float]) -> Figure:
    """What share of all weight the texts of each size have, beside their share of the samples."""
    figure, axis = plt.subplots(figsize=(5.4, 3.0))
    kept = np.arange(d)
    axis.bar(kept, np.full(d, 1 / d), color="#cccccc", width=1.0)
    axis.text(-0.4, 1.3 / d, "grey: share of samples")
    looks = zip(bandwidths, (BLUE, ORANGE, RED), MARKERS)
    for bandwidth, colour, marker in looks:
        share = lime.size_weights(d, bandwidth)[:d]
        share = share / share.sum()
        name = "no kernel, ν = ∞" if np.isinf(bandwidth) else f"ν = {bandwidth:g}"
        axis.plot(kept, share, marker=marker, color=colour, markersize=4)
        axis.annotate(name, (d - 1, share[-1]), (7, 0), va="center", color=colour,
                      textcoords="offset points", annotation_clip=False)  # fmt: skip
    axis.axvline(d / 2 - 0.5, color="black", linestyle=":", linewidth=1)
    axis.set_xticks([0, d // 4, d // 2, 3 * d // 4, d - 1])
    axis.set(xlabel=f"words left, of {d}", ylabel="share of the weight")
    return figure


def runs_and_limit(labels: Sequence[str], runs: Mapping[int, Array], limit: Array) -> Figure:
    """Coefficients (runs, d) of the package for each number of samples, beside their limit (d,)."""
    figure, axis = plt.subplots(figsize=(5.4, 1.1 + 0.36 * len(labels)))
    place = np.arange(len(labels))
    axis.barh(place, limit, color=GREEN, alpha=0.4, height=0.8, label="limit")
    looks = zip(runs.items(), np.linspace(-0.25, 0.25, len(runs)), (GREY, ORANGE, BLUE), MARKERS)
    for (n, scores), up, colour, marker in looks:
        at = np.broadcast_to(place + up, scores.shape)
        axis.plot(scores.ravel(), at.ravel(), marker, color=colour, markersize=4.5,
                  markeredgewidth=0, alpha=0.8, label=f"n = {n:,}")  # fmt: skip
    words_axis(axis, labels, "coefficient of the word")
    axis.legend(**ABOVE, ncols=4, handletextpad=0.2, columnspacing=0.9)
    return figure


def shifted(labels: Sequence[str], every: Array, some: Array, predicted: Array) -> Figure:
    """Words that stay: coefficients (k,) with all words in the line, with these only, predicted."""
    figure, axis = plt.subplots(figsize=(5.4, 1.1 + 0.32 * len(labels)))
    place = np.arange(len(labels))
    axis.hlines(place, every, some, color=GREY, linewidth=1.5)
    axis.plot(every, place, "o", color=BLUE, markersize=8, label="all words")
    axis.plot(some, place, "s", color=ORANGE, markersize=8, label="these words only")
    axis.plot(predicted, place, "x", color="black", markersize=8, label="theorem")
    words_axis(axis, labels, "coefficient of the word")
    axis.legend(**ABOVE, ncols=3, handletextpad=0.2, columnspacing=0.9)
    return figure


def predicted_shifts(shifts: Mapping[str, tuple[Array, Array]]) -> Figure:
    """Measured against predicted shifts, (documents,) each, of several ways to run LIME."""
    figure, axis = plt.subplots(figsize=(4.8, 3.9))
    looks = zip(shifts.items(), (BLUE, ORANGE), (("o", 4, 0.4), ("D", 7, 1.0)))
    for (name, (predicted, measured)), colour, (marker, size, alpha) in looks:
        axis.plot(predicted, measured, marker, color=colour, markersize=size, alpha=alpha,
                  markeredgewidth=0, label=name)  # fmt: skip
    largest = max(np.abs(pair).max() for pair in shifts.values())
    axis.plot([-largest, largest], [-largest, largest], color="black", linewidth=0.8)
    axis.locator_params(nbins=5)
    axis.set(xlabel="λ × sum of the words left out", ylabel="shift of the words kept")
    axis.legend(**ABOVE, ncols=2, handletextpad=0.2)
    return figure
