"""Checks of the chapter on heads: mixed documents one by one, and erasure as it was published."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch

from helpers.checks import oracles
from helpers.checks.base import deviation, largest, statement
from helpers.evaluation import mediation, probes
from helpers.model.reading import Array, Reading

OURS = "this book"


def replaced(reading: Reading, seed: int) -> Reading:
    """The document with two of its words, or more, exchanged for Gaussian ones; [CLS] stays."""
    draw, e = np.random.default_rng(seed), reading.embeddings.copy()
    places = draw.choice(np.arange(1, reading.length), min(2, reading.length - 1), replace=False)
    e[places] = draw.normal(size=(len(places), e.shape[1]))
    return replace(reading, embeddings=e)


def masked_at(reading: Reading, place: int) -> Reading:
    """The document with one token masked."""
    e = reading.embeddings.copy()
    e[place] = reading.masked_embeddings[place]
    return replace(reading, embeddings=e)


def each_output(reading: Reading) -> Array:
    """What each head says, (K,), from all T × T attention weights."""
    e = torch.from_numpy(reading.embeddings)
    return np.array([float(output) for _, output in oracles.each_head(reading.heads, e)])


def mixed(attending: Reading, valued: Reading) -> Array:
    """Outputs of heads (K,) with the attention of one text and the values of another."""
    heads = zip(oracles.attention_rows(attending), valued.heads.W_v, valued.heads.W_l)
    biases = valued.heads.b_v
    return np.array(
        [
            sum(weight * (W_l @ (W_v @ e + b)) for weight, e in zip(rows[0], valued.embeddings))
            for (rows, W_v, W_l), b in zip(heads, biases)
        ]
    )


def routes(reading: Reading, other: Reading) -> tuple[Array, Array, Array]:
    """Effects on f by attention alone, values alone, and both beyond these, (K,): mixed texts."""
    start, K = mixed(reading, reading), len(reading.heads.W_l)
    attention, values = mixed(other, reading) - start, mixed(reading, other) - start
    both = mixed(other, other) - start
    return attention / K, values / K, (both - attention - values) / K


@statement("thm-heads-add", "effects through heads add up, and none is left for pairs", OURS, 1e-12)
def heads_add(
    reading: Reading,
    other: Reading,
    formula: Callable[[Reading, Reading], mediation.Effects] = mediation.effects,
    read_out: Callable[[Array], float] = np.mean,
) -> float:
    """Indirect and direct effects of `formula` against f with each set of heads exchanged.

    All 2^K sets; `read_out` makes f of the outputs (K,). Per largest projected value.
    """
    found, (here, there) = formula(reading, other), map(each_output, (reading, other))
    errors = []
    for chosen in itertools.product((False, True), repeat=len(here)):
        taken = np.array(chosen)
        through = read_out(np.where(taken, there, here)) - read_out(here)
        around = read_out(np.where(taken, here, there)) - read_out(here)
        errors.append(abs(through - found.heads[taken].sum()))
        errors.append(abs(around - (found.total - found.heads[taken].sum())))
        if sum(chosen) == 1:
            errors.append(abs(around - found.direct[taken].sum()))
    return largest(*errors) / max(map(oracles.value_scale, (reading, other)))


@statement(
    "prop-two-routes", "in a head, attention and values interact by a sum of products", OURS, 1e-12
)
def two_routes(
    reading: Reading,
    other: Reading,
    formula: Callable[[Reading, Reading], mediation.Effects] = mediation.effects,
) -> float:
    """The three parts of `formula` against texts with attention and values from different texts."""
    found = formula(reading, other)
    truth = np.array(routes(reading, other))
    parts = np.array([found.attention, found.values, found.interaction])
    return float(np.abs(parts - truth).max()) / max(map(oracles.value_scale, (reading, other)))


@statement("cor-masked-token", "what one masked token moves, by either route", OURS, 1e-12)
def masked_token(
    reading: Reading, formula: Callable[[Reading], mediation.Effects] = mediation.masked_tokens
) -> float:
    """The closed forms of `formula` (K, T - 1) against the mixed texts of each masked token."""
    found, errors = formula(reading), []
    for place in range(1, reading.length):
        truth = routes(reading, masked_at(reading, place))
        parts = (found.attention, found.values, found.interaction)
        errors += [np.abs(x[:, place - 1] - y).max() for x, y in zip(parts, truth)]
    return largest(*errors) / oracles.value_scale(reading)


@statement("prop-ablations", "three ways to ablate a head differ by its mean", OURS, 1e-12)
def ablations(
    outputs: Array, formula: Callable[[Array], dict[str, Array]] = mediation.importances
) -> float:
    """`formula` against f of each document with a head's output exchanged, for outputs (n, K)."""
    found, errors = formula(outputs), []
    for k, head in enumerate(outputs.T):
        states = {"zero": [0.0], "mean": [head.mean()], "resample": head}
        for name, instead in states.items():
            squares = []
            for value in instead:
                other = outputs.copy()
                other[:, k] = value
                squares.append((other.mean(axis=1) - outputs.mean(axis=1)) ** 2)
            errors.append(deviation(found[name][k], np.mean(squares)))
    return largest(*errors)


def published_erasure(states: Array, label: Array) -> Array:
    """Least-squares concept erasure as Belrose et al. (2023) write it: W⁺ P W, W = Σ^{-1/2}."""
    centred = states - states.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(states))
    whiten, back = ((vectors * values**power) @ vectors.T for power in (-0.5, 0.5))
    direction = whiten @ (centred.T @ (label - label.mean()))
    direction /= np.linalg.norm(direction)
    return states - centred @ (back @ np.outer(direction, direction) @ whiten).T


@statement("thm-erasure", "erasing a property costs f its squared correlation", OURS, 1e-9)
def erasure(
    states: Array,
    read_out: Array,
    label: Array,
    erase: Callable[[Array, Array], Array] = probes.erased,
    share: Callable[[Array, Array], float] = probes.share_lost,
) -> float:
    """Of f = states @ read_out: `share` against the variance that erasing takes, for two scores.

    The scores are least squares for the `label` (n,), and an arbitrary direction. With the former,
    `erase` is compared with `published_erasure`, the label must not be found any more, and the
    share must be the ratio of two squared correlations.
    """
    centred, f = states - states.mean(axis=0), states @ read_out
    fitted = centred @ np.linalg.lstsq(centred, label - label.mean())[0]
    errors = []
    for score in (fitted, centred[:, 0] - centred[:, -1]):
        lost = f - erase(states, score) @ read_out
        errors.append(abs(lost.var() / f.var() - share(f, score)))
    left = erase(states, fitted)
    errors.append(deviation(left, published_erasure(states, label)))
    again = np.linalg.lstsq(left - left.mean(axis=0), label - label.mean(), rcond=1e-9)[0]
    errors.append(float(np.abs((left - left.mean(axis=0)) @ again).max()))
    ratio = np.corrcoef(f, label)[0, 1] ** 2 / (fitted.var() / label.var())
    return largest(*errors, abs(ratio - share(f, fitted)))
