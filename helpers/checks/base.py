"""What a statement and its check are, and random documents to try them on."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from helpers.reading import Heads, Reading


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


def random_reading(
    seed: int,
    T: int = 12,
    K: int = 2,
    d_e: int = 5,
    d_att: int = 4,
    d_out: int = 3,
    scale: float = 1.0,
    biases: bool = False,
    distinct: int | None = None,
) -> Reading:
    """A document of `T` tokens in a model with Gaussian weights; the last quarter of it is padding.

    Logits have a standard deviation of about `scale`. `distinct` is the number of different
    words (default: all tokens differ); 0 makes a document of ``[UNK]`` only.
    """
    draw = np.random.default_rng(seed)
    length = max(1, T - T // 4)
    positions = 0.3 * draw.normal(size=(T, d_e))
    cls, unk = draw.normal(size=(2, d_e))
    masked = np.vstack([cls, np.tile(unk, (T - 1, 1))])
    kinds = max(1, T if distinct is None else distinct)
    words = draw.normal(size=(kinds, d_e))
    chosen = np.arange(T) % kinds
    embeddings = np.where((np.arange(T) < length)[:, None] & (distinct != 0), words[chosen], masked)
    embeddings[0] = cls
    heads = Heads(
        W_q=draw.normal(size=(K, d_att, d_e)) * scale / d_e,
        W_k=draw.normal(size=(K, d_att, d_e)),
        W_v=draw.normal(size=(K, d_out, d_e)) / np.sqrt(d_e),
        W_l=draw.normal(size=(K, d_out)) / np.sqrt(d_out),
        **(
            {
                n: draw.normal(size=(K, d_out if n == "b_v" else d_att))
                for n in ("b_q", "b_k", "b_v")
            }
            if biases
            else {}
        ),
    )
    names = [
        "[CLS]",
        *(f"w{k}" if distinct != 0 else "[UNK]" for k in chosen[1:length]),
        *["[UNK]"] * (T - length),
    ]
    return Reading(tuple(names), length, embeddings + positions, masked + positions, heads)
