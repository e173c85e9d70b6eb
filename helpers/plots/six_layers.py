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
    figure, axis = plt.subplots(figsize=(5.4, 1.1 + 0.25 * len(names)))
    axis.axvspan(*null, color=GREY, alpha=0.35, linewidth=0, label="words permuted")
    axis.axvline(ceiling, color=INK, linestyle="--", linewidth=1, label="two runs of LIME")
    for (model, values), colour, marker in zip(found.items(), (BLUE, ORANGE), "oD"):
        place = [names.index(name) for name in values]
        mean, low, high = np.array(list(values.values())).T
        axis.errorbar(mean, place, xerr=[mean - low, high - mean], fmt=marker, color=colour,
                      markersize=5, label=model)  # fmt: skip
    axis.set_yticks(range(len(names)), names)
    axis.set_xlabel("τ-b with LIME, sizes of scores")
    axis.grid(axis="y", visible=False)
    axis.invert_yaxis()
    axis.legend(**ABOVE, ncols=2, columnspacing=1.0)
    return figure


def evenness(layers: Array, one: Array) -> Figure:
    """Entropy of [CLS]'s attention over its largest, (documents, L) and (documents,), as boxes."""
    figure, axis = plt.subplots(figsize=(5.4, 2.6))
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
    """For each rule the median error of one layer and of six, and a line over the middle 90 %."""
    figure, axis = plt.subplots(figsize=(5.4, 0.9 + 0.4 * len(found)))
    styles = (("one layer", ORANGE, "D", -0.14), ("six layers", BLUE, "o", 0.14))
    for k, (model, colour, marker, offset) in enumerate(styles):
        low, middle, high = np.quantile([x[k] for x in found.values()], [0.05, 0.5, 0.95], axis=1)
        axis.errorbar(middle, np.arange(len(found)) + offset, xerr=[middle - low, high - middle],
                      fmt=marker, color=colour, markersize=6, label=model)  # fmt: skip
    axis.axvline(1, color=GREY, linestyle=":", linewidth=1)
    axis.set_yticks(range(len(found)), list(found))
    axis.set(xlabel="error of the rule, as a share of LIME", xlim=(-0.05, None))
    axis.grid(axis="y", visible=False)
    axis.invert_yaxis()
    axis.legend(**ABOVE, ncols=2)
    return figure
