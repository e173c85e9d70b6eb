"""LIME against what shows inside six layers and one: python benchmarks/six_layers.py

Writes ``six_layers.json``, which the chapter on six layers shows and measures again in part.
For each of 200 held-out snippets: two runs of sampled LIME of the model of six layers, each with the
number of samples that the error bars of a first run ask for; Kendall's τ-b of their mean with every
summary of the inside; and the same for one layer, with exact LIME. No timing is in it.
It takes some minutes; ``--count`` measures fewer, ``--texts FILE`` one text a line of your own.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from helpers import load_classifier
from helpers.data.corpus import held_out
from helpers.data.words import tokenize
from helpers.evaluation.agreement import rank_correlation
from helpers.evaluation.depth import SAMPLED, deep_scores, lime_runs, one_layer_scores
from helpers.games import text_game
from helpers.model.deep import load_deep

TARGET = Path(__file__).resolve().parent / "six_layers.json"
COUNT, FEWEST = 200, 5  # documents; different words


def texts(count: int = COUNT) -> list[str]:
    """The first `count` held-out snippets of at least five different words."""
    found = (x.text for x in held_out(2 * count) if len(set(tokenize(x.text))) >= FEWEST)
    return [text for _, text in zip(range(count), found)]


def taus(scores: dict[str, np.ndarray], truth: np.ndarray) -> dict[str, float]:
    """τ-b of the absolute scores of each method with |truth|, to four digits."""
    pairs = ((name, rank_correlation(np.abs(x), np.abs(truth))) for name, x in scores.items())
    return {name: round(value, 4) for name, value in pairs}


def measured(classifier, deep, text: str) -> dict:
    """What is kept of one document."""
    return {}


