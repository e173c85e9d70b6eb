"""Interactions: the statements on many games, definitions in other words, and checks that fail."""

import dataclasses
import itertools
import math

import numpy as np
import pytest

from helpers import games, load_classifier
from helpers.checks import CheckFailed, examples, oracles
from helpers.checks import interactions as checks
from helpers.checks.second_differences import best_fit, by_size, corners, definition
from helpers.data.corpus import held_out
from helpers.explainers import interactions
from helpers.games import PerturbationGame
from helpers.games.pairs import pair_averages

GAMES = [examples.random_game(seed, d, K) for seed, (d, K) in enumerate([(2, 1), (3, 2), (6, 3)])]


def heads(*parts):
    """One game of heads that share their words."""
    arrays = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in oracles.ARRAYS
    }
    return PerturbationGame(parts[0].labels, parts[0].text, **arrays)


# ---- the definitions


@pytest.mark.parametrize("d", [2, 3, 7, 12])
def test_weights_of_the_subsets_add_up_to_one(d):
    for index in interactions.INDICES:
        total = sum(math.comb(d - 2, s) * by_size(index, s, d) for s in range(d - 1))
        assert total == pytest.approx(1)


def test_corners_are_the_four_outputs_of_a_pair():
    game = examples.random_game(3, 4)
    for (i, j), four in corners(game.value(oracles.every_mask(4))):
        others = [k for k in range(4) if k not in (i, j)]
        for rest, *outputs in zip(oracles.every_mask(2), *four):
            z = np.zeros((4, 4))
            z[:, others], z[1, i], z[2, j], z[3, [i, j]] = rest, 1, 1, 1
            np.testing.assert_array_equal(game.value(z), outputs)


def test_shapley_taylor_is_a_mean_over_orders():
    """As published: Δ_ij where the first of i and j comes, given the words that came before it."""
    game, d = examples.random_game(5, 5), 5
    f = dict(zip(map(tuple, oracles.every_mask(d)), game.value(oracles.every_mask(d))))
    total = np.zeros((d, d))
    for order in itertools.permutations(range(d)):
        z = np.zeros(d)
        for k, i in enumerate(order):
            for j in order[k + 1 :]:
                four = [z.copy() for _ in range(4)]
                four[0][[i, j]], four[1][i], four[2][j] = 1, 1, 1
                both, first, second, none = (f[tuple(x)] for x in four)
                total[i, j] += both - first - second + none
            z[i] = 1
    total = (total + total.T) / math.factorial(d)
    np.testing.assert_allclose(definition(game, "shapley-taylor"), total, atol=1e-13)


def test_shapley_interaction_merges_two_words_into_one():
    """As published: a mean over the orders of d - 1 players, of which one is the pair."""
    game, d = examples.random_game(6, 5), 5
    f = dict(zip(map(tuple, oracles.every_mask(d)), game.value(oracles.every_mask(d))))
    found = definition(game, "shapley")
    for i, j in itertools.combinations(range(d), 2):
        players, total = [k for k in range(d) if k not in (i, j)] + ["pair"], 0.0
        for order in itertools.permutations(players):
            z = np.isin(np.arange(d), order[: order.index("pair")]).astype(float)
            on, first, second = z.copy(), z.copy(), z.copy()
            on[[i, j]], first[i], second[j] = 1, 1, 1
            total += f[tuple(on)] - f[tuple(first)] - f[tuple(second)] + f[tuple(z)]
        assert found[i, j] == pytest.approx(total / math.factorial(d - 1), abs=1e-13)


def test_best_fits_leave_nothing_over_that_words_and_pairs_could_say():
    game, d = examples.random_game(7, 6), 6
    z, (i, j) = oracles.every_mask(d), np.triu_indices(d, 1)
    f = game.value(z)
    for index in ("faithful-banzhaf", "faithful-shapley"):
        singles, pairs = best_fit(game, index)
        fit = z @ singles + (z[:, i] * z[:, j]) @ pairs[i, j]
        if index == "faithful-banzhaf":
            left = f - fit - (f - fit).mean()
            assert np.abs(np.column_stack([z, z[:, i] * z[:, j]]).T @ left).max() < 1e-12
        else:
            assert fit[-1] == pytest.approx(f[-1] - f[0])


INDICES_THERE = {
    "shapley": "SII",
    "shapley-taylor": "STII",
    "faithful-shapley": "FSII",
    "banzhaf": "BII",
    "faithful-banzhaf": "FBII",
}


@pytest.mark.parametrize("index", interactions.INDICES)
def test_pairs_are_those_of_shapiq(index):
    """All 1,024 masks of a held-out review of ten words, computed by another package.

    It fits faithful Shapley with a large weight at the two ends, where ours is exact.
    """
    shapiq = pytest.importorskip("shapiq")
    classifier = load_classifier()
    read = (games.word_game(classifier.read(x.text)) for x in held_out(200))
    game = next(game for game in read if len(game.labels) == 10)

    computer = shapiq.ExactComputer(n_players=10, game=lambda z: game.value(z.astype(float)))
    theirs = computer(INDICES_THERE[index], order=2)
    found, within = interactions.exact(game, index), 1e-7 if index == "faithful-shapley" else 1e-11
    for i, j in itertools.combinations(range(10), 2):
        assert found.matrix[i, j] == pytest.approx(theirs[(i, j)], abs=within)
    for i in range(10):
        assert found.singles[i] == pytest.approx(theirs[(i,)], abs=within)


