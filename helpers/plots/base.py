"""The book's style and the two figures that every part uses: bars over tokens and heat maps.

In a notebook, figures are SVG: sharp at any size, and the site makes a dark twin of each
(``_ext/figures.py``).  The same numbers give the same file: no date, no random names.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from helpers.explainers.explanation import Explanation
from helpers.model.reading import Array

# Okabe and Ito's colours, told apart by readers who do not see red and green as others do.
# Blue is positive and vermilion negative, in every figure, matrix and text.
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#777777"
COLOURS = (BLUE, ORANGE, GREEN, RED, GREY)
INK, LINE = "#222222", "#8a8a8a"  # of text; of axes
SIGNED = LinearSegmentedColormap.from_list("signed", [RED, "white", BLUE])
SIZES = LinearSegmentedColormap.from_list("sizes", ["white", GREY])
ABOVE = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2}  # of a legend
MARKERS = ("o", "s", "^", "D", "v")
RASTER = 200  # dots an inch of what is a picture inside an SVG: large clouds of dots, images

mpl.rcParams.update(
    {
        "figure.dpi": 110,
        "figure.figsize": (6.0, 3.4),
        "figure.constrained_layout.use": True,
        "axes.prop_cycle": mpl.cycler(color=[BLUE, ORANGE, GREEN, RED, "#CC79A7", "#56B4E9", GREY]),
        "axes.facecolor": "none",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": LINE,
        "axes.labelcolor": INK,
        "axes.titlesize": 10,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": "#e2e2e2",
        "grid.linewidth": 0.7,
        "text.color": INK,
        "xtick.color": LINE,
        "xtick.labelcolor": INK,
        "ytick.color": LINE,
        "ytick.labelcolor": INK,
        "font.size": 10,
        "legend.frameon": False,
        "legend.fontsize": 9,
        "path.simplify": False,  # what is left out would depend on the last bits
        "svg.fonttype": "path",  # the same letters on every machine
        "svg.hashsalt": "attention-book",
    }
)


def show_as_svg() -> None:
    """Let the notebook that runs this, if one does, keep its figures as SVG without a date."""
    if "ipykernel" not in sys.modules:
        return
    from IPython import get_ipython
    from matplotlib_inline.config import InlineBackend

    inline = InlineBackend.instance(parent=get_ipython())
    inline.print_figure_kwargs = {
        "bbox_inches": "tight",
        "dpi": RASTER,
        "metadata": {"Date": None, "Creator": None},
    }
    inline.figure_formats = {"svg"}


show_as_svg()


def ramp(colour: str) -> LinearSegmentedColormap:
    """From nearly white to `colour`: how many there are, in the colour of what they are."""
    return LinearSegmentedColormap.from_list("ramp", ["#f2f2f2", colour])


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


def words_axis(axis: Axes, labels: Sequence[str], name: str) -> None:
    """Words from top to bottom, a line at zero, and the `name` of what is drawn of them."""
    axis.axvline(0, color="black", linewidth=0.8)
    axis.set_yticks(np.arange(len(labels)), labels)
    axis.set_xlabel(name)
    axis.grid(axis="y", visible=False)
    axis.invert_yaxis()


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
    scale = {"vmin": -largest, "vmax": largest} if signed else {}
    image = axis.imshow(matrix, aspect="auto", cmap=SIGNED if signed else SIZES, **scale)
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


def power_law(
    x: Array,
    errors: Mapping[str, Array],
    exponent: float,
    names: tuple[str, str],
    extra: tuple[str, Array, Array] | None = None,
) -> Figure:
    """Errors (runs, x) against x on log scales: means, the middle 80 %, and a line to compare.

    `extra` is a label, places (m,) and errors (m,) of single runs to show beside them.
    """
    figure, axis = plt.subplots(figsize=(6.0, 3.6))
    for (name, runs), marker, colour in zip(errors.items(), MARKERS, COLOURS, strict=False):
        middle = runs.mean(axis=0)
        axis.fill_between(x, *np.quantile(runs, [0.1, 0.9], axis=0), color=colour, alpha=0.15)
        axis.plot(x, middle, marker=marker, color=colour, label=name)
    guide = middle[0] * 0.5 * (np.asarray(x) / x[0]) ** exponent
    label = {-0.5: "slope −1/2", -1.0: "slope −1"}[exponent]
    axis.plot(x, guide, color="black", linestyle=":", label=label)
    if extra:
        axis.plot(*extra[1:], "x", color=RED, markersize=7, label=extra[0])
    axis.set(xscale="log", yscale="log", xlabel=names[0], ylabel=names[1])
    axis.set_xticks(x, [str(value) for value in x])
    axis.minorticks_off()
    axis.legend(fontsize=8)
    return figure


def columns_of_scores(labels: Sequence[str], scores: Mapping[str, Array]) -> Figure:
    """For each word, top to bottom, one marker for each explanation (d,)."""
    figure, axis = plt.subplots(figsize=(6.6, 1.0 + 0.27 * len(labels)))
    place = np.arange(len(labels))
    offsets = np.linspace(-0.2, 0.2, len(scores))
    for (name, values), marker, colour, offset in zip(
        scores.items(), MARKERS, COLOURS, offsets, strict=False
    ):
        axis.plot(values, place + offset, marker, color=colour, label=name, markersize=5)
    axis.axvline(0, color="black", linewidth=0.8)
    axis.set_yticks(place, labels)
    axis.set_xlabel("coefficient")
    axis.invert_yaxis()
    axis.legend(fontsize=8)
    return figure
