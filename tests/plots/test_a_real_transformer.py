"""Figures of a real transformer show the numbers that they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers.evaluation.agreement import Interval
from helpers.plots import a_real_transformer as plots


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def test_agreements_stand_with_their_numbers_best_first():
    found = {"null: b": Interval(0.0, -0.1, 0.1), "a": Interval(0.5, 0.25, 0.75)}
    each = {name: np.linspace(0, 1, 4) for name in found}
    (axis,) = plots.agreement(found, each).axes
    assert [label.get_text() for label in axis.get_yticklabels()] == ["a", "null: b"]
    written = [text.get_text() for text in axis.texts]
    assert written == ["0.50 [0.25, 0.75]", "0.00 [−0.10, 0.10]"]
    assert [bars.lines[0].get_xdata()[0] for bars in axis.containers] == [0.5, 0.0]
    assert [bars.lines[0].get_color() for bars in axis.containers] == [plots.BLUE, plots.GREY]


def test_shares_of_layers_are_bars_below_the_distances():
    moved = {"word": [Interval(x, x, x) for x in (0.0, 0.5, 1.0)]}
    moved["[CLS]"] = moved["word"][::-1]
    above, below = plots.layers(moved, [Interval(0.25, 0.0, 0.5), Interval(0.75, 0.5, 1.0)]).axes
    drawn = [bars.lines[0].get_ydata().tolist() for bars in above.containers]
    assert drawn == [[0.0, 0.5, 1.0], [1.0, 0.5, 0.0]]
    assert [bar.get_height() for bar in below.patches] == [0.25, 0.75]
    assert [text.get_text() for text in above.texts] == ["word", "[CLS]"]


def test_two_values_of_a_word_are_joined():
    (axis,) = plots.two_ways("ab", np.array([1.0, 2.0]), np.array([0.0, 3.0]), np.ones(2)).axes
    joined = [segment[:, 0].tolist() for segment in axis.collections[0].get_segments()]
    assert joined == [[1.0, 0.0], [2.0, 3.0]]
