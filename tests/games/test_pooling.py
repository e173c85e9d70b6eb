"""Attention pooling as a game, against softmax over every sub-bag."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import games
from helpers.checks import CheckFailed, oracles
from helpers.checks import your_own_attention as checks
from helpers.explainers import lime, occlusion, shapley


def bag(seed, d, K, scale):
    draw = np.random.default_rng(seed)
    return scale * draw.normal(size=(K, d)), draw.normal(size=(K, d)), float(3 * draw.normal())


BAGS = st.builds(
    bag,
    st.integers(0, 10**6),
    d=st.integers(1, 7),
    K=st.integers(1, 3),
    scale=st.sampled_from([0, 1, 30]),
)


@given(BAGS)
@settings(max_examples=40, deadline=None)
def test_game_shapley_and_lime_against_enumeration(sample):
    checks.pooling(*sample)


@given(BAGS)
@settings(max_examples=40, deadline=None)
def test_leave_one_out_and_certificates(sample):
    logits, values, empty = sample
    game = games.pooling_game(logits, values, empty=empty)
    outputs = checks.every_bag(logits, values, empty)
    d = len(game.labels)
    without = [outputs[tuple(int(i != j) for i in range(d))] for j in range(d)]
    truth = outputs[(1,) * d] - np.array(without)
    np.testing.assert_allclose(occlusion.leave_one_out(game).scores, truth, atol=1e-12)
    found = shapley.exact(game)
    gap = np.abs(found.scores - oracles.enumerated_shapley(outputs)).max()
    assert gap <= found.certificate + found.rounding
    assert found.intercept == empty


@pytest.mark.parametrize("d", [2, 5, 8])
def test_the_empty_bag_ranks_nobody(d):
    logits, values, _ = bag(d, d, 2, 1)
    checks.empty_bag(logits, values)
    checks.empty_bag(
        logits, values, lambda d: -6 / (d * (d + 1)), lambda game: lime.exact(game, np.inf)
    )
    with pytest.raises(CheckFailed):
        checks.empty_bag(logits, values, lambda d: 0.0)


def test_approximations_of_lime_take_a_bag():
    game = games.pooling_game(np.zeros(6), np.arange(6.0), empty=1.0)
    exact = lime.exact(game).scores
    for leave_one_out in (False, True):
        found = lime.mean_field(game, leave_one_out=leave_one_out).scores
        np.testing.assert_allclose(found, exact, atol=1e-12)  # exact for words of one weight
    assert np.isfinite(lime.paper_approximation(game).scores).all()


def test_one_row_or_several_and_labels():
    game = games.pooling_game([0.0, 1.0], [2.0, 3.0], empty=0.5)
    assert game.labels == ("instance 1", "instance 2") and game.value([0, 0]) == 0.5
    assert games.pooling_game([0], [1], empty=0, labels=["x"]).text == ("x",)
    assert game.value([[1, 0], [0, 1]]).tolist() == [2.0, 3.0]


@pytest.mark.parametrize(
    "logits, values, more, message",
    [
        ([0.0, 1.0], [1.0], {}, "values has shape"),
        ([], [], {}, "at least one"),
        ([0.0], [1.0], {"labels": "ab"}, "2 labels"),
        ([0.0, 601.0], [1.0, 1.0], {}, "600 apart"),
        ([np.nan], [1.0], {}, "logits holds NaN"),
        ([0.0], [1.0], {"empty": np.inf}, "empty holds NaN or infinity"),
    ],
)
def test_bad_bags_are_refused(logits, values, more, message):
    with pytest.raises(ValueError, match=message):
        games.pooling_game(logits, values, **{"empty": 0.0} | more)


def test_only_a_game_without_other_weights_may_be_empty():
    ones, none = np.ones((1, 2)), np.zeros((1, 2))
    arrays = [ones, ones, none, none, np.zeros(1)]
    assert games.PerturbationGame(("a", "b"), ("a", "b"), *arrays, np.zeros(1)).pools.all()
    with pytest.raises(ValueError, match="zero for some mask"):
        games.PerturbationGame(("a", "b"), ("a", "b"), *arrays, np.ones(1))


def with_a_rest(logits, values, *, empty):
    """A wrong game: the empty bag has a small weight of its own instead of none."""
    weights, none, tiny = np.exp(logits), np.zeros(np.shape(logits)), np.full(len(logits), 1e-6)
    names = tuple(map(str, range(weights.shape[1])))
    arrays = (weights, weights * values, none, none, tiny, tiny * empty)
    return games.PerturbationGame(names, names, *arrays)


def test_a_wrong_game_is_caught():
    for wrong in (with_a_rest, lambda *bag, empty: games.pooling_game(*bag, empty=0.0)):
        with pytest.raises(CheckFailed):
            checks.pooling(*bag(0, 5, 2, 1), game=wrong)
    with pytest.raises(CheckFailed):
        checks.pooling(*bag(0, 5, 2, 1), explain=occlusion.leave_one_out)
