"""Bags of digits hold what was asked for, and held-out images are no training images."""

import numpy as np
import pytest

from helpers.data.bags import digit_bags


def test_bags_hold_as_many_nines_as_asked_for():
    bags = digit_bags(6, (0, 1, 3), size=5)
    assert [bag.nines.sum() for bag in bags] == [0, 1, 3, 0, 1, 3]
    assert [bag.positive for bag in bags] == [False, True, True] * 2
    assert all(bag.images.shape == (5, 64) and len(bag.digits) == 5 for bag in bags)
    assert all(bag.images.min() >= 0 and bag.images.max() == 1 for bag in bags)


def test_held_out_images_are_others_and_a_seed_decides():
    def images(**more):
        return {image.tobytes() for bag in digit_bags(200, (2,), **more) for image in bag.images}

    train, held_out = images(), images(held_out=True)
    assert not train & held_out and len(train) > 700 and len(held_out) > 500
    assert images(seed=1) != train == images()


def test_no_image_twice_in_a_bag():
    for bag in digit_bags(50, (0, 4)):
        assert len(np.unique(bag.images, axis=0)) == 8


def test_too_many_nines():
    with pytest.raises(ValueError, match="0 to 3 nines"):
        digit_bags(1, (4,), size=3)
