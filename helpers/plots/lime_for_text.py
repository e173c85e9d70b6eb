"""Figures of the chapter on LIME for text."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.explainers import lime
from helpers.model.reading import Array
from helpers.plots.base import BLUE, COLOURS, MARKERS, ORANGE


def perturbed_texts(labels: Sequence[str], z: Array, weights: Array, outputs: Array) -> Figure:
    """Masks (n, d) as a grid of kept and masked words, beside each its weight and its output."""
    rows = np.arange(len(z))
    figure, (grid, bars, dots) = plt.subplots(
        1,
        3,
        figsize=(7.6, 0.9 + 0.26 * len(z)),
        sharey=True,
        width_ratios=[0.33 * len(labels), 1.2, 1.2],
    )
    grid.pcolormesh(z, cmap="Blues", vmin=-0.15, vmax=1.4, edgecolor="white", linewidth=1.5)
    grid.set_xticks(np.arange(len(labels)) + 0.5, labels, rotation=55, ha="right")
    grid.set_yticks(rows + 0.5, ["the text", *(f"sample {i}" for i in rows[1:])], fontsize=8)
    grid.set_title("dark: kept, light: masked", fontsize=10)
    grid.invert_yaxis()
    bars.barh(rows + 0.5, weights, color=ORANGE)
    bars.set_title("weight π", fontsize=10)
    dots.plot(outputs, rows + 0.5, "o", color=BLUE)
    dots.axvline(0, color="black", linewidth=0.8)
    dots.set_title("output f", fontsize=10)
    for axis in (grid, bars, dots):
        axis.grid(axis="y", visible=False)
        axis.tick_params(left=False)
    grid.grid(visible=False)
    return figure


def kernel(d: int, bandwidths: Sequence[float]) -> Figure:
    """LIME's weight against the number of removed words, for several bandwidths."""
    figure, axis = plt.subplots(figsize=(5.6, 2.9))
    removed = np.arange(1, d + 1)
    for bandwidth, marker, colour in zip(bandwidths, MARKERS, COLOURS, strict=False):
        name = "∞" if np.isinf(bandwidth) else f"{bandwidth:g}"
        weights = d * lime.size_weights(d, bandwidth)[d - removed]
        axis.plot(removed, weights, marker=marker, color=colour, markersize=4, label=f"ν = {name}")
    axis.set_xlabel(f"words removed, of {d} (each number is equally likely)")
    axis.set_ylabel("weight π")
    axis.legend()
    return figure
