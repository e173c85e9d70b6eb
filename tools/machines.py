"""Run the notebooks as other processors would, and compare with the committed outputs.

    python tools/machines.py               # all that this processor can play, but not itself
    python tools/machines.py prescott zen  # some of them

OpenBLAS, NumPy and torch choose their code by the processor, and each choice rounds sums in
another way.  Environment variables make them choose as they would elsewhere.  Before the
notebooks run, a child process tells what was really chosen: a machine that did not take
effect is an error.  (MKL, inside torch, is set on the oldest machine, but tells nobody.)

Logs go to ``_build/machines``.  The exit status is 0 only if machines ran and all agreed.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
BOOK = ("book",)
REPORTS = ROOT / "_build" / "machines"
COMPARE = (
    *(sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadscope"),
    *("--nbval", "--nbval-current-env", "--nbval-sanitize-with=tests/nbval_sanitize.cfg"),
)
ITSELF = "it is this processor as it is, which 'make test' compares"
VARIABLES = "OPENBLAS_CORETYPE", "ATEN_CPU_CAPABILITY", "MKL_CBWR", "NPY_DISABLE_CPU_FEATURES"


@dataclass(frozen=True)
class Machine:
    """A simulated processor: what the real one must have, and what the libraries are told.

    ``flag`` and ``numpy`` hold NumPy's names; ``numpy`` lists the features that NumPy may
    still choose by the processor.  None leaves a library to choose for itself.
    """

    name: str
    flag: str
    openblas: str | None
    torch: str
    mkl: str | None = None
    numpy: tuple[str, ...] = ()
    alias: str | None = None  # the kernel that an OpenBLAS built for few processors has instead


MACHINES = (
    Machine("prescott", "SSE3", "Prescott", "default", "COMPATIBLE", alias="Katmai"),
    Machine("sandybridge", "AVX", "Sandybridge", "default"),
    Machine("haswell", "X86_V3", "Haswell", "avx2", numpy=("X86_V3",)),
    Machine("zen", "X86_V3", "Zen", "avx2", numpy=("X86_V3",), alias="Haswell"),
    Machine("skylakex", "X86_V4", "SkylakeX", "avx512", numpy=("X86_V3", "X86_V4")),
    Machine("armv8", "ASIMD", "ARMV8", "default"),
    Machine(
        "neoversen1", "ASIMDDP", "NEOVERSEN1", "default", numpy=("ASIMDHP", "ASIMDDP", "ASIMDFHM")
    ),
    Machine("arm", "ASIMD", None, "default"),  # also where NumPy computes without OpenBLAS: macOS
)


@dataclass(frozen=True)
class Active:
    """What the libraries of one process have chosen."""

    openblas: list[str]  # kernels of all OpenBLAS libraries: NumPy's and SciPy's
    torch: str
    numpy: list[str]  # features that NumPy chooses by the processor, and uses
    flags: list[str]  # all features of the processor

    def __str__(self):
        openblas, numpy = ("+".join(names) or "none" for names in (self.openblas, self.numpy))
        return f"OpenBLAS {openblas}, torch {self.torch}, NumPy {numpy}"


@dataclass(frozen=True)
class Result:
    """One machine: how many cells were compared, which differ, what went wrong, why not played."""

    cells: int = 0
    failing: tuple[str, ...] = ()
    trouble: str | None = None
    skipped: str | None = None


def chosen() -> dict:
    """The fields of `Active` for this process."""
    import scipy.linalg  # noqa: F401  loads an OpenBLAS of its own
    import torch
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__
    from threadpoolctl import threadpool_info

    blas = [library for library in threadpool_info() if library["internal_api"] == "openblas"]
    return {
        "openblas": sorted({library["architecture"] for library in blas}),
        "torch": torch.backends.cpu.get_cpu_capability().lower(),
        "numpy": [name for name in __cpu_dispatch__ if __cpu_features__[name]],
        "flags": [name for name, there in __cpu_features__.items() if there],
    }


def fresh(settings: dict | None = None) -> dict:
    """An environment for a child: this one's, without what a machine or an outer pytest sets."""
    kept = {k: v for k, v in os.environ.items() if k not in VARIABLES and "PYTEST" not in k}
    return kept | (settings or {})


def ask(environ: dict) -> Active:
    """Start a Python with that environment, and let it say what its libraries chose."""
    code = "import json, machines; print(json.dumps(machines.chosen()))"
    command = [sys.executable, "-c", code]
    tools = ROOT / "tools"
    done = subprocess.run(command, cwd=tools, env=environ, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"error: the libraries do not start:\n{done.stderr}")
    return Active(**json.loads(done.stdout))


