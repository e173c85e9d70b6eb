"""Random documents for property tests."""

from hypothesis import strategies as st

from helpers.checks.examples import random_reading

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
