"""Bags of handwritten digits: multiple-instance learning on real images (Ilse et al., 2018)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

SPLIT = 1000  # images before it are for training, the 797 after it are held out
NINE = 9


@dataclass(frozen=True)
class Bag:
    """Images (d, 64), pixels from 0 to 1, and the digits (d,) that they show."""

    images: np.ndarray
    digits: np.ndarray

    @property
    def nines(self) -> np.ndarray:
        """Which images show a 9, (d,) booleans."""
        return self.digits == NINE

    @property
    def positive(self) -> bool:
        """Whether the bag holds a 9: all that a model is told in training."""
        return bool(self.nines.any())


def digit_bags(
    count: int, nines: Sequence[int], size: int = 8, held_out: bool = False, seed: int = 0
) -> list[Bag]:
    """`count` bags of `size` images from scikit-learn's digits; they hold `nines` 9s in turn.

    A bag shows no image twice; bags may share images, though not training and held-out ones.
    Raises `ValueError` if `nines` asks for more than fit.
    """
    images, digits = _digits()
    if not all(0 <= n <= size for n in nines):
        raise ValueError(f"a bag of {size} images holds 0 to {size} nines, not {tuple(nines)}")
    draw = np.random.default_rng(seed)
    place = np.arange(SPLIT, len(digits)) if held_out else np.arange(SPLIT)
    sides = place[digits[place] == NINE], place[digits[place] != NINE]
    bags = []
    for i in range(count):
        n = nines[i % len(nines)]
        parts = [draw.choice(s, k, replace=False) for s, k in zip(sides, (n, size - n))]
        chosen = draw.permutation(np.concatenate(parts))
        bags.append(Bag(images[chosen], digits[chosen]))
    return bags


@cache
def _digits() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits  # a second to import, and only this needs it

    found = load_digits()
    return found.data / 16, found.target
