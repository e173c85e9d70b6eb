"""Statements of Part 2 on attention as an explanation: contributions, signs, rankings, heads.

The truth is the definition of the model.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from helpers.checks.base import deviation, largest, statement
from helpers.checks.oracles import WEIGHTS, attention_rows, by_definition, value_scale
from helpers.explainers import attention, gradients
from helpers.explainers.explanation import Explanation
from helpers.model import variants
from helpers.model.reading import Array, Heads, Reading

SOURCE = "Lopardo et al. (2024), Section 3"
OURS = "this book"
Scores = Callable[[Reading], "Array | Explanation"]


@statement("thm-contributions", "contributions add up to the output", OURS, 1e-12)
def contributions(
    reading: Reading, formula: Callable[[Reading], Explanation] = attention.contributions
) -> float:
    """`formula` and its padding against f, relative to the largest projected value."""
    found = formula(reading)
    gap = found.scores.sum() + found.padding - by_definition(reading)
    return abs(gap) / value_scale(reading)


@statement("thm-sign-blindness", "negating the read-out negates the explanation", SOURCE, 1e-10)
def sign_blindness(
    reading: Reading,
    explain: Scores = gradients.gradient,
    mirror: Callable[[Reading], Reading] = variants.mirrored,
) -> float:
    """All rows of attention must stay, f and `explain` must change sign, in the mirrored model."""
    other = mirror(reading)
    moved = np.abs(attention_rows(reading) - attention_rows(other)).max()
    rows = np.abs(reading.attention - other.attention).max()
    f = (by_definition(reading) + by_definition(other)) / value_scale(reading)
    one, two = (getattr(found, "scores", found) for found in (explain(reading), explain(other)))
    return largest(moved, rows, abs(f), deviation(two, -one))


@statement("prop-linear", "the explanation is linear in the read-outs", OURS, 1e-9)
def linear(reading: Reading, explain: Scores = gradients.gradient) -> float:
    """`explain` of the model with the read-outs x W + y W' against x and y times that of W, W'.

    W' is drawn at random, and all other weights stay. Relative to the largest score if above 1.
    """
    W = reading.heads.W_l
    other = np.random.default_rng(0).normal(size=W.shape) * max(float(W.std()), 1e-300)

    def scores(W_l: Array) -> Array:
        found = explain(replace(reading, heads=replace(reading.heads, W_l=W_l)))
        return getattr(found, "scores", found)

    errors = [
        deviation(scores(x * W + y * other), x * scores(W) + y * scores(other))
        for x, y in ((2.0, -3.0), (-1.0, 0.5))
    ]
    return largest(*errors)


def one_sign_and_size(u: Array) -> bool:
    """Whether u_t^(i) = κ s_t for one κ >= 0 and signs s_t that all heads share; u is (K, T)."""
    return bool(np.ptp(np.abs(u)) == 0 and (np.sign(u) == np.sign(u[0])).all())


@statement("thm-ranking", "α-avg orders tokens as |c| does, or not, as claimed", OURS, 1e-12)
def ranking(u: Array, condition: Callable[[Array], bool] = one_sign_and_size) -> float:
    """Values u (K, T), T at least 3, or 2 if K is 1: `condition` claims whether all orders agree.

    Where it holds, neither random attention nor the proof's counterexample may be out of order.
    Where it does not, the counterexample must be: the error is then 1 if it is not.
    """
    tried = list(np.random.default_rng(0).dirichlet(np.full(u.shape[1], 0.5), size=(20, len(u))))
    worst = largest(*(_disorder(alpha, u) for alpha in [*tried, counterexample(u)]))
    return worst if condition(u) else float(worst <= 1e-12)


def _disorder(alpha: Array, u: Array) -> float:
    """The largest |c_t| - |c_s| among the pairs of tokens with α-avg_s > α-avg_t, or 0."""
    mean, size = alpha.mean(axis=0), np.abs((alpha * u).mean(axis=0))
    lead, excess = mean[:, None] - mean, size - size[:, None]
    return float(excess[lead > 1e-12].max(initial=0.0))


def counterexample(u: Array) -> Array:
    """Attention (K, T) under which α-avg and |c| order tokens s and t differently, if any does.

    Either |u_s| of one head is below |u_t| of one, and s gets little more attention than t;
    or two heads give s values of opposite signs, which cancel. Uniform attention otherwise.
    """
    K, T = u.shape
    alpha = np.zeros((K, T))
    case = next((c for c in _pairs(K, T) if _smaller(u, *c) or _opposed(u, *c)), None)
    if case is None:
        return np.full((K, T), 1 / T)
    i, j, s, t = case
    if _smaller(u, *case):
        small, large = abs(u[i, s]), abs(u[j, t])
        ratio = math.sqrt(min(large / small, 4.0)) if small else 2.0
        alpha[i, s], alpha[j, t] = ratio / (1 + ratio), 1 / (1 + ratio)
    else:
        alpha[i, s], alpha[j, s], alpha[i, t] = 0.5, 0.5, 0.5
    elsewhere = next((r for r in range(T) if r not in (s, t)), s)
    alpha[:, elsewhere] += np.maximum(0.0, 1 - alpha.sum(axis=1))
    return alpha


def _pairs(K: int, T: int) -> Iterator[tuple[int, int, int, int]]:
    """Head i looking at token s and head j looking at another token t, all of them."""
    heads, tokens = itertools.product(range(K), repeat=2), itertools.permutations(range(T), 2)
    return ((i, j, s, t) for (i, j), (s, t) in itertools.product(heads, tokens))


def _smaller(u: Array, i: int, j: int, s: int, t: int) -> bool:
    return bool(abs(u[i, s]) < abs(u[j, t]))


def _opposed(u: Array, i: int, j: int, s: int, t: int) -> bool:
    return bool(u[i, s] * u[j, s] < 0)


@statement("prop-deciding", "a head decides if it outweighs all others", OURS, 0)
def deciding(
    reading: Reading, formula: Callable[[Reading], Array] = attention.deciding_heads
) -> float:
    """The number of heads for which `formula` is wrong: f is computed anew without each head."""
    f, wrong = by_definition(reading), 0
    for i, claimed in enumerate(formula(reading)):
        left = {name: np.delete(getattr(reading.heads, name), i, axis=0) for name in WEIGHTS}
        rest = by_definition(replace(reading, heads=Heads(**left))) if len(left["W_l"]) else 0.0
        wrong += bool(claimed) != (f * rest < 0)
    return wrong
