"""Heads that decide."""

from dataclasses import replace

import numpy as np

from helpers.explainers import attention
from helpers.model.reading import Heads, micro_example


def heads_with_outputs(*factors):
    """The micro-example with heads whose outputs are the factors times f."""
    K, plain = len(factors), micro_example()
    first, second = np.array([[[1.0, 0.0]]] * K), np.array([[[0.0, 1.0]]] * K)
    return replace(plain, heads=Heads(first, first, second, np.array([[x] for x in factors])))


def test_of_two_opposed_heads_of_one_size_neither_decides():
    """Without either head the output has a sign, and with both it has none to change."""
    reading = heads_with_outputs(1.0, -1.0)
    assert reading.output == 0 and reading.head_outputs[0] == -reading.head_outputs[1] > 0
    assert attention.deciding_heads(reading).tolist() == [False, False]


def test_a_head_decides_if_it_outweighs_the_others_that_oppose_it():
    assert attention.deciding_heads(heads_with_outputs(3.0, -1.0, -1.0)).tolist() == [1, 0, 0]
    assert attention.deciding_heads(heads_with_outputs(1.0, -1.0, -1.0)).tolist() == [0, 0, 0]
