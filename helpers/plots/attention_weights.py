"""Figures of Part 2: heads' attention, rankings, adversaries, permutations."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from helpers.evaluation.agreement import mean_interval
from helpers.explainers import attention
from helpers.model.reading import Array, Reading
from helpers.plots.base import BLUE, GREY, ORANGE, RED


def heads_on_text(reading: Reading) -> Figure:
    """Each head's attention matrix over the text's tokens; the padding is one column, added up."""
    T, K = reading.length, len(reading.attention)
    rows = attention.matrices(reading)[:, :T]
    shown = np.concatenate([rows[:, :, :T], rows[:, :, T:].sum(axis=2, keepdims=True)], axis=2)
    names = [*reading.text, "padding"]
    lines = -(-K // 3)
    size = (8, lines * (0.4 + 0.16 * T) + 1.3)
    figure, axes = plt.subplots(lines, 3, figsize=size, sharex=True, sharey=True, squeeze=False)
    for head, (axis, matrix) in enumerate(zip(axes.flat, shown, strict=False)):
        image = axis.imshow(matrix, aspect="auto", norm=PowerNorm(0.5, 0, 1), cmap="viridis")
        frame = plt.Rectangle((-0.5, -0.5), T + 1, 1, fill=False, edgecolor=RED, linewidth=2.5)
        axis.add_patch(frame)
        axis.set_title(f"head {head + 1}", fontsize=10)
        axis.set_xticks(range(T + 1), names, rotation=90, fontsize=8)
        axis.set_yticks(range(T), reading.text, fontsize=8)
        axis.grid(visible=False)
    for axis in axes.flat[K:]:
        axis.remove()
    figure.colorbar(image, ax=list(axes.flat[:K]), label="attention weight", shrink=0.6)
    return figure


def rank_violins(correlations: Mapping[str, Array]) -> Figure:
    """A violin of rank correlations for each pair of explanations, with the mean's interval."""
    figure, axis = plt.subplots(figsize=(7, 0.9 + 0.75 * len(correlations)))
    for place, values in enumerate(correlations.values()):
        kept = values[~np.isnan(values)]
        body = axis.violinplot(kept, [place], orientation="horizontal", showextrema=False)
        body["bodies"][0].set(facecolor=BLUE, alpha=0.35)
        found = mean_interval(kept)
        ends = [[found.mean - found.low], [found.high - found.mean]]
        axis.errorbar([found.mean], [place], xerr=ends, fmt="o", color="black", capsize=5)
        axis.text(found.mean, place + 0.33, f"{found}", ha="center", fontsize=9)
    axis.set_yticks(range(len(correlations)), list(correlations))
    axis.set(xlabel="Kendall's τ of a document's tokens", ylim=(-0.6, len(correlations) - 0.4))
    axis.axvline(0, color="black", linewidth=0.8)
    return figure


def hidden_head(reading: Reading, head: int) -> Figure:
    """The heads' outputs beside the attention of one head and of the average of all."""
    T = reading.length
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 1.2 + 0.24 * T), width_ratios=(1, 1.5))
    outputs, place = reading.head_outputs, np.arange(len(reading.head_outputs))
    colours = [ORANGE if i == head else GREY for i in place]
    left.barh(place, outputs, color=colours)
    left.set_yticks(place, [f"head {i + 1}" for i in place])
    left.set(title="outputs of the heads", xlabel="$f_i$")
    token, half = np.arange(T), 0.2
    average = attention.average(reading).scores
    right.barh(token - half, average, 2 * half, color=BLUE, label="α-avg")
    own = reading.attention[head, :T]
    right.barh(token + half, own, 2 * half, color=ORANGE, hatch="//", label=f"head {head + 1}")
    right.set_yticks(token, reading.text)
    right.set(title="attention", xlabel="weight")
    right.legend()
    for axis in (left, right):
        axis.invert_yaxis()
        axis.axvline(0, color="black", linewidth=0.8)
        axis.grid(axis="y", visible=False)
    return figure
