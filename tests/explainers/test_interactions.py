"""Interaction indices against sums over all masks and least-squares fits, and their properties."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.checks import examples, oracles, second_differences
from helpers.explainers import interactions, occlusion, shapley
from helpers.games import PerturbationGame
from helpers.games.pairs import pair_averages
from helpers.model.reading import micro_example


@pytest.mark.parametrize("index", interactions.INDICES)
@pytest.mark.parametrize("d, K, decades", [(2, 1, 1.0), (3, 2, 5.0), (6, 3, 2.0), (9, 1, 0.3)])
def test_pairs_against_enumeration(index, d, K, decades):
    game = examples.random_game(10 * d + K, d, K, decades)
    found, truth = interactions.exact(game, index), second_differences.definition(game, index)
    error = np.abs(found.matrix - truth).max()
    assert error <= found.certificate + found.rounding < 1e-9 * game.value_bound.mean()
    assert error < 1e-12 * game.value_bound.mean()


@pytest.mark.parametrize("d, K", [(3, 2), (6, 3), (9, 1), (11, 1)])
def test_faithful_indices_are_best_fits(d, K):
    game = examples.random_game(d, d, K)
    for index in ("faithful-banzhaf", "faithful-shapley"):
        found, fit = interactions.exact(game, index), second_differences.best_fit(game, index)
        np.testing.assert_allclose(found.singles, fit[0], atol=1e-11)
        np.testing.assert_allclose(found.matrix, fit[1], atol=1e-11)


def test_the_other_singles():
    game = examples.random_game(5, 7, 2, decades=2)
    singles = {index: interactions.exact(game, index).singles for index in interactions.INDICES}
    np.testing.assert_allclose(singles["shapley"], shapley.exact(game).scores, atol=1e-13)
    np.testing.assert_allclose(singles["banzhaf"], occlusion.banzhaf(game).scores, atol=1e-13)
    alone = game.value(np.eye(7)) - game.value(np.zeros(7))
    np.testing.assert_allclose(singles["shapley-taylor"], alone, atol=1e-13)


@given(seed=st.integers(0, 99), d=st.integers(2, 40), decades=st.sampled_from([0.3, 2.0]))
@settings(deadline=None, max_examples=15)
def test_efficiency_of_shapley_taylor_and_faithful_shapley(seed, d, decades):
    """Singles and pairs add up to f(1) - f(0)."""
    game = examples.random_game(seed, d, 2, decades)
    gain = game.value(np.ones(d)) - game.value(np.zeros(d))
    for index in ("shapley-taylor", "faithful-shapley"):
        found = interactions.exact(game, index)
        total = found.singles.sum() + found.matrix.sum() / 2
        assert abs(total - gain) < 1e-10 * game.value_bound.mean()


def test_pairs_are_the_slope_of_shapley_curves_in_the_other_word():
    """∫ E_p[Δ_ij f] dp is word i's mean effect with j kept less that with j masked, at d = 120."""
    game = examples.random_game(3, 120, 2)
    found = interactions.exact(game, "banzhaf").matrix[0, 1:4]
    for j, pair in zip((1, 2, 3), found):
        halves = []
        for state in ("kept", "masked"):
            rest = {
                "rest_weight": game.rest_weight + getattr(game, f"{state}_weight")[:, j],
                "rest_value": game.rest_value + getattr(game, f"{state}_value")[:, j],
            }
            arrays = {
                name: np.delete(getattr(game, name), j, axis=1) for name in oracles.ARRAYS[:4]
            }
            labels = game.labels[:j] + game.labels[j + 1 :]
            fixed = PerturbationGame(labels, labels, **arrays, **rest)
            halves.append(occlusion.banzhaf(fixed).scores[0])
        assert abs(pair - (halves[0] - halves[1])) < 1e-13 < abs(pair)


@pytest.mark.parametrize("tolerance", [1e-2, 1e-4, 1e-8])
def test_pairs_within_their_certificate(tolerance):
    for seed, d in enumerate((2, 5, 8)):
        game = examples.random_game(seed, d, decades=2)
        found = interactions.exact(game, "shapley", tolerance)
        error = np.abs(found.matrix - second_differences.definition(game, "shapley")).max()
        assert 1e-4 * tolerance < error <= found.certificate + found.rounding


def test_a_null_word_has_no_interactions_and_equal_weights_none_at_all():
    game = examples.random_game(0, 6, 3)
    arrays = {name: getattr(game, name).copy() for name in oracles.ARRAYS}
    for kind in ("weight", "value"):
        arrays[f"kept_{kind}"][:, 2] = arrays[f"masked_{kind}"][:, 2]
    found = interactions.exact(PerturbationGame(game.labels, game.text, **arrays))
    assert (found.matrix[2] == 0).all() and (found.matrix != 0).sum() == 20
    still = interactions.exact(examples.random_game(4, 20, equal=True))
    assert (still.matrix == 0).all() and (still.singles != 0).all()


@pytest.mark.filterwarnings("error")
def test_products_of_many_small_factors_do_not_overflow():
    """With p near 1 and heavy words, E[e^{-uD}] is below 1e-308 at the last nodes: it adds zero."""
    found = interactions.exact(examples.constant_game(np.full(200, 5.0)))
    assert np.abs(found.matrix).max() < 1e-13


def test_one_word_by_hand_and_wrong_objects():
    """[CLS] not good: f is 0, -1/(e+2), 2e/(2e+1), (2e-1)/(2e+1) for no word, not, good, both."""
    e = math.e
    pair = (2 * e - 1) / (2 * e + 1) - 2 * e / (2 * e + 1) + 1 / (e + 2)
    found = interactions.exact(micro_example())
    assert found.matrix[0, 1] == pytest.approx(pair, abs=1e-13)
    assert found.top(3) == (("not", "good"),)
    alone = interactions.exact(examples.random_game(0, 1))
    assert alone.matrix.shape == (1, 1) and alone.top(1) == ()
    with pytest.raises(ValueError, match="faithful-banzhaf"):
        interactions.exact(micro_example(), "owen")
    with pytest.raises(TypeError, match=r"classifier\.read"):
        interactions.exact("text")


def test_the_certificate_is_nearly_reached():
    """f is 1, whatever the masks; four D's decide whether 1/D is taken too large or too small."""
    shares = []
    for first in np.geomspace(0.05, 40, 24):
        for second in np.geomspace(0.05, 40, 24):
            weight, none, one = np.array([[first, second]]), np.zeros((1, 2)), np.ones(1)
            game = PerturbationGame(("v", "w"), ("v", "w"), weight, weight, none, none, one, one)
            found = interactions.exact(game, "banzhaf", 0.01)
            shares.append(abs(found.matrix[0, 1]) / found.certificate)
    assert 0.6 < max(shares) < 1


@pytest.mark.filterwarnings("error")
def test_a_product_over_many_words_does_not_overflow():
    """With 400 heavy words a product of factors is far below the smallest float64."""
    rng, d = np.random.default_rng(0), 400
    kept = rng.uniform(50, 100, (1, d))
    game = PerturbationGame(
        tuple(f"w{j}" for j in range(d)), ("w0",), kept, kept * rng.normal(size=(1, d)),
        np.ones((1, d)), np.zeros((1, d)), np.ones(1), np.zeros(1),
    )  # fmt: skip
    found, error, _ = pair_averages(game, np.array([0.9, 0.5]), np.full(2, 0.5))
    assert np.isfinite(found).all() and np.abs(found).max() > 0 and error < 1e-10
