"""Shapley values and leave-one-out against sums over all masks, and the axioms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.checks import examples, oracles
from helpers.explainers import occlusion, shapley
from helpers.games import PerturbationGame, text_game, word_game
from helpers.model.reading import micro_example

METHODS = (shapley.exact, occlusion.leave_one_out)


def arrays(game):
    return {name: getattr(game, name).copy() for name in oracles.ARRAYS}


def with_arrays(game, found):
    return PerturbationGame(game.labels, game.text, **found)


@pytest.mark.parametrize("decades", [0.3, 5.0])
@pytest.mark.parametrize("d, K", [(1, 2), (2, 1), (3, 6), (8, 3), (11, 1)])
def test_shapley_against_enumeration(d, K, decades):
    game = examples.random_game(10 * d + K, d, K, decades)
    found, truth = shapley.exact(game), oracles.shapley(game)
    error = np.abs(found.scores - truth).max()
    assert error <= found.certificate + found.rounding < 1e-11 * game.value_bound.mean()
    if decades < 1:
        np.testing.assert_allclose(found.scores, truth, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("tolerance", [1e-2, 1e-4, 1e-8])
def test_shapley_within_its_certificate(tolerance):
    for seed, d in enumerate((2, 5, 8)):
        game = examples.random_game(seed, d, decades=2)
        found = shapley.exact(game, tolerance)
        error = np.abs(found.scores - oracles.shapley(game)).max()
        assert 1e-3 * tolerance < error <= found.certificate + found.rounding < 10 * tolerance


def test_the_certificate_is_nearly_reached():
    """One word's weight decides whether 1/D is taken too large or too small; f is constant."""
    ratios = np.exp(np.linspace(0.01, 4.0, 400))
    shares = []
    for ratio in ratios:
        one = np.ones((1, 1))
        game = PerturbationGame(
            ("w",), ("w",), (ratio - 1) * one, (ratio - 1) * one, 0 * one, 0 * one, one[0], one[0]
        )
        found = shapley.exact(game, 0.01)
        shares.append(abs(found.scores[0]) / found.certificate)
    assert 0.6 < max(shares) < 1


@given(seed=st.integers(0, 99), d=st.integers(1, 60), decades=st.sampled_from([0.3, 2.0]))
@settings(deadline=None, max_examples=25)
def test_efficiency(seed, d, decades):
    game = examples.random_game(seed, d, 2, decades)
    found = shapley.exact(game)
    gain = game.value(np.ones(d)) - game.value(np.zeros(d))
    assert abs(found.scores.sum() - gain) < 1e-11 * game.value_bound.mean()
    assert found.intercept == game.value(np.zeros(d))


@pytest.mark.parametrize("method", METHODS)
def test_symmetry_and_null_player(method):
    game = examples.random_game(0, 6, 3)
    found = arrays(game)
    for kind in ("weight", "value"):
        found[f"kept_{kind}"][:, 2] = found[f"masked_{kind}"][:, 2]
        for state in ("kept", "masked"):
            found[f"{state}_{kind}"][:, 3] = found[f"{state}_{kind}"][:, 1]
    scores = method(with_arrays(game, found)).scores
    assert scores[2] == 0.0 and abs(scores[1] - scores[3]) < 1e-15 < abs(scores[1])


@pytest.mark.parametrize("method", METHODS)
def test_linearity_over_heads(method):
    game = examples.random_game(3, 7, 4)
    heads = [
        with_arrays(game, {name: x[[i]] for name, x in arrays(game).items()}) for i in range(4)
    ]
    mean = np.mean([method(head).scores for head in heads], axis=0)
    np.testing.assert_allclose(method(game).scores, mean, atol=1e-13)


def test_by_hand():
    """[CLS] not good: f is 0, -1/(e+2), 2e/(2e+1), (2e-1)/(2e+1) for no word, not, good, both."""
    e = np.e
    neither, only_not, good, both = 0, -1 / (e + 2), 2 * e / (2 * e + 1), (2 * e - 1) / (2 * e + 1)
    found = shapley.exact(micro_example())
    by_hand = [(only_not - neither + both - good) / 2, (good - neither + both - only_not) / 2]
    np.testing.assert_allclose(found.scores, by_hand, atol=1e-14)
    left_out = occlusion.leave_one_out(micro_example())
    np.testing.assert_allclose(left_out.scores, [both - good, both - only_not], atol=1e-15)
    assert found.labels == left_out.labels == ("not", "good")


def test_a_linear_game_is_explained_by_itself():
    game = examples.random_game(4, 20, equal=True)
    exactly = (game.b / (game.kept_weight.sum(axis=1) + game.rest_weight)[:, None]).mean(axis=0)
    for method in METHODS:
        np.testing.assert_allclose(method(game).scores, exactly, atol=1e-13)


@pytest.mark.parametrize("method", METHODS)
def test_wrong_objects(method):
    black_box = text_game(lambda texts: np.zeros(len(texts)), "one two")
    for wrong, call in (
        (black_box, "lime.sampled"),
        ("text", "classifier.read"),
        (None, "word_game"),
    ):
        with pytest.raises(TypeError, match=call):
            method(wrong)
    game = word_game(micro_example())
    np.testing.assert_array_equal(method(game).scores, method(micro_example()).scores)
