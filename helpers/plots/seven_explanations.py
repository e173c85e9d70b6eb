"""Figures of the chapter on seven explanations: one text at a glance, and who agrees with whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.explainers.comparison import Comparison
from helpers.explainers.ties import settle
from helpers.model.reading import Array


def comparison_map(comparison: Comparison) -> Figure:
    """Methods × words, each row divided by its largest absolute value; a line below the paper's.

    The colour and a printed + or − say the sign; a number below 0.05 is left to its sign.
    """
    scaled = settle(comparison.scores) / np.abs(comparison.scores).max(axis=1, keepdims=True)
    rows, columns = scaled.shape
    figure, axis = plt.subplots(figsize=(min(8.0, 2.2 + 0.62 * columns), 1.3 + 0.31 * rows))
    axis.imshow(scaled, aspect="auto", cmap="RdBu", vmin=-1.25, vmax=1.25)
    for (i, j), value in np.ndenumerate(scaled):
        sign = "+" if value > 0 else "−" if value < 0 else "0"
        text = f"{sign}{abs(value):.1f}" if abs(value) >= 0.05 else sign
        _write(axis, j, i, text, bold=abs(value) >= 0.5, dark=abs(value) > 0.75)
    if 0 < comparison.of_paper < rows:
        axis.axhline(comparison.of_paper - 0.5, color="black", linewidth=1.2)
    axis.set_xticks(range(columns), comparison.words, rotation=35, ha="right")
    axis.set_yticks(range(rows), comparison.methods)
    axis.grid(visible=False)
    axis.set_title(f"f(x) = {comparison.output:+.2f}", fontsize=10, loc="left")
    return figure


def agreement_map(intervals: Array, methods: Sequence[str], label: str) -> Figure:
    """Means of all pairs, with half the width of their intervals below; `intervals` (3, M, M)."""
    mean, low, high = intervals
    figure, axis = plt.subplots(figsize=(7.6, 5.4))
    shown = np.ma.array(mean, mask=np.triu(np.ones(mean.shape, dtype=bool)))
    axis.imshow(shown, aspect="auto", cmap="Blues", vmin=0.3, vmax=1.1)
    for i, j in zip(*np.tril_indices(len(mean), -1)):
        half = (high[i, j] - low[i, j]) / 2
        _write(axis, j, i, f"{mean[i, j]:.2f}\n±{half:.3f}", dark=mean[i, j] > 0.75)
    axis.set_xticks(range(len(mean) - 1), methods[:-1], rotation=35, ha="right")
    axis.set_yticks(range(1, len(mean)), methods[1:])
    axis.set_xlim(-0.5, len(mean) - 1.5)
    axis.set_ylim(len(mean) - 0.5, 0.5)
    axis.grid(visible=False)
    axis.set_title(label, fontsize=10, loc="left")
    return figure


def parting(amounts: Array, distances: Mapping[str, Array]) -> Figure:
    """Distance of explanations from exact LIME, against the share of what attention sees."""
    figure, axis = plt.subplots(figsize=(6.6, 3.4))
    styles = zip(("-", "--", ":", "-."), ("o", "s", "^", "D"))
    for (name, distance), (line, marker) in zip(distances.items(), styles):
        axis.plot(amounts, distance, line, marker=marker, markersize=4, label=name)
    axis.set_xlabel("share of what attention sees of the words (1: the trained model)")
    axis.set_ylabel("distance from exact LIME")
    axis.legend()
    return figure


def _write(axis: Axes, x: int, y: int, text: str, bold: bool = False, dark: bool = False) -> None:
    axis.text(
        x,
        y,
        text,
        ha="center",
        va="center",
        fontsize=8,
        color="white" if dark else "black",
        fontweight="bold" if bold else "normal",
    )
