"""Shards: the results of some documents each, as gzipped JSON, one line a document and method."""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Iterator
from pathlib import Path

from helpers.experiments import files

FOLDER, END = "shards", ".jsonl.gz"
DIGITS = 10  # significant, of every number: more than any figure needs


class ShardError(RuntimeError):
    """A shard that is damaged."""


def write(folder: Path, number: int, rows: list[dict]) -> None:
    """Write one shard, whole or not at all. Equal rows give equal bytes."""
    lines = (json.dumps({k: _rounded(v) for k, v in row.items()}) + "\n" for row in rows)
    content = gzip.compress("".join(lines).encode("utf8"), compresslevel=6, mtime=0)
    (folder / FOLDER).mkdir(exist_ok=True)
    files.write(folder / FOLDER / f"{number:05d}{END}", content)


def _rounded(value: object) -> object:
    """A float with ten digits, without a negative zero; JSON has no NaN, but null."""
    if not isinstance(value, float):
        return value
    return float(f"{value:.{DIGITS}g}") + 0.0 if math.isfinite(value) else None


def finished(folder: Path) -> set[int]:
    """The numbers of the shards that are there."""
    names = (path.name.removesuffix(END) for path in (folder / FOLDER).glob(f"*{END}"))
    return {int(name) for name in names if name.isdigit()}


def rows(folder: Path) -> Iterator[list[dict]]:
    """The rows of one shard after the other. `ShardError` for a damaged one, with its name."""
    for path in sorted((folder / FOLDER).glob(f"*{END}")):
        try:
            text = gzip.decompress(path.read_bytes()).decode("utf8")
            yield [json.loads(line) for line in text.splitlines()]
        except (OSError, EOFError, ValueError, zlib.error) as reason:
            raise ShardError(
                f"{path} is damaged ({reason}): delete it and start the run again, which then "
                "makes only this one"
            ) from reason
