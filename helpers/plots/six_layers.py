"""Figures of the chapter on six layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.model.reading import Array
from helpers.plots.base import ABOVE, BLUE, GREY, INK, ORANGE


def agreements(
    names: Sequence[str],
    found: Mapping[str, Mapping[str, tuple[float, float, float]]],
    null: tuple[float, float],
    ceiling: float,
) -> Figure:
    """For each of `names`, top to bottom, a mean and its interval for each model that has it.

    `null` is the band of scores on the wrong words, `ceiling` what two runs of LIME reach.
    """
    figure, axis = plt.subplots(figsize=(5.6, 1.2 + 0.32 * len(names)))
    axis.axvspan(*null, color=GREY, alpha=0.35, linewidth=0, label="words permuted")
    axis.axvline(ceiling, color=INK, linestyle="--", linewidth=1, label="two runs of LIME")
    for (model, values), colour, marker, offset in zip(
        found.items(), (BLUE, ORANGE), ("o", "D"), (-0.14, 0.14)
    ):
        place = np.array([names.index(name) for name in values]) + offset
        mean, low, high = np.array(list(values.values())).T
        axis.errorbar(mean, place, xerr=[mean - low, high - mean], fmt=marker, color=colour,
                      markersize=5, label=model)  # fmt: skip
    axis.set_yticks(range(len(names)), names)
    axis.set_xlabel("Kendall's τ-b with LIME, sizes of scores")
    axis.grid(axis="y", visible=False)
    axis.invert_yaxis()
    axis.legend(**ABOVE, ncols=2, columnspacing=1.0)
    return figure


def evenness(layers: Array, one: Array) -> Figure:
    """Entropy of [CLS]'s attention over its largest, (documents, L) and (documents,), as boxes."""
    figure, axis = plt.subplots(figsize=(5.6, 2.8))
    columns = [one, *layers.T]
    names = ["one layer", *(f"{n}" for n in range(1, len(columns)))]
    boxes = axis.boxplot(columns, whis=(5, 95), showfliers=False, patch_artist=True)
    for box, colour in zip(boxes["boxes"], [ORANGE] + [BLUE] * len(layers.T)):
        box.set(facecolor=colour, alpha=0.6)
    for line in boxes["medians"]:
        line.set_color(INK)
    axis.axhline(1, color=GREY, linewidth=1, linestyle=":")
    axis.set_xticks(range(1, len(columns) + 1), names)
    axis.set(xlabel="layer of six", ylabel="evenness of attention")
    return figure


def errors(found: Mapping[str, tuple[Array, Array]]) -> Figure:
    """For each rule two boxes of relative errors: one layer, and six."""
    figure, axis = plt.subplots(figsize=(5.6, 0.9 + 0.55 * len(found)))
    for k, pair in enumerate(found.values()):
        for values, offset, colour in zip(pair, (-0.17, 0.17), (ORANGE, BLUE)):
            boxes = axis.boxplot(
                [values], positions=[k + offset], widths=0.28, orientation="horizontal",
                whis=(5, 95), showfliers=False, patch_artist=True, manage_ticks=False,
            )  # fmt: skip
            boxes["boxes"][0].set(facecolor=colour, alpha=0.6)
            boxes["medians"][0].set_color(INK)
    for colour, name in ((ORANGE, "one layer"), (BLUE, "six layers")):
        axis.plot([], [], "s", color=colour, label=name)
    axis.set_yticks(range(len(found)), list(found))
    axis.set(xscale="log", xlabel="error of the rule, as a share of LIME")
    axis.grid(axis="y", visible=False)
    axis.invert_yaxis()
    axis.legend(**ABOVE, ncols=2)
    return figure
