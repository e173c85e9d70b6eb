"""Break the code on purpose, one small change at a time, and see that some test notices.

    python tools/mutants.py            # what is new, has changed, or was not caught
    python tools/mutants.py ID ...     # these
    python tools/mutants.py --again    # all

mutmut and cosmic-ray mutate by syntax and run one command for all; neither takes a list of named
functions with their change, their tests and a proof that it is equivalent, so this does.

The status is 0 if every mutation was caught, 1 if one was not, and 2 if nothing can be said.
"""

import argparse
import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from tempfile import TemporaryDirectory

from comparison import KERNEL_ENV
from mutations import ON_IMPORT, TIME_LIMIT, MutationError, entry, is_due, load, mutate, page
from tqdm import tqdm

ROOT = Path(__file__).parents[1]
LIST, RECORD, PAGE = "tools/mutations.toml", "tools/mutants.json", "book/reference/mutants.md"
OPTIONS = ["-x", "-q", "-p", "no:cacheprovider", "-o", "junit_family=xunit1"]
FOR_NOTEBOOKS = ["--nbval", "--nbval-current-env"]
FOR_NOTEBOOKS += ["--nbval-sanitize-with", "tests/nbval_sanitize.cfg"]
WITHOUT = ["-p", "no:nbval"]  # its import takes five seconds
PATIENCE, SLOWER = 60.0, 5.0  # seconds, and times as slow as unmutated: longer is a hang
LONGEST = 1800.0  # seconds that unmutated tests may take


class Refused(RuntimeError):
    """Why it cannot be said whether the mutations are caught."""


# ---- one run of pytest


