"""The statements on exchanged words, checked by reading the changed documents one by one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from helpers.checks import oracles
from helpers.checks.base import largest, statement
from helpers.checks.exchanged_pairs import best_pair
from helpers.evaluation import substitutions
from helpers.evaluation.substitutions import Exchanges, Swap
from helpers.model.reading import Array, Reading

OURS = "this book"


def put(reading: Reading, vectors: Array, swaps: Sequence[Swap]) -> Reading:
    """The document with other words, by index into `vectors`, at the places (tokens less [CLS])."""
    e = reading.embeddings.copy()
    for place, word in swaps:
        e[1 + place] = vectors[word] + reading.masked_embeddings[1 + place] - vectors[0]
    return replace(reading, embeddings=e)


def every_swap(reading: Reading, vectors: Array) -> Iterator[Swap]:
    """Every place with every word."""
    return itertools.product(range(reading.length - 1), range(len(vectors)))


def exchanged(g: Array, u: Array, g_w: Array, u_w: Array, f: Array, S: Array) -> Array:
    """What a head gains if a token of weight g and value u becomes one of g_w and u_w."""
    return (g_w * (u_w - f) - g * (u - f)) / (S - g + g_w)


@statement("thm-exchange", "one term of each head gives the effect of a new word", OURS, 1e-12)
def exchange(reading: Reading, vectors: Array, formula: Callable = exchanged) -> float:
    """`formula` averaged over heads, and the fast table, against reading every changed document."""
    table = substitutions.exchanges(reading, vectors)
    (D, N), fast, errors = table.totals, substitutions.effects(table), []
    f = oracles.by_definition(reading)
    for place, word in every_swap(reading, vectors):
        now, then = (
            table.weight[:, place],
            table.place_weight[:, place] * table.word_weight[:, word],
        )
        says = table.word_value[:, word] + table.place_value[:, place]
        found = formula(now, table.voted[:, place] / now, then, says, N / D, D).mean()
        truth = oracles.by_definition(put(reading, vectors, [(place, word)])) - f
        errors += [abs(found - truth), abs(fast[place, word] - truth)]
    return largest(*errors) / oracles.value_scale(reading)


def hotflip(alpha: Array, delta: Array, says: Array, centred: Array) -> Array:
    """HotFlip's score in a head: α (Δu + δ (u - f))."""
    return alpha * (says + delta * centred)


def missed(alpha: Array, delta: Array, says: Array, centred: Array) -> Array:
    """What HotFlip misses in a head, effect less score; zero where δ is."""
    x = np.expm1(delta)
    bent = x - delta - alpha * x * delta
    return alpha * ((1 - alpha) * x * says + bent * centred) / (1 + alpha * x)


@statement(
    "thm-hotflip",
    "HotFlip's score, and what it misses, follow from two differences",
    "Ebrahimi et al. (2018); this book",
    1e-11,
)
def hotflip_misses(
    reading: Reading, vectors: Array, score: Callable = hotflip, rest: Callable = missed
) -> float:
    """`score` against PyTorch's gradient, and `score` plus `rest` against changed documents."""
    f, slope = oracles.automatic(reading)
    values, attention = reading.values, reading.attention
    fast, errors = substitutions.first_order(substitutions.exchanges(reading, vectors)), []
    for place, word in every_swap(reading, vectors):
        new, t = put(reading, vectors, [(place, word)]), 1 + place
        parts = (
            attention[:, t],
            new.logits[:, t] - reading.logits[:, t],
            new.values[:, t] - values[:, t],
            values[:, t] - reading.head_outputs,
        )
        first, more = (float(np.mean(part(*parts))) for part in (score, rest))
        truth = float(slope[t] @ (new.embeddings - reading.embeddings)[t])
        errors += [abs(first - truth), abs(fast[place, word] - truth)]
        errors.append(abs(first + more - (oracles.by_definition(new) - f)))
    return largest(*errors) / oracles.value_scale(reading)


def mended(table: Exchanges, crossed: bool, curved: bool, shared: bool) -> Array:
    """HotFlip's score of each exchange (n, V) with some of its three errors mended.

    With x = e^δ - 1 the effect is α ((1 + x) Δu + x c) / (1 + α x). `crossed`: the new value is
    heard with the new weight; `curved`: a weight moves by x, not δ; `shared`: all attention is
    divided anew. All three together are the effect.
    """
    D, N = table.totals
    total = np.zeros((table.weight.shape[1], table.word_weight.shape[1]))
    for head in range(len(D)):
        weight, voted = table.weight[head][:, None], table.voted[head][:, None]
        then, says = table.offered(head)
        alpha, value, delta = weight / D[head], voted / weight, np.log(then) - np.log(weight)
        x = np.expm1(delta)
        moved = (1 + x if crossed else 1) * (says - value)
        moved += (x if curved else delta) * (value - N[head] / D[head])
        total += alpha * moved / (1 + alpha * x if shared else 1)
    return total / len(D)


