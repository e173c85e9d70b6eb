"""Exact Shapley values and interactions against shap's estimators, and against slower ways."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np
import shap
import torch

from benchmarks.exact_lime import relative
from benchmarks.timing import compare, fastest, peak, seconds
from helpers import games, load_classifier
from helpers.checks import recursion
from helpers.checks.oracles import ARRAYS
from helpers.data.corpus import held_out
from helpers.data.words import tokenize
from helpers.explainers import interactions, shapley
from helpers.games import PerturbationGame, expectations
from helpers.games.reciprocal import reciprocal_rule

TARGETS = {100: (0.010, 0.2), 200: (0.020, 1.0)}  # words: seconds for scores, and for pairs
DOCUMENTS, BUDGET, PROCESSES, ERROR = 500, 100, 2, 0.01


def truth(game: PerturbationGame) -> np.ndarray:
    """Shapley values (d,) by the recursion over sizes of subsets, with its own rule for 1/D.

    With F_m the mean of f over masks of m words and G_mj that of z_j f, the value is
    Σ_m G_mj (1/m + 1/(d - m)) - Σ_m F_m/(d - m), where 1/0 stands for 0.
    """
    K, d = game.kept_weight.shape
    m = torch.arange(d + 1, dtype=torch.float64)
    missing = torch.where(m < d, 1 / (d - m), 0.0)
    both = torch.where(m > 0, 1 / m, 0.0) + missing
    kept, mean = torch.zeros(d, dtype=torch.float64), 0.0
    for head in range(K):
        arrays = [torch.tensor(getattr(game, name)[head]) for name in ARRAYS]
        for u, w in recursion.panels(*recursion.bounds(arrays)):
            factor = torch.ones(d, dtype=torch.float64, requires_grad=True)
            means = w @ recursion.subset_means(arrays, u, factor) / K
            (means @ both).backward()
            kept, mean = kept + factor.grad, mean + float(means.detach() @ missing)
    return (kept - mean).numpy()


def estimators(value: Callable, d: int) -> dict[str, tuple[Callable[[int], np.ndarray], int]]:
    """shap's estimators as functions of their sample size, and a size to start from."""
    none, every = np.zeros((1, d)), np.ones((1, d))
    permutation = shap.PermutationExplainer(value, none, seed=0)
    kernel, sampling = shap.KernelExplainer(value, none), shap.SamplingExplainer(value, none)

    def seeded(explain: Callable[..., np.ndarray], n: int, **options: object) -> np.ndarray:
        np.random.seed(0)  # shap draws from NumPy's global state
        return explain(every, nsamples=n, silent=True, **options)[0]

    return {
        "Permutation": (
            lambda n: permutation.shap_values(every, npermutations=n, silent=True)[0],
            5,
        ),
        "Kernel": (lambda n: seeded(kernel.shap_values, n, l1_reg=0), 10 * d),
        "Sampling": (lambda n: seeded(sampling.shap_values, n), 10 * d),
    }


def orders_needed(value: Callable, exact: np.ndarray, error: float) -> int:
    """How many orders of the words shap's Permutation takes for that error, doubled from 10."""
    estimate, _ = estimators(value, len(exact))["Permutation"]
    n = 10
    while relative(estimate(n), exact) > error:
        n *= 2
    return n


def at_budget(game: PerturbationGame, budget: float, exact: np.ndarray) -> dict[str, dict]:
    """What each of shap's estimators reaches in `budget` seconds, within a few percent.

    The largest error, as a share of the largest score; the time it took, and how often f was asked.
    """
    asked = [0]

    def value(z: np.ndarray) -> np.ndarray:
        asked[0] += len(z)
        return game.value(z)

    reached = {}
    for name, (estimate, n) in estimators(value, len(game.labels)).items():
        for _ in range(4):  # the time is nearly linear in n
            n = max(1, round(n * budget / seconds(partial(estimate, n))))
        asked[0] = 0
        took = seconds(partial(estimate, n))
        evaluations, error = asked[0], relative(estimate(n), exact)
        reached[name] = {"seconds": took, "evaluations": evaluations, "error": error}
    return reached


def one_by_one(game: PerturbationGame) -> np.ndarray:
    """All pairs (d, d) from Shapley values alone: with each word kept, less with it masked."""
    d = len(game.labels)
    pairs = np.zeros((d, d))
    for j in range(d):
        rest = [k for k in range(d) if k != j]
        labels = tuple(game.labels[k] for k in rest)
        arrays = {name: getattr(game, name)[:, rest] for name in ARRAYS[:4]}
        for state, sign in (("kept", 1), ("masked", -1)):
            weight, value = (
                getattr(game, f"rest_{kind}") + getattr(game, f"{state}_{kind}")[:, j]
                for kind in ("weight", "value")
            )
            fixed = PerturbationGame(labels, labels, **arrays, rest_weight=weight, rest_value=value)
            pairs[j, rest] += sign * shapley.exact(fixed).scores
    return pairs


