"""The book's style and the two figures that every part uses: bars over tokens and heat maps."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.reading import Array, Explanation

# Okabe and Ito's colours, told apart by readers who do not see red and green as others do
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#777777"

mpl.rcParams.update(
    {
        "figure.dpi": 110,
        "figure.figsize": (7.0, 3.4),
        "figure.constrained_layout.use": True,
        "axes.prop_cycle": mpl.cycler(color=[BLUE, ORANGE, GREEN, RED, "#CC79A7", "#56B4E9", GREY]),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": "#dddddd",
        "font.size": 10,
        "legend.frameon": False,
    }
)


def token_bars(explanations: Sequence[Explanation], columns: int = 2) -> Figure:
    """One panel of horizontal bars for each explanation, its labels from top to bottom."""
    rows = -(-len(explanations) // columns)
    height = 0.6 + 0.24 * max(len(e.labels) for e in explanations)
    size = (min(3.5 * columns, 7.5), height * rows)
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for axis, explanation in zip(axes.flat, explanations):
        place = np.arange(len(explanation.labels))
        colours = [BLUE if score >= 0 else RED for score in explanation.scores]
        axis.barh(place, explanation.scores, color=colours, xerr=explanation.standard_errors)
        axis.set_yticks(place, explanation.labels)
        axis.set_title(explanation.method, fontsize=10)
        axis.axvline(0, color="black", linewidth=0.8)
        axis.grid(axis="y", visible=False)
        axis.invert_yaxis()
    for axis in axes.flat[len(explanations) :]:
        axis.remove()
    return figure


def heat_map(
    matrix: Array,
    rows: Sequence[str],
    columns: Sequence[str],
    numbers: str | None = None,
    signed: bool = False,
) -> Figure:
    """A matrix (rows, columns) as colours with a bar; `numbers` is a format such as ``.2f``."""
    figure, axis = plt.subplots(figsize=(1.8 + 0.55 * len(columns), 1.2 + 0.36 * len(rows)))
    largest = float(np.abs(matrix).max())
    scale = {"cmap": "RdBu", "vmin": -largest, "vmax": largest} if signed else {"cmap": "viridis"}
    image = axis.imshow(matrix, aspect="auto", **scale)
    axis.set_xticks(range(len(columns)), columns, rotation=45, ha="right")
    axis.set_yticks(range(len(rows)), rows)
    axis.grid(visible=False)
    figure.colorbar(image)
    for (i, j), value in np.ndenumerate(matrix if numbers else np.zeros((0, 0))):
        red, green, blue, _ = image.cmap(image.norm(value))
        dark = 0.3 * red + 0.6 * green + 0.1 * blue < 0.5
        axis.text(
            j,
            i,
            format(value, numbers),
            ha="center",
            va="center",
            color="white" if dark else "black",
            fontsize=8,
        )
    return figure
