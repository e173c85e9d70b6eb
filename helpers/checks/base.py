"""What a statement and its check are."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np


class CheckFailed(AssertionError):
    """Two sides of a statement differ by more than its tolerance."""


@dataclass(frozen=True)
class Statement:
    """A statement: the label of its block in a chapter, its claim, source and tolerance.

    An error is a plain number, relative or not as the check says, unless it has a `unit`: a share
    of a bound, say, or a number of standard errors.
    """

    label: str
    claim: str
    source: str
    tolerance: float
    unit: str = ""


@dataclass(frozen=True)
class Outcome:
    """A statement that was checked, and the largest error found."""

    statement: Statement
    error: float

    def __str__(self) -> str:
        """What is determined: rounding errors differ between processors, and are not shown."""
        claim, tolerance, unit = (
            self.statement.claim, self.statement.tolerance, self.statement.unit,
        )  # fmt: skip
        if unit:
            return f"{claim}: {shown(self.error, 0.01, '.2f')} {unit}, limit {tolerance:g}"
        return f"{claim}: agrees " + (f"within {tolerance:.0e}" if tolerance else "exactly")

    __repr__ = __str__


LEDGER: dict[str, Statement] = {}


def largest(*errors: float) -> float:
    """The largest of `errors`; NaN if one of them is, which Python's own `max` can lose."""
    return float(np.max(errors))


def shown(error: float, floor: float = 1e-14, digits: str = ".0e") -> str:
    """An error as text; one below the `floor`, whose digits are rounding, only as below it."""
    return f"below {floor:g}" if error < floor else format(error, digits)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome with the largest error."""
    return max(outcomes, key=lambda outcome: outcome.error)


def deviation(found: np.ndarray, truth: np.ndarray) -> float:
    """The largest difference, relative to the largest entry of the truth if that is above 1."""
    scale = max(1.0, float(np.abs(truth).max(initial=0.0)))
    return float(np.abs(np.asarray(found) - truth).max(initial=0.0)) / scale


def statement(label: str, claim: str, source: str, tolerance: float, unit: str = "") -> Callable:
    """Enter a check into the `LEDGER`. The decorated function returns the largest error found."""
    entry = Statement(label, claim, source, tolerance, unit)

    def enter(measure: Callable[..., float]) -> Callable[..., Outcome]:
        if label in LEDGER:
            raise ValueError(f"two checks have the label {label!r}")
        LEDGER[label] = entry

        @functools.wraps(measure)
        def check(*arguments: object, **named: object) -> Outcome:
            error = float(measure(*arguments, **named))
            if not error <= tolerance:  # NaN fails, too
                limit = f"{tolerance:g} {unit}" if unit else f"{tolerance:.0e}"
                raise CheckFailed(
                    f"{claim} ({label}): error {error:.3e} exceeds the tolerance {limit}"
                )
            return Outcome(entry, error)

        return check

    return enter
