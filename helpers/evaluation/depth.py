"""LIME beside what shows inside a stack of layers, word by word, and the same for one layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from helpers.data.corpus import held_out
from helpers.data.reviews import load_products
from helpers.data.words import tokenize
from helpers.evaluation.agreement import rank_correlation, sign_agreement
from helpers.evaluation.lime_rules import distance, fitted
from helpers.explainers import attention, depth, gradients, integrated, lime, occlusion
from helpers.explainers.explanation import Explanation, by_word
from helpers.games import TextGame, text_game
from helpers.model.reading import Array, Reading

FIRST, MOST = 500, 1500  # samples of LIME: of the first run, and the most that are drawn
SHARE = 0.3  # of the largest coefficient: what the error bars have to tell from zero
COUNT, FEWEST = 200, 5  # documents; different words
SIGNED = ("G-avg", "G×I", "integrated gradients", "leave-one-out")


class Classifier(Protocol):
    """What is asked of a classifier of one layer."""

    def read(self, text: str) -> Reading: ...


class Stack(depth.Stack, Protocol):
    """What is asked of a classifier of several layers: `load_deep()` has it."""

    def predict(self, texts: list[str]) -> Array: ...

    def top(self, text: str) -> Reading: ...


def lime_runs(game: TextGame) -> tuple[Explanation, Explanation]:
    """Two runs of sampled LIME, of as many samples as the error bars of a first run ask for.

    So many that 95 % intervals exclude zero, with power 0.8, for words of 30 % of the largest
    coefficient (`lime.samples_needed`); from 500 to 1,500, and the most where no word is clear.
    """
    d = len(game.labels)
    first = max(FIRST, lime.fewest_samples(d))
    try:
        needed = lime.samples_needed(lime.sampled(game, n=first, seed=0), share=SHARE)
    except ValueError:  # no score is clear of zero
        needed = MOST
    n = max(first, min(needed, MOST))
    return lime.sampled(game, n=n, seed=1), lime.sampled(game, n=n, seed=2)


def inside(classifier: Stack, text: str) -> dict[str, Array]:
    """Scores (d,) of the distinct words by what a stack shows: each layer, paths, gradients.

    Not by G-avg: it is zero for all words, so that its order would be one of rounding errors.
    """
    reading = classifier.read(text)
    tokens = [
        *(depth.attention(reading, 1 + layer) for layer in range(len(reading.attention))),
        depth.rollout(reading), depth.flow(reading), depth.l1(reading),
        depth.l2(reading), depth.times_input(reading), depth.integrated(classifier, text),
    ]  # fmt: skip
    words = [by_word(found) for found in tokens]
    words.append(occlusion.asked(text_game(classifier.predict, text)))
    return {found.method: found.scores for found in words}


def one_layer(reading: Reading) -> dict[str, Array]:
    """The same for one layer."""
    tokens = [
        attention.average(reading), gradients.mean(reading), gradients.l1(reading),
        gradients.l2(reading), gradients.times_input(reading), integrated.gradients(reading),
    ]  # fmt: skip
    words = [*(by_word(found) for found in tokens), occlusion.leave_one_out(reading)]
    names = ["attention", "G-avg", "G-l1", "G-l2", "G×I", "integrated gradients", "leave-one-out"]
    return {name: found.scores for name, found in zip(names, words)}


def layer_rules(reading: Reading) -> dict[str, Array]:
    """What Part 4 says of LIME from one layer of attention, for the layer that `reading` is."""
    return {
        "3/2 × attention × value": lime.paper_approximation(reading).scores,
        "c(r) × centred": lime.centred_rule(reading).scores,
        "exact LIME of the layer": lime.exact(reading).scores,
    }


def texts(count: int = COUNT) -> list[str]:
    """The first `count` held-out snippets of at least five different words."""
    found = [x.text for x in held_out(2 * count) if len(set(tokenize(x.text))) >= FEWEST]
    return found[:count]


def product_texts(count: int) -> list[str]:
    """`count` sentences about products, spread evenly over those of five different words or more.

    No model of this book has seen one of them.
    """
    found = [x.text for x in load_products() if len(set(tokenize(x.text))) >= FEWEST]
    return [found[k * len(found) // count] for k in range(count)]


def agreement(scores: Mapping[str, Array], truth: Array) -> dict[str, dict[str, float]]:
    """τ-b of absolute scores with |truth|, and shares of equal signs, to four digits."""
    tau = {k: rank_correlation(np.abs(x), np.abs(truth)) for k, x in scores.items()}
    signs = {k: sign_agreement(scores[k], truth) for k in SIGNED if k in scores}
    return {"tau": _short(tau), "signs": _short(signs)}


def rule_errors(
    scores: Mapping[str, Array], loo: Array, truth: Array
) -> dict[str, dict[str, float]]:
    """Relative errors of rules for LIME, as they are and times the constant that fits best."""
    shuffled = np.random.default_rng(len(truth)).permutation(truth)
    scores = {**scores, "leave-one-out": loo, "null: wrong words": shuffled}
    return {
        "error": _short({k: distance(x, truth) for k, x in scores.items()}),
        "fitted": _short({k: distance(fitted(x, truth, False), truth) for k, x in scores.items()}),
        "constant": _short({k: float(x @ truth / (x @ x)) for k, x in scores.items()}),
    }


def measured(one: Classifier, deep: Stack, text: str) -> dict:
    """What is kept of one text: LIME of six layers, and all agreements with it and with one."""
    reading, game = one.read(text), text_game(deep.predict, text)
    runs = lime_runs(game)
    truth = (runs[0].scores + runs[1].scores) / 2
    errors = np.sqrt(runs[0].standard_errors ** 2 + runs[1].standard_errors ** 2) / 2
    shown, outside = inside(deep, text), one_layer(reading)
    exact = lime.exact(reading).scores
    return {
        "words": len(truth),
        "n": runs[0].samples,
        "lime": [float(f"{x:.4g}") for x in truth],
        "errors": [float(f"{x:.3g}") for x in errors],
        "runs": round(rank_correlation(*(np.abs(run.scores) for run in runs)), 4),
        "six": agreement(shown, truth) | rule_errors(
            layer_rules(deep.top(text)), shown["leave-one-out"], truth
        ),
        "one": agreement(outside, exact) | rule_errors(
            layer_rules(reading), outside["leave-one-out"], exact
        ),
    }  # fmt: skip


def _short(values: Mapping[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.4g}") for name, value in values.items()}
