"""Who does the work: the cores of this machine, or the workers of a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from joblib import Parallel, cpu_count, delayed, parallel_config
from joblib.externals.loky.process_executor import TerminatedWorkerError

from helpers.experiments.worker import Task, WorkerError, end_with_parent, work

Results = Iterator[tuple[int, list[dict]]]
PATIENCE = 30  # seconds to wait for a scheduler, and for its first worker
AHEAD = 2  # tasks for each worker that are read before they are needed


class MissingPackageError(ImportError):
    """A cluster was asked for, and Dask is not installed."""


def on_this_machine(tasks: Iterator[Task], jobs: int | None) -> Results:
    """Results of the tasks as they come, by `jobs` processes; one job works in this process.

    Raises `WorkerError` if a process is killed, such as by the system for want of memory.
    """
    jobs = jobs or cpu_count()
    if jobs == 1:
        yield from map(work, tasks)
        return
    try:
        with parallel_config("loky", inner_max_num_threads=1, initializer=end_with_parent):
            pool = Parallel(jobs, return_as="generator_unordered", pre_dispatch=AHEAD * jobs)
            yield from pool(delayed(work)(task) for task in tasks)
    except TerminatedWorkerError as reason:
        raise WorkerError(
            "a process was killed, perhaps for want of memory: start again, with fewer jobs if it "
            "happens again; what is finished is kept"
        ) from reason


def on_cluster(tasks: Iterator[Task], address: str) -> Results:
    """Results of the tasks as they come, by the workers of the Dask scheduler at `address`.

    A worker that dies is no loss: Dask gives its tasks to the others. Raises `MissingPackageError`
    without Dask, and `WorkerError` if no scheduler or no worker answers.
    """
    try:
        from dask.distributed import Client, KilledWorker, as_completed
    except ImportError as reason:
        raise MissingPackageError(
            'a scheduler is Dask\'s, which is not installed: pip install "dask[distributed]"'
        ) from reason
    try:
        client = Client(address, timeout=PATIENCE)
        client.wait_for_workers(1, timeout=PATIENCE)
    except (OSError, ValueError, TimeoutError) as reason:
        raise WorkerError(
            f"no Dask scheduler with a worker answers at {address} ({reason}): start them by "
            f"'dask scheduler' and 'dask worker {address} --nthreads 1'"
        ) from reason
    with client:
        workers = sum(client.nthreads().values())
        futures = (client.submit(work, task, pure=False) for task in tasks)
        waiting = as_completed(islice(futures, AHEAD * workers))
        try:
            for future in waiting:
                yield future.result()
                for new in islice(futures, 1):
                    waiting.add(new)
        except KilledWorker as reason:
            raise WorkerError(f"one task has ended several workers: {reason}") from reason
