"""How a number spreads over documents: one row for each name, drawn lighter than a box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from helpers.model.reading import Array


def spreads(axis: Axes, values: Mapping[str, Array], colours: Sequence[str]) -> None:
    """From top to bottom: a dot for the median, a thick line for half of them, a thin for 90 %."""
    place = np.arange(len(values))
    ends = np.array([np.quantile(x, [0.05, 0.25, 0.5, 0.75, 0.95]) for x in values.values()])
    axis.hlines(place, ends[:, 0], ends[:, 4], color=colours, linewidth=1.2)
    axis.hlines(place, ends[:, 1], ends[:, 3], color=colours, linewidth=6, alpha=0.45)
    axis.scatter(ends[:, 2], place, s=34, color=colours, zorder=3)
    axis.set_yticks(place, list(values))
    axis.tick_params(axis="y", length=0)
    axis.grid(axis="y", visible=False)
    axis.set_ylim(len(values) - 0.4, -0.6)
