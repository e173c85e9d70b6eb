"""Files that are read as a whole, and what is said when that is not possible."""

from __future__ import annotations

from pathlib import Path


class DataError(RuntimeError):
    """Data that cannot be fetched or is not what it should be."""


def content(path: Path, advice: str, error: type[Exception] = DataError) -> bytes:
    """The bytes of a file. `error` with the reason and the `advice` if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as reason:
        raise error(f"{path} cannot be read ({reason.strerror}): {advice}") from reason


def text(path: Path, advice: str, error: type[Exception] = DataError) -> str:
    """The text of a UTF-8 file. `error` with the reason and the `advice` if it is none."""
    try:
        return content(path, advice, error).decode("utf8")
    except UnicodeDecodeError as reason:
        raise error(f"{path} is not UTF-8 text ({reason.reason}): {advice}") from reason
