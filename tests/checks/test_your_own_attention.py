"""The chapter on a reader's own attention: its truths are independent, its figures are drawn."""

import numpy as np
import pytest

from helpers.checks import CheckFailed, oracles
from helpers.checks import your_own_attention as checks
from helpers.data.bags import digit_bags
from helpers.evaluation.agreement import Interval
from helpers.plots import your_own_attention as figures


def test_enumerated_shapley_of_a_game_that_is_known():
    """A glove game: the output is 1 if the right glove and one of the two left ones are there."""
    outputs = {
        tuple(z): float(z[0] and (z[1] or z[2])) for z in oracles.every_mask(3).astype(int).tolist()
    }
    np.testing.assert_allclose(oracles.enumerated_shapley(outputs), [2 / 3, 1 / 6, 1 / 6])


def test_every_bag_by_hand():
    found = checks.every_bag(np.log([1.0, 3.0]), np.array([4.0, 8.0]), -1.0)
    assert found == pytest.approx({(0, 0): -1.0, (0, 1): 8.0, (1, 0): 4.0, (1, 1): 7.0})


def test_torch_truth_by_hand():
    """All rows equal: attention is uniform, and the value passes both projections."""
    layer, readout = checks.random_layer(0)
    rows = np.ones((4, 6))
    output, weights = checks.by_torch(layer, readout, rows)
    np.testing.assert_allclose(weights, 0.25)
    assert output == pytest.approx(checks.by_torch(layer, readout, rows[:1])[0], abs=1e-12)


def test_a_wrong_rate_of_the_empty_bag_is_caught():
    bag = np.zeros((1, 4)), np.arange(4.0)[None]
    checks.empty_bag(*bag)
    with pytest.raises(CheckFailed):
        checks.empty_bag(*bag, lambda d: -1 / (d + 1))


def test_figures_are_drawn():
    plt = pytest.importorskip("matplotlib.pyplot")
    bags = digit_bags(3, (0, 1, 2))
    scores = {name: [np.linspace(low, 1, 8)] * 3 for name, low in (("a", 0.0), ("b", -1.0))}
    figure = figures.scored_bags(bags, scores)
    assert len(figure.axes) == 8 and len(figure.axes[6].patches) == 2  # frames around two 9s
    assert [text.get_text() for text in figure.axes[1].texts][::8] == ["0.00", "−1.00"]
    found = {name: {"one 9": Interval(0.9, 0.8, 1.0)} for name in ("a", "b")}
    assert figures.who_finds_them(found).axes[0].get_yticklabels()[1].get_text() == "b"
    plt.close("all")
