"""Figures and the table of the chapter on the attention classifier."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.model.reading import Array, Reading
from helpers.plots.base import BLUE, GREEN, GREY, ORANGE, RED
from helpers.plots.tables import Table

SYMBOL = re.compile(r"<td>(\w+?)(?:_(\w))?</td>")  # a cell of one letter, or with an index
Votes = tuple[Sequence[str], Array, Array]  # names, attention and values of the tokens


class Symbols(Table):
    """A table in whose HTML a cell such as e_t is a letter with an index below it."""

    def _repr_html_(self) -> str:
        return SYMBOL.sub(_symbol, super()._repr_html_())


def _symbol(cell: re.Match[str]) -> str:
    letter, index = cell.groups()
    if len(letter) > 1:
        return cell[0]
    return f"<td><i>{letter}</i>{f'<sub>{index}</sub>' if index else ''}</td>"


def shapes(reading: Reading) -> Table:
    """Each tensor of the forward pass, with its shape as the live model has it."""
    h = reading.heads
    rows = (
        ("embeddings, positions added", "e_t", "reading.embeddings", reading.embeddings.shape),
        ("weights of the queries", "W_q", "reading.heads.W_q", h.W_q.shape),
        ("weights of the keys", "W_k", "reading.heads.W_k", h.W_k.shape),
        ("weights of the values", "W_v", "reading.heads.W_v", h.W_v.shape),
        ("weights of the read-out", "W_ℓ", "reading.heads.W_l", h.W_l.shape),
        ("query of [CLS]", "q", "reading.queries", reading.queries.shape),
        ("keys", "k_t", "reading.keys", reading.keys.shape),
        ("logits", "l_t", "reading.logits", reading.logits.shape),
        ("attention weights", "α_t", "reading.attention", reading.attention.shape),
        ("projected values", "u_t", "reading.values", reading.values.shape),
        ("outputs of the heads", "f_i", "reading.head_outputs", reading.head_outputs.shape),
        ("output, a logit", "f", "reading.output", np.shape(reading.output)),
    )
    header = ("what", "symbol", "in code", "shape")
    return Symbols(header, tuple((*row[:3], str(tuple(row[3]))) for row in rows))


def one_head(reading: Reading, head: int) -> Votes:
    """Attention and projected values of a head; the padding is one token, of their mean value."""
    T = reading.length
    alpha, u = reading.attention[head], reading.values[head]
    rest = alpha[T:].sum()
    names = (*reading.text, f"{len(alpha) - T} × [UNK]")
    if len(alpha) == T:
        return reading.text, alpha, u
    return names, np.append(alpha[:T], rest), np.append(u[:T], alpha[T:] @ u[T:] / rest)


def votes(panels: Mapping[str, Votes]) -> Figure:
    """A head as a vote: each token is a bar, as wide as its attention and as high as its value.

    Areas add up to the dashed line. Tokens with less than 3 % of the attention have no name.
    """
    size = (6.1, 3.6) if len(panels) == 1 else (6.1, 2.9)
    figure, axes = plt.subplots(1, len(panels), figsize=size, sharey=True, squeeze=False)
    for axis, (title, (names, alpha, u)) in zip(axes.flat, panels.items(), strict=True):
        left, f = np.cumsum(alpha) - alpha, float(alpha @ u)
        colours = [GREY if "×" in name else BLUE if x >= 0 else RED for name, x in zip(names, u)]
        axis.bar(left, u, width=alpha, align="edge", color=colours, edgecolor="white")
        for name, x, width, height in zip(names, left, alpha, u):
            if width >= 0.03:
                axis.annotate(
                    name,
                    (x + width / 2, 0),
                    (0, -3 if height >= 0 else 3),
                    textcoords="offset points",
                    va="top" if height >= 0 else "bottom",
                    ha="center",
                    rotation=0 if width >= 0.03 * len(name) * len(panels) else 90,
                )
        axis.axhline(0, color="black", linewidth=0.8)
        axis.axhline(f, color="black", linestyle="--", linewidth=1.6)
        text = f"output\n{f:.2f}".replace("-", "−")
        axis.annotate(text, (1, f), (4, 0), textcoords="offset points", va="center")
        axis.set(xlim=(0, 1), xlabel="attention (width)")
        axis.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        axis.set_title(title, fontsize=10)
        axis.grid(visible=False)
        axis.margins(y=0.12)
    axes[0, 0].set_ylabel("projected value (height)")
    return figure


def operations(n: Array, counts: Mapping[str, Array]) -> Figure:
    """Multiplications for each document (n,), against the number of documents read in one call."""
    figure, axis = plt.subplots(figsize=(5.4, 3.4))
    styles = zip((GREY, ORANGE, BLUE, GREEN), ("-", "-", "--", "-"), strict=True)
    for (name, count), (colour, style) in zip(counts.items(), styles, strict=True):
        axis.plot(n, count, style, color=colour, linewidth=2.2)
        axis.annotate(name, (n[-1], count[-1]), (5, 0), textcoords="offset points", va="center",
                      color=colour)  # fmt: skip
    axis.set(xscale="log", yscale="log", xlabel="documents read in one call")
    axis.set_ylabel("multiplications a document")
    return figure


def before_and_after(panels: Mapping[str, tuple[Array, Array]]) -> Figure:
    """Scatter plots of pairs of outputs (n,), one panel each, with the line where they agree."""
    figure, axes = plt.subplots(1, len(panels), figsize=(5.8, 3.2), sharex=True, sharey=True)
    for axis, (title, (first, second)) in zip(axes, panels.items(), strict=True):
        axis.axline((0, 0), slope=1, color=GREY, linewidth=1)
        axis.scatter(first, second, s=12, color=BLUE, alpha=0.6)
        axis.set(xlabel="$f$, words in order")
        axis.set_title(title, fontsize=10)
    axes[0].set_ylabel("$f$, words shuffled")
    return figure
