"""Figures on exchanged words show the numbers that they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers.plots import adversaries as plots


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def test_every_exchange_is_a_dot_and_named_ones_are_marked():
    promised, real = np.arange(6.0).reshape(2, 3), -np.arange(6.0).reshape(2, 3)
    (axis,) = plots.promises(promised, real, {"a": (4.0, -4.0), "b": (1.0, -1.0)}).axes
    dots, diagonal, first, second, _ = axis.lines
    np.testing.assert_array_equal(dots.get_xydata(), np.column_stack([range(6), -np.arange(6)]))
    assert diagonal.get_xdata().tolist() == diagonal.get_ydata().tolist() == [-5, 0]
    assert [*first.get_xydata()[0], *second.get_xydata()[0]] == [4, -4, 1, -1]


def test_shares_are_sorted_lines_below_the_best():
    values = np.array([0.5, 0.1, 0.3])
    for axis in plots.shares({"x": [values, 2 * values, 0 * values], "y": [values] * 3}).axes:
        assert axis.lines[0].get_ydata().tolist() == [0.1, 0.3, 0.5]
        assert axis.lines[-1].get_ydata()[0] == 1


def test_bars_are_shares_of_documents_and_the_last_one_holds_the_rest():
    (axis,) = plots.fewest({"any": [1, 1, 2, 2], "stop": [1, 3, 9, np.inf]}, most=3).axes
    heights = [[bar.get_height() for bar in bars] for bars in axis.containers]
    assert heights == [[0.5, 0.5, 0, 0], [0.25, 0, 0.25, 0.5]]
