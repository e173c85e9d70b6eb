"""What a statement and its check are, and random documents to try them on."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


class CheckFailed(AssertionError):
    """Two sides of a statement differ by more than its tolerance."""


@dataclass(frozen=True)
class Statement:
    """A statement: the label of its block in a chapter, its claim, source and tolerance."""

    label: str
    claim: str
    source: str
    tolerance: float


@dataclass(frozen=True)
class Outcome:
    """A statement that was checked, and the largest error found."""

    statement: Statement
    error: float

    def __str__(self) -> str:
        claim, tolerance = self.statement.claim, self.statement.tolerance
        return f"{claim}: agrees, largest error {self.error:.1e} (tolerance {tolerance:.0e})"

    __repr__ = __str__


LEDGER: dict[str, Statement] = {}


def largest(*errors: float) -> float:
    """The largest of `errors`; NaN if one of them is, which Python's own `max` can lose."""
    return float(np.max(errors))


def statement(label: str, claim: str, source: str, tolerance: float) -> Callable:
    """Enter a check into the `LEDGER`. The decorated function returns the largest error found."""
    entry = Statement(label, claim, source, tolerance)

    def enter(measure: Callable[..., float]) -> Callable[..., Outcome]:
        if label in LEDGER:
            raise ValueError(f"two checks have the label {label!r}")
        LEDGER[label] = entry

        @functools.wraps(measure)
        def check(*arguments: object, **named: object) -> Outcome:
            error = float(measure(*arguments, **named))
            if not error <= tolerance:  # NaN fails, too
                raise CheckFailed(
                    f"{claim} ({label}): error {error:.3e} exceeds the tolerance {tolerance:.0e}"
                )
            return Outcome(entry, error)

        return check

    return enter
