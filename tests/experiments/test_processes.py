"""The corpus runner with real processes: a killed command, and a cluster that loses a worker."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from helpers import experiments
from helpers.data.reviews import Review, load_lexicon
from helpers.experiments import pools, running, settings, shards, worker

ROOT = Path(__file__).parents[2]
KEYS = ("gradient-l2", "lime", "shapley")
WORDS = ("a", "fine", "moving", "film", "dull", "moments", "but", "great", "cast", "bad", "scene")


def texts(count):
    draw = np.random.default_rng(1)
    return [" ".join(draw.choice(WORDS, 12)) for _ in range(count)]


def content(folder):
    found = (
        p
        for p in folder.rglob("*")
        if p.is_file() and p.name[0] != "." and "summary." not in p.name
    )
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(found)}


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_command_leaves_nobody_behind_and_goes_on(tmp_path, fetch):
    fetch(load_lexicon)
    root = tmp_path / "aclImdb" / "test"
    for side, stars in (("pos", 8), ("neg", 3)):
        (root / side).mkdir(parents=True)
        for n, text in enumerate(texts(300)):
            (root / side / f"{n}_{stars}.txt").write_text(text)
    data, out = f"imdb:{root.parent}", tmp_path / "run"
    call = [sys.executable, "-m", "helpers.experiments", "--data", data]
    call += ["--out", str(out), "--jobs", "2", "--methods", *KEYS]
    run = subprocess.Popen(call, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while not list(out.glob("shards/*.gz")) and run.poll() is None:
        time.sleep(0.005)
    family = psutil.Process(run.pid).children(recursive=True)
    run.kill()
    assert run.wait() == -signal.SIGKILL and len(family) >= 2
    there = content(out)
    _, alive = psutil.wait_procs(family, timeout=20)
    assert not alive
    whole = experiments.Settings(data, tmp_path / "whole", KEYS, jobs=1)
    experiments.run(whole)
    assert len(there) > 1 and there.items() <= content(whole.out).items()
    experiments.run(experiments.Settings(data, out, KEYS, jobs=1))
    assert content(out) == content(whole.out)


def test_a_killed_worker_of_a_cluster_is_no_loss(tmp_path, monkeypatch):
    distributed = pytest.importorskip("dask.distributed")
    for module in (running, settings):
        monkeypatch.setattr(module, "CHUNK", 4)
    monkeypatch.setattr(running, "load_lexicon", lambda: {"great": 3.1, "bad": -2.5})
    data = [Review(f"r{n}", 1.0, text) for n, text in enumerate(texts(120))]
    experiments.run(experiments.Settings(data, tmp_path / "here", KEYS, jobs=1))
    write, victims = shards.write, []

    def deadly(folder, number, rows):
        write(folder, number, rows)
        if len(shards.finished(folder)) == 3:
            victims.append(cluster.workers[0].pid)
            os.kill(victims[0], signal.SIGKILL)

    monkeypatch.setattr(shards, "write", deadly)
    options = {"threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with distributed.LocalCluster(n_workers=2, **options) as cluster:
        address = cluster.scheduler_address
        experiments.run(experiments.Settings(data, tmp_path / "there", KEYS, scheduler=address))
    assert len(victims) == 1
    assert content(tmp_path / "there") == content(tmp_path / "here")


def test_a_cluster_that_is_not_there(monkeypatch):
    pytest.importorskip("dask.distributed")
    monkeypatch.setattr(pools, "PATIENCE", 1)
    with pytest.raises(worker.WorkerError, match=r"answers at tcp://127.0.0.1:9 .*dask scheduler"):
        next(pools.on_cluster(iter(()), "tcp://127.0.0.1:9"))


def test_without_dask_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask.distributed", None)
    with pytest.raises(pools.MissingPackageError, match=r'pip install "dask\[distributed\]"'):
        next(pools.on_cluster(iter(()), "tcp://127.0.0.1:9"))
