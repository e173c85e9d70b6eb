"""The map of methods as a picture, and as tables in Markdown, whose links the site resolves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.textpath import TextPath

from helpers.evaluation.survey import SCOPES, Entry, Family, Standing
from helpers.plots.base import BLUE, COLOURS, GREEN, GREY, INK, LINE, MARKERS, ORANGE

STYLES = {  # of a status: its mark, its colour, and what it says in the legend
    "exact": ("=", GREEN, "exact"),
    "bounded": ("≤", BLUE, "within a proved bound"),
    "estimated": ("≈", ORANGE, "estimated"),
    "not here": ("×", GREY, "not here"),
}
WIDTH, HEIGHT, GAP, SIZE = 4.5, 0.21, 0.08, 9.0  # inches: all, a chip, between chips; points


def length(text: str, size: float = SIZE, weight: str = "normal") -> float:
    """How long a text is, in inches, the same on every machine."""
    return TextPath((0, 0), text, size=size, prop={"weight": weight}).get_extents().x1 / 72


def picture(
    families: Sequence[Family], entries: Sequence[Entry], standings: Mapping[str, Standing]
) -> Figure:
    """Every family from top to bottom, by scope, with a chip for each of its methods."""
    figure = plt.figure(figsize=(WIDTH, 1.0))
    axis = figure.add_axes((0, 0, 1, 1))
    axis.axis("off")
    y = row(axis, 0.1, [(status, text) for status, (*_, text) in STYLES.items()])
    scope = ""
    for family in families:
        if family.scope != scope:
            scope, y = family.scope, y + 0.14
            axis.plot([0, WIDTH], [y, y], color=LINE, linewidth=0.8)
            axis.text(
                0, y + 0.17, f"{scope}: {SCOPES[scope]}", color=INK, fontsize=8, style="italic"
            )
            y += 0.24
        axis.text(0, y + 0.17, family.name, color=INK, fontsize=SIZE, weight="bold")
        right = length(family.name, weight="bold") + 0.12
        axis.text(right, y + 0.17, family.question, color=INK, fontsize=8)
        here = [entry for entry in entries if entry.family == family.key]
        y = row(axis, y + 0.24, [(standings[e.key].status, e.short) for e in here]) + 0.07
    axis.set(xlim=(-0.03, WIDTH + 0.03), ylim=(y, 0))
    figure.set_size_inches(WIDTH, y)
    return figure


def row(axis: Axes, y: float, chips: Sequence[tuple[str, str]]) -> float:
    """Draw chips, of a status and a text, from `y` downwards in lines; where the next may begin."""
    x = 0.0
    for status, text in chips:
        mark, colour, _ = STYLES[status]
        wide = length(f"{mark} {text}") + 0.16
        if x and x + wide > WIDTH:
            x, y = 0.0, y + HEIGHT + GAP
        box = FancyBboxPatch(
            (x, y), wide, HEIGHT, "round,pad=0,rounding_size=0.06",
            edgecolor=colour, facecolor=(colour, 0.14), linewidth=1.2,
            linestyle=":" if status == "not here" else "-",
        )  # fmt: skip
        axis.add_patch(box)
        axis.text(x + 0.08, y + 0.152, f"{mark} {text}", color=INK, fontsize=SIZE)
        x += wide + GAP
    return y + HEIGHT + GAP


# ---- tables


def table(entries: Sequence[Entry], standings: Mapping[str, Standing]) -> str:
    """The methods of a family as a table in Markdown; what is not here stands below, and why."""
    lines = [":::{list-table}", ":header-rows: 1", ":stub-columns: 1", ":class: methods", ""]
    head = ("Method", "Closed form", "Cost", "How sure", "For another model")
    rows = [head, *(cells(entry, standings[entry.key]) for entry in entries if entry.call)]
    for cells_of_row in rows:
        lines += [f"{'* - ' if k == 0 else '  - '}{cell}" for k, cell in enumerate(cells_of_row)]
    absent = [f"* **{entry.name}**, not here: {entry.why}" for entry in entries if entry.why]
    return "\n".join(
        [*(lines if len(rows) > 1 else []), *([":::", ""] if len(rows) > 1 else []), *absent]
    )


def cells(entry: Entry, standing: Standing) -> tuple[str, ...]:
    """The cells of a method's row."""
    mark, *_ = STYLES[standing.status]
    bound = f", {{prf:ref}}`{entry.bound}`" if entry.bound else ""
    other = f"`{entry.elsewhere}` " if entry.elsewhere else ""
    absent = f" Not run here: needs `{entry.absent}`." if entry.absent else ""
    return (
        f"{{doc}}`{entry.name} <../{entry.chapter}>` `{entry.call}`",
        f"${entry.formula}$, {{prf:ref}}`{entry.theorem}`",
        f"$O({entry.cost})$" if entry.growth else f"${entry.cost}$",
        f"{mark} {standing.status}: {standing.proof}{bound}",
        f"{other}{entry.loss}{absent}",
    )
