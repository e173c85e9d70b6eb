"""Numbers that count what is done with them, put through the engine of exact explanations."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np

from helpers.games import expectations
from helpers.model.reading import Array


class Tally:
    """How many operations have been done."""

    done = 0


class Counted:
    """A number whose additions, multiplications, divisions and exponentials go into a `tally`."""

    def __init__(self, value: float, tally: Tally) -> None:
        self.value, self.tally = value, tally

    def made(self, value: float) -> Counted:
        """The result of one operation more."""
        self.tally.done += 1
        return Counted(value, self.tally)

    def exp(self) -> Counted:
        return self.made(math.exp(self.value))

    def expm1(self) -> Counted:
        return self.made(math.expm1(self.value))

    def __neg__(self) -> Counted:
        return Counted(-self.value, self.tally)

    def __abs__(self) -> Counted:
        return Counted(abs(self.value), self.tally)

    def __gt__(self, other: object) -> bool:
        return self.value > plain(other)

    def __le__(self, other: object) -> bool:
        return self.value <= plain(other)


def plain(number: object) -> float:
    """The value of a counted number; any other is its own."""
    return number.value if isinstance(number, Counted) else number


def counted(operation: Callable, turned: bool) -> Callable:
    """`operation` of two numbers as a method; an array does it entry by entry itself."""

    def method(self: Counted, other: object) -> Counted:
        if isinstance(other, np.ndarray):
            return NotImplemented
        pair = (plain(other), self.value) if turned else (self.value, plain(other))
        return self.made(operation(*pair))

    return method


for name in ("add", "sub", "mul", "truediv"):
    for prefix, turned in (("", False), ("r", True)):
        setattr(Counted, f"__{prefix}{name}__", counted(getattr(operator, name), turned))


def engine(nodes: int, probabilities: int, d: int) -> int:
    """Operations of the engine for one head of `d` words, effects asked for, by counting them."""
    draw, tally = np.random.default_rng(0), Tally()

    def numbers(*shape: int) -> Array:
        return np.vectorize(lambda x: Counted(x, tally), otypes=[object])(draw.random(shape))

    kept, kept_value, masked, masked_value = (numbers(1, d) for _ in range(4))
    game = SimpleNamespace(
        kept_weight=kept, kept_value=kept_value, masked_weight=masked, masked_value=masked_value,
        rest_weight=numbers(1), rest_value=numbers(1), a=kept - masked, b=kept_value - masked_value,
    )  # fmt: skip
    u, w, p = numbers(nodes), numbers(nodes), numbers(probabilities)
    tally.done = 0
    expectations._block(game, 0, u, w, p, {"effect": numbers(probabilities, 1)})
    return tally.done
