"""Figures on the whole model: the table of the vocabulary, its heads, surrogates, and SP-LIME."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.evaluation.vocabulary import Parts, Table
from helpers.model.reading import Array
from helpers.plots.base import ABOVE, BLUE, GREEN, GREY, INK, ORANGE, RED

STYLES = ("-", "--", "-.", ":")
KNOWN = slice(2, -1)  # of a table: its words, without [UNK], [CLS] and [PAD]


def model_in_one_picture(
    table: Table, counts: Array, labelled: Mapping[str, tuple[float, float]], size: int
) -> Figure:
    """Weight e^l against value u of each word, areas by `counts` (D,), of a table of one head.

    `labelled` names words and where their names stand, in points from the dot. Lines join words
    that move the output of `size` padding tokens alike if one stands in the place of one of them.
    """
    g, u = np.exp(table.logits[0]), table.values[0]
    figure, axes = plt.subplots(
        2, 2, figsize=(4.9, 4.1), sharex="col", sharey="row",
        width_ratios=[6, 1], height_ratios=[1, 6],
    )  # fmt: skip
    (above, corner), (main, right) = axes
    corner.set_axis_off()
    x, y = g[KNOWN], u[KNOWN]
    colours = np.where(y > 0, BLUE, RED)
    area = 2 + 60 * counts[KNOWN] / counts[KNOWN].max()
    main.scatter(x, y, area, c=colours, alpha=0.35, linewidths=0, rasterized=True)
    ends, top = (0.5 * x.min(), 40 * x.max()), 1.15 * np.abs(y).max()
    across, up = np.geomspace(*ends, 200), np.linspace(-top, top, 200)
    effect = across * (up[:, None] - u[-1]) / (size - 1 + across)
    levels = np.array([-4, -1, -0.2, 0.2, 1, 4])  # of which a cloud of small values reaches few
    levels = levels[np.abs(levels) < 0.9 * top - np.abs(u[-1])]
    main.contour(across, up, effect, levels, colors=GREY, linewidths=0.9)
    ends_of = 0.95 * top * np.sign(levels)  # where a line leaves the cloud, its effect is written
    for level, y_end in zip(levels, ends_of):
        x_end = (size - 1) * level / (y_end - u[-1] - level)
        name = f"{level:+g}".replace("-", "\N{MINUS SIGN}")
        main.text(x_end, y_end, name, ha="left", va="center", fontsize=9, color=INK)
    for word, place in labelled.items():
        at = table.words.index(word)
        main.annotate(
            word, (g[at], u[at]), place, textcoords="offset points", fontsize=9, color=INK,
            arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.6, "shrinkA": 0},
            ha="left" if place[0] > 0 else "right", va="center",
        )  # fmt: skip
    main.axhline(0, color="black", linewidth=0.8)
    main.set(xscale="log", xlim=ends, xlabel="how loud: weight $e^{l}$, in padding tokens")
    main.set(ylim=(up[0], up[-1]), ylabel="what it says: value u")
    above.hist(x, np.geomspace(x.min(), x.max(), 40), color=GREY)
    right.hist(y[y > 0], 25, orientation="horizontal", color=BLUE)
    right.hist(y[y <= 0], 25, orientation="horizontal", color=RED)
    for axis in (above, right):
        axis.set_axis_off()
    return figure


def heads(table: Table, parts: Parts, shown: int = 60) -> Figure:
    """Left, each head's values against the heads' mean; right, what places add to its logit."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(5.2, 2.6))
    mean = table.values[:, KNOWN].mean(axis=0)
    places = np.arange(1, shown + 1)
    for i, values in enumerate(table.values[:, KNOWN]):
        (dots,) = left.plot(mean, values, ".", markersize=2, rasterized=True)
        logits = parts.place_logits[i] - parts.place_logits[i, 1:].mean()
        right.plot(places, logits[places], color=dots.get_color(), label=f"head {i + 1}")
    left.set(xlabel="mean value of a word", ylabel="its value in each head")
    left.set(title="words", xticks=(-5, 0, 5), yticks=(-5, 0, 5))
    right.set(xlabel="place", ylabel="added to the logit", title="places")
    figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def surrogates(errors: Mapping[str, Array]) -> Figure:
    """Of each model, the share of documents for which it errs by at most so much."""
    figure, axis = plt.subplots(figsize=(4.9, 3.4))
    for (name, found), colour, line in zip(errors.items(), (GREEN, BLUE, INK, ORANGE), STYLES):
        size = np.sort(np.maximum(np.abs(found), 1e-2).round(3))
        axis.plot(size, np.arange(1, len(size) + 1) / len(size), line, color=colour, label=name)
    axis.set(xscale="log", xlim=(1e-2, 6), ylim=(0, 1.02))
    axis.set(xlabel="error of the output, a logit", ylabel="share of documents")
    axis.set_xticks([0.01, 0.1, 1], ["0.01", "0.1", "1"])
    axis.legend(**ABOVE, ncols=2)
    return figure


def picks(
    budgets: Sequence[int], greedy: Array, best: Array, random: Array, worst: Array
) -> Figure:
    """Shares of importance that picks cover: greedy, the optimum, `random` (draws, budgets)."""
    figure, axis = plt.subplots(figsize=(4.9, 3.4))
    axis.fill_between(
        budgets, *np.quantile(random, [0.025, 0.975], axis=0), color=GREY, alpha=0.25,
        label="95 % of random picks",
    )  # fmt: skip
    axis.plot(budgets, best, "s", color=GREEN, markersize=8, mfc="none", label="proved optimum")
    axis.plot(budgets, greedy, "o-", color=BLUE, markersize=4, label="greedy (SP-LIME)")
    axis.plot(budgets, worst, ":", color=RED, label="guaranteed for greedy")
    axis.set(xlabel="explanations shown, B", ylabel="share of importance", ylim=(0, None))
    axis.set_xticks(budgets)
    axis.locator_params(axis="y", nbins=5)
    axis.legend(**ABOVE, ncols=2)
    return figure
