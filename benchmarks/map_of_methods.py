"""What other models' calls lose, and how costs grow: python -m benchmarks.map_of_methods

Writes ``map_of_methods.json``, which the map of methods shows. Every call that the map names for
another model is made here on this one, where its truth is known, as it stands on the map; and
every call of ours is timed on texts of 16 to 256 tokens, by the processor's clock of the process.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import captum.attr
import numpy as np
import shap
import shapiq
import torch
from lime.lime_text import LimeTextExplainer
from torch import nn

from helpers import load_classifier
from helpers.checks.oracles import full_attention
from helpers.data.corpus import held_out
from helpers.data.words import tokenize
from helpers.evaluation.survey import Entry, entries, made
from helpers.explainers import lime, shapley
from helpers.games import shapiq_game, text_game
from helpers.model.adapters import from_torch
from helpers.model.classifier import AttentionClassifier

TARGET = Path(__file__).with_suffix(".json")
PACKAGES = ("captum", "lime", "shap", "shapiq", "torch")
REVIEWS, WORDS = 20, (6, 12)  # how many, and how many words, all different and known
LENGTHS, TURNS = (16, 32, 64, 128, 256), 15


def reviews(classifier: AttentionClassifier, count: int = REVIEWS) -> list[str]:
    """The first held-out reviews of 6 to 12 words, all different and known."""
    found = []
    for review in held_out(2000):
        words = tokenize(review.text)
        known = all(word in classifier.vocabulary.ids for word in words)
        if WORDS[0] <= len(words) <= WORDS[1] and len(set(words)) == len(words) and known:
            found.append(review.text)
    return found[:count]


# ---- the calls for another model, made on this one


def names(classifier: AttentionClassifier, text: str, seed: int = 0) -> dict[str, object]:
    """What the calls of the map name: the text, black boxes, embeddings, and a layer of torch."""
    reading = classifier.read(text)
    T = reading.length
    places = torch.arange(len(reading.embeddings))
    places[T:] = 0  # the padding and [CLS], which no mask changes, are one feature

    def forward(e: torch.Tensor) -> torch.Tensor:
        return full_attention(reading.heads, e)

    def predict(texts: list[str]) -> np.ndarray:
        f = classifier.predict(list(texts))
        return np.column_stack([-f, f])

    torch.manual_seed(seed)
    layer, readout = nn.MultiheadAttention(8, 2, batch_first=True).double(), nn.Linear(8, 1)
    x = torch.randn(1, T, 8, dtype=torch.float64)
    masked = x[0].clone()
    masked[1:] = 0.0
    return {
        "reading": reading,
        "text": text,
        "predict": predict,
        "predict_one": classifier.predict,
        "forward": forward,
        "e": torch.tensor(reading.embeddings[None], requires_grad=True),
        "blank": torch.tensor(reading.masked_embeddings[None]),
        "places": places[None, :, None],
        "layer": layer,
        "x": x,
        "layer_reading": from_torch(layer, readout.double(), x[0].detach(), masked),
        "LimeTextExplainer": lambda: LimeTextExplainer(random_state=seed),
        **{"captum": captum, "shap": shap, "shapiq": shapiq, "lime": lime, "shapley": shapley},
        **{"shapiq_game": shapiq_game, "text_game": text_game},
    }


def scores(key: str, result: object, given: Mapping[str, object]) -> np.ndarray:
    """The numbers in the result of another package, in the order of ours; those left out are 0."""
    T = given["reading"].length
    if key.startswith("attention"):
        return result.detach().numpy()
    if key == "lime":
        named = dict(result.as_list())
        lower = {word.lower(): value for word, value in named.items()}
        return np.array([lower.get(word, 0.0) for word in tokenize(given["text"])])
    if key == "shapley":
        return in_words(result, given["text"])
    if key in ("banzhaf", "interactions"):
        order = 2 if key == "interactions" else 1
        return result.get_n_order_values(order)
    if hasattr(result, "scores"):
        return result.scores
    attributed = result[0] if isinstance(result, tuple) else result
    found = attributed[0].detach().numpy()
    if key == "leave-one-out":
        return found[1:T, 0]
    if key == "integrated-gradients":
        return found.sum(axis=-1)[:T]
    return found[:T]


def in_words(result: object, text: str) -> np.ndarray:
    """shap's values of pieces of a text, added up by word; a piece is a word and what follows."""
    words, found = tokenize(text), []
    for piece, value in zip(result.data[0], result.values[0], strict=True):
        inside = tokenize(str(piece))
        found += [value] * min(1, len(inside))
    found = np.array(found)
    if len(found) != len(words):
        raise ValueError(f"{len(found)} pieces for {len(words)} words: {result.data[0]}")
    return found[:, 1] if found.ndim == 2 else found


def ours(entry: Entry, given: Mapping[str, object]) -> np.ndarray:
    """What the entry's own call says of the same thing; a sample is held to what is exact."""
    reading = given["layer_reading" if entry.key.startswith("attention") else "reading"]
    found = made(entry.call.replace("sampled", "exact"), {"reading": reading})
    return found.matrix if entry.key == "interactions" else found.scores


def loss(entry: Entry, given: Mapping[str, object]) -> float:
    """The largest error of another package's score, as a share of the largest score of ours."""
    with torch.enable_grad():
        found = scores(entry.key, eval(entry.elsewhere, dict(given)), given)
    truth = ours(entry, given)
    return float(np.abs(found - truth).max() / np.abs(truth).max())


def compared() -> list[Entry]:
    """The entries whose other call is installed and computes what ours does."""
    return [entry for entry in entries() if entry.elsewhere and not entry.unmade]


# ---- how costs grow


def growth(classifier: AttentionClassifier) -> dict[str, list[float]]:
    """Seconds of processor time of each call with a stated growth, the least of some turns."""
    text = " ".join(x.text for x in held_out(40))
    words = list(dict.fromkeys(tokenize(text)))
    found = {}
    for entry in entries():
        if entry.growth is not None:
            readings = [classifier.read(" ".join(words[: T - 1])) for T in LENGTHS]
            found[entry.key] = [least(entry.call, reading) for reading in readings]
    return found


def least(call: str, reading: object) -> float:
    """The least time of a call, after one to warm up."""

    def once() -> float:
        start = time.process_time()
        made(call, {"reading": reading})
        return time.process_time() - start

    once()
    return min(once() for _ in range(TURNS))


def digits(x: float) -> float:
    """Three digits; what is below 1e-8 of the largest score is no more than that."""
    return float(f"{x:.3g}") if x > 1e-8 else 1e-8


def report() -> dict[str, object]:
    """All that the page shows."""
    classifier = load_classifier()
    texts = reviews(classifier)
    given = [names(classifier, text) for text in texts]
    losses = {e.key: [digits(loss(e, one)) for one in given] for e in compared()}
    times = {key: [float(f"{x:.3g}") for x in row] for key, row in growth(classifier).items()}
    return {
        "packages": {name: version(name) for name in PACKAGES},
        "texts": texts,
        "losses": losses,
        "lengths": LENGTHS,
        "seconds": times,
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    TARGET.write_text(json.dumps(report(), indent=0) + "\n", "utf8")
    print(f"wrote {TARGET.name}", file=sys.stderr)
