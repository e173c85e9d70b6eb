"""Figures on robustness show the numbers that they are given, in the order that they promise."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers.evaluation.agreement import Interval
from helpers.plots import robustness as plots


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def names_of(axis):
    return [label.get_text() for label in axis.get_yticklabels()]


def test_what_nine_of_ten_exceed_stands_beside_what_is_worse_than_chance():
    tenths = {"a": Interval(0.1, 0.0, 0.15), "b": Interval(0.3, 0.25, 0.4)}
    worse = {"a": (0.06, 0.03, 0.1), "b": (0.0, 0.0, 0.02)}
    left, right = plots.reported(tenths, worse).axes
    assert names_of(left) == ["b", "a"]
    for axis, rows in (
        (left, [(0.3, 0.25, 0.4), (0.1, 0.0, 0.15)]),
        (right, [worse["b"], worse["a"]]),
    ):
        (bars,) = axis.containers
        np.testing.assert_allclose(bars.lines[0].get_xdata(), [mean for mean, *_ in rows])
        ends = [segment[:, 0] for segment in bars.lines[2][0].get_segments()]
        np.testing.assert_allclose(ends, [low_high for _, *low_high in rows])


def test_moves_are_drawn_in_the_rows_of_their_methods():
    retrained = np.array([[0.5, 0.7], [0.4, 0.6], [0.6, 0.75]])
    found = {"retrain": retrained, "drop": retrained + 0.1}
    (axis,) = plots.moves(["a", "b"], found, {"retrain": 83, "drop": 35}, "tau").axes
    assert names_of(axis) == ["b", "a"]
    for bars, values in zip(axis.containers, found.values(), strict=True):
        np.testing.assert_allclose(bars.lines[0].get_xdata(), values[0, ::-1])
    texts = [text.get_text() for text in axis.get_legend().get_texts()]
    assert texts == ["retrain (83)", "drop (35)"]


def test_areas_are_sorted_with_their_shift():
    (axis,) = plots.shifts(["a", "b"], np.array([0.3, 0.1]), np.array([0.35, 0.2])).axes
    assert names_of(axis) == ["b", "a"]
    drawn = {line.get_label(): line.get_xdata().tolist() for line in axis.lines}
    assert drawn == {"as compared": [0.1, 0.3], "with one useless method more": [0.2, 0.35]}
