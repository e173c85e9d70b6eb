"""A run: what is missing in the folder is computed, shard by shard, and then there is a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from tqdm import tqdm

from helpers.data.reviews import load_lexicon
from helpers.data.words import Vocabulary
from helpers.experiments import files, pools, report, shards
from helpers.experiments.corpora import open_corpus
from helpers.experiments.settings import CHUNK, FILE, FOLDERS, Settings, settle
from helpers.experiments.worker import Task


def run(settings: Settings) -> report.Summary:
    """Explain and measure what is not yet in ``settings.out``; then write and return the summary.

    It may be ended at any moment, also by ``kill -9``, and started again: shards that are there
    are kept, and they are the same bytes whoever computes them. Raises `SettingsError` for a folder
    of other settings, `FolderError` if it cannot be written or another process writes to it,
    `DataError` without the documents, `WorkerError` if a worker is lost.
    """
    corpus = open_corpus(settings.data)
    places = corpus.places(settings.limit)
    with files.alone(settings.out):
        stated = settings.stated()
        documents = {"documents": len(places), "documents_sha256": corpus.fingerprint(places)}
        settle(settings.out, stated | documents)
        done = shards.finished(settings.out)
        lexicon = known_valences(FOLDERS[settings.model])
        tasks = (
            Task(number, documents, settings.methods, lexicon, stated["versions"], settings.model)
            for number, documents in corpus.chunks(places, CHUNK, done)
        )
        if settings.scheduler is None:
            results = pools.on_this_machine(tasks, settings.jobs)
        else:
            results = pools.on_cluster(tasks, settings.scheduler)
        before = sum(min(CHUNK, len(places) - number * CHUNK) for number in done)
        with tqdm(total=len(places), initial=before, unit="document", disable=None) as bar:
            for number, rows in results:
                shards.write(settings.out, number, rows)
                bar.update(min(CHUNK, len(places) - number * CHUNK))
        found = report.summarise(shards.rows(settings.out), settings.model)
        report.write(settings.out, found)
    return found


def known_valences(folder: Path) -> dict[str, float]:
    """People's valence of the words that the model in `folder` knows: it reads all others alike."""
    known = Vocabulary.load(folder / "vocabulary.txt").ids
    return {word: valence for word, valence in load_lexicon().items() if word in known}


def load(folder: str | Path) -> dict[str, np.ndarray]:
    """All rows of a folder as columns, (rows,) each: ``pandas.DataFrame(load(folder))``.

    Numbers are float64, NaN where a row has none. Raises `ShardError` for a damaged shard, and
    `FileNotFoundError` for a folder without a run.
    """
    if not (Path(folder) / FILE).exists():
        raise FileNotFoundError(f"no run in {folder}: call experiments.run(Settings(data, folder))")
    columns: dict[str, list] = {}
    for count, row in enumerate(_each(Path(folder))):
        for name, value in row.items():
            columns.setdefault(name, [None] * count).append(value)
        for name in columns.keys() - row.keys():
            columns[name].append(None)
    return {name: _column(values) for name, values in columns.items()}


def _each(folder: Path) -> Iterator[Mapping[str, object]]:
    return (row for rows in shards.rows(folder) for row in rows)


def _column(values: list) -> np.ndarray:
    text = any(isinstance(value, str) for value in values)
    return np.array(values, dtype=object if text else np.float64)
