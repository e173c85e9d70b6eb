"""Names at the ends of lines keep their order, keep apart, and stay near their lines."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers.plots.labels import apart, at_the_ends


@pytest.mark.parametrize(
    ("places", "found"),
    [
        ([0.0, 5.0], [0, 5]),
        ([0.0, 0.0], [-0.5, 0.5]),
        ([3.0, 0.0, 0.2], [3, -0.4, 0.6]),
        ([2.0, 1.0, 1.5], [2.5, 0.5, 1.5]),
    ],
)
def test_places_are_apart_and_near(places, found):
    np.testing.assert_allclose(apart(places, 1.0), found)


def test_names_stand_right_of_their_lines():
    figure, axis = plt.subplots()
    at_the_ends(axis, 2.0, {"a": (0.0, "red"), "b": (0.0, "blue")}, gap=1.0, step=0.2)
    assert [text.get_text() for text in axis.texts] == ["a", "b"]
    assert [text.get_position() for text in axis.texts] == [(2.2, -0.5), (2.2, 0.5)]
    assert [tuple(line.get_ydata()) for line in axis.lines] == [(0, -0.5), (0, 0.5)]
    plt.close(figure)
