"""Figures on heads: effects, shares and areas stand where their numbers are."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from helpers.evaluation.agreement import mean_interval
from helpers.evaluation.mediation import Effects
from helpers.plots import heads

SKEWED = np.random.default_rng(0).exponential(size=25) ** 2
EFFECTS = Effects(np.array([1.0, -2.0]), np.array([0.5, 0.25]), np.array([0.25, 0.0]))


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def lines(axis):
    return {line.get_label(): line for line in axis.lines}


def test_bars_are_effects_of_heads_and_marks_are_routes():
    one, other = heads.by_head({"a": EFFECTS, "b": EFFECTS}).axes
    for axis in (one, other):
        assert [bar.get_width() for bar in axis.patches] == [1.75, -1.75]
        colours = [to_hex(bar.get_facecolor()).upper() for bar in axis.patches]
        assert colours == [heads.BLUE, heads.RED]
        assert lines(axis)["attention alone"].get_xdata().tolist() == [1, -2]
        assert lines(axis)["values alone"].get_xdata().tolist() == [0.5, 0.25]


def test_tokens_are_sums_over_heads():
    two = Effects(*(np.stack([x, 2 * x]) for x in (EFFECTS.attention, EFFECTS.values, np.ones(2))))
    (axis,) = heads.tokens(two).axes
    drawn = lines(axis)
    for name, x in (("attention alone", EFFECTS.attention), ("values alone", EFFECTS.values)):
        np.testing.assert_allclose(drawn[name].get_xdata(), two.total)
        np.testing.assert_allclose(drawn[name].get_ydata(), 3 * x)


def test_shares_keep_their_longer_ends():
    found = [mean_interval(SKEWED + k) for k in range(3)]
    left, right = heads.shares({"one": found}, {"one": found}).axes
    for axis in (left, right):
        segments = axis.containers[0].lines[2][0].get_segments()
        np.testing.assert_allclose([x[:, 0] for x in segments], [[x.low, x.high] for x in found])
    assert right.get_xlim()[0] == 0


def test_areas_and_costs():
    areas = {"heads": np.array([[0.7, 0.9], [0.6, 0.85], [0.9, 0.92]])}
    left, right = heads.probed(
        ("a", "b"), areas, np.array([0.1, 0.4]), np.array([0.05, 0, 0.2])
    ).axes
    segments = left.containers[0].lines[2][0].get_segments()
    np.testing.assert_allclose([x[:, 0] for x in segments], [[0.6, 0.9], [0.85, 0.92]])
    shaded, *bars = right.patches
    assert [bar.get_width() for bar in bars] == [0.1, 0.4]
    assert (shaded.get_x(), shaded.get_width()) == (0, 0.2)
