"""Figures of the chapter on a real transformer: one review twice, agreement, and layer by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.evaluation.agreement import Interval
from helpers.model.reading import Array
from helpers.plots.base import BLUE, GREEN, GREY, ORANGE, words_axis


def two_ways(labels: Sequence[str], head: Array, input_: Array, errors: Array) -> Figure:
    """Each word's value at the head, exact, and at the input with 95 % error bars, (d,) each."""
    figure, axis = plt.subplots(figsize=(6.0, 1.1 + 0.33 * len(labels)))
    place = np.arange(len(labels))
    axis.plot(head, place - 0.13, "s", color=GREEN, label="at the head, exact")
    bars = {"xerr": 1.96 * np.asarray(errors), "capsize": 2, "fmt": "o", "color": ORANGE}
    axis.errorbar(input_, place + 0.13, label="at the input, sampled", **bars)
    words_axis(axis, labels, "Shapley value, in logits")
    figure.legend(loc="outside upper center", ncols=2)
    return figure


def agreement(found: Mapping[str, Interval], each: Mapping[str, Array]) -> Figure:
    """For each way to score words, top to bottom, its agreement with the input: mean, documents."""
    figure, axis = plt.subplots(figsize=(6.2, 0.9 + 0.45 * len(found)))
    for k, (name, interval) in enumerate(found.items()):
        values = np.sort(each[name])
        spread = 0.22 * ((np.arange(len(values)) * 7) % 11 / 5 - 1)
        axis.plot(values, k + spread, ".", color=GREY, alpha=0.45, markersize=4)
        reach = [[interval.mean - interval.low], [interval.high - interval.mean]]
        colour = GREY if name.startswith("null") else BLUE
        axis.errorbar(interval.mean, k, xerr=reach, fmt="o", color=colour, capsize=3)
    axis.axvline(0, color="black", linewidth=0.8, linestyle=":")
    axis.set_yticks(range(len(found)), list(found))
    axis.set(xlim=(-1.05, 1.05), xlabel="Kendall's τ-b with the Shapley values at the input")
    axis.invert_yaxis()
    return figure


def layers(moved: Mapping[str, Sequence[Interval]], shares: Sequence[Interval]) -> Figure:
    """Left, how far vectors have moved when they leave each layer; right, the layer's share."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.2))
    for (name, found), colour, marker in zip(moved.items(), (BLUE, ORANGE), "os", strict=True):
        _line(left, range(len(found)), found, colour, marker, name)
    left.set(xlabel="layers passed", ylabel="distance moved, share of scale", ylim=(0, None))
    figure.legend(loc="outside upper left", ncols=2, fontsize=8)
    steps = np.arange(1, len(shares) + 1)
    _line(right, steps, shares, GREEN, "D", "")
    right.axhline(1 / len(shares), color="black", linewidth=0.8, linestyle=":")
    right.set(xlabel="layer", ylabel="share of what the head misses")
    right.set_xticks(steps)
    return figure


def _line(axis, x, found: Sequence[Interval], colour: str, marker: str, name: str) -> None:
    means = np.array([one.mean for one in found])
    reach = [means - [one.low for one in found], [one.high for one in found] - means]
    style = {"color": colour, "marker": marker, "capsize": 2, "markersize": 5}
    axis.errorbar(list(x), means, yerr=np.abs(reach), label=name or None, **style)
