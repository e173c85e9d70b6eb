"""What an exact head misses of a pretrained encoder: python benchmarks/a_real_transformer.py

Writes ``a_real_transformer.json``, which the chapter on a real transformer shows and measures again
in part: accuracies on the test split, and for short held-out snippets Shapley values and LIME of
masking at the input, with standard errors, beside the head's exact ones, layer by layer. It takes
some ten minutes on one core, and fetches the encoder on first use. Speed and memory are those of
the machine that it ran on; nothing else is a timing.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from helpers.data.corpus import held_out, split
from helpers.data.reviews import Review, load_snippets
from helpers.evaluation.agreement import rank_correlation, sign_agreement
from helpers.evaluation.mixing import ladder, moved
from helpers.explainers import lime, occlusion, shapley
from helpers.games import word_game
from helpers.games.layers import layer_game
from helpers.model import headed_training
from helpers.model.classifier import load_classifier
from helpers.model.headed import Document, HeadedEncoder, load_headed
from helpers.model.reading import Array

TARGET = Path(__file__).resolve().parent / "a_real_transformer.json"
WORDS, COUNT = range(5, 13), 24  # distinct words of a snippet; snippets
LIME = 400  # samples at the input, or as many as its errors need to be believed


def documents(model: HeadedEncoder, count: int = COUNT) -> list[Document]:
    """The first `count` held-out snippets that are as short as `WORDS` says."""
    read = (model.document(review.text) for review in held_out(400))
    return [document for document in read if len(document.labels) in WORDS][:count]


def drawn(document: Document) -> int:
    """Evaluations of a game: 12 pairs of orders."""
    return 2 + 24 * (len(document.labels) - 1)


def measured(document: Document, seed: int = 0) -> dict:
    """Explanations of one document: exact at the head, sampled at the input, and between."""
    found, game = ladder(document, drawn(document), seed), word_game(document.reading)
    d, far = len(document.labels), moved(document)
    dropped = replace(game, **{n: 0 * game.a for n in ("masked_weight", "masked_value")})
    samples = max(LIME, lime.fewest_samples(d))
    sampled = lime.sampled(layer_game(document), samples, seed)
    average = document.reading.attention.mean(axis=0)[1 : document.reading.length]
    attention = [average[np.array(document.reading.text[1:]) == w].sum() for w in document.labels]
    permuted = np.random.default_rng(seed).permutation(found.head.scores)
    head, exact = found.head.scores, lime.exact(game).scores
    return {
        "words": d,
        "output": digits(document.reading.output),
        "no words": digits([layer_game(document, k).value(np.zeros((1, d)))[0] for k in (0, 6)]),
        "head": digits(head),
        "input": digits(found.input.scores),
        "input errors": digits(found.input.standard_errors),
        "corrected": digits(found.corrected),
        "corrected errors": digits(found.missed.standard_errors),
        "steps": [digits(step.scores) for step in found.steps],
        "lime head": digits(exact),
        "lime input": digits(sampled.scores),
        "lime errors": digits(sampled.standard_errors),
        "attention": digits(attention),
        "tau": {
            "head": tau(head, found.corrected),
            "head, words dropped": tau(shapley.exact(dropped).scores, found.corrected),
            "leave-one-out of the head": tau(occlusion.leave_one_out(game).scores, found.corrected),
            "attention": tau(attention, np.abs(found.corrected)),
            "null: head, words permuted": tau(permuted, found.corrected),
            "sampled again": tau(ladder_again(document, seed), found.corrected),
            "LIME": tau(exact, sampled.scores),
        },
        "signs": digits(sign_agreement(head, found.corrected)),
        "moved": {name: digits(value) for name, value in vars(far).items()},
    }


def between(found: Sequence[Document]) -> Array:
    """The mean distance between the vectors of [CLS] in two of the texts, at each layer."""
    rows = np.array([[state[0].numpy() for state in document.states] for document in found])
    first, second = np.triu_indices(len(rows), 1)
    return np.linalg.norm(rows[first] - rows[second], axis=2).mean(axis=0)


def ladder_again(document: Document, seed: int) -> Array:
    """Shapley values at the input from other orders: what sampling alone leaves of agreement."""
    return shapley.sampled(layer_game(document), drawn(document), seed + 1000).scores


def tau(one: Array, other: Array) -> float:
    return digits(rank_correlation(np.array(one), np.array(other)))


def digits(values: Array) -> list | float:
    """Four significant digits."""
    return json.loads(json.dumps(np.vectorize(lambda x: float(f"{x:.4g}"))(values).tolist()))


def accuracies(model: HeadedEncoder) -> dict[str, list[bool]]:
    """Which test snippets each model gets right: the head, mean pooling, the one-layer model."""
    parts = split(load_snippets())
    read = {
        name: headed_training.vectors(texts(parts[name]), model.tokenizer, model.encoder)
        for name in ("train", "test")
    }
    positive = {name: headed_training.polarity(parts[name]) for name in read}
    pooled = headed_training.mean_pooling(read["train"], positive["train"])
    outputs = {
        "paper's head": headed_training.logits(model.head, read["test"]),
        "mean pooling": pooled.decision_function(read["test"].means()),
        "one layer": load_classifier().predict(texts(parts["test"])),
    }
    return {name: ((f > 0) == positive["test"]).tolist() for name, f in outputs.items()}


def texts(reviews: Sequence[Review]) -> list[str]:
    return [review.text for review in reviews]


def speed(model: HeadedEncoder, count: int = 256) -> dict[str, float]:
    """Held-out snippets a second, and the most memory that the process had, in MB."""
    some = texts(held_out(count))
    start = time.perf_counter()
    model.predict(some)
    taken = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "threads": torch.get_num_threads(),
        "documents a second": round(count / taken),
        "memory in MB": round(memory),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all documents and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help="documents")
    parser.add_argument("--out", type=Path, default=TARGET)
    given = parser.parse_args(arguments)
    model, rows = load_headed(), []
    quick = speed(model)
    found = documents(model, given.count)
    for k, document in enumerate(found, start=1):
        rows.append(measured(document))
        print(k, file=sys.stderr, flush=True)
    right = {name: "".join("01"[x] for x in each) for name, each in accuracies(model).items()}
    lines = ",\n".join(map(json.dumps, rows))
    top = {"speed": quick, "right": right, "cls": digits(between(found))}
    body = json.dumps(top, indent=1)[:-2] + f',\n "documents": [\n{lines}\n]}}\n'
    given.out.write_text(body, encoding="utf8")


if __name__ == "__main__":
    main()
