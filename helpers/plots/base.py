"""The book's style, and what the figures of several chapters share.

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
KEPT = "#010101"  # ink that the dark twin keeps, on cells that are light on the dark page
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


def ink_on(colour: tuple[float, ...]) -> str:
    """The ink for a number in a cell of that colour (3 or 4,): read on white and in the dark twin.

    White on what is dark on white paper, black on what is pale. What is neither, and light in the
    twin, as letters are there, has ink that is `KEPT`; a colour is lighter there than a grey.
    """
    luminance = np.array(colour[:3]) ** 2.2 @ [0.2126, 0.7152, 0.0722]  # nearly that of sRGB
    pale = 0.34 + 0.4 * np.ptp(colour[:3])
    return "white" if luminance < 0.19 else KEPT if luminance < pale else "black"


def words_axis(axis: Axes, labels: Sequence[str], name: str) -> None:
    """Words from top to bottom, a line at zero, and the `name` of what is drawn of them."""
    axis.axvline(0, color="black", linewidth=0.8)
    axis.set_yticks(np.arange(len(labels)), labels)
    axis.set_xlabel(name)
    axis.grid(axis="y", visible=False)
    axis.invert_yaxis()


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
