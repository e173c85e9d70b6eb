"""Random documents for property tests, and snippets made up for tests of the corpus."""

import numpy as np
from hypothesis import strategies as st

from helpers.checks.examples import random_reading
from helpers.data.reviews import Review

SHAPES = {
    "seed": st.integers(0, 10**6),
    "T": st.integers(1, 40),
    "K": st.integers(1, 4),
    "d_e": st.integers(1, 8),
    "d_att": st.integers(1, 8),
    "d_out": st.integers(1, 8),
    "scale": st.sampled_from([1e-8, 1.0, 30.0]),
    "biases": st.booleans(),
    "distinct": st.sampled_from([None, 0, 1, 3]),
}


def documents(**changes: st.SearchStrategy) -> st.SearchStrategy:
    """Random documents of `SHAPES`, with `changes` to these."""
    return st.builds(random_reading, **SHAPES | changes)


DOCUMENTS = documents()


def invented(count, seed=0):
    """Snippets in which the words good and bad decide."""
    draw = np.random.default_rng(seed)
    made = []
    for n in range(count):
        rating = draw.choice([-2.5, -1.0, 1.0, 2.5])
        words = [f"w{k}" for k in draw.integers(0, 30, size=4)] + ["good" if rating > 0 else "bad"]
        made.append(Review(str(n), float(rating), " ".join([*draw.permutation(words), f"n{n}"])))
    return made


INVENTED = invented(600)
