"""The statements on the table of the vocabulary and on SP-LIME, checked by enumeration."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np

from helpers.checks.base import deviation, largest, statement
from helpers.data.words import tokenize
from helpers.evaluation import cover as covers
from helpers.evaluation import vocabulary as tables
from helpers.evaluation.cover import Cover
from helpers.evaluation.vocabulary import Parts, Table
from helpers.model.classifier import AttentionClassifier
from helpers.model.reading import Array

OURS = "this book"
RIBEIRO = "Ribeiro et al. (2016); Nemhauser et al. (1978)"


def random_table(seed: int, D: int, K: int, scale: float = 1.0) -> Table:
    """Gaussian logits and values of D words and K heads."""
    draw = np.random.default_rng(seed)
    words = tuple(f"w{j}" for j in range(D))
    return Table(words, scale * draw.normal(size=(K, D)), draw.normal(size=(K, D)))


def every_bag(D: int, size: int) -> Array:
    """All bags of `size` of D words, (n, D) whole numbers as floats."""
    places = itertools.combinations_with_replacement(range(D), size)
    return np.array([np.bincount(x, minlength=D) for x in places], dtype=np.float64)


@statement("thm-table", "two numbers a word and two a place are the whole model", OURS, 1e-12)
def table(
    classifier: AttentionClassifier,
    texts: Sequence[str],
    formula: Callable[[Parts, Array], Array] = Parts.outputs,
) -> float:
    """`formula` of the parts against the outputs of readings, which use keys and values of e_t."""
    found = formula(tables.parts(classifier), classifier.encode(texts).numpy())
    return deviation(found, np.array([x.output for x in classifier.read_many(texts)]))


@statement("prop-bag", "without places, a document is a bag of words", OURS, 1e-12)
def bag(
    classifier: AttentionClassifier,
    texts: Sequence[str],
    formula: Callable[[Table, Array], Array] = Table.outputs,
) -> float:
    """`formula` of the bags of `texts` against what the classifier says of their words shuffled.

    It holds for a classifier without positions, and is measured for any.
    """
    draw = np.random.default_rng(0)
    shuffled = [" ".join(draw.permutation(tokenize(x))) for x in texts]
    counts = tables.bags(texts, classifier.vocabulary, classifier.sizes.T_max)
    found = formula(tables.word_table(classifier, texts), counts)
    return deviation(found, classifier.predict(shuffled))


def slopes(given: Table, bags: Array) -> Array:
    """The derivatives of f of `bags` (n, D) by all logits and all values, (n, 2 K D)."""
    g = given.weights
    share = bags[:, None] * g / (bags @ g.T)[:, :, None]  # (n, K, D)
    heads = (share * given.values).sum(axis=2, keepdims=True)
    both = np.stack([share * (given.values - heads), share]) / len(g)
    return np.moveaxis(both, 0, 1).reshape(len(bags), -1)


def freedom(K: int, fixed: bool) -> int:
    """How many numbers of a table no output tells: with [CLS] in documents of one `fixed` size."""
    return 2 * K - 1 + (2 * K if fixed else 0)


def moved(given: Table, order: Array, shift: Array, add: Array) -> Table:
    """Heads in another order, `shift` (K,) on their logits, and `add` (K,) on their values."""
    logits, values = given.logits[order] + shift[:, None], given.values[order] + add[:, None]
    return Table(given.words, logits, values)


def evenly(given: Table, size: int, weight: Array, value: Array) -> Table:
    """A table whose word 0, [CLS], gives weight and weight times value (K,) to all the others.

    Each of the others gets one part in `size` of it: f of a document of so many words stays.
    """
    g, spoken = np.exp(given.logits), np.exp(given.logits) * given.values
    for x, amount in ((g, weight), (spoken, value)):
        x[:, 0] -= amount
        x[:, 1:] += amount[:, None] / size
    return Table(given.words, np.log(g), spoken / g)


@statement("thm-same-table", "which tables are the same model", OURS, 1e-9)
def same_table(
    given: Table, size: int = 7, fixed: bool = False, formula: Callable = freedom
) -> float:
    """The rank of the slopes over all bags of `size`, and outputs of tables that are the same.

    With `fixed`, word 0 is [CLS], once in each bag. The error of a wrong rank is at least 1.
    """
    K, D = given.logits.shape
    if fixed:
        bags = np.column_stack([np.ones(math.comb(size + D - 2, size)), every_bag(D - 1, size)])
    else:
        bags = every_bag(D, size)
    sizes = np.linalg.svd(slopes(given, bags), compute_uv=False)
    rank = int((sizes > 1e-12 * sizes[0]).sum())
    draw = np.random.default_rng(0)
    add = draw.normal(size=K)
    others = [moved(given, draw.permutation(K), draw.normal(size=K), add - add.mean())]
    if fixed:
        amount = 0.5 * np.exp(given.logits[:, 0])
        others.append(evenly(given, size, amount, draw.normal(size=K)))
    f = given.outputs(bags)
    return largest(
        abs(2 * K * D - rank - formula(K, fixed)), *(deviation(x.outputs(bags), f) for x in others)
    )


@statement(
    "thm-slalom",
    "2 D - 1 outputs give back the table of one head",
    "this book; the model is that of Leemann et al. (2025)",
    1e-9,
)
def slalom(given: Table, size: int = 2, formula: Callable = tables.recovered) -> float:
    """The table that `formula` makes of the outputs against the `given` one; infinite if it asks
    for the outputs of more than 2 D - 1 bags.
    """
    asked = []

    def f(bags: Array) -> Array:
        asked.extend(bags)
        return given.outputs(bags)

    found = formula(f, given.words, size)
    logits = given.logits - given.logits[:, :1]
    within = deviation(found.logits, logits), deviation(found.values, given.values)
    return largest(*within, 0.0 if len(asked) <= 2 * len(given.words) - 1 else np.inf)


def between(D_a: Array, D_b: Array, f_a: Array, f_b: Array) -> Array:
    """What a head says of two bags together, by their weights D and outputs f."""
    return (D_a * f_a + D_b * f_b) / (D_a + D_b)


@statement("prop-between", "one head says of two texts together what lies between", OURS, 1e-12)
def union(given: Table, formula: Callable = between) -> float:
    """`formula` against f of the sums of all pairs of bags of two words, weights of head 0."""
    bags = every_bag(len(given.words), 2)
    first, second = (bags[list(x)] for x in zip(*itertools.combinations(range(len(bags)), 2)))
    weights = [x @ given.weights[0] for x in (first, second)]
    found = formula(*weights, given.outputs(first), given.outputs(second))
    return deviation(found, given.outputs(first + second))


def guarantee(budget: int) -> float:
    """The share of the best cover that greedy picks reach at least."""
    return 1 - (1 - 1 / budget) ** budget


def largest_cover(cover: Cover, budget: int) -> float:
    """What the best `budget` explanations cover, by trying all of them."""
    return max(map(cover.value, itertools.combinations(range(len(cover.shown)), budget)))


@statement("thm-greedy", "greedy picks cover at least their guaranteed share", RIBEIRO, 1e-9)
def greedy(cover: Cover, budget: int, formula: Callable = guarantee) -> float:
    """How far greedy picks stay below `formula` of the optimum; HiGHS must find it, too."""
    optimum = largest_cover(cover, budget)
    _, proved = covers.best(cover, budget)
    short = formula(budget) - cover.value(covers.greedy(cover, budget)) / optimum
    return largest(short, 0.0, abs(proved / optimum - 1))


@statement("prop-cover-bound", "the gains that are left bound the best cover", OURS, 1e-9)
def cover_bound(cover: Cover, budget: int, formula: Callable = covers.bound) -> float:
    """How far the best cover exceeds `formula` of greedy picks, of any number of them."""
    optimum = largest_cover(cover, budget)
    everything = covers.greedy(cover, len(cover.shown))
    bounds = [formula(cover, everything[:n], budget) for n in range(len(everything) + 1)]
    return largest(0.0, *(1 - bound / optimum for bound in bounds))


def worst_scores(budget: int) -> Array:
    """Whole-number scores of 2 B documents for which greedy picks are as bad as they can be.

    The last B documents share no word and cover everything, each an importance of 2 B^B. The first
    B show twice B^(B-1-k) (B-1)^k, k = 0, 1, ..., of each of them, and so tie with what is left.
    """
    parts = [budget ** (budget - 1 - k) * (budget - 1) ** k for k in range(budget)]
    parts.append(budget**budget - sum(parts))
    W = np.zeros((2 * budget, budget, budget + 1))
    for own, (k, part) in itertools.product(range(budget), enumerate(parts)):
        shared = k < budget
        W[budget + own, own, k] = 2 * part**2 if shared else 4 * part**2
        if shared:
            W[k, own, k] = 2 * part**2
    return W.reshape(2 * budget, -1)


@statement("prop-worst-cover", "whole numbers for which the guarantee is attained", RIBEIRO, 1e-12)
def worst_cover(budget: int, formula: Callable = guarantee) -> float:
    """`formula` against what greedy picks of the worst scores cover, as a share of all."""
    cover = covers.cover_of_scores(worst_scores(budget))
    _, optimum = covers.best(cover, budget)
    return abs(cover.value(covers.greedy(cover, budget)) / optimum - formula(budget))
