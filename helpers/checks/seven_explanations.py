"""Checks of the chapter on seven explanations: which of them must agree, and which cannot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch

from helpers.checks.base import largest, statement
from helpers.checks.oracles import automatic, full_attention, leave_one_out
from helpers.evaluation import agreement
from helpers.explainers import attention, gradients, integrated, lime
from helpers.explainers.explanation import Explanation, by_word
from helpers.games import PerturbationGame, word_game
from helpers.model import variants
from helpers.model.reading import Array, Reading

Method = Callable[[Reading], Explanation]
SOURCE = "this book"


@statement(
    "prop-no-sign",
    "signs agree on the share of positive scores",
    SOURCE,
    1e-12,
)
def no_sign(
    reading: Reading,
    methods: Sequence[Method] = (attention.average, attention.maximum, gradients.l1, gradients.l2),
    formula: Callable[[Array, Array], float] = agreement.sign_agreement,
) -> float:
    """On the tokens that have a score, so that no sign is taken of what rounding may have left."""
    signed = (automatic(reading)[1] * reading.embeddings).sum(axis=1)[: reading.length]
    sizes = np.abs([signed, *(method(reading).scores for method in methods)])
    clear = (sizes > 1e-6 * sizes.max(axis=1, keepdims=True)).all(axis=0)
    if not clear.any():
        return 0.0
    share = sum(1 for score in signed[clear] if score > 0) / clear.sum()
    found = [formula(method(reading).scores[clear], signed[clear]) for method in methods]
    return largest(*(abs(agreed - share) for agreed in found))


@statement(
    "prop-two-norms",
    "G-l1 lies between G-l2 and sqrt(d_e) times G-l2",
    SOURCE,
    1e-10,
)
def two_norms(reading: Reading, l1: Method = gradients.l1, l2: Method = gradients.l2) -> float:
    rows = automatic(reading)[1][: reading.length]
    sums, lengths = np.abs(rows).sum(axis=1), np.sqrt((rows**2).sum(axis=1))
    one, two = l1(reading).scores, l2(reading).scores
    outside = np.maximum(two - one, one - np.sqrt(rows.shape[1]) * two)
    errors = [np.abs(one - sums), np.abs(two - lengths), np.maximum(outside, 0)]
    return float(np.max(errors) / max(sums.max(), 1.0))


def factored_length(reading: Reading) -> Array:
    """α_t times the length of val + (u_t - f) key, (T_max,), in a model of one head."""
    distance = (reading.values - reading.head_outputs[:, None])[0]
    direction = reading.value_directions + distance[:, None] * reading.key_directions
    return reading.attention[0] * np.linalg.norm(direction, axis=1)


@statement(
    "prop-attention-inside",
    "G-l2 is α_t times |val + (u_t - f) key|",
    "Lopardo et al. (2024), Section 4, for one head",
    1e-10,
)
def attention_inside(
    reading: Reading, formula: Callable[[Reading], Array] = factored_length
) -> float:
    worst = 0.0
    for head in range(len(reading.heads.W_l)):
        one = variants.one_head(reading, head)
        words = slice(1, one.length)
        lengths = np.sqrt((automatic(one)[1][words] ** 2).sum(axis=1))
        value, key = (np.linalg.norm(v) for v in (one.value_directions, one.key_directions))
        step = np.abs(one.values[0, words] - one.output) * key
        weight = one.attention[0, words]
        outside = np.maximum(
            lengths - weight * (value + step), weight * np.abs(value - step) - lengths
        )
        errors = [np.abs(formula(one)[words] - lengths), np.maximum(outside, 0)]
        error = np.max(errors, initial=0.0) / max(lengths.max(initial=0.0), 1.0)
        worst = largest(worst, error)
    return worst


@statement(
    "prop-level-attention",
    "LIME, IG, leave-one-out at level attention",
    SOURCE,
    1e-8,
)
def level_attention(
    reading: Reading,
    lime_scores: Callable[[PerturbationGame], Explanation] = lime.exact,
    integrated_scores: Method = integrated.gradients,
) -> float:
    """Fit a plane to the outputs of random masks: of a function that is one, any fit finds it."""
    game, (words, place) = word_game(reading), np.unique(reading.text[1:], return_inverse=True)
    draw = np.random.default_rng(0)
    z = np.vstack([np.ones(len(words)), draw.integers(0, 2, size=(3 * len(words) + 9, len(words)))])
    kept = np.ones((len(z), len(reading.tokens), 1))
    kept[:, 1 : reading.length, 0] = z[:, place]
    e = kept * reading.embeddings + (1 - kept) * reading.masked_embeddings
    outputs = full_attention(reading.heads, torch.from_numpy(e)).numpy()
    plane, *_ = np.linalg.lstsq(np.column_stack([np.ones(len(z)), z]), outputs)
    residual = np.abs(outputs - plane[0] - z @ plane[1:]).max()
    order = [words.tolist().index(label) for label in game.labels]
    truth = plane[1:][order]
    masked = replace(reading, embeddings=reading.masked_embeddings)
    claims = [
        lime_scores(game).scores,
        by_word(integrated_scores(reading)).scores,
        leave_one_out(game),
        by_word(attention.contributions(reading)).scores
        - by_word(attention.contributions(masked)).scores,
        lime.paper_approximation(game, constant=1.0).scores,
    ]
    scale = max(float(np.abs(truth).max()), 1.0)
    return largest(residual, *(np.abs(claim - truth).max() for claim in claims)) / scale


def exact_lime(reading: Reading) -> Explanation:
    """LIME's limit over the distinct words of the document."""
    return lime.exact(word_game(reading))


@statement(
    "prop-any-sign",
    "G-avg takes both bounds in turned axes, the others stay",
    SOURCE,
    1e-10,
)
def change_of_basis(
    reading: Reading,
    methods: Sequence[Method] = (
        attention.average,
        attention.maximum,
        attention.contributions,
        gradients.l2,
        gradients.times_input,
        integrated.gradients,
        exact_lime,
    ),
    turn: Callable[[Reading, Array], Reading] = variants.in_basis,
    reflect: Callable[[Array, Array], Array] = variants.reflection,
) -> float:
    """Turn the coordinates until G-avg of the longest gradient is largest, then smallest."""
    f, rows = automatic(reading)
    token = int(np.linalg.norm(rows, axis=1)[: reading.length].argmax())
    ones = np.ones(rows.shape[1])
    bound = np.linalg.norm(rows[token]) / np.sqrt(rows.shape[1])
    errors = [0.0]
    for end in (ones, -ones):
        turned = turn(reading, reflect(rows[token], end))
        turned_f, there = automatic(turned)
        errors.append(abs(there[token].mean() - np.sign(end[0]) * bound))
        errors.append(np.abs(np.linalg.norm(there, axis=1) - np.linalg.norm(rows, axis=1)).max())
        errors.append(abs(turned_f - f))
        errors += [
            np.abs(method(turned).scores - method(reading).scores).max(initial=0.0)
            for method in methods
        ]
    return largest(*errors) / max(1.0, float(np.abs(rows).sum(axis=1).max()))
