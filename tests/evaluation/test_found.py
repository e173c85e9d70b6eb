"""Areas under the ROC curve within and across documents, by hand and at chance."""

import numpy as np
import pytest

from helpers.evaluation.found import across, within


def test_within_by_hand():
    marked = [np.array([True, False, False]), np.array([True, True, False])]
    found = within(marked, [np.array([2.0, 1.0, 3.0]), np.array([2.0, 1.0, 1.0])])
    assert found.mean == pytest.approx((1 / 2 + 3 / 4) / 2)


def test_across_by_hand():
    found = across([np.array([2.0]), np.array([0.0, 1.0])], [np.array([1.0, 3.0])])
    assert found.mean == pytest.approx((1 / 2 + 1 / 8) / 2)
    assert across([np.ones(2)] * 3, [np.zeros(4)] * 3).low == 1


def test_chance_is_one_half_and_the_interval_covers_about_as_often_as_it_says():
    draw = np.random.default_rng(0)
    found = [
        across(list(draw.normal(size=(30, 2))), list(draw.normal(size=(20, 4)))) for _ in range(60)
    ]
    covered = np.mean([interval.low <= 0.5 <= interval.high for interval in found])
    assert covered > 0.85
    assert abs(np.mean([interval.mean for interval in found]) - 0.5) < 0.03
