"""Run notebooks in place, and edit them as text.

    python tools/notebooks.py run book             # folders or files, two at a time
    python tools/notebooks.py to-text a/x.ipynb    # writes a/x.md (MyST), or -o elsewhere.md
    python tools/notebooks.py from-text a/x.md     # updates or creates a/x.ipynb, or -o ...

A run with equal results changes no byte: an output is replaced only where the tests
would call it different.
"""

import argparse
import copy
import hashlib
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import jupytext
import nbformat
from comparison import difference, sanitizer, set_kernel_env
from jupytext.combine import combine_inputs_with_outputs
from nbclient import NotebookClient

KEEP, KEEP_IN_CELL = {"kernelspec", "language_info", "mystnb"}, {"mystnb", "tags"}
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def find(paths):
    """All notebooks among files and folders, sorted, without hidden and built ones."""
    found = set()
    for path in map(Path, paths):
        if not path.exists():
            sys.exit(f"{path}: no such file or folder")
        for p in path.rglob("*.ipynb") if path.is_dir() else [path]:
            if not any(part.startswith((".", "_")) for part in p.relative_to(path).parts):
                found.add(p)
    return sorted(found)


def normalise(nb):
    """Drop what differs between machines and editors; keep what the book needs."""
    nb.nbformat, nb.nbformat_minor = 4, 5
    for key in set(nb.metadata) - KEEP:
        del nb.metadata[key]
    nb.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nb.metadata.language_info = {"name": "python"}
    for cell in nb.cells:
        for key in set(cell.metadata) - KEEP_IN_CELL:
            del cell.metadata[key]
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output.metadata.pop("needs_background", None)
    return nb


def write(nb, path):
    """Write a notebook in one step, and only if it changed."""
    text = nbformat.writes(nb) + "\n"
    nbformat.validate(nb)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    draft = path.with_suffix(".ipynb.tmp")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)
    return True


def keep_equal(old, new, sanitize):
    """The new outputs of a cell, with the old one in place of each that says the same."""
    if len(old) != len(new):
        return new
    kept = [b if difference(a, b, sanitize) else a for a, b in zip(old, new, strict=True)]
    for a, b in zip(kept, new, strict=True):
        if "execution_count" in b:
            a.execution_count = b.execution_count
    return kept


def execute(path, timeout):
    """Run one notebook in place: (was it changed?, error message or None, seconds)."""
    set_kernel_env()
    started, at, nb = time.perf_counter(), [0], nbformat.read(path, as_version=4)
    before = [copy.deepcopy(cell.get("outputs", [])) for cell in nb.cells]
    client = NotebookClient(
        nb, timeout=timeout, kernel_name="python3", record_timing=False, coalesce_streams=True,
        store_widget_state=False, resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=lambda cell, cell_index: at.__setitem__(0, cell_index),
    )  # fmt: skip
    try:
        client.execute(stderr=subprocess.DEVNULL)  # the kernel talks of its ports there
    except Exception as error:
        cell = nb.cells[at[0]]
        what = f"{type(error).__name__}\n{ANSI.sub('', str(error))}"
        message = f"{path}, cell {at[0] + 1} ({cell.get('id')}): {what}"
        return False, message, time.perf_counter() - started
    sanitize = sanitizer()
    normalise(nb)
    for cell, old in zip(nb.cells, before, strict=True):
        if cell.cell_type == "code":
            cell.outputs = keep_equal(old, cell.outputs, sanitize)
    return write(normalise(nb), path), None, time.perf_counter() - started


def run(paths, jobs, timeout):
    """Run all notebooks; the number of those that failed."""
    notebooks, failed = find(paths), 0
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        waiting = {pool.submit(execute, path, timeout): path for path in notebooks}
        for n, future in enumerate(as_completed(waiting), start=1):
            changed, error, seconds = future.result()
            word = "FAILED, left as it was" if error else "changed" if changed else "unchanged"
            print(
                f"[{n}/{len(notebooks)}] {seconds:5.1f} s  {waiting[future]}  {word}",
                file=sys.stderr,
            )
            if error:
                failed += 1
                print(error, file=sys.stderr)
    return failed


def to_text(notebook, text):
    jupytext.write(normalise(nbformat.read(notebook, as_version=4)), text, fmt="md:myst")


def from_text(text, notebook):
    """Update a notebook from its text: known cells keep their ids, unchanged ones their outputs."""
    nb = jupytext.read(text, fmt="md:myst")
    taken = set()
    if notebook.exists():
        old = nbformat.read(notebook, as_version=4)
        taken = {cell.id for cell in old.cells}
        nb = combine_inputs_with_outputs(nb, old, fmt="md:myst")
    fresh = [cell for cell in nb.cells if cell.get("id") not in taken]
    for cell in fresh:  # an id that follows from the contents, not from chance
        number = 0
        while (
            name := hashlib.sha256(f"{cell.source}{number or ''}".encode()).hexdigest()[:8]
        ) in taken:
            number += 1
        cell.id = name
        taken.add(name)
    write(normalise(nb), notebook)


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("run", help="execute notebooks in place")
    command.add_argument("paths", nargs="+", type=Path)
    command.add_argument("--jobs", type=int, default=2, help="how many at a time (2)")
    command.add_argument("--timeout", type=int, default=600, help="seconds for one cell (600)")
    for name, there in (("to-text", ".md"), ("from-text", ".ipynb")):
        command = commands.add_parser(name, help=f"write the {there} file")
        command.add_argument("path", type=Path)
        command.add_argument(
            "-o", "--output", type=Path, help=f"where to (the same name with {there})"
        )
    args = parser.parse_args(arguments)
    if args.command == "run":
        return 1 if run(args.paths, args.jobs, args.timeout) else 0
    if args.command == "to-text":
        to_text(args.path, args.output or args.path.with_suffix(".md"))
    else:
        from_text(args.path, args.output or args.path.with_suffix(".ipynb"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
