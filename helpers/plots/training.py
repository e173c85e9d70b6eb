"""Figures of the chapter on training: other classifiers, recipes, the learning curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from scipy.stats import binomtest

from helpers.model.reading import Array
from helpers.plots.base import BLUE, GREEN, GREY, MARKERS, ORANGE

SETTINGS = {  # of a recipe, in words
    "averaging": "running mean {:g}",
    "learning_rate": "learning rate {:g}",
    "epochs": "{:g} epochs",
    "weight_decay": "weight decay {:g}",
    "rating_scale": "slope of the target {:g}",
    "min_count": "words seen {:g} times",
    "single": "single snippets {:.0%}",
}


def company(hits: Mapping[str, Array]) -> Figure:
    """Accuracy and its exact 95 % interval, a row for each classifier; `hits` are (n,) of bool."""
    figure, axis = plt.subplots(figsize=(6.1, 0.7 + 0.36 * len(hits)))
    for place, right in enumerate(hits.values()):
        interval = binomtest(int(right.sum()), len(right)).proportion_ci()
        colour = BLUE if place == 0 else GREY
        axis.plot([interval.low, interval.high], [place, place], color=colour, linewidth=3)
        axis.plot(right.mean(), place, MARKERS[place > 0], color=colour, markersize=8)
    axis.set_yticks(range(len(hits)), hits)
    axis.set(xlabel="accuracy on held-out snippets", ylim=(len(hits) - 0.5, -0.5))
    axis.axvline(0.5, color="black", linestyle=":", linewidth=1)
    axis.annotate("coin", (0.5, -0.5), (4, -10), textcoords="offset points", fontsize=9.5)
    return figure


def recipes(means: Sequence[tuple[Mapping, float]], log: Sequence[Mapping]) -> Figure:
    """Validation accuracy of each candidate: its runs as dots, their mean as a bar.

    The best mean is drawn in colour.
    """
    figure, axis = plt.subplots(figsize=(6.1, 0.9 + 0.3 * len(means)))
    best = max(mean for _, mean in means)
    names = []
    for place, (changes, mean) in enumerate(means):
        colour = BLUE if mean == best else GREY
        runs = [run["validation"] for run in log if run["changes"] == changes]
        axis.plot(runs, [place] * len(runs), "o", color=colour, markersize=5, alpha=0.7)
        axis.plot([mean, mean], [place - 0.35, place + 0.35], color=colour, linewidth=3)
        text = ",\n".join(SETTINGS[name].format(value) for name, value in changes.items())
        names.append(text or "where the search began")
    axis.set_yticks(range(len(names)), names)
    axis.set(xlabel="validation accuracy", ylim=(len(names) - 0.4, -0.6))
    return figure


def learning_curve(card: Mapping) -> Figure:
    """Loss and accuracies after each epoch, from the card of the weights."""
    curve = card["curve"]
    epochs = [row["epoch"] for row in curve]
    figure, (left, right) = plt.subplots(1, 2, figsize=(6.1, 2.9))
    left.plot(epochs, [row["loss"] for row in curve], color=GREY, marker=".")
    for name, colour, marker in (("train", ORANGE, "o"), ("validation", BLUE, "s")):
        values = [row[name] for row in curve]
        right.plot(epochs, values, color=colour, marker=marker, markersize=3)
        place = (epochs[-6], values[-6])
        shift, side = ((0, 6), "bottom") if name == "train" else ((0, -7), "top")
        right.annotate(name, place, shift, textcoords="offset points", ha="center", va=side)
    best = card["best epoch"]
    right.axvline(best, color=GREEN, linestyle="--")
    note = {"textcoords": "offset points", "ha": "right", "color": GREEN}
    right.annotate(f"kept: epoch {best}", (best, 0.5), (-4, 0), **note)
    left.set_title("training loss", fontsize=10)
    right.set_title("accuracy", fontsize=10)
    for axis in (left, right):
        axis.set(xlabel="epoch")
        axis.set_xticks(range(0, len(curve) + 1, 5))
    return figure
