"""Checks of the chapter on LIME and attention.

The truth is the definition of attention, the tokenizer, least squares on all masks, mpmath, and the
recursion over sizes of `checks.oracles`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import mpmath
import numpy as np

from helpers import games
from helpers.checks import oracles, recursion
from helpers.checks.base import largest, statement
from helpers.checks.examples import repeated_words
from helpers.checks.lime_for_text import relative
from helpers.data.words import UNK_ID
from helpers.explainers import lime
from helpers.explainers.explanation import Explanation
from helpers.games import PerturbationGame
from helpers.model.classifier import AttentionClassifier
from helpers.model.reading import Reading

Method = Callable[..., Explanation]


@statement(
    "prop-perturbation-game",
    "the perturbation game is the model on the masked document",
    "Lopardo et al. (2024), Section 2",
    1e-10,
)
def perturbation_game(
    reading: Reading, seed: int = 0, count: int = 20, formula: Callable = games.word_game
) -> float:
    """`formula` (reading) against the definition of f on embeddings with masked words replaced."""
    game, draw = formula(reading), np.random.default_rng(seed)
    masks = draw.integers(0, 2, size=(count, len(game.labels)))
    worst = 0.0
    for z, found in zip(masks, game.value(masks), strict=True):
        gone = {word for word, kept in zip(game.labels, z, strict=True) if not kept}
        out = [0 < t < reading.length and word in gone for t, word in enumerate(reading.tokens)]
        e = np.where(np.array(out)[:, None], reading.masked_embeddings, reading.embeddings)
        truth = oracles.by_definition(replace(reading, embeddings=e))
        worst = largest(worst, abs(truth - found) / oracles.value_scale(reading))
    return worst


@statement(
    "prop-deletion-is-masking",
    "deleting words is masking them",
    "this book",
    1e-10,
)
def deletion_is_masking(
    classifier: AttentionClassifier, text: str, count: int = 50, seed: int = 0
) -> float:
    """Deleted through the tokenizer; masked by writing the id of ``[UNK]`` over each position."""
    game = games.text_game(classifier.predict, text, mask=None)
    masks = np.random.default_rng(seed).integers(0, 2, size=(count, len(game.labels)))
    ids = classifier.encode([text]).repeat(count, 1)
    for row, z in zip(ids, masks, strict=True):
        for t, word in enumerate(game.text, start=1):
            if not z[game.labels.index(word)]:
                row[t] = UNK_ID
    return float(np.abs(classifier(ids).detach().numpy() - game.value(masks)).max())


@statement(
    "thm-equal-weights",
    "LIME of words of one weight is the closed form",
    "this book",
    1e-9,
)
def equal_weights(
    game: PerturbationGame, bandwidth: float = 0.25, formula: Method = lime.mean_field
) -> float:
    """`formula` (game, bandwidth) against enumeration, for a game such as `equal_words`."""
    d = len(game.labels)
    truth = oracles.enumerated(game.value(oracles.every_mask(d)), d, bandwidth)
    return relative(formula(game, bandwidth).scores, truth)


@statement(
    "thm-large-d-constant",
    "the constant of many equal words is the integral",
    "this book",
    1e-13,
)
def large_d_constant(
    r: float, bandwidth: float = np.inf, formula: Callable = lime.large_d_constant
) -> float:
    """`formula` (r, bandwidth) against mpmath: the integral; its closed form if ν = ∞, r ≠ 1."""
    with mpmath.workdps(50):
        R, nu = mpmath.mpf(r), mpmath.mpf(bandwidth)
        if bandwidth == np.inf and r not in (0.0, 1.0):
            truth = 3 * (R**2 - 2 * R * mpmath.log(R) - 1) / (R - 1) ** 3
        else:

            def w(p: mpmath.mpf) -> mpmath.mpf:
                return p * (1 - p) * mpmath.exp(-(((1 - mpmath.sqrt(p)) / nu) ** 2) / 2)

            parts = [0, mpmath.mpf("1e-6"), mpmath.mpf("1e-3"), 0.1, 0.5, 0.9, 0.999, 1]
            truth = mpmath.quad(lambda p: w(p) / (R + (1 - R) * p), parts) / mpmath.quad(w, parts)
        return abs(float((mpmath.mpf(float(formula(r, bandwidth))) - truth) / truth))


@statement("thm-mean-field", "the error of the mean-field law falls as 1/d", "this book", 0.01)
def mean_field_rate(
    bandwidth: float = 0.25,
    leave_one_out: bool = False,
    sizes: Sequence[int] = (64, 128, 256),
    formula: Method = lime.mean_field,
) -> float:
    """|slope + 1| of log error on log d, against the recursion over sizes of `checks.oracles`.

    `sizes` are d, 2d and 4d: the slopes of the two steps approach their limit as 1/d, too, so twice
    the second less the first is far closer to it than either.
    """
    errors = []
    for d in sizes:
        game = repeated_words(d)
        truth = recursion.recursion(game, bandwidth)
        errors.append(np.abs(formula(game, bandwidth, leave_one_out).scores - truth).max() * d)
    first, second = np.diff(np.log2(errors))
    return float(abs(2 * second - first + 1))
