"""The map of methods as a picture, and as tables in Markdown, whose links the site resolves."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.textpath import TextPath

from helpers.evaluation.survey import SCOPES, Entry, Family, Standing
from helpers.plots.base import BLUE, COLOURS, GREEN, GREY, INK, LINE, MARKERS, ORANGE, RED

STYLES = {  # of a status: its mark, its colour, and what it says in the legend
    "exact": ("=", GREEN, "exact"),
    "bounded": ("≤", BLUE, "within a proved bound"),
    "estimated": ("≈", ORANGE, "estimated"),
    "not here": ("×", GREY, "not here"),
}
WIDTH, HEIGHT, GAP, SIZE = 5.3, 0.21, 0.08, 9.5  # inches: all, a chip, between chips; points


def length(text: str, size: float = SIZE, weight: str = "normal") -> float:
    """How long a text is, in inches, the same on every machine."""
    return TextPath((0, 0), text, size=size, prop={"weight": weight}).get_extents().x1 / 72


def picture(
    families: Sequence[Family], entries: Sequence[Entry], standings: Mapping[str, Standing]
) -> Figure:
    """Every family from top to bottom, by scope, with a chip for each of its methods."""
    figure = plt.figure(figsize=(WIDTH, 1.0), layout="none")
    axis = figure.add_axes((0, 0, 1, 1))
    axis.axis("off")
    y = row(axis, 0.1, [(status, text) for status, (*_, text) in STYLES.items()])
    scope = ""
    for family in families:
        if family.scope != scope:
            scope, y = family.scope, y + 0.14
            axis.plot([0, WIDTH], [y, y], color=LINE, linewidth=0.8)
            axis.text(
                0, y + 0.17, f"{scope}: {SCOPES[scope]}", color=INK, fontsize=9, style="italic"
            )
            y += 0.24
        axis.text(0, y + 0.17, family.name, color=INK, fontsize=SIZE, weight="bold")
        right = length(family.name, weight="bold") + 0.12
        axis.text(right, y + 0.17, family.question, color=INK, fontsize=9)
        here = [entry for entry in entries if entry.family == family.key]
        y = row(axis, y + 0.24, [(standings[e.key].status, e.short) for e in here]) + 0.03
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


# ---- the record of benchmarks/map_of_methods.py


def losses(record: Mapping[str, Sequence[float]], names: Mapping[str, str]) -> Figure:
    """Errors of other calls, one dot a review, as shares of the largest score; `names` are rows."""
    figure, axis = plt.subplots(figsize=(5.2, 0.7 + 0.42 * len(names)))
    for k, key in enumerate(names):
        values = np.array(record[key])
        colour = ORANGE if key.endswith("sampled") else RED
        axis.plot(values, np.full(len(values), k), "o", color=colour, alpha=0.55, markersize=5)
        axis.plot(np.median(values), k, "|", color=INK, markersize=15, markeredgewidth=1.6)
    axis.set_yticks(range(len(names)), names.values())
    axis.set(xscale="log", xlabel="error, as a share of the largest score", xlim=(1e-3, 1))
    axis.set_xticks([1e-3, 1e-2, 1e-1, 1], ["0.1 %", "1 %", "10 %", "100 %"])
    axis.minorticks_off()
    axis.grid(axis="y", visible=False)
    axis.set_ylim(len(names) - 0.5, -0.5)
    return figure


def growth(lengths: Sequence[int], seconds: Mapping[str, Sequence[float]]) -> Figure:
    """Milliseconds of processor time against the words of a text, one line a method."""
    figure, axis = plt.subplots(figsize=(5.2, 3.3))
    words = np.array(lengths) - 1
    for row_, colour, marker in zip(seconds.values(), COLOURS, MARKERS, strict=True):
        axis.plot(words, 1e3 * np.array(row_), color=colour, marker=marker)
    axis.set(xscale="log", yscale="log", xlabel="words of the text", ylabel="milliseconds")
    axis.set_xticks(words, [str(n) for n in words])
    axis.set_yticks([0.1, 1, 10, 100], ["0.1", "1", "10", "100"])
    axis.minorticks_off()
    below = 0.0
    for name, row_ in sorted(seconds.items(), key=lambda pair: pair[1][-1]):
        below = max(1e3 * row_[-1], 2 * below)  # names of lines that end near each other
        axis.annotate(name, (words[-1], below), (8, -1), textcoords="offset points", va="center")
    return figure


# ---- tables


def table(
    entries: Sequence[Entry],
    standings: Mapping[str, Standing],
    losses: Mapping[str, Sequence[float]],
) -> str:
    """The methods of a family as a table in Markdown; below it what is not here, and why.

    `losses` are the errors of another package's call on some reviews, as the record has them.
    """
    head = (["Method, and what to call"], ["What it is here, and how sure"], ["For another model"])
    rows = [cells(e, standings[e.key], losses.get(e.key, ())) for e in entries if e.call]
    lines = ["", ":::{list-table}", ":header-rows: 1", ":stub-columns: 1", ":class: methods", ""]
    for several in [head, *rows] if rows else []:
        for k, paragraphs in enumerate(several):
            lines.append(("  - " if k else "* - ") + "\n\n    ".join(filter(None, paragraphs)))
    absent = [f"* **{entry.name}**: not here. {entry.why}" for entry in entries if entry.why]
    return "\n".join([*([*lines, ":::", ""] if rows else []), *absent])


def cells(entry: Entry, standing: Standing, losses: Sequence[float]) -> tuple[list[str], ...]:
    """The cells of a method's row, each some paragraphs."""
    mark, *_ = STYLES[standing.status]
    bound = f", by {{prf:ref}}`{entry.bound}`" if entry.bound else ""
    unmade = f" Not made here: {entry.unmade}." if entry.unmade else ""
    return (
        [f"{{doc}}`{entry.name} <../{entry.chapter}>`", code(entry.call)],
        [
            f"{entry.formula} ({{prf:ref}}`{entry.theorem}`)",
            f"{mark} {standing.status}: {standing.proof}{bound}",
            f"Cost: {entry.cost}",
        ],
        [code(entry.elsewhere), entry.loss + unmade, said(losses)],
    )


def code(call: str) -> str:
    """A call that ends a line, where it is too long, after a mark and never inside a name."""
    if not call:
        return ""
    text = re.sub(r"([(,.=_])", r"\1<wbr>", html.escape(call, quote=False))
    return f'<code class="docutils literal notranslate">{text}</code>'


def said(losses: Sequence[float]) -> str:
    """What a package's call was off by, as shares of the largest score, in words."""
    if not len(losses):
        return ""
    if max(losses) < 1e-6:
        return "Made here: the same."
    middle, most = np.median(losses), max(losses)
    if most < 1e-3:
        return f"Made here: off by at most {most:.0e}."
    return f"Made here: off by {share(middle)} of the largest score, at worst by {share(most)}."


def share(x: float) -> str:
    """A share of one in per cent, with one digit below one."""
    return f"{x:.1%}" if x < 0.0095 else f"{x:.0%}"