# ---- the statements


@pytest.mark.parametrize("game", GAMES, ids=lambda game: f"d={len(game.labels)}")
def test_statements(game):
    checks.pair_law(game)
    checks.negator(game)
    checks.indices(game)
    for p in (1e-2, 0.5, 0.9):
        checks.every_pair(game, p)


def test_attention_that_does_not_move():
    checks.still_attention(examples.random_game(1, 5, equal=True))
    for seed in range(5):
        checks.still_attention(examples.random_game(seed, 4, K=1))
    one = examples.random_game(3, 5, K=1, equal=True)
    one.kept_weight[0, 2] *= 2
    checks.still_attention(one)


def test_a_word_that_moves_no_attention_interacts_by_its_value_only():
    """Δ_ij f = - a_j b_i / (D (D + a_j)) in each head if a_i = 0, and none if a_j = 0, too."""
    game = examples.random_game(4, 4, K=2)
    game.kept_weight[:, :2] = game.masked_weight[:, :2]
    z = oracles.every_mask(4)
    weights = dict(corners(checks.denominators(game)))
    for (i, j), (none, first, second, both) in corners(game.value(z)):
        if i < 2:
            D = weights[i, j][0]
            expected = -(game.a[:, j] * game.b[:, i] / (D * (D + game.a[:, j]))).mean(axis=1)
            np.testing.assert_allclose(both - first - second + none, expected, atol=1e-14)
            assert (np.abs(expected).max() == 0) == (j == 1)


# ---- the checks can fail


def too_large(*arguments):
    pairs, *rest = pair_averages(*arguments)
    return pairs * (1 + 1e-9), *rest


def swapped(game, index):
    other = {"shapley": "banzhaf", "faithful-banzhaf": "banzhaf"}.get(index, index)
    return interactions.exact(game, other)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda a, b, x, y, D: -(a * x + b * y) / D,
        lambda a, b, x, y, D: -(b * x + a * y) / (D - a),
        lambda a, b, x, y, D: (b * x + a * y) / D,
    ],
)
def test_pair_law_fails(wrong):
    with pytest.raises(CheckFailed):
        checks.pair_law(GAMES[1], wrong)


def test_checks_fail():
    game = GAMES[2]
    with pytest.raises(CheckFailed):
        checks.every_pair(game, 0.5, too_large)
    with pytest.raises(CheckFailed):
        checks.indices(game, swapped)
    for wrong in (lambda a, x: a * x, lambda a, x: 0 * x):
        with pytest.raises(CheckFailed):
            checks.negator(game, wrong)


def test_each_index_has_its_own_weights():
    """Exchanging the result of any two indices is noticed, but for the pairs of Banzhaf's."""
    game = GAMES[2]
    for index, other in itertools.permutations(interactions.INDICES, 2):
        if {index, other} == {"banzhaf", "faithful-banzhaf"} and index == "banzhaf":
            continue
        exchanged = dict(zip(interactions.INDICES, interactions.INDICES)) | {index: other}
        with pytest.raises(CheckFailed):
            checks.indices(game, lambda g, x, names=exchanged: interactions.exact(g, names[x]))


def test_two_words_or_two_heads_may_cancel():
    """What the theorem leaves out: attention moves, and yet nothing interacts."""
    pair = PerturbationGame(
        ("v", "w"), ("v", "w"), np.ones((1, 2)), np.array([[1.0, -1.0]]),
        np.zeros((1, 2)), np.zeros((1, 2)), np.ones(1), np.zeros(1),
    )  # fmt: skip
    one, still = examples.random_game(1, 4, K=1), examples.random_game(2, 4, K=1, equal=True)
    values = {
        name: -getattr(one, name) if name.endswith("value") else getattr(one, name)
        for name in oracles.ARRAYS
    }
    against = PerturbationGame(one.labels, one.text, **values)
    for game in (pair, heads(one, against, still)):
        with pytest.raises(CheckFailed):
            checks.still_attention(game)
    with pytest.raises(CheckFailed):
        checks.still_attention(still, lambda game: True)


def test_a_word_that_gives_attention_away_can_be_turned():
    """The proposition needs a_j >= 0: with a_j < 0, a word that lowers the output turns j."""
    game = PerturbationGame(
        ("i", "j"), ("i", "j"), np.array([[1.0, 1.0]]), np.array([[-9.0, 0.1]]),
        np.array([[0.0, 2.0]]), np.array([[0.0, 0.0]]), np.ones(1), np.zeros(1),
    )  # fmt: skip
    none, second, first, both = game.value(oracles.every_mask(2))
    assert first < none < second and both - first < 0
    checks.negator(game)


def test_a_word_that_lowers_only_the_mean_of_two_heads_can_turn_another():
    """Words take attention in both heads, and each head by itself keeps to the proposition."""
    game = examples.random_game(826, 2)
    nothing = {"masked_weight": 0 * game.a, "masked_value": 0 * game.a}
    game = dataclasses.replace(game, **nothing)
    none, first, second, both = game.value([[0, 0], [1, 0], [0, 1], [1, 1]])
    assert first < none - 0.1 and second > none + 0.1 and both < first - 0.1
    assert (game.a >= 0).all()
    checks.negator(game)