def one_pass(nodes: int, d: int) -> Callable[[], None]:
    """The product over words of as many factors as there are nodes, words and probabilities."""
    Q = math.ceil(d / 2)
    size = max(1, expectations.BLOCK // (d * Q))
    factors = np.random.default_rng(0).uniform(0.5, 1, size=(size, d, Q))

    def multiply() -> None:
        for _ in range(math.ceil(nodes / size)):
            factors.prod(axis=1)

    return multiply


def run() -> dict[str, dict]:
    """Scores and pairs of 100 and 200 words, and the scores of a list on two processes."""
    classifier = load_classifier()
    words = tokenize(held_out(2, sizes=(24,))[0].text)
    results = {}
    for d, (for_scores, for_pairs) in TARGETS.items():
        game = games.position_game(classifier.read(" ".join(words[:d])))
        two = games.position_game(classifier.read(" ".join(words[:2])))
        exact, best = truth(game), fastest(lambda g=game: shapley.exact(g), 50)
        error = relative(shapley.exact(game).scores, exact)
        enough = orders_needed(game.value, exact, ERROR)
        permutation, few = estimators(game.value, d)["Permutation"]
        results[f"Shapley values of {d} words"] = {
            "ours": "exact, without sampling",
            "peer": f"shap's PermutationExplainer, {enough} orders, for an error of {ERROR:.0%}",
            "target_s": for_scores,
            "note": (
                f"largest relative error {error:.0e}, the package's "
                f"{relative(permutation(enough), exact):.1%}, with {few} orders "
                f"{relative(permutation(few), exact):.0%}"
            ),
            "words": d,
            "error": error,
            "orders": enough,
            "best_s": best,
            "memory_mb": peak(lambda g=game: shapley.exact(g)),
            "budget": BUDGET,
            "estimators": at_budget(game, BUDGET * best, exact),
            **compare(
                lambda g=game: shapley.exact(g),
                lambda e=permutation, n=enough: e(n),
                repeats=7,
                calls=20,
            ),
        }
        rules = [reciprocal_rule(low, high, 1e-13)[0] for low, high in zip(*game.bounds)]
        exponents = -np.concatenate([np.outer(u, np.abs(a)) for u, a in zip(rules, game.a)])
        powers = fastest(lambda x=exponents: (np.exp(x), np.expm1(x)))
        overhead = fastest(lambda g=two: shapley.exact(g))
        results[f"Shapley values of {d} words, against their floor"] = {
            "ours": "exact, without sampling",
            "peer": "one product of all factors: words, probabilities and nodes of all heads",
            "note": (
                f"{2 * exponents.size:,} exponentials, twice the least number, take "
                f"{powers * 1e6:.0f} µs; a game of two words takes {overhead * 1e3:.1f} ms, "
                f"so that {1 - overhead / best:.0%} of the time goes into large arrays"
            ),
            "exponentials": 2 * exponents.size,
            "exponentials_s": powers,
            "overhead_s": overhead,
            **compare(lambda g=game: shapley.exact(g), one_pass(len(exponents), d), repeats=41),
        }
        pairs, memory = interactions.exact(game).matrix, peak(lambda g=game: interactions.exact(g))
        apart = relative(pairs, one_by_one(game))
        results[f"All {d * (d - 1) // 2:,} pairs of {d} words"] = {
            "ours": "exact Shapley interactions, all at once",
            "peer": "exact Shapley values with each word kept, and with it masked",
            "target_s": for_pairs,
            "note": f"largest relative difference {apart:.0e}; ours takes {memory:.0f} MB",
            "memory_mb": memory,
            **compare(
                lambda g=game: interactions.exact(g), lambda g=game: one_by_one(g), repeats=5
            ),
        }
    return results | {f"Shapley values of {DOCUMENTS} documents": on_processes()}


def on_processes() -> dict[str, object]:
    """A list of documents, on two processes and on one."""
    classifier = load_classifier()
    texts = [d.text for d in held_out(DOCUMENTS + 100, sizes=(1, 2, 4, 8, 12))]
    texts = [text for text in texts if len(tokenize(text)) < classifier.sizes.T_max][:DOCUMENTS]
    every = [games.word_game(classifier.read(text)) for text in texts]
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        return {
            "ours": f"on {PROCESSES} processes, which are there already",
            "peer": "on one, one by one",
            "target": 1.7,
            **compare(
                lambda: list(pool.map(shapley.exact, every, chunksize=10)),
                lambda: [shapley.exact(game) for game in every],
                repeats=7,
            ),
        }
