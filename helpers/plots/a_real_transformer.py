"""Figures of the chapter on a real transformer: one review twice, agreement, and layer by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.evaluation.agreement import Interval
from helpers.model.reading import Array
from helpers.plots.base import ABOVE, BLUE, GREEN, GREY, INK, ORANGE, words_axis


def two_ways(labels: Sequence[str], head: Array, input_: Array, errors: Array) -> Figure:
    """Each word's value at the head, exact, and at the input with 95 % error bars, (d,) each."""
    figure, axis = plt.subplots(figsize=(5.4, 1.0 + 0.28 * len(labels)))
    place = np.arange(len(labels))
    axis.hlines(place, head, input_, color=GREY, linewidth=1, alpha=0.6)
    axis.plot(head, place, "s", color=GREEN, label="at the head, exact")
    bars = {"xerr": 1.96 * np.asarray(errors), "fmt": "o", "color": ORANGE, "linewidth": 2}
    axis.errorbar(input_, place, label="at the input, sampled", **bars)
    words_axis(axis, labels, "Shapley value, in logits")
    axis.legend(**ABOVE, ncols=2)
    return figure


def agreement(found: Mapping[str, Interval], each: Mapping[str, Array]) -> Figure:
    """For each way to score words its agreement with the input: mean, interval, documents.

    The best stands at the top, and the numbers on the right.
    """
    figure, axis = plt.subplots(figsize=(5.4, 0.9 + 0.36 * len(found)))
    names = sorted(found, key=lambda name: round(-found[name].mean, 9))
    for k, name in enumerate(names):
        interval, values = found[name], np.sort(each[name])
        spread = 0.22 * ((np.arange(len(values)) * 7) % 11 / 5 - 1)
        axis.plot(values, k + spread, ".", color=GREY, alpha=0.45, markersize=4)
        reach = [[interval.mean - interval.low], [interval.high - interval.mean]]
        colour = GREY if name.startswith("null") else BLUE
        axis.errorbar(interval.mean, k, xerr=reach, fmt="o", color=colour, linewidth=2)
        number = str(interval).replace("-", "−")
        axis.text(1.1, k, number, fontsize=9, va="center", clip_on=False)
    axis.axvline(0, color="black", linewidth=0.8)
    axis.set_yticks(range(len(names)), names)
    axis.set(xlim=(-0.62, 1.05), xlabel="τ-b with the values at the input")
    axis.grid(axis="y", visible=False)
    axis.invert_yaxis()
    return figure


def layers(moved: Mapping[str, Sequence[Interval]], shares: Sequence[Interval]) -> Figure:
    """Above, how far vectors have moved when they leave each layer; below, the layer's share."""
    figure, (above, below) = plt.subplots(2, 1, figsize=(5.4, 3.6), sharex=True)
    for (name, found), colour, marker in zip(moved.items(), (BLUE, ORANGE), "os", strict=True):
        _line(above, range(len(found)), found, colour, marker)
        above.text(len(found) - 0.85, found[-1].mean, name, fontsize=9, va="center")
    above.axhline(1, color=GREY, linewidth=1, linestyle=":")
    above.set_title("How far vectors have moved", loc="left")
    above.set(ylabel="share of the scale", ylim=(0, None))
    steps = np.arange(1, len(shares) + 1)
    low, mean, high = np.array([(one.low, one.mean, one.high) for one in shares]).T
    ends = {"yerr": [mean - low, high - mean], "error_kw": {"ecolor": INK, "linewidth": 1.5}}
    below.bar(steps, mean, 0.6, color=GREEN, **ends)
    below.axhline(1 / len(shares), color=GREY, linewidth=1, linestyle=":")
    below.axhline(0, color="black", linewidth=0.8)
    below.text(len(shares) + 0.45, 1 / len(shares), "equal\nshares", fontsize=9, va="center")
    below.set_title("What each layer does of what the head misses", loc="left")
    below.set(xlabel="layer", ylabel="share of the missed", xlim=(-0.15, len(shares) + 0.4))
    below.set_xticks(range(len(shares) + 1))
    below.grid(axis="x", visible=False)
    return figure


def _line(axis, x, found: Sequence[Interval], colour: str, marker: str) -> None:
    means = np.array([one.mean for one in found])
    reach = [means - [one.low for one in found], [one.high for one in found] - means]
    style = {"color": colour, "marker": marker, "capsize": 2, "markersize": 5}
    axis.errorbar(list(x), means, yerr=np.abs(reach), **style)
