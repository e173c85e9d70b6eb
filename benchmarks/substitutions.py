"""The effects of all exchanges of words against a classifier that reads each changed text."""

from __future__ import annotations

import warnings

import numpy as np
import torch

from benchmarks.timing import compare, fastest
from helpers import load_classifier
from helpers.data.corpus import held_out
from helpers.data.words import TextTooLongWarning
from helpers.evaluation import substitutions

PLACE, BATCH = 100, 512


def run() -> dict[str, dict]:
    """Every word in one place of a long text, and the time for all places."""
    warnings.simplefilter("ignore", TextTooLongWarning)
    classifier = load_classifier()
    words, vectors = substitutions.alphabet(classifier)
    text = max((x.text for x in held_out(8, sizes=(12,))), key=len)
    reading = classifier.read(text)
    ids = classifier.encode([text]).repeat(len(words), 1)
    ids[:, 1 + PLACE] = torch.from_numpy(classifier.vocabulary.lookup(words))

    def closed() -> np.ndarray:
        table = substitutions.exchanges(classifier.read(text), vectors)
        here = substitutions.only(table, [PLACE], range(len(words)))
        return substitutions.effects(here)[0]

    @torch.no_grad()
    def read_anew() -> np.ndarray:
        return torch.cat([classifier(part) for part in ids.split(BATCH)]).numpy()

    def everything() -> np.ndarray:
        return substitutions.effects(substitutions.exchanges(reading, vectors))

    error = np.abs(reading.output + closed() - read_anew()).max()
    whole = fastest(everything, 5)
    return {
        f"Every word in one place of {reading.length - 1}": {
            "ours": "two tables and one term a head, from the text",
            "peer": f"the same classifier on {len(words)} changed texts, from their ids",
            "note": f"largest difference {error:.0e}; all places at once take {whole:.2f} s",
            "all_places_s": whole,
            **compare(closed, read_anew, 5),
        }
    }
