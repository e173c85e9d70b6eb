"""What a worker does with a task: some documents, each explained by every method, and measured."""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

from helpers.data.words import TextTooLongWarning, tokenize
from helpers.experiments.corpora import Document
from helpers.experiments.inside import ONE, Inside
from helpers.experiments.measures import measured
from helpers.experiments.settings import differences, versions

if TYPE_CHECKING:
    from helpers.model.classifier import AttentionClassifier
    from helpers.model.deep import DeepClassifier


@dataclass(frozen=True)
class Task:
    """A chunk: its number, its documents, and what all chunks share.

    `lexicon` holds people's valence of the words that the model knows.
    """

    number: int
    documents: tuple[Document, ...]
    methods: tuple[str, ...]
    lexicon: Mapping[str, float]
    versions: Mapping[str, str]
    model: str = ONE


class WorkerError(RuntimeError):
    """A worker that cannot help with this run."""


def work(task: Task) -> tuple[int, list[dict]]:
    """The number of a task and its rows, in order: one for each method, or one for a failure.

    A document that fails is a row with the reason. An error of the machine is not the document's:
    `MemoryError` ends the run. Raises `WorkerError` if the worker has another model or version.
    """
    classifier, own = _ready(task.model)
    if others := differences(dict(task.versions), dict(own)):
        raise WorkerError(f"a worker differs from the process that asks it: {'; '.join(others)}")
    with threadpool_limits(1):  # threads of one sum would wait for each other, and round otherwise
        return task.number, [row for doc in task.documents for row in _rows(classifier, doc, task)]


def _rows(
    classifier: AttentionClassifier | DeepClassifier, document: Document, task: Task
) -> list[dict]:
    about = {"place": document.place, "document": document.name}
    if document.review is None:
        return [about | {"failed": document.reason}]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TextTooLongWarning)
            reading = classifier.read(document.review.text)
            reading = reading if task.model == ONE else Inside(classifier, reading)
        cut = len(tokenize(document.review.text)) - (reading.length - 1)
        about |= {"rating": document.review.rating, "cut": cut}
        return [
            about | row for row in measured(reading, document.review, task.methods, task.lexicon)
        ]
    except MemoryError:
        raise
    except Exception as error:
        return [about | {"failed": f"{type(error).__name__}: {error}"}]


@cache
def _ready(model: str = ONE) -> tuple[AttentionClassifier | DeepClassifier, dict[str, str]]:
    """The classifier and the versions of this process, once.

    torch is imported here, because the process that hands out the work has no need of it.
    """
    from helpers.model.classifier import load_classifier
    from helpers.model.deep import load_deep

    return (load_classifier if model == ONE else load_deep)(), versions(model)


def end_with_parent() -> None:
    """Let this process end if the one that started it is killed."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
