"""The corpus runner: documents a second, and memory, with one process and with two."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from helpers.data import corpus
from helpers.data.reviews import load_snippets
from helpers.data.words import tokenize

FEW, MANY, SNIPPETS = 500, 2000, 11  # documents, and snippets of each: about 230 words, as in IMDb
PROCESSES, WHOLE, MINUTES = 2, 25_000, 10  # the aim: a split of IMDb in ten minutes
ROOT = Path(__file__).resolve().parents[1]


def write_reviews(folder: Path, count: int) -> float:
    """`count` long held-out documents in the form of aclImdb; the mean number of their words."""
    test = corpus.split(load_snippets())["test"]
    documents = corpus.documents(test, (SNIPPETS - 1, SNIPPETS, SNIPPETS + 1), count)
    for side in ("pos", "neg"):
        (folder / "test" / side).mkdir(parents=True)
    for k, document in enumerate(documents):
        name = f"pos/{k}_9.txt" if document.positive else f"neg/{k}_2.txt"
        (folder / "test" / name).write_text(document.text, encoding="utf8")
    return sum(len(tokenize(document.text)) for document in documents) / count


def measured(folder: Path, limit: int, jobs: int) -> tuple[float, float]:
    """Seconds of the command, start and report included, and peak memory in MB of all processes."""
    call = [sys.executable, "-m", "helpers.experiments", "--data", f"imdb:{folder}"]
    call += ["--limit", str(limit), "--jobs", str(jobs)]
    with tempfile.TemporaryDirectory() as out:
        start, most = time.perf_counter(), 0.0
        run = subprocess.Popen([*call, "--out", out], cwd=ROOT, stdout=subprocess.DEVNULL)
        while run.poll() is None:
            most = max(most, resident(run.pid))
            time.sleep(0.3)
        taken = time.perf_counter() - start
    if run.returncode:
        raise RuntimeError(f"the run ended with {run.returncode}")
    return taken, most / 1e6


def resident(pid: int) -> float:
    """Bytes in memory of a process and its children; what they share counts once, on Linux."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        found = [member.memory_full_info() for member in family]
        return sum(getattr(memory, "pss", memory.rss) for memory in found)
    except psutil.Error:
        return 0.0


def run(few: int = FEW, many: int = MANY) -> dict[str, dict]:
    """Two processes against one; what `many` documents take beyond `few` gives the rate."""
    with tempfile.TemporaryDirectory() as folder:
        words = write_reviews(Path(folder), many)
        taken = {
            (count, jobs): measured(Path(folder), count, jobs)
            for count in (few, many)
            for jobs in (1, PROCESSES)
        }
    times, memory = ({pair: found[k] for pair, found in taken.items()} for k in (0, 1))
    rates = {j: (many - few) / (times[many, j] - times[few, j]) for j in (1, PROCESSES)}
    whole = (times[many, PROCESSES] + (WHOLE - many) / rates[PROCESSES]) / 60
    return {
        f"All methods and measures of {many} reviews": {
            "ours": f"the corpus runner with {PROCESSES} processes",
            "peer": "the same with one",
            "target_s": MINUTES * 60 * many / WHOLE,
            "note": (
                f"{words:.0f} words a review; {rates[PROCESSES]:.0f} and {rates[1]:.0f} documents "
                f"a second; at most {memory[many, PROCESSES]:.0f} and {memory[many, 1]:.0f} MB, "
                f"of {few} reviews {memory[few, PROCESSES]:.0f} and {memory[few, 1]:.0f} MB; "
                f"{WHOLE:,} would take {whole:.1f} minutes"
            ),
            "ours_s": times[many, PROCESSES],
            "peer_s": times[many, 1],
            "ratio": times[many, 1] / times[many, PROCESSES],
            "documents_per_second": rates[PROCESSES],
            "memory_mb": memory[many, PROCESSES],
            "minutes_of_25000": whole,
        }
    }
