"""Arguments of a wrong kind: the errors say what was given, and name the call to make."""

from __future__ import annotations

import operator
import os
import reprlib
from collections.abc import Iterable, Mapping
from numbers import Real
from pathlib import Path
from typing import TypeVar

Kind = TypeVar("Kind")


def shown(value: object) -> str:
    """`value` as Python writes it, of a text the first 80 characters only."""
    if isinstance(value, str):
        return repr(value[:80]) + ("…" if len(value) > 80 else "")
    return reprlib.repr(value)


def kind_of(value: object) -> str:
    """What `value` is, in a word or two: ``str``, ``None``, ``list of float``."""
    if value is None:
        return "None"
    if isinstance(value, (list, tuple)) and value:
        return f"{type(value).__name__} of {type(value[0]).__name__}"
    return type(value).__name__


def wrong_kind(wanted: str, value: object, call: str) -> TypeError:
    """The error for an argument of a wrong kind; `call` is what the reader can do instead."""
    return TypeError(f"{wanted}, not {kind_of(value)}: {call}")


def instead(value: object, call: str) -> str:
    """What to do with `value`, which is of a wrong kind: what it says itself, or else `call`."""
    return getattr(value, "instead", call)


def list_of(kind: type[Kind], name: str, values: Iterable[Kind], call: str) -> list[Kind]:
    """`values` as a list if each of them is of that kind, or a `TypeError`."""
    if isinstance(values, Iterable) and not isinstance(values, (str, bytes, Mapping)):
        found = [values] if getattr(values, "ndim", 1) == 0 else list(values)  # an array of no axis
        others = set(map(type, found)) - {kind}  # few types, where values can be many
        strangers = [value for value in found if others and not isinstance(value, kind)]
        if not strangers:
            return found
        values = strangers[:1]  # type: ignore[assignment]
    raise wrong_kind(f"{name} is a list of {kind.__name__}", values, call)


def whole(name: str, value: object, least: int, most: int | None = None) -> int:
    """`value` as an int; `TypeError` unless it is a whole number, `ValueError` if out of range."""
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise wrong_kind(f"{name} is a whole number", value, f"give {name}={least}") from None
    if number < least or (most is not None and number > most):
        end = "or more" if most is None else f"to {most}"
        raise ValueError(f"{name} is {number}, expected {least} {end}")
    return number


def number(name: str, value: object) -> float:
    """`value` as a float; a `TypeError` unless it is one real number (NaN and infinity are)."""
    if not isinstance(value, Real):
        raise wrong_kind(f"{name} is one number", value, f"give float({name})")
    return float(value)


def file_path(name: str, value: object, call: str) -> Path:
    """`value` as a `Path`, or a `TypeError`."""
    if not isinstance(value, (str, os.PathLike)):
        raise wrong_kind(f"{name} is a path", value, call)
    return Path(value)
