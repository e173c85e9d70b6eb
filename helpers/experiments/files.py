"""Files that are there as a whole or not at all, and a folder that one process at a time fills."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

UNFINISHED = ".unfinished"


class FolderError(OSError):
    """A folder that cannot be written, or that another process writes to."""


def write(path: Path, content: bytes) -> None:
    """Write a file under another name, let it reach the disk, and rename it.

    Whenever the process is killed, `path` is complete or absent. Raises `FolderError`, and leaves
    nothing behind, if it cannot be written.
    """
    other = path.with_name(f".{path.name}{UNFINISHED}")
    try:
        with other.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(other, path)
        _sync(path.parent)
    except OSError as reason:
        with suppress(OSError):
            other.unlink(missing_ok=True)
        raise FolderError(
            f"{path} cannot be written ({reason.strerror}): make room or give another folder, and "
            "start again; what is finished is kept"
        ) from reason


def _sync(folder: Path) -> None:
    """Let the new name reach the disk, too, where folders can be opened (not on Windows)."""
    with suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Make the folder, and be the only process that writes to it; `FolderError` if another does.

    The system gives up the lock of a process that ends, however it ends. What a killed one has left
    half written is removed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock")
        lock.acquire(timeout=0)
    except Timeout:
        raise FolderError(
            f"another process writes to {folder}: wait for it to end, or give another folder"
        ) from None
    except OSError as reason:
        raise FolderError(
            f"{folder} cannot be made or written to ({reason.strerror}): give another folder"
        ) from reason
    try:
        for left in folder.rglob(f".*{UNFINISHED}"):
            left.unlink(missing_ok=True)
        yield
    finally:
        lock.release()
