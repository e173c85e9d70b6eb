"""Checks of the chapter on seven explanations: which of them must agree, and which cannot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch

from helpers.checks.base import largest, statement
from helpers.checks.oracles import attention_rows, automatic, full_attention, leave_one_out
from helpers.evaluation import agreement
from helpers.evaluation.families import word_part
from helpers.explainers import attention, gradients, integrated, lime, shapley
from helpers.explainers.explanation import Explanation, by_word, token_explanation
from helpers.games import PerturbationGame, word_game
from helpers.model import variants
from helpers.model.reading import Array, Heads, Reading

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
    "G-l2 ≤ G-l1 ≤ √d_e G-l2, α-avg ≤ α-max ≤ K α-avg",
    SOURCE,
    1e-10,
)
def two_norms(
    reading: Reading,
    l1: Method = gradients.l1,
    l2: Method = gradients.l2,
    average: Method = attention.average,
    maximum: Method = attention.maximum,
) -> float:
    """Four methods against their definitions, and both pairs of bounds, by word."""
    rows = automatic(reading)[1][: reading.length]
    heads = np.array([matrix[0] for matrix in attention_rows(reading)])[:, : reading.length]
    truth = (
        (l1, np.abs(rows).sum(axis=1)),
        (l2, np.sqrt((rows**2).sum(axis=1))),
        (average, heads.sum(axis=0) / len(heads)),
        (maximum, heads.max(axis=0)),
    )
    errors = [np.abs(method(reading).scores - scores).max() for method, scores in truth]
    pairs = ((l2, l1, np.sqrt(rows.shape[1])), (average, maximum, len(heads)))
    _, place = np.unique(reading.text[1:], return_inverse=True)
    for small, large, factor in pairs:
        low, high = (np.bincount(place, method(reading).scores[1:]) for method in (small, large))
        outside = np.maximum(low - high, high - factor * low)
        errors.append(np.maximum(outside, 0).max(initial=0.0))
    return largest(*errors) / max(float(np.abs(rows).sum(axis=1).max()), 1.0)


def weighted_lengths(reading: Reading) -> Array:
    """mean_i α_t times the length of val + (u_t - f_i) key, (T_max,)."""
    distance = reading.values - reading.head_outputs[:, None]
    steps = (
        reading.value_directions[:, None] + distance[:, :, None] * (reading.key_directions[:, None])
    )
    return (reading.attention * np.linalg.norm(steps, axis=2)).mean(axis=0)


@statement(
    "prop-attention-inside",
    "G-l2 is at most mean α_t |val + (u_t - f) key|, equal for heads alike",
    "Lopardo et al. (2024), Section 4, as lengths",
    1e-10,
)
def attention_inside(
    reading: Reading, formula: Callable[[Reading], Array] = weighted_lengths
) -> float:
    """The bound in the model, and equality if all its heads are copies of one of them."""
    arrays, words = vars(reading.heads), slice(1, reading.length)
    copies = [np.full(len(reading.heads.W_l), i) for i in range(len(reading.heads.W_l))]
    errors = []
    for chosen in (None, *copies):
        heads = Heads(**{name: a if chosen is None else a[chosen] for name, a in arrays.items()})
        text = replace(reading, heads=heads)
        lengths = np.sqrt((automatic(text)[1][words] ** 2).sum(axis=1))
        gap = lengths - formula(text)[words]
        wrong = np.maximum(gap, 0) if chosen is None else np.abs(gap)
        errors.append(np.max(wrong, initial=0.0) / max(lengths.max(initial=0.0), 1.0))
    return largest(*errors)


@statement(
    "prop-level-attention",
    "LIME, Shapley, leave-one-out, IG, G×Δe at level attention",
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
        shapley.exact(game).scores,
        by_word(integrated_scores(reading)).scores,
        word_part(reading).scores,
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


INVARIANT = (
    attention.average,
    attention.maximum,
    attention.contributions,
    integrated.gradients,
    exact_lime,
)  # neither axes nor origin change them


def difference(methods: Sequence[Method], one: Reading, other: Reading) -> float:
    """The largest difference that any of the methods sees between two readings of one text."""
    scores = [(method(one).scores, method(other).scores) for method in methods]
    return largest(0.0, *(np.abs(here - there).max(initial=0.0) for here, there in scores))


@statement(
    "prop-any-sign",
    "G-avg takes both bounds in turned axes and can flip, the others stay",
    SOURCE,
    1e-10,
)
def change_of_basis(
    reading: Reading,
    methods: Sequence[Method] = (*INVARIANT, gradients.l2, gradients.times_input),
    turn: Callable[[Reading, Array], Reading] = variants.in_basis,
    reflect: Callable[[Array, Array], Array] = variants.reflection,
) -> float:
    """Turn the coordinates until G-avg of the longest gradient is largest, then smallest.

    Then reverse the diagonal, which must change the sign of every token's G-avg at once.
    """
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
        errors.append(difference(methods, turned, reading))
    flipped = automatic(turn(reading, reflect(ones, -ones)))[1]
    errors.append(np.abs(flipped.mean(axis=1) + rows.mean(axis=1)).max())
    return largest(*errors) / max(1.0, float(np.abs(rows).sum(axis=1).max()))


def place_part(reading: Reading) -> Array:
    """mean_i α_t (h_t + (u_t - f_i) l̃_t), (T_max,): what [UNK] in its place has of G×I.

    For models whose keys and values have no bias.
    """
    centred = reading.values - reading.head_outputs[:, None]
    inside = reading.masked_values + centred * reading.masked_logits
    return (reading.attention * inside).mean(axis=0)


@statement(
    "prop-origin",
    "G×I takes any value from another origin, the others stay",
    SOURCE,
    1e-9,
)
def change_of_origin(
    reading: Reading,
    methods: Sequence[Method] = (*INVARIANT, gradients.mean, gradients.l1, word_part),
    move: Callable[[Reading, Array], Reading] = variants.moved_origin,
    formula: Callable[[Reading], Array] = place_part,
) -> float:
    """Move the origin until G×I of the longest gradient is its length, then minus its length.

    Then split G×I, without biases, into the part of the word and the part of its place.
    """
    f, rows = automatic(reading)
    token = int(np.linalg.norm(rows, axis=1)[: reading.length].argmax())
    errors, length = [0.0], np.linalg.norm(rows[token])
    for wanted in (length, -length):
        excess = reading.embeddings[token] @ rows[token] - wanted
        moved = move(reading, -excess * rows[token] / (rows[token] @ rows[token]))
        moved_f, there = automatic(moved)
        errors += [abs(moved_f - f), np.abs(there - rows).max()]
        errors.append(abs(moved.embeddings[token] @ there[token] - wanted))
        errors.append(difference(methods, moved, reading))
    heads = reading.heads
    bare = replace(reading, heads=replace(heads, b_k=0 * heads.b_k, b_v=0 * heads.b_v))
    rows, words = automatic(bare)[1], slice(1, bare.length)
    place = (bare.masked_embeddings * rows).sum(axis=1)
    errors.append(np.abs(formula(bare) - place)[words].max())
    rest = bare.embeddings * rows
    added = by_word(token_explanation(bare, rest.sum(axis=1) - place, "")).scores
    errors.append(np.abs(word_part(bare).scores - added).max())
    return largest(*errors) / max(1.0, float(np.abs(rows).sum(axis=1).max()))
