"""The variance of a game, and what words and pairs explain of it, against all masks."""

import numpy as np
import pytest

from helpers.checks import examples, oracles
from helpers.evaluation.variance import explained
from helpers.games import pooling_game


def shares(game):
    """The variance of f over all masks, and R² of the best fits by words, and by pairs, too."""
    d = len(game.labels)
    z, (i, j) = oracles.every_mask(d), np.triu_indices(d, 1)
    f, words = game.value(z), np.column_stack([np.ones(len(z)), z])
    fits = (words, np.column_stack([words, z[:, i] * z[:, j]]))
    residuals = [f - fit @ np.linalg.lstsq(fit, f, rcond=None)[0] for fit in fits]
    return f.var(), *(1 - (r**2).mean() / f.var() for r in residuals)


@pytest.mark.parametrize(
    "d, K, decades", [(1, 2, 1), (2, 1, 1), (3, 2, 5), (3, 2, 30), (6, 3, 3), (10, 6, 1)]
)
def test_explained_against_enumeration(d, K, decades):
    game = examples.random_game(d, d, K, decades)
    found, truth = explained(game), shares(game)
    np.testing.assert_allclose([found.variance, found.words, found.pairs], truth, rtol=1e-8)
    assert d < 3 or truth[1] < truth[2] - 1e-6


def test_equal_weights_are_explained_by_words_and_a_constant_has_no_share():
    additive = explained(examples.random_game(4, 20, equal=True))
    assert additive.words == pytest.approx(1, abs=1e-9) == additive.pairs
    game = examples.random_game(4, 5, 1)
    object.__setattr__(game, "kept_value", game.kept_weight.copy())
    object.__setattr__(game, "masked_value", game.masked_weight.copy())
    object.__setattr__(game, "rest_value", game.rest_weight.copy())
    constant = explained(game)
    assert constant.variance == 0 and np.isnan([constant.words, constant.pairs]).all()


def test_what_an_empty_bag_gives_moves_every_output_of_a_bag():
    draw = np.random.default_rng(0)
    game = pooling_game(draw.normal(size=(2, 6)), draw.normal(size=(2, 6)), empty=3.0)
    found = explained(game)
    np.testing.assert_allclose([found.variance, found.words, found.pairs], shares(game), rtol=1e-8)
