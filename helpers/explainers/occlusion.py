"""Occlusion: what the output loses when one word alone is masked."""

from __future__ import annotations

import numpy as np

from helpers.explainers.explanation import Explanation
from helpers.games import PerturbationGame, as_game
from helpers.model.reading import Reading


def leave_one_out(game: PerturbationGame | Reading) -> Explanation:
    """f(1) - f(1 without word j), in closed form: mean_i (b_j - a_j f_i) / (D_i(1) - a_j).

    f_i is head i's output on the whole text. Called erasure by Li, Monroe and Jurafsky (2016);
    occlusion in images (Zeiler and Fergus, 2014). Equal to mean_i (b_j - a_j f_ij) / D_i(1), with
    f_ij the head's output without word j; of the two the one with the larger denominator is taken.
    So it is exact but for rounding, and that of a word like its mask is zero. O(K d²).
    Raises `TypeError` for anything but a `Reading` or a `PerturbationGame`.
    """
    game = as_game(game)
    d = len(game.labels)
    whole, without = np.ones(d), np.ones((d, d)) - np.eye(d)
    D = game.rest_weight[:, None] + game.kept_weight.sum(axis=1, keepdims=True)
    D_without = game.rest_weight[:, None] + game.kept_weight @ without + game.masked_weight
    other = np.where(game.a > 0, game.head_values(without).T, game.head_values(whole)[:, None])
    scores = ((game.b - game.a * other) / np.maximum(D, D_without)).mean(axis=0)
    return Explanation(game.labels, scores, "leave-one-out", game.text)
