"""Names written at the ends of lines, where a legend would send the eye to and fro."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from scipy.optimize import isotonic_regression

from helpers.model.reading import Array
from helpers.plots.base import INK


def apart(places: Sequence[float], gap: float) -> Array:
    """The places (n,) nearest to `places` in their order of which no two are closer than `gap`."""
    order = np.argsort(places, kind="stable")
    steps = gap * np.arange(len(order))
    found = np.empty(len(order))
    found[order] = isotonic_regression(np.asarray(places, float)[order] - steps).x + steps
    return found


def at_the_ends(
    axis: Axes, x: float, ends: Mapping[str, tuple[float, str]], gap: float, step: float
) -> None:
    """Right of `x` each name at the height of its line's end, moved up or down to be read.

    `ends` are heights and colours, `gap` the least distance of two names and `step` how far right
    they stand, in units of the data.
    """
    heights = apart([height for height, _ in ends.values()], gap)
    for (name, (height, colour)), place in zip(ends.items(), heights):
        lead = [x + 0.15 * step, x + 0.85 * step]
        axis.plot(lead, [height, place], color=colour, linewidth=1, clip_on=False)
        axis.text(x + step, place, name, color=INK, fontsize=9, va="center", clip_on=False)
