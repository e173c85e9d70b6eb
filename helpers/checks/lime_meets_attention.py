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
from helpers.checks.base import deviation, largest, statement
from helpers.checks.examples import balanced_words, repeated_words
from helpers.checks.lime_for_text import relative
from helpers.data.words import UNK_ID
from helpers.explainers import lime
from helpers.explainers.explanation import Explanation
from helpers.explainers.lime.sizes import size_law
from helpers.games import PerturbationGame
from helpers.model.classifier import AttentionClassifier
from helpers.model.reading import Array, Reading

Method = Callable[..., Explanation]
Example = Callable[[int], PerturbationGame]


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
    example: Example = repeated_words,
) -> float:
    """How fast `formula` nears a recursion over sizes on games of `example`: |slope + 1|."""
    return rate(lambda game: formula(game, bandwidth, leave_one_out), example, sizes, bandwidth)


@statement(
    "thm-centred-rule",
    "the error of the centred rule falls as 1/d where masking all changes nothing",
    "this book",
    0.01,
)
def centred_rate(
    bandwidth: float = 0.25,
    sizes: Sequence[int] = (64, 128, 256),
    formula: Method = lime.centred_rule,
    example: Example = balanced_words,
) -> float:
    """How fast `formula` nears a recursion over sizes on games of `example`: |slope + 1|."""
    return rate(lambda game: formula(game, bandwidth=bandwidth), example, sizes, bandwidth)


def rate(rule: Callable, example: Example, sizes: Sequence[int], bandwidth: float) -> float:
    """|slope + 1| of the log relative error on log d, against `checks.recursion`.

    `sizes` are d, 2d and 4d: the slopes of the two steps approach their limit as 1/d, too, so twice
    the second less the first is far closer to it than either.
    """
    errors = []
    for d in sizes:
        game = example(d)
        truth = recursion.recursion(game, bandwidth)
        errors.append(np.abs(rule(game).scores - truth).max() * d)
    first, second = np.diff(np.log2(errors))
    return float(abs(2 * second - first + 1))


@statement(
    "prop-mask-gradient",
    "the centred bracket is the derivative with respect to the mask",
    "this book",
    1e-10,
)
def mask_gradient(reading: Reading, formula: Method = lime.centred_rule) -> float:
    """`formula` (reading, 1) against PyTorch, which differentiates the attention layer."""
    truth = oracles.mask_gradient(reading)
    return deviation(formula(reading, 1).scores, truth)


@statement(
    "thm-leave-one-out",
    "the mean field with the own word exact is LIME with the others at their mean",
    "this book",
    1e-9,
)
def leave_one_out(
    game: PerturbationGame, bandwidth: float = 0.25, formula: Method = lime.mean_field
) -> float:
    """`formula` (game, bandwidth, True) against LIME, on all masks, of an averaged game per word.

    Of these games, word j keeps its difference to the mean coefficient; the means are averaged.
    """
    d = len(game.labels)
    z = oracles.every_mask(d)
    own, level = np.zeros(d), np.zeros(d)
    for j in range(d):
        alone = np.arange(d) == j
        sides = {
            name: np.where(alone, x, x[:, ~alone].mean(axis=1, keepdims=True))
            for name, x in ((name, getattr(game, name)) for name in oracles.ARRAYS[:4])
        }
        beta = oracles.enumerated(replace(game, **sides).value(z), d, bandwidth)
        level[j] = beta.mean()
        own[j] = beta[j] - level[j]
    return relative(formula(game, bandwidth, True).scores, level.mean() + own - own.mean())


def null_coefficient(phi: Array, bandwidth: float = 0.25) -> float:
    """LIME's coefficient of a word that does nothing, from the means phi (d,) of f by size.

    ``phi[m]`` is the mean of f over the texts that keep m of the other d - 1 words.
    """
    d = len(phi)
    omega, _, _ = size_law(d, bandwidth)
    m = np.arange(d)
    at_size = (m / d) * np.r_[0.0, phi[:-1]] + (1 - m / d) * phi
    slope = np.polyfit(m, at_size, 1, w=np.sqrt(omega[:d]))[0]
    step = omega[1:d] * m[1:] * (d - m[1:])
    return float(slope - (1 - 1 / d) * (step @ np.diff(phi)) / step.sum())


@statement(
    "thm-null-player",
    "LIME of a word that does nothing is the difference of two mean steps",
    "this book",
    1e-9,
)
def null_player(
    game: PerturbationGame, bandwidth: float = 0.25, formula: Callable = null_coefficient
) -> float:
    """`formula` (phi, bandwidth) against least squares on all masks, with one more, idle word."""
    d = len(game.labels) + 1
    z = oracles.every_mask(d)
    truth = oracles.enumerated(game.value(z[:, 1:]), d, bandwidth)
    other = oracles.every_mask(d - 1)
    f, size = game.value(other), other.sum(axis=1)
    phi = np.array([f[size == m].mean() for m in range(d)])
    return float(abs(formula(phi, bandwidth) - truth[0]) / np.abs(truth).max())