async def run_tests(tree: Path, tests, seconds: float, mutant=None):
    """Run `tests` in a copy of `tree`, mutated or not: (what failed first or None, output).

    Each run has a new copy, so it finds nothing that another one left: no bytecode, no cache.
    With ``CI`` set, hypothesis repeats its examples, and a test without its data fails.
    """
    with TemporaryDirectory(dir=tree.parent) as folder:
        copy, report = Path(folder, "copy"), Path(folder, "report.xml")
        shutil.copytree(tree, copy)
        if mutant:
            (copy / mutant.path).write_text(mutant.text, encoding="utf-8")
        notebooks = FOR_NOTEBOOKS if any(".ipynb" in test for test in tests) else WITHOUT
        command = [sys.executable, "-m", "pytest", *OPTIONS, *notebooks, f"--junitxml={report}"]
        environ = os.environ | KERNEL_ENV
        environ |= {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "CI": "true"}
        environ["MUTANTS"] = "true"  # tests/conftest.py
        process = await asyncio.create_subprocess_exec(
            *command, *tests, cwd=copy, env=environ, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            output, _ = await asyncio.wait_for(process.communicate(), seconds)
        except TimeoutError:
            return TIME_LIMIT, f"no end after {seconds:.0f} s"
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        output = output.decode(errors="replace")[-3000:]
        return verdict(process.returncode, report, output), output


def verdict(status: int, report: Path, output: str) -> str | None:
    """The first failing test of a run of pytest; None if all passed, and were not all skipped."""
    cases = list(ET.parse(report).iter("testcase")) if report.exists() else []
    for case in cases:
        if case.find("failure") is not None or case.find("error") is not None:
            if not case.get("classname"):  # a module that could not be imported
                return ON_IMPORT
            return f"{case.get('file')}::{case.get('name')}"
    if status == 0 and any(case.find("skipped") is None for case in cases):
        return None
    if status == 4 and not cases:  # pytest could not import a conftest.py
        return ON_IMPORT
    raise Refused(f"pytest ended with status {status}, and no test failed\n{output}")


# ---- all runs


def snapshot(root: Path, tree: Path) -> None:
    """Copy what git tracks, or would, as it is in the working copy."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (root / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, tree / name)


def write(path: Path, text: str) -> None:
    """Write a file as a whole, so that an interrupt leaves the old one or the new one."""
    draft = path.with_name(path.name + ".tmp")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)


async def run_all(tree: Path, due, mutants, jobs: int, note) -> None:
    """Run the mutations that are due, `jobs` at a time; ``note(mutation, caught by, seconds)``.

    Raises `Refused` unless all tests concerned pass unmutated, once for each set of them.
    """
    free = asyncio.Semaphore(jobs)

    async def unmutated(tests):
        async with free:
            start = time.monotonic()
            failed, output = await run_tests(tree, tests, LONGEST)
            return tests, failed, output, time.monotonic() - start

    async def mutated(mutation):
        async with free:
            start, limit = time.monotonic(), PATIENCE + SLOWER * seconds[mutation.tests]
            failed, _ = await run_tests(tree, mutation.tests, limit, mutants[mutation.id])
            return mutation, failed, time.monotonic() - start

    seconds = {}
    sets = dict.fromkeys(mutation.tests for mutation in due)
    for tests, failed, output, took in await finished(map(unmutated, sets), "unmutated"):
        if failed:
            raise Refused(f"{failed}, before any mutation, of {' '.join(tests)}\n{output}")
        seconds[tests] = took
    await finished(map(mutated, due), "mutated", note)


async def finished(coroutines, what: str, note=None) -> list:
    """Run coroutines at once, and show how many have ended."""
    tasks, results = [asyncio.create_task(coroutine) for coroutine in coroutines], []
    for task in tqdm(asyncio.as_completed(tasks), what, len(tasks), disable=None):
        results.append(await task)
        if note:
            note(*results[-1])
    return results


def main(arguments=None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("ids", nargs="*", metavar="ID", help="run these, whatever is recorded")
    parser.add_argument("--again", action="store_true", help="run all, whatever is recorded")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (2)")
    args = parser.parse_args(arguments)
    if args.jobs < 1:
        parser.error("--jobs is at least 1")
    with TemporaryDirectory(prefix="mutants-") as folder:
        try:
            return run(root, Path(folder, "tree"), args)
        except (MutationError, Refused) as error:
            print(f"error: {error}", file=sys.stderr)
            return 2


def run(root: Path, tree: Path, args) -> int:
    """Run what is due in copies of a `tree` to be made of `root`; the status of the program."""
    snapshot(root, tree)
    mutations = load(tree / LIST)
    mutants = {mutation.id: mutate(tree, mutation) for mutation in mutations}
    runnable = {mutation.id: mutation for mutation in mutations if not mutation.equivalent}
    record = json.loads((root / RECORD).read_text()) if (root / RECORD).exists() else {}
    record = {name: last for name, last in record.items() if name in runnable}
    if unknown := set(args.ids) - runnable.keys():
        raise MutationError(f"no mutation that can run is called {', '.join(sorted(unknown))}")
    stale = [m.id for m in runnable.values() if is_due(m, mutants[m.id], record)]
    due = args.ids or (runnable if args.again else stale)
    due = [runnable[name] for name in dict.fromkeys(due)]
    print(f"{len(runnable)} mutations; new, changed or not caught: {', '.join(stale) or 'none'}")

    def note(mutation, caught_by, seconds):
        record[mutation.id] = entry(mutation, mutants[mutation.id], caught_by)
        word = f"caught by {caught_by}" if caught_by else "NOT CAUGHT"
        tqdm.write(f"{seconds:5.1f} s  {mutation.id}: {word}")
        save()

    def save():
        write(root / RECORD, json.dumps(record, indent=1, sort_keys=True) + "\n")
        write(root / PAGE, page(tree, mutations, record))

    asyncio.run(run_all(tree, due, mutants, args.jobs, note))
    save()
    survivors = [mutation for mutation in due if record[mutation.id]["caught_by"] is None]
    for mutation in survivors:
        print(f"not caught: {mutation.id}, {mutation.breaks} in {mutation.function}")
    return 1 if survivors else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as tidily as Ctrl-C
    sys.exit(main())
