"""Run every comparison of this folder, and write ``results.json``: ``make bench``.

python benchmarks/run.py                       # all modules, writes benchmarks/results.json
python benchmarks/run.py exact_lime -o x.json  # one module, elsewhere
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

# One thread for each side: ratios that a busy machine and the number of cores hardly move.
os.environ.setdefault("OMP_NUM_THREADS", "1")

HERE = Path(__file__).resolve().parent
PACKAGES = ("numpy", "scipy", "torch", "scikit-learn", "lime", "shap", "captum")
NEEDED = {"ours_s", "peer_s", "ratio"}


def modules() -> list[str]:
    """The modules of this folder that define ``run``, by name."""
    return sorted(p.stem for p in HERE.glob("*.py") if "\ndef run(" in p.read_text("utf8"))


def cpu_model() -> str:
    """The processor's name as Linux tells it, or what Python knows."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf8").splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def machine() -> dict[str, object]:
    """On what the figures were measured, and when."""
    import torch

    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "busy cores before": round(os.getloadavg()[0], 1),
        "threads of torch": torch.get_num_threads(),
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
        "date": datetime.date.today().isoformat(),
    }


def measure(names: list[str]) -> dict[str, dict]:
    """The results of the modules, merged; `ValueError` if one is incomplete or there twice."""
    results: dict[str, dict] = {}
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        for title, figures in importlib.import_module(f"benchmarks.{name}").run().items():
            if title in results:
                raise ValueError(f"two comparisons are called {title!r}")
            if missing := NEEDED - figures.keys():
                raise ValueError(f"{name}, {title!r}: no {', '.join(sorted(missing))}")
            results[title] = {"module": name, **figures}
            print(f"  {title}: {figures['ratio']:.3g} times", file=sys.stderr, flush=True)
    return results


def main(arguments: list[str] | None = None) -> int:
    """Measure, and write the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("modules", nargs="*", help="only these (default: all)")
    parser.add_argument("-o", "--output", type=Path, default=HERE / "results.json")
    asked = parser.parse_args(arguments)
    os.environ.setdefault("TQDM_DISABLE", "1")  # no progress bars between the results
    there = modules()
    if unknown := set(asked.modules) - set(there):
        parser.error(f"no module {', '.join(sorted(unknown))}; there are: {', '.join(there)}")
    if asked.modules and asked.output == HERE / "results.json":
        parser.error("results.json holds all modules of one run: give another file with -o")
    report = {"machine": machine(), "results": measure(asked.modules or there)}
    asked.output.write_text(json.dumps(report, indent=2) + "\n", encoding="utf8")
    print(f"wrote {asked.output}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.path[0] = str(HERE.parent)  # from this folder, "import lime" would find a benchmark
    sys.exit(main())
