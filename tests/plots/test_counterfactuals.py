"""Figures on counterfactuals show the words and the numbers that they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers.evaluation.agreement import Interval
from helpers.plots import counterfactuals as plots
from helpers.plots.base import RED


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def test_masked_words_are_marked_and_every_word_is_written():
    text = ("a", "dull", "plot", "but", "not", "dull") * 5
    paths = {"LIME": np.zeros(3), "IG": np.ones(3)}
    figure = plots.flipped(text, {"dull"}, np.array([-1.0, 0.5, 1.0]), paths, np.zeros((3, 9)))
    words = figure.axes[0].texts
    assert tuple(x.get_text() for x in words) == text
    assert {x.get_text() for x in words if x.get_color() == RED} == {"dull"}
    spans = [x.get_position() for x in words]
    assert len(set(spans)) == len(text) and max(x for x, _ in spans) < plots.LINE


def test_bars_count_documents():
    (axis,) = plots.sizes([1, 1, 2, 4], [1, 1, 1, 2]).axes
    heights = [[bar.get_height() for bar in bars] for bars in axis.containers]
    assert heights == [[2, 1, 0, 1], [3, 1, 0, 0]]


def test_intervals_and_marks_of_each_panel():
    found = {"greedy": Interval(2.0, 1.5, 3.0), "LIME": Interval(4.0, 3.5, 6.0)}
    figure = plots.needed({"one": found, "four": found}, {"one": (2, 9), "four": (1, 20)})
    for axis, marks in zip(figure.axes, ((2, 9), (1, 20))):
        assert tuple(line.get_xdata()[0] for line in axis.lines[:2]) == marks
        (bars,) = axis.containers
        np.testing.assert_allclose(bars.lines[0].get_xdata(), [2, 4])
        ends = [segment[:, 0].tolist() for segment in bars.lines[2][0].get_segments()]
        np.testing.assert_allclose(ends, [[1.5, 3.0], [3.5, 6.0]])
        assert axis.yaxis.get_inverted()