def reason_to_skip(machine: Machine, own: Active) -> str | None:
    """Why a processor that by itself chooses ``own`` cannot play the machine, or None."""
    if machine.flag not in own.flags:
        return f"this {platform.machine()} processor has no {machine.flag}"
    if machine.openblas and not own.openblas:
        return "NumPy computes without OpenBLAS here"
    return None


def itself(active: Active, own: Active) -> bool:
    """Whether the libraries choose what they choose by themselves: ``make test`` compares that."""
    return (active.openblas, active.torch, active.numpy) == (own.openblas, own.torch, own.numpy)


def covered(machine: Machine, active: Active) -> str | None:
    """Why another machine is played with the same kernel, or None."""
    if machine.alias in active.openblas and machine.alias in {m.openblas for m in MACHINES}:
        return f"this OpenBLAS has no kernel for it; it uses that of {machine.alias}"
    return None


def environment(machine: Machine, own: Active) -> dict:
    """What to set so that a processor that by itself chooses ``own`` plays the machine."""
    off = [name for name in own.numpy if name not in machine.numpy]  # others cannot be disabled
    values = machine.openblas, machine.torch, machine.mkl, " ".join(off)
    return {variable: value for variable, value in zip(VARIABLES, values, strict=True) if value}


def not_in_effect(machine: Machine, active: Active) -> list[str]:
    """What was chosen otherwise than the machine asks."""
    names = {name.lower() for name in (machine.openblas, machine.alias) if name}
    wrong = [f"OpenBLAS uses {k}" for k in active.openblas if names and k.lower() not in names]
    if names and not active.openblas:
        wrong.append("OpenBLAS is not in use")
    if machine.torch != active.torch:
        wrong.append(f"torch uses {active.torch}")
    wrong += [f"NumPy uses {name}" for name in active.numpy if name not in machine.numpy]
    return wrong


def compare(settings: dict, name: str) -> Result:
    """Run the notebooks as ``make test`` does, with some variables set; the log gets a name."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    log, report = REPORTS / f"{name}.log", REPORTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    command = [*COMPARE, f"--junitxml={report}", *BOOK]
    with log.open("w") as out:
        status = subprocess.run(
            command, cwd=ROOT, env=fresh(settings), stdout=out, stderr=subprocess.STDOUT
        ).returncode
    cases = list(ET.parse(report).iter("testcase")) if report.exists() else []
    failing = tuple(
        f"{case.get('classname')}, {case.get('name')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    )
    if not cases or status != (1 if failing else 0):
        return Result(len(cases), failing, f"pytest ended with status {status}; see {log}")
    return Result(len(cases), failing)


def play(machine: Machine, own: Active, named: bool) -> Result:
    """Let a processor that by itself chooses ``own`` play the machine, and compare the book.

    A machine that is this processor as it is is played only if it was asked for by name.
    """
    if reason := reason_to_skip(machine, own):
        return Result(skipped=reason)
    settings = environment(machine, own)
    active = ask(fresh(settings))
    if reason := covered(machine, active):
        return Result(skipped=reason)
    if itself(active, own) and not named:
        return Result(skipped=ITSELF)
    print(f"{machine.name}: {active} ...", flush=True)
    if wrong := not_in_effect(machine, active):
        return Result(trouble="not in effect: " + ", ".join(wrong))
    return compare(settings, machine.name)


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    known = {machine.name: machine for machine in MACHINES}
    parser.add_argument("machine", nargs="*", help=", ".join(known))
    asked = parser.parse_args(arguments).machine
    names = asked or list(known)
    if unknown := [name for name in names if name not in known]:
        parser.error(f"no machine is called {', '.join(unknown)}; there are {', '.join(known)}")
    own = ask(fresh())
    print(f"by itself: {own}", flush=True)
    results, same = [], False
    for name in names:
        started = time.monotonic()
        result = play(known[name], own, named=bool(asked))
        seconds = f"{time.monotonic() - started:.0f} s"
        if result.skipped:
            print(f"{name}: skipped, {result.skipped}", flush=True)
            same |= result.skipped == ITSELF
            continue
        results.append(result)
        print(f"{name}: {len(result.failing)} of {result.cells} cells differ ({seconds})")
        for line in (*result.failing, *filter(None, [result.trouble])):
            print(f"    {line}", flush=True)
    if not (results or same):
        print("error: none of these machines can be played here, so nothing was compared")
        return 1
    return int(any(r.failing or r.trouble for r in results))


if __name__ == "__main__":
    sys.exit(main())
