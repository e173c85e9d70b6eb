"""Occlusion: what the output loses when one word is masked: all others kept, none, or half."""

from __future__ import annotations

import numpy as np

from helpers.explainers.explanation import Explanation
from helpers.games import Game, PerturbationGame, any_game, as_game
from helpers.games.expectations import averages
from helpers.model.reading import Array, Reading, finite


def leave_one_out(game: PerturbationGame | Reading) -> Explanation:
    """f(1) - f(1 without word j), in closed form: mean_i (b_j - a_j f_i) / (D_i(1) - a_j).

    f_i is head i's output on the whole text. Called erasure by Li, Monroe and Jurafsky (2016);
    occlusion in images (Zeiler and Fergus, 2014). Equal to mean_i (b_j - a_j f_ij) / D_i(1), with
    f_ij the head's output without word j; of the two the one with the larger denominator is taken.
    So it is exact but for rounding, and that of a word like its mask is zero. O(K d²).
    Raises `TypeError` for anything but a `Reading` or a `PerturbationGame`.
    """
    game = as_game(game)
    scores = left_out(game)[0].mean(axis=0)
    return Explanation(game.labels, scores, "leave-one-out", game.text)


def asked(game: Game | Reading) -> Explanation:
    """Leave-one-out of any black box: f(1) - f(1 without word j) from d + 1 outputs, no sample.

    Raises `TypeError` for what is neither a `Reading` nor a game.
    """
    game = any_game(game)
    d = len(game.labels)
    f = finite(
        "the output of the game", game.value(np.vstack([np.ones(d), 1 - np.eye(d)])), (d + 1,)
    )
    return Explanation(game.labels, f[0] - f[1:], "leave-one-out", game.text)


def left_out(game: PerturbationGame) -> tuple[Array, Array]:
    """Leave-one-out of each head, (K, d), and D without each word over D of the text, (K, d)."""
    d = len(game.labels)
    whole, without = np.ones(d), np.ones((d, d)) - np.eye(d)
    D = game.rest_weight[:, None] + game.kept_weight.sum(axis=1, keepdims=True)
    D_without = game.rest_weight[:, None] + game.kept_weight @ without + game.masked_weight
    other = np.where(game.a > 0, game.head_values(without).T, game.head_values(whole)[:, None])
    return (game.b - game.a * other) / np.maximum(D, D_without), D_without / D


def added_first(game: PerturbationGame | Reading) -> Explanation:
    """f of word j alone less f of no word: the first step of an insertion curve. O(K d²).

    In closed form, mean_i (b_j - a_j f_i(0)) / (D_i(0) + a_j), or with f_i of the word alone over
    D_i(0), whichever denominator is larger; so the rounding of a word like its mask is zero.
    Raises `TypeError` for anything but a `Reading` or a `PerturbationGame`.
    """
    game = as_game(game)
    d = len(game.labels)
    none, alone = np.zeros(d), np.eye(d)
    D = game.rest_weight[:, None] + game.masked_weight.sum(axis=1, keepdims=True)
    other = np.where(game.a > 0, game.head_values(none)[:, None], game.head_values(alone).T)
    scores = ((game.b - game.a * other) / np.maximum(D, D + game.a)).mean(axis=0)
    return Explanation(game.labels, scores, "added first", game.text)


def banzhaf(game: PerturbationGame | Reading, tolerance: float = 1e-13) -> Explanation:
    """The Banzhaf value of each word (Banzhaf, 1965): its mean effect over all subsets of others.

    It is m_j(1/2), where m_j(p) = E_p[f(z_j = 1) - f(z_j = 0)]. `certificate` and `rounding` are
    those of `averages`: twice, and eight times, what they are for E_p[f]. O(K U d).
    Raises `TypeError` for anything but a `Reading` or a `PerturbationGame`.
    """
    game = as_game(game)
    found = averages(game, [0.5], effect=[1.0], tolerance=tolerance)
    return Explanation(
        game.labels, found.effect, "Banzhaf value", game.text,
        certificate=2 * found.error, rounding=8 * found.rounding,
    )  # fmt: skip
