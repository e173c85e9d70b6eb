"""The tree from a question to an explanation, and the table of the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.evaluation import evidence
from helpers.evaluation.evidence import LENT, NAMES, TAKEN, Evidence
from helpers.explainers.methods import METHODS
from helpers.model.reading import Reading
from helpers.plots.base import BLUE, GREY, INK, LINE, ORANGE
from helpers.plots.questions import Leaf
from helpers.plots.tables import Table

WIDTH, ROW = 5.4, 0.25  # inches: letters are still read on a telephone; and a line of text
TRUNK, TWIG, TEXT, ANSWER = 0.12, 0.26, 0.36, 3.12  # where the lines stand, and the texts


def _box(axis: Axes, x: float, y: float, text: str, colour: str) -> None:
    style = {"boxstyle": "round,pad=0.32", "facecolor": "none", "edgecolor": colour}
    axis.text(x, y, text, fontsize=10, weight="bold", va="center", bbox=style)


def _leaf(axis: Axes, y: float, leaf: Leaf) -> None:
    """A question, and beside it what to report; dashed if it is another chapter."""
    style, colour = ("-", BLUE) if leaf.call else ("--", GREY)
    axis.plot([TRUNK, TWIG], [y, y], style, color=LINE, linewidth=1)
    axis.text(TEXT, y, leaf.asked, fontsize=9.5, va="center", color=INK)
    axis.text(ANSWER, y, f"→ {leaf.answer}", fontsize=9.5, va="center", color=colour)


def tree(first: str, closed: Leaf, branches: Mapping[str, Sequence[Leaf]]) -> Figure:
    """From top to bottom: the `first` question, the leaf of a no, then the branches of a yes."""
    rows = 3.2 + sum(1.6 + len(leaves) for leaves in branches.values())
    figure, axis = plt.subplots(figsize=(WIDTH, ROW * rows))
    axis.set(xlim=(0, WIDTH), ylim=(rows - 0.6, -0.8))
    axis.set_axis_off()
    _box(axis, 0.1, 0, first, ORANGE)
    _leaf(axis, 1.3, closed)
    y = 2.3
    axis.text(TEXT, y, "Yes: what do you want to know?", fontsize=9.5, va="center")
    axis.plot([TRUNK, TRUNK], [0.6, y], color=LINE, linewidth=1)
    axis.plot([TRUNK, TWIG], [y, y], color=LINE, linewidth=1)
    for title, leaves in branches.items():
        y += 1.4
        _box(axis, 0.1, y, title, INK)
        axis.plot([TRUNK, TRUNK], [y + 0.6, y + 1.2 + len(leaves) - 1], color=LINE, lw=1)
        for k, leaf in enumerate(leaves):
            _leaf(axis, y + 1.2 + k, leaf)
        y += 0.2 + len(leaves)
    return figure


def table(found: Evidence, reported: Sequence[str], certified: Mapping[str, bool]) -> Table:
    """A row for each method: whether it is `reported`, how it is known, and how far it goes."""

    def cells(name: str) -> tuple[str, ...]:
        return tuple(str(found.mean(x, name)) for x in ("deletion", "insertion"))

    rows = []
    for method in METHODS.values():
        known = "with a bound" if certified[method.key] else "formula"
        marked = "yes" if method.key in reported else "no"
        rows.append((method.short, marked, known, *cells(method.short)))
    rows += [(name, "no", "to compare", *cells(name)) for name in (LENT, TAKEN)]
    return Table(("method", "report it?", "numbers", "deletion", "insertion"), tuple(rows))


def signs(found: Evidence) -> Table:
    """For each method how often it is worse than chance, and whose signs it has, if it has any."""

    def cells(name: str) -> tuple[str, ...]:
        undefined = np.isnan(found.signs[:, NAMES.index(name)]).all()
        both = ("–" if undefined else str(found.mean(x, name)) for x in ("signs", "people"))
        return (name, str(found.below_chance(name)), *both)

    header = ("method", "worse than chance", "signs as masking", "signs as people")
    return Table(header, tuple(map(cells, NAMES)))


def ways(reading: Reading) -> Table:
    """How far each method's order gets from chance to the best, in one document."""
    found = evidence.ways(reading).items()
    rows = ((name, *(f"{share:.2f}" for share in both)) for name, both in found)
    return Table(("method", "deletion", "insertion"), tuple(rows))


def looked(reading: Reading) -> Table:
    """The attention that each head pays to each token of the text but [CLS]."""
    rows = (
        (str(head), *(f"{weight:.2f}" for weight in row[1 : reading.length]))
        for head, row in enumerate(reading.attention, start=1)
    )
    return Table(("head", *reading.text[1:]), tuple(rows))
