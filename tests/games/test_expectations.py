"""Averages over independent masks against sums over all masks."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.checks import CheckFailed, examples, oracles
from helpers.checks import exact_lime as checks
from helpers.games import PerturbationGame
from helpers.games.expectations import averages


@given(
    seed=st.integers(0, 999),
    d=st.integers(1, 7),
    K=st.integers(1, 3),
    decades=st.sampled_from([0.1, 1.0, 5.0, 30.0]),
    p=st.sampled_from([1e-12, 1e-4, 0.2, 0.5, 0.9, 1 - 1e-4, 1 - 1e-12]),
    equal=st.booleans(),
)
@settings(deadline=None, max_examples=60)
def test_averages(seed, d, K, decades, p, equal):
    checks.bernoulli_product(examples.random_game(seed, d, K, decades, equal), p)


@pytest.mark.parametrize("part", ["value", "kept", "effect"])
def test_a_wrong_average_is_caught(part):
    def wrong(*given, **settings):
        found = averages(*given, **settings)
        return replace(found, **{part: getattr(found, part) * (1 + 1e-9)})

    with pytest.raises(CheckFailed):
        checks.bernoulli_product(examples.random_game(0, 5), 0.2, wrong)


P = np.array([0.1, 0.5, 0.8])
WEIGHTS = np.array([0.5, -2.0, 1.0])


def numbers(found):
    return np.concatenate([found.value, found.kept.ravel(), found.effect.ravel()])


def test_averages_do_not_depend_on_blocks(monkeypatch):
    game = examples.random_game(3, 9, decades=3)
    whole = averages(game, P, kept=WEIGHTS, effect=WEIGHTS)
    monkeypatch.setattr("helpers.games.expectations.BLOCK", 1)
    parts = averages(game, P, kept=WEIGHTS, effect=WEIGHTS)
    np.testing.assert_allclose(numbers(parts), numbers(whole), rtol=1e-12)
    assert parts.error == whole.error


def test_averages_are_linear_in_the_heads():
    """The game of all heads is the mean of the heads' games; a common factor changes nothing."""
    game = examples.random_game(1, 6, K=3, decades=2)
    alone = [
        averages(
            PerturbationGame(
                game.labels, game.text, *(1e5 * getattr(game, name)[[i]] for name in oracles.ARRAYS)
            ),
            P,
            kept=WEIGHTS,
            effect=WEIGHTS,
        )
        for i in range(3)
    ]
    together = averages(game, P, kept=WEIGHTS, effect=WEIGHTS)
    mean = np.mean([numbers(one) for one in alone], axis=0)
    np.testing.assert_allclose(mean, numbers(together), atol=1e-13)
    for bound in ("error", "rounding"):  # far below the absolute tolerance of pytest.approx
        parts = [getattr(one, bound) for one in alone]
        assert np.mean(parts) == pytest.approx(getattr(together, bound), rel=1e-9, abs=0)
        assert np.ptp(parts) > 0.1 * np.mean(parts)


def test_several_weights_at_once():
    game = examples.random_game(1, 6)
    curve = averages(game, P, effect=np.eye(3)).effect
    assert curve.shape == (6, 3)
    np.testing.assert_allclose(
        averages(game, P, effect=WEIGHTS).effect, curve @ WEIGHTS, rtol=1e-12
    )
    assert averages(game, P).effect is None is averages(game, P).kept


def test_a_word_like_its_mask_has_no_effect_and_a_twin_the_same():
    game = examples.random_game(0, 5)
    arrays = {name: getattr(game, name).copy() for name in oracles.ARRAYS}
    for kind in ("weight", "value"):
        arrays[f"kept_{kind}"][:, 2] = arrays[f"masked_{kind}"][:, 2]
        for state in ("kept", "masked"):
            arrays[f"{state}_{kind}"][:, 3] = arrays[f"{state}_{kind}"][:, 1]
    effect = averages(PerturbationGame(game.labels, game.text, **arrays), P, effect=WEIGHTS).effect
    assert effect[2] == 0.0 and effect[1] == effect[3]


@pytest.mark.parametrize("p", [0.0, 1.0, -0.1, 1.1])
def test_bad_probabilities(p):
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        averages(examples.random_game(0, 3), [p])


def test_bad_numbers():
    game = examples.random_game(0, 3)
    with pytest.raises(ValueError, match="probabilities holds NaN"):
        averages(game, [np.nan])
    for name in ("kept", "effect"):
        with pytest.raises(ValueError, match=f"{name} has shape"):
            averages(game, P, **{name: [1.0, 2.0]})
        with pytest.raises(ValueError, match=f"{name} holds NaN"):
            averages(game, P, **{name: [1.0, 2.0, np.nan]})


def test_the_example_of_the_docstring():
    import doctest

    from helpers.games import expectations

    failed, tried = doctest.testmod(expectations)
    assert (failed, tried) == (0, 4)
