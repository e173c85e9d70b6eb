"""Figures on training documents: those behind a prediction, retraining, groups, noise, copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from helpers.evaluation.agreement import Interval
from helpers.model.reading import Array, Reading
from helpers.plots.base import ABOVE, BLUE, COLOURS, GREEN, GREY, INK, MARKERS, ORANGE, RED

LINE = 45  # characters in a line of a review


def _lines(words: Sequence[str]) -> list[list[int]]:
    """Places of `words`, line by line."""
    rows: list[list[int]] = [[]]
    for t, word in enumerate(words):
        if sum(len(words[k]) + 1 for k in rows[-1]) + len(word) > LINE:
            rows.append([])
        rows[-1].append(t)
    return rows


def _write(axis: Axes, reading: Reading, top: float, colour: str) -> float:
    """The text from height `top` down, words shaded by average attention; the height below it."""
    words, weight = reading.text[1:], reading.attention.mean(axis=0)[1 : reading.length]
    for row in _lines(words):
        place = 0
        for t in row:
            box = (place - 0.3, top - 0.5), len(words[t]) + 0.6, 1
            share = 0.6 * weight[t] / weight.max()
            axis.add_patch(Rectangle(*box, facecolor=colour, alpha=share, linewidth=0))
            axis.text(
                place + len(words[t]) / 2, top, words[t],
                family="monospace", fontsize=10, ha="center", va="center", color=INK,
            )  # fmt: skip
            place += len(words[t]) + 1
        top += 1.25
    return top


def behind(explained: Reading, found: Sequence[tuple[Reading, bool, float]]) -> Figure:
    """A review, and below it training documents (reading, its label, what it adds to the logit)."""
    rows = [len(_lines(x.text[1:])) for x in (explained, *(reading for reading, *_ in found))]
    figure, axis = plt.subplots(figsize=(4.8, 0.165 * sum(rows) + 0.17 * len(rows) + 0.3))
    top = _write(axis, explained, 0, GREY) + 0.9
    most = max(abs(value) for *_, value in found)
    for reading, positive, value in found:
        colour, label = (BLUE, "+") if positive else (RED, "−")
        length = 4.5 * abs(value) / most
        axis.add_patch(Rectangle((-2 - length, top - 0.4), length, 0.8, facecolor=colour))
        axis.text(-7.8, top, label, fontsize=10, ha="center", va="center", color=INK)
        top = _write(axis, reading, top, colour) + 0.5
    axis.set(xlim=(-8.6, LINE + 0.5), ylim=(top - 0.6, -0.8))
    axis.set_axis_off()
    return figure


def against_retraining(
    truth: Array, found: Array, leverage: Array, errors: Mapping[str, Array]
) -> Figure:
    """Above: changes (k, n), found against retrained; below: errors (n,) by leverage (n,)."""
    figure, (above, below) = plt.subplots(2, 1, figsize=(4.8, 3.7), height_ratios=[0.8, 1.2])
    ends = np.array([min(truth.min(), found.min()), max(truth.max(), found.max())]) * 1.05
    above.plot(ends, ends, color=GREY, linewidth=1)
    above.plot(truth.ravel(), found.ravel(), ".", color=BLUE, markersize=3, rasterized=True)
    above.set(xlabel="change of a logit, retrained", ylabel="influence")
    above.locator_params(nbins=5)
    for (name, each), colour, marker in zip(errors.items(), (ORANGE, GREEN, INK), MARKERS):
        below.plot(leverage, each, marker, color=colour, markersize=3, label=name)
    below.set(xscale="log", yscale="log", xlabel="leverage h", ylabel="error / change")
    below.legend(loc="upper center", bbox_to_anchor=(0.45, -0.4), markerscale=2, ncols=3)
    return figure


def groups(shares: Sequence[float], ratios: Mapping[str, Array]) -> Figure:
    """What the sum of influences says over what retraining does, (shares, draws) for each kind."""
    figure, axis = plt.subplots(figsize=(4.8, 3.0))
    axis.axhline(1, color=GREY, linewidth=1)
    for (name, values), colour, marker in zip(ratios.items(), (BLUE, RED), MARKERS):
        axis.plot(shares, values.mean(axis=1), color=colour)
        for column in values.T:
            axis.plot(shares, column, marker, color=colour, markersize=5)
        axis.plot([], [], f"{marker}-", color=colour, label=name)
    axis.set(xscale="log", ylim=(0, 1.1), xlabel="share of the training documents removed")
    axis.set_ylabel("said / retrained")
    axis.set_xticks(shares, [f"{share:.1%}".replace(".0%", "%") for share in shares])
    axis.minorticks_off()
    axis.legend(loc="lower left")
    return figure


def intervals(found: Mapping[str, Mapping[str, Interval]], chance: float, name: str) -> Figure:
    """For each row a marker and an interval for each kind, and a line where chance is."""
    kinds = list(next(iter(found.values())))
    figure, axis = plt.subplots(figsize=(5.0, 1.0 + 0.62 * len(found)))
    axis.axvline(chance, color=GREY, linestyle="--", linewidth=1.2, label="chance")
    for k, (kind, colour, marker) in enumerate(zip(kinds, COLOURS, MARKERS)):
        place = np.arange(len(found)) + 0.22 * (k - (len(kinds) - 1) / 2)
        each = [row[kind] for row in found.values()]
        middle = np.array([x.mean for x in each])
        ends = np.array([[x.mean - x.low for x in each], [x.high - x.mean for x in each]])
        axis.errorbar(middle, place, xerr=ends, fmt=marker, color=colour, markersize=5, label=kind)
    axis.set_yticks(range(len(found)), list(found))
    axis.set(xlabel=name, xlim=(-0.03, 1.03))
    axis.grid(axis="y", visible=False)
    axis.invert_yaxis()
    axis.legend(**ABOVE, ncols=2)
    return figure