def left_out(alpha: Array, then: Array, f: Array, u: Array, u_w: Array) -> tuple[Array, Array]:
    """What a head gains by leaving a token out, and then by a word with attention `then`."""
    without = (f - alpha * u) / (1 - alpha)
    return without - f, then * (u_w - without)


def attention_after(table: Exchanges, swap: Swap) -> float:
    """The attention of the new word after an exchange, averaged over heads."""
    place, _ = swap
    new = substitutions.swapped(table, [swap])
    return float((new.weight[:, place] / new.totals[0]).mean())


def leaving(table: Exchanges, swap: Swap) -> float:
    """The part of an exchange's effect that comes of leaving the old token out."""
    place, _ = swap
    (D, N), weight, voted = table.totals, table.weight[:, place], table.voted[:, place]
    return float(np.mean(left_out(weight / D, 0.0, N / D, voted / weight, 0.0)[0]))


@statement("prop-leave-arrive", "an exchange leaves a token out and lets one in", OURS, 1e-11)
def leave_arrive(reading: Reading, vectors: Array, formula: Callable = left_out) -> float:
    """Both parts of `formula` against documents read without the token, and with the new one."""
    errors = []
    for place, word in every_swap(reading, vectors):
        new, t = put(reading, vectors, [(place, word)]), 1 + place
        shorter = np.delete(reading.attention, t, axis=1), np.delete(reading.values, t, axis=1)
        without = (shorter[0] * shorter[1]).sum(axis=1) / shorter[0].sum(axis=1)
        leaves, arrives = formula(
            *(reading.attention[:, t], new.attention[:, t], reading.head_outputs),
            *(reading.values[:, t], new.values[:, t]),
        )
        errors.append(np.abs(reading.head_outputs + leaves - without).max())
        errors.append(np.abs(without + arrives - new.head_outputs).max())
    return largest(*errors) / oracles.value_scale(reading)


def every_set(table: Exchanges, count: int) -> Iterator[Exchanges]:
    """The table after every choice of `count` places and of a word for each."""
    words = range(table.word_weight.shape[1])
    for places in itertools.combinations(range(table.weight.shape[1]), count):
        for chosen in itertools.product(words, repeat=count):
            yield substitutions.swapped(table, [*zip(places, chosen)])


def strongest(table: Exchanges, side: float, count: int) -> float:
    """The least `side` times f over all choices of at most `count` exchanges, times `side`."""
    every = (x.output for k in range(count + 1) for x in every_set(table, k))
    return side * min(side * f for f in every)


@statement("thm-fewest-exchanges", "in one head sorting finds the best exchanges", OURS, 1e-12)
def one_head(table: Exchanges, formula: Callable = substitutions.in_one_head) -> float:
    """The best output for each number of exchanges and either side, by `formula` and by all."""
    errors = []
    for side, count in itertools.product((1.0, -1.0), range(table.weight.shape[1] + 1)):
        swaps, found = formula(table, 0, side, count)
        errors.append(abs(found - strongest(table, side, count)))
        errors.append(abs(found - substitutions.swapped(table, swaps).output))
        errors.append(0.0 if len(swaps) <= count else np.inf)
    return largest(*errors)


@statement("prop-exchange-bound", "no exchanges pass what each head could do alone", OURS, 1e-12)
def heads_apart(table: Exchanges, count: int, formula: Callable = substitutions.bound) -> float:
    """By how much the best of all choices of `count` exchanges passes `formula`, either side."""
    return largest(
        *(side * (formula(table, side, count) - strongest(table, side, count)) for side in (1, -1)),
        0.0,
    )


@statement("thm-pair-corners", "two best exchanges are found without trying all pairs", OURS, 1e-9)
def pair(table: Exchanges, formula: Callable = best_pair) -> float:
    """f after the two exchanges of `formula` against all pairs, for either side."""
    errors = []
    for side in (1.0, -1.0):
        swaps, found = formula(table, side)
        truth = side * min(side * x.output for x in every_set(table, 2))
        after = substitutions.swapped(table, swaps).output
        errors += [abs(found - truth), abs(after - truth)]
    return largest(*errors)
