"""The corpus runner: its results do not depend on who computes them, or on how often it is ended."""

import errno
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from filelock import FileLock

from helpers.data.files import DataError
from helpers.data.reviews import Review
from helpers.evaluation import experiments
from helpers.evaluation.experiments import (
    Settings, __main__, corpora, files, pools, report, running, settings, shards, worker,
)  # fmt: skip

KEYS = ("attention-average", "gradient-times-input", "lime", "shapley", "leave-one-out")
WORDS = "a fine moving film with dull moments but a great cast and no bad scene at all".split()
LEXICON = {"fine": 0.8, "great": 3.1, "bad": -2.5, "dull": -1.7}


def reviews(count=23):
    """Short reviews, of a few known words each."""
    draw = np.random.default_rng(0)
    return [
        Review(f"r{n}", float(draw.choice([-1, 1])), " ".join(draw.choice(WORDS, 9)))
        for n in range(count)
    ]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Shards of four documents, and a lexicon that needs no archive."""
    for module in (running, settings):
        monkeypatch.setattr(module, "CHUNK", 4)
    monkeypatch.setattr(running, "load_lexicon", lambda: LEXICON | {"unheardof": 1.0})


def asked(out, data=None, **changes):
    return Settings(data or reviews(), out, **({"methods": KEYS, "jobs": 1} | changes))


def content(folder):
    """All files of a run, but its lock, as bytes."""
    found = (p for p in folder.rglob("*") if p.is_file() and p.name != ".lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(found)}


@pytest.fixture
def undisturbed(tmp_path):
    experiments.run(asked(tmp_path / "undisturbed"))
    return content(tmp_path / "undisturbed")


def test_a_run_leaves_these_files(undisturbed):
    names = [f"shards/{n:05d}.jsonl.gz" for n in range(6)]
    assert [*undisturbed] == [
        "failures.csv", "settings.json", *names, "summary.csv", "summary.md",
    ]  # fmt: skip
