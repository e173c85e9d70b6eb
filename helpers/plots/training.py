"""Figures of the chapter on training: the data, the learning curve, masked words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.data.reviews import Review
from helpers.plots.base import BLUE, GREEN, GREY, ORANGE, RED


def ratings(snippets: Sequence[Review]) -> Figure:
    """Histogram of the mean human ratings."""
    values = np.array([snippet.rating for snippet in snippets])
    figure, axis = plt.subplots(figsize=(7, 2.8))
    bins = np.linspace(-4, 4, 41)
    axis.hist(values[values < 0], bins, color=RED, hatch="//", edgecolor="white", label="negative")
    axis.hist(values[values > 0], bins, color=BLUE, edgecolor="white", label="positive")
    axis.set(xlabel="mean human rating of a snippet", ylabel="snippets")
    axis.legend()
    return figure


def learning_curve(card: Mapping) -> Figure:
    """Loss and accuracies after each epoch, from the card of the weights."""
    curve = card["curve"]
    epochs = [row["epoch"] for row in curve]
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.0))
    left.plot(epochs, [row["loss"] for row in curve], color=GREY, marker=".")
    left.set(xlabel="epoch", ylabel="training loss")
    for name, colour, marker in (("train", ORANGE, "o"), ("validation", BLUE, "s")):
        values = [row[name] for row in curve]
        right.plot(epochs, values, color=colour, marker=marker, markersize=3, label=name)
    best = card["best epoch"]
    right.axvline(best, color=GREEN, linestyle="--", label=f"kept: epoch {best}")
    right.set(xlabel="epoch", ylabel="accuracy")
    right.legend(fontsize=9, loc="lower right")
    return figure


def masking(shares: Sequence[float], outputs: Mapping[str, Sequence[float]]) -> Figure:
    """Mean output against the share of words masked, a line for each kind of review."""
    figure, axis = plt.subplots(figsize=(6.4, 3.2))
    styles = zip(outputs.items(), (BLUE, RED), ("o", "s"), strict=True)
    for (name, values), colour, marker in styles:
        axis.plot(shares, values, color=colour, marker=marker, label=name)
    axis.axhline(0, color=GREY, linestyle=":")
    axis.set(xlabel="share of the words masked", ylabel="mean output $f$")
    axis.legend()
    return figure
