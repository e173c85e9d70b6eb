"""The rules for LIME's coefficients side by side."""

import numpy as np
import pytest

from helpers.checks import oracles
from helpers.checks.examples import equal_words, random_game, random_reading
from helpers.evaluation.lime_rules import RULES, distance, fitted, one_head, permuted
from helpers.explainers import lime
from helpers.games import word_game


def test_heads_alone_have_the_mean_of_all():
    game = random_game(0, 5, K=3)
    alone = [lime.exact(one_head(game, i)).scores for i in range(3)]
    assert np.mean(alone, axis=0) == pytest.approx(lime.exact(game).scores, rel=1e-9)


def test_fitted_finds_factor_and_shift():
    x = np.array([1.0, 2.0, 4.0])
    assert fitted(x, 3 * x, shift=False) == pytest.approx(3 * x)
    assert fitted(x, 3 * x + 5, shift=True) == pytest.approx(3 * x + 5)
    assert distance(fitted(x, 3 * x + 5, shift=False), 3 * x + 5) > 0.01
    assert distance(3 * x, x) == pytest.approx(2) and distance(0 * x, x) == 1


def test_null_keeps_the_coefficients_and_depends_on_the_text_alone():
    game, exact = random_game(0, 30), np.arange(30.0)
    assert sorted(permuted(game, exact)) == exact.tolist()
    assert (permuted(game, exact) == permuted(random_game(5, 30), exact)).all()
    assert distance(permuted(game, exact), exact) > 0.1


def test_rules_of_words_of_one_weight():
    game = one_head(equal_words(0, 60, K=2), 0)
    exact = lime.exact(game).scores
    errors = {name: distance(rule(game, exact), exact) for name, rule in RULES.items()}
    assert max(errors["mean field"], errors["mean field, own word exact"]) < 1e-9
    assert errors["centred, best constant"] <= min(errors["centred 3/2"], errors["centred c(r)"])
    assert errors["best constant, shift"] <= min(errors["1"], errors["3/2 (paper)"], errors["c(r)"])
    assert max(errors, key=errors.get) == "null: wrong words"


def test_the_constant_of_a_rule_is_that_of_limes_own_bandwidth():
    """Against the sum over sizes that is exact for words of one weight; the integral is near."""
    game, d = one_head(equal_words(0, 200, K=2), 0), 200
    r, m = float(game.surviving_mass[0]), np.arange(d)
    weights = np.array(oracles.lime_weights(d, 0.25)[:d], dtype=float) * m * (d - m)
    constant = (weights / (r + (1 - r) * m / d)).sum() / weights.sum()
    found, unit = (RULES[name](game, np.zeros(d)) for name in ("c(r)", "1"))
    np.testing.assert_allclose(found, constant * unit, rtol=0.02)


def test_the_masked_word_may_be_weighed_with_the_budget_of_the_text():
    """α u less what [UNK] in the same place would have of the softmax over the text."""
    reading = random_reading(3, T=7, K=2, distinct=6)
    game = word_game(reading)
    unknown = np.exp(reading.masked_logits) / np.exp(reading.logits).sum(axis=1, keepdims=True)
    change = reading.attention * reading.values - unknown * reading.masked_values
    truth = 1.5 * change.mean(axis=0)
    found = RULES["3/2, [UNK] at D(1)"](game, np.zeros(len(game.labels)))
    assert len(game.labels) > 3
    for score, word in zip(found, game.labels):
        where = [t for t, token in enumerate(reading.text) if token == word and t]
        assert score == pytest.approx(truth[where].sum(), rel=1e-12)
