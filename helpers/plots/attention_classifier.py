"""Figures and tables of Part 1: the forward pass, the data, the training."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.model.reading import Array, Reading
from helpers.plots.base import BLUE, GREY, ORANGE
from helpers.plots.tables import Table

PALE = "#eef3f8"


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
    return Table(header, tuple((*row[:3], str(tuple(row[3]))) for row in rows))


def flow(reading: Reading) -> Figure:
    """The forward pass as boxes and arrows, each with the shape of its tensor."""
    K, T, d_att = reading.keys.shape
    d_out, d_e = reading.heads.W_v.shape[1:]
    figure, axis = plt.subplots(figsize=(7.8, 5.2))
    axis.set(xlim=(-0.1, 10.3), ylim=(0.5, 10.2))
    axis.axis("off")
    words = "  ".join([*reading.text[:7], "…"])
    _box(axis, 5, 9.6, f"{T} tokens:  {words}  [UNK]  [UNK]", 9.6)
    _box(axis, 5, 8.0, f"embeddings $e_t = W_e[$token$] + W_p[t]$      ({T}, {d_e})", 7.0)
    _box(axis, 1.7, 6.3, f"query $q = W_q\\, e_0$\n[CLS] only   ({K}, {d_att})", 3.0)
    _box(axis, 5, 6.3, f"keys $k_t = W_k\\, e_t$\n({K}, {T}, {d_att})", 2.7)
    _box(axis, 8.3, 6.3, f"values $v_t = W_v\\, e_t$\n({K}, {T}, {d_out})", 2.7)
    logit = r"logits $l_t = \langle q, k_t\rangle/\sqrt{d_{att}}$"
    _box(axis, 3.3, 4.5, f"{logit}\n({K}, {T})", 4.2)
    value = r"projected values $u_t = \langle W_\ell, v_t\rangle$"
    _box(axis, 8.0, 4.5, f"{value}\n({K}, {T})", 3.7)
    weight = r"attention $\alpha_t = e^{l_t} / \sum_s e^{l_s}$"
    _box(axis, 3.3, 2.8, f"{weight}\n({K}, {T}), rows sum to one", 4.2)
    _box(axis, 5.6, 1.1, f"$f_i = \\sum_t \\alpha_t u_t$   ({K},)", 3.4)
    _box(axis, 9.0, 1.1, "$f$ = mean of $f_i$", 1.9, ORANGE)
    arrows = [
        (5, 9.25, 5, 8.35),
        (5, 7.65, 5, 6.85),
        (2.6, 7.65, 1.9, 6.85),
        (7.4, 7.65, 8.1, 6.85),
    ]
    arrows += [(1.9, 5.75, 2.6, 5.05), (4.8, 5.75, 4.1, 5.05), (8.2, 5.75, 8.1, 5.05)]
    arrows += [(3.3, 3.95, 3.3, 3.35), (3.6, 2.25, 4.7, 1.48), (7.8, 3.95, 6.4, 1.48)]
    arrows += [(7.35, 1.1, 8.0, 1.1)]
    for x, y, to_x, to_y in arrows:
        style = {"arrowstyle": "-|>", "color": GREY, "linewidth": 1.4}
        axis.annotate("", (to_x, to_y), (x, y), arrowprops=style)
    return figure


def _box(axis: Axes, x: float, y: float, text: str, width: float, edge: str = BLUE) -> None:
    half = 0.35 if "\n" not in text else 0.55
    shape = (x - width / 2, y - half)
    axis.add_patch(plt.Rectangle(shape, width, 2 * half, facecolor=PALE, edgecolor=edge))
    axis.text(x, y, text, ha="center", va="center", fontsize=9)


def strips(reading: Reading, head: int) -> Figure:
    """One head on one text: logits, attention, projected values and their product, token by token.

    The padding is one column: a token with its summed weight and mean projected value.
    """
    T = reading.length
    alpha, u = reading.attention[head], reading.values[head]
    rest = alpha[T:].sum()
    names = list(reading.text)
    if rest:
        alpha, u = np.append(alpha[:T], rest), np.append(u[:T], alpha[T:] @ u[T:] / rest)
        names.append(f"{len(reading.tokens) - T} × [UNK]")
    rows = {
        "logit $l_t - \\max_s l_s$": np.log(alpha / alpha.max()),
        r"attention $\alpha_t$": alpha,
    }
    rows |= {"value $u_t$": u, r"$\alpha_t u_t$": alpha * u}
    figure, axes = plt.subplots(4, 1, figsize=(8, 3.6), sharex=True)
    for axis, (label, row) in zip(axes, rows.items(), strict=True):
        top = 1.6 * np.abs(row).max()  # leaves out the darkest colours: numbers stay readable
        colours, low = ("Blues", 0) if row is alpha else ("PuOr_r", -top)
        axis.imshow(row[None], aspect="auto", cmap=colours, vmin=low, vmax=top)
        for place, number in enumerate(row):
            text = f"{number:.2f}".replace("-0.00", "0.00").replace("-", "−")
            axis.text(place, 0, text, ha="center", va="center", fontsize=8)
        axis.set_yticks([0], [label])
        axis.grid(visible=False)
        axis.spines[:].set_visible(False)
        axis.tick_params(length=0)
    axes[-1].set_xticks(range(len(names)), names, rotation=45, ha="right")
    total = f"{(alpha * u).sum():.2f}".replace("-", "−")
    axes[0].set_title(f"head {head + 1}: the last row adds up to {total}", fontsize=10)
    return figure


def before_and_after(panels: Mapping[str, tuple[Array, Array]]) -> Figure:
    """Scatter plots of pairs of outputs (n,), one panel each, with the line where they agree."""
    figure, axes = plt.subplots(1, len(panels), figsize=(3.6 * len(panels), 3.5), sharey=True)
    for axis, (title, (first, second)) in zip(axes, panels.items(), strict=True):
        axis.axline((0, 0), slope=1, color=GREY, linewidth=1)
        axis.scatter(first, second, s=12, color=BLUE, alpha=0.6)
        axis.set(xlabel="$f$, words in order")
        axis.set_title(title, fontsize=10)
    axes[0].set_ylabel("$f$, words shuffled")
    return figure
