"""Exact LIME against the `lime` package, on the same classifier and held-out documents."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import numpy as np
from scipy.stats import linregress

from benchmarks.timing import compare, peak, seconds
from helpers import games, load_classifier
from helpers.checks import recursion
from helpers.data.corpus import held_out
from helpers.data.words import tokenize
from helpers.explainers import lime
from helpers.games import PerturbationGame

WORDS, SAMPLES, DOCUMENTS = (30, 100, 200), 5000, 500


def relative(scores: np.ndarray, truth: np.ndarray) -> float:
    """The largest error of a score, as a share of the largest score."""
    return float(np.abs(scores - truth).max() / np.abs(truth).max())


def growth(several: Sequence[PerturbationGame]) -> tuple[float, float]:
    """The exponent of the time of exact LIME in d, by least squares, and its standard error."""
    d = [len(game.labels) for game in several]
    times = []
    for game in several:
        lime.exact(game)  # the mixture for this d is computed once
        times.append(statistics.median(seconds(lambda g=game: lime.exact(g)) for _ in range(9)))
    fit = linregress(np.log(d), np.log(times))
    return float(fit.slope), float(fit.stderr)


def run() -> dict[str, dict]:
    """Exact LIME against the package, the mean field against exact, a list against one by one."""
    classifier = load_classifier()
    texts = [d.text for d in held_out(DOCUMENTS + 100, sizes=(1, 2, 4, 8, 12))]
    texts = [text for text in texts if len(tokenize(text)) < classifier.sizes.T_max][:DOCUMENTS]
    lengths = np.array([len(tokenize(text)) for text in texts])
    results = {}

    def predict(perturbed: Sequence[str]) -> np.ndarray:
        return classifier.predict(perturbed)

    for words in WORDS:
        text = texts[np.abs(lengths - words).argmin()]
        game = games.position_game(classifier.read(text))
        d, truth = len(game.labels), recursion.recursion(game, 0.25)
        package = lime.package(predict, text, SAMPLES, bow=False)
        ours, theirs = relative(lime.exact(game).scores, truth), relative(package.scores, truth)
        results[f"LIME of {d} words, in place"] = {
            "ours": "exact, without sampling, from the text",
            "peer": f"the lime package, n = {SAMPLES}, same classifier in batches",
            **({"target": 100} if words == 100 else {}),
            "note": f"largest relative error {ours:.0e}, the package's {theirs:.1%}",
            "error": ours,
            "peer_error": theirs,
            "memory_mb": peak(lambda g=game: lime.exact(g)),
            **compare(
                lambda t=text: lime.exact(games.position_game(classifier.read(t))),
                lambda t=text: lime.package(predict, t, SAMPLES, bow=False),
                repeats=7,
                calls=20,
            ),
        }

        sampled = relative(lime.sampled(game, SAMPLES).scores, truth)
        results[f"LIME of {d} words, from the game"] = {
            "ours": "exact, without sampling",
            "peer": f"our own sampled LIME, n = {SAMPLES}, all samples in one call",
            "note": f"the fair peer: no strings on the way; its error {sampled:.1%}",
            "peer_error": sampled,
            **compare(
                lambda g=game: lime.exact(g),
                lambda g=game: lime.sampled(g, SAMPLES),
                repeats=9,
                calls=5,
            ),
        }

    every = [games.word_game(classifier.read(text)) for text in texts]
    middle = min(every, key=lambda game: abs(len(game.labels) - 100))
    field = relative(lime.mean_field(middle).scores, lime.exact(middle).scores)
    results[f"Mean-field law of {len(middle.labels)} words"] = {
        "ours": "one sum over the sizes of a text",
        "peer": "exact LIME",
        "note": f"largest relative error of the law {field:.1%}",
        **compare(lambda: lime.mean_field(middle), lambda: lime.exact(middle), repeats=41),
    }
    exponent, error = growth([game for game in every if len(game.labels) >= 10][:60])
    results[f"Exact LIME of {len(every)} documents"] = {
        "ours": "lime.exact_many of the list, on all cores",
        "peer": "one by one",
        "note": f"time grows like d to the power {exponent:.2f} ± {2 * error:.2f}",
        "exponent": exponent,
        "exponent_error": error,
        **compare(
            lambda: lime.exact_many(every), lambda: [lime.exact(g) for g in every], repeats=5
        ),
    }
    return results
