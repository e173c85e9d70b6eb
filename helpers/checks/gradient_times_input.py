"""Checks of the chapter on gradient times input: the truth is automatic differentiation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.checks.base import deviation, largest, statement
from helpers.checks.oracles import automatic
from helpers.explainers import gradients
from helpers.model import variants
from helpers.model.reading import Array, Reading

Rows = Callable[[Reading], Array]


def contribution_plus_covariance(reading: Reading) -> Array:
    """The two parts of G×I of a model without biases whose query is held fixed, (T_max,)."""
    contributions = (reading.attention * reading.values).mean(axis=0)
    return contributions + gradients.covariance_parts(reading)


@statement("prop-times-input", "G×I is contribution plus covariance part", "this book", 1e-12)
def times_input_splits(reading: Reading, formula: Rows = contribution_plus_covariance) -> float:
    """`formula` against embeddings times the automatic gradient with the query held fixed."""
    gradient = automatic(reading, fixed_query=True)[1]
    return deviation(formula(reading), (reading.embeddings * gradient).sum(axis=1))


def one_and_two_covariances(reading: Reading) -> tuple[float, float]:
    """What Σ_t G×I_t exceeds f by, with the query held fixed and with the whole gradient."""
    covariance = gradients.covariance_parts(reading).sum()
    return covariance, 2 * covariance


@statement("cor-gap", "the completeness gap of G×I is a covariance", "this book", 1e-12)
def gap_is_covariance(
    reading: Reading, formula: Callable[[Reading], tuple[float, float]] = one_and_two_covariances
) -> float:
    """`formula` against the sum of embeddings times automatic gradients, less f: both gaps."""
    gaps = []
    for fixed_query in (True, False):
        f, gradient = automatic(reading, fixed_query=fixed_query)
        gaps.append((reading.embeddings * gradient).sum() - f)
    return deviation(np.array(formula(reading)), np.array(gaps))


def attention_and_centred_value(reading: Reading, shift: Array) -> Array:
    """What moving the origin by `shift` adds to G×I of every token but [CLS], (T_max - 1,)."""
    added = (reading.value_directions @ shift)[:, None] * reading.attention
    added += (reading.key_directions @ shift)[:, None] * gradients.logit_slopes(reading)
    return added.mean(axis=0)[1:]


@statement("thm-origin", "G×I depends on the origin, f and its gradient do not", "this book", 1e-10)
def origin_matters(
    reading: Reading,
    formula: Callable[[Reading, Array], Array] = attention_and_centred_value,
    move: Callable[[Reading, Array], Reading] = variants.moved_origin,
) -> float:
    """`move` (reading, shift) must leave f, its gradient and e - e~ alone; G×I gains `formula`."""
    shift = np.random.default_rng(0).normal(size=reading.embeddings.shape[1])
    other = move(reading, shift)
    (f, rows), (other_f, other_rows) = automatic(reading), automatic(other)
    one, two = ((r.embeddings * g).sum(axis=1) for r, g in ((reading, rows), (other, other_rows)))
    changes = [r.embeddings - r.masked_embeddings for r in (reading, other)]
    return largest(
        abs(other_f - f) / max(1.0, abs(f)),
        deviation(other_rows, rows),
        deviation((changes[1] * other_rows).sum(axis=1), (changes[0] * rows).sum(axis=1)),
        deviation(formula(reading, shift), (two - one)[1:]),
    )


def origin_of_level(reading: Reading, level: float) -> Array:
    """o (d_e,) with <key, o> = `level` and <val, o> = 0 in every head: the shortest there is.

    Raises `ValueError` if there is none: the heads' vectors key and val are then dependent.
    """
    key, val = reading.key_directions, reading.value_directions
    wanted = np.repeat([level, 0.0], len(key))
    shift = np.linalg.lstsq(np.vstack([key, val]), wanted, rcond=None)[0]
    if not np.allclose(np.vstack([key, val]) @ shift, wanted, atol=1e-8 * max(1.0, abs(level))):
        raise ValueError("no origin gives this level: key and val of the heads are dependent")
    return shift


@statement("cor-any-zero", "a zero can be chosen that adds any multiple of the centred value",
           "this book", 1e-10)  # fmt: skip
def zero_of_any_level(
    reading: Reading, origin: Callable[[Reading, float], Array] = origin_of_level
) -> float:
    """From the moved model's automatic gradient, for levels of both signs; tokens but [CLS]."""
    f, rows = automatic(reading)
    outputs = (reading.attention * reading.values).sum(axis=1, keepdims=True)
    centred = (reading.attention * (reading.values - outputs)).mean(axis=0)[1:]
    errors = []
    for level in (-20.0, 1.0, 7.0):
        other = variants.moved_origin(reading, origin(reading, level))
        other_f, other_rows = automatic(other)
        two = (other.embeddings * other_rows).sum(axis=1)[1:]
        one = (reading.embeddings * rows).sum(axis=1)[1:]
        errors += [abs(other_f - f) / max(1.0, abs(f)), deviation(two - one, level * centred)]
    return largest(*errors)
