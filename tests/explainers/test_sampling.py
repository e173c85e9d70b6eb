"""Sampled LIME says how sure it is, and refuses where it cannot know: bad input, few samples."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import games, load_classifier
from helpers.checks import oracles
from helpers.checks.examples import random_game, random_reading
from helpers.explainers import lime

TEXT = "taken as a whole this tuxedo does not add up to a whole lot of good film"


@pytest.fixture(scope="module")
def classifier():
    return load_classifier()


# ---- standard errors that can be believed


@pytest.mark.parametrize(
    "d, n, bandwidth",
    [(198, 200, 0.25), (8, 5000, 0.02), (300, 400, 0.05), (3, 56, 0.25), (12, 48, 0.25)],
)
def test_a_design_that_is_nearly_singular_says_how_many_samples_it_needs(d, n, bandwidth):
    fewest = lime.fewest_samples(d, bandwidth)
    assert fewest > n
    with pytest.raises(ValueError, match=f"at least {fewest} can, or a larger bandwidth"):
        lime.sampled(random_game(0, d), n=n, bandwidth=bandwidth)


@pytest.mark.parametrize("bandwidth", [1e-3, 2.5e-3])  # underflow leaves no size, and just one
@pytest.mark.parametrize("method", [lime.sampled, lime.exact])
def test_a_bandwidth_that_leaves_one_size_is_refused_as_exact_lime_does(method, bandwidth):
    with pytest.raises(ValueError, match="weight on one size of text only"):
        method(random_game(0, 8), bandwidth=bandwidth)


@pytest.mark.parametrize("d", [1, 2, 3, 8, 20, 60, 198])
def test_fewest_samples_are_enough(d):
    n = lime.fewest_samples(d)
    found = lime.sampled(random_game(0, d, decades=1.0), n=n)
    assert np.isfinite(found.standard_errors).all()
    with pytest.raises(ValueError, match=f"at least {n} can"):
        lime.sampled(random_game(0, d), n=n - 1)


@pytest.mark.parametrize("bandwidth", [0.08, 0.25, np.inf])
@pytest.mark.parametrize("d", [12, 30])
def test_scores_miss_the_exact_ones_by_what_the_errors_say(d, bandwidth):
    """At the fewest samples: the median deviation, and how often 95 % intervals hold."""
    game, n = random_game(1, d, decades=1.0), lime.fewest_samples(d, bandwidth)
    exact = lime.exact(game, bandwidth).scores
    runs = [lime.sampled(game, n, seed, bandwidth) for seed in range(60)]
    deviation = [np.abs(run.scores - exact) / run.standard_errors for run in runs]
    assert np.median(deviation) < 1.5 * 0.6745
    assert np.mean(np.array(deviation) < 1.96) > 0.82


def test_below_the_fewest_samples_the_errors_would_be_false():
    """The negative control: without the limit, every third interval would miss."""
    game, hits = random_game(1, 60, decades=1.0), []
    exact = lime.exact(game).scores
    for seed in range(20):
        z = lime.draw_masks(60, 62, seed)
        beta, covariance = lime.fit(z, game.value(z), 0.25, 0.0)
        error = np.sqrt(np.diag(covariance)[1:])
        hits.append(np.abs(beta[1:] - exact) < 1.96 * error)
    assert np.mean(hits) < 0.7


@pytest.mark.parametrize("d, bandwidth", [(3, 0.5), (5, 0.25), (9, 0.1), (9, np.inf), (40, 0.25)])
def test_the_limit_is_a_leverage_of_one_third(d, bandwidth):
    """Against the leverages themselves, of ten times as many samples, from a QR decomposition."""
    fewest = lime.fewest_samples(d, bandwidth)
    n = 400 * (d + 1)
    z = lime.draw_masks(d, n, 0)
    root = np.sqrt(lime.kernel(z, bandwidth))[:, None]
    q = np.linalg.qr(root * np.column_stack([np.ones(n), z]))[0]
    leverage = (q**2).sum(axis=1)
    expected = leverage / (1 - leverage) * n  # h n, for each mask
    assert expected.max() * 2 == pytest.approx(fewest, rel=0.25)


@pytest.mark.parametrize("d, n", [(3, 14), (5, 15)])
def test_a_number_of_samples_that_is_whole_is_not_rounded_up(d, n):
    """Without a kernel the form is rational, here whole, and rounding must not add a sample."""
    assert lime.fewest_samples(d, np.inf) == n


def test_the_covariance_is_the_sandwich_off_the_diagonal_too():
    game, z = random_game(3, 5), lime.draw_masks(5, 80, 1)
    beta, covariance = lime.fit(z, game.value(z), 0.25, 0.0)
    x = np.column_stack([np.ones(80), z])
    weights, residual = lime.kernel(z, 0.25), game.value(z) - x @ beta
    A = sum(w * np.outer(row, row) for w, row in zip(weights, x))
    B = sum((w * r) ** 2 * np.outer(row, row) for w, r, row in zip(weights, residual, x))
    expected = 80 / (80 - 6) * np.linalg.inv(A) @ B @ np.linalg.inv(A)
    np.testing.assert_allclose(covariance, expected, atol=1e-10 * np.abs(expected).max())


@pytest.mark.parametrize("d, bandwidth", [(2, 0.25), (2, np.inf), (3, np.inf)])
def test_masks_that_leave_a_direction_to_one_sample_or_none_are_refused(d, bandwidth):
    """A seed whose draws do not span the words: the text itself decides alone, or nothing does."""
    n = lime.fewest_samples(d, bandwidth)
    draws = [np.column_stack([np.ones(n - 1), lime.draw_masks(d, n, s)[1:]]) for s in range(3000)]
    seeds = np.flatnonzero(np.linalg.matrix_rank(np.array(draws)) <= d)
    assert len(seeds)
    with pytest.raises(ValueError, match=f"masks of seed {seeds[0]} do not determine"):
        lime.sampled(random_game(0, d), n, int(seeds[0]), bandwidth)


# ---- one word and two: nothing is random


@pytest.mark.parametrize("bandwidth", [0.05, 0.25, np.inf])
@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("n", [30, 5000])
def test_of_two_words_the_scores_are_the_limit(d, n, bandwidth):
    game = random_game(4, d)
    found, exact = lime.sampled(game, n, bandwidth=bandwidth), lime.exact(game, bandwidth)
    np.testing.assert_allclose(found.scores, exact.scores, atol=1e-12)
    assert found.standard_errors.max() < 1e-12


def test_with_the_text_itself_intervals_of_two_words_never_hold():
    """The negative control: the row that is not drawn is the whole error."""
    game = random_game(4, 2)
    exact, hits = lime.exact(game).scores, []
    for seed in range(50):
        z = lime.draw_masks(2, 1000, seed)
        beta, covariance = lime.fit(z, game.value(z), 0.25, 0.0)
        hits.append(np.abs(beta[1:] - exact) < 1.96 * np.sqrt(np.diag(covariance)[1:]))
    assert not np.any(hits)


def test_the_penalty_of_two_words_uses_the_weights():
    game = random_game(4, 2)
    found = [lime.sampled(game, 500, 0, bandwidth, 1.0).scores for bandwidth in (0.25, np.inf)]
    assert np.abs(found[0] - found[1]).max() > 1e-3
    z = lime.draw_masks(2, 500, 0)[1:]
    np.testing.assert_allclose(found[0], lime.fit(z, game.value(z), 0.25, 1.0)[0][1:], rtol=1e-12)


def test_two_words_and_a_bandwidth_that_leaves_one_size():
    with pytest.raises(ValueError, match="weight on one size of text only"):
        lime.sampled(random_game(0, 2), bandwidth=1e-3)


# ---- how many samples


def asymptotic(game, bandwidth=0.25):
    """τ (d,) with standard errors τ / sqrt(n), from all masks: sqrt of diag A^-1 B A^-1."""
    d = len(game.labels)
    z, weights = oracles.all_masks(d, bandwidth)  # probabilities times π
    pi = np.exp(-((1 - np.sqrt(z.mean(axis=1))) ** 2) / (2 * bandwidth**2))
    x, root = np.column_stack([np.ones(len(z)), z]), np.sqrt(weights)
    beta = np.linalg.lstsq(root[:, None] * x, root * game.value(z), rcond=None)[0]
    residual = game.value(z) - x @ beta
    bread = np.linalg.inv(x.T @ (weights[:, None] * x))
    meat = x.T @ ((weights * pi * residual**2)[:, None] * x)
    return np.sqrt(np.diag(bread @ meat @ bread)[1:])


@pytest.mark.parametrize("d", [4, 8])
def test_samples_needed_from_one_run_are_those_of_the_exact_errors(d):
    """The truth: all masks, exact coefficients, and (1.959964 + 0.841621)² τ² / δ²."""
    game = random_game(2, d, decades=1.0)
    effect = 0.02 * np.abs(lime.exact(game).scores).max()
    truth = d + 1 + ((1.959964 + 0.841621) * asymptotic(game).max() / effect) ** 2
    found = [lime.samples_needed(lime.sampled(game, 2000, seed), share=0.02) for seed in range(20)]
    assert np.mean(found) == pytest.approx(truth, rel=0.05)


@pytest.mark.parametrize("power", [0.5, 0.8])
def test_samples_needed_give_the_power(power):
    """An interval of the word of the largest error excludes what is δ away from its coefficient."""
    game, share = random_game(3, 6, decades=1.0), 0.01
    exact, word = lime.exact(game).scores, asymptotic(game).argmax()
    pilot = lime.sampled(game, 4000)
    n, effect = lime.samples_needed(pilot, share, power), share * np.abs(pilot.scores).max()
    assert n > 3 * lime.fewest_samples(6)
    runs = [lime.sampled(game, n, seed) for seed in range(500)]
    told = [r.scores[word] - 1.96 * r.standard_errors[word] > exact[word] - effect for r in runs]
    assert abs(np.mean(told) - power) < 3 * np.sqrt(power * (1 - power) / 500)


def test_samples_needed_do_not_depend_on_the_number_of_the_run():
    game = random_game(5, 8)
    few, many = (lime.samples_needed(lime.sampled(game, n)) for n in (1000, 16000))
    assert few == pytest.approx(many, rel=0.2)


def test_samples_needed_are_never_too_few_for_a_run():
    game = random_game(5, 30)
    n = lime.samples_needed(lime.sampled(game, 5000), share=1.0, power=0.5)
    assert n == lime.fewest_samples(30)
    lime.sampled(game, n)
    assert lime.samples_needed(lime.sampled(random_game(0, 2), 100)) == lime.fewest_samples(2)


def test_a_run_is_needed_to_say_how_many():
    game = random_game(0, 5)
    run = lime.sampled(game, 300)
    for wrong in (game, None, "a film"):
        with pytest.raises(TypeError, match=r"call lime.samples_needed\(lime.sampled\("):
            lime.samples_needed(wrong)
    for unsampled in (lime.exact(game), dataclasses.replace(run, samples=None)):
        with pytest.raises(ValueError, match="has no standard errors of a sample: call "):
            lime.samples_needed(unsampled)
    noise = dataclasses.replace(run, scores=1.9 * run.standard_errors)
    with pytest.raises(ValueError, match=r"no score .* clear of zero: call .* n=1200"):
        lime.samples_needed(noise)
    lime.samples_needed(dataclasses.replace(run, scores=2.0 * run.standard_errors))
    for share in (0.0, -0.1, 1.5, math.nan):
        with pytest.raises(ValueError, match="share is a part of the largest score"):
            lime.samples_needed(run, share=share)
    for power in (0.49, 1.0, math.nan):
        with pytest.raises(ValueError, match="power is a probability of at least"):
            lime.samples_needed(run, power=power)


# ---- the penalty


def test_the_penalty_pulls_towards_the_mean_in_samples_too():
    game, n = random_game(7, 10, decades=1.0), 2000
    moved = [
        lime.sampled(game, n, seed, alpha=1.0).scores - lime.sampled(game, n, seed).scores
        for seed in range(30)
    ]
    expected = lime.ridge_shift(lime.exact(game).scores, n)
    np.testing.assert_allclose(np.mean(moved, axis=0), expected, atol=0.1 * np.abs(expected).max())


@given(seed=st.integers(0, 999), d=st.integers(1, 30), bandwidth=st.sampled_from([0.1, 0.25, 9.0]))
@settings(deadline=None, max_examples=25)
def test_variances_are_not_negative(seed, d, bandwidth):
    z = lime.draw_masks(d, d + 3, seed)
    covariance = lime.fit(z, random_game(seed, d).value(z), bandwidth, 0.0)[1]
    assert (np.diag(covariance) >= 0).all()


# ---- bad input


@pytest.mark.parametrize("bandwidth", [0.0, -0.25, np.nan, None, "wide", "0.25"])
def test_bad_bandwidths(bandwidth):
    game = random_game(0, 3)
    for call in (
        lambda: lime.sampled(game, bandwidth=bandwidth),
        lambda: lime.kernel(lime.draw_masks(3, 5, 0), bandwidth),
    ):
        with pytest.raises(ValueError, match="bandwidth is a positive number or infinity, not "):
            call()


@pytest.mark.parametrize("n", [2.5, "100", None, 100.0])
def test_a_number_of_samples_is_whole(n):
    for call in (
        lambda: lime.sampled(random_game(0, 3), n=n),
        lambda: lime.package(len, "a film", n=n),
    ):
        with pytest.raises(TypeError, match="n is a whole number of samples, not "):
            call()


@pytest.mark.parametrize("n", [0, -5])
def test_a_number_of_samples_is_positive(n):
    with pytest.raises(ValueError, match="a number of samples of at least"):
        lime.sampled(random_game(0, 3), n=n)
    assert lime.sampled(random_game(0, 3), n=np.int64(100)).method == "sampled LIME, n = 100"


@pytest.mark.parametrize("alpha", [-1.0, math.nan])
def test_a_penalty_is_not_negative(alpha):
    with pytest.raises(ValueError, match="alpha is the weight of a penalty"):
        lime.sampled(random_game(0, 3), alpha=alpha)


@pytest.mark.parametrize("wrong", ["a fine film", None, 3, np.zeros(3), [1, 2]])
def test_what_is_no_game_is_told_the_call(wrong):
    with pytest.raises(TypeError, match=r"call (classifier|lime)\."):
        lime.sampled(wrong)


def test_a_reading_is_its_word_game():
    reading = random_reading(0, T=12)
    found, expected = (lime.sampled(it, n=200) for it in (reading, games.word_game(reading)))
    assert found.labels == expected.labels and np.array_equal(found.scores, expected.scores)


# ---- the package


def test_the_package_takes_predict_and_logits(classifier):
    lenient, strict = (lime.package(f, TEXT, n=60) for f in (classifier.predict, classifier.logits))
    assert np.array_equal(lenient.scores, strict.scores)


def test_the_packages_intercept_has_the_models_sign():
    """f = 3 - 2 [good] whatever else is there: intercept 3, coefficient -2."""

    def predict(texts):
        return np.array([3.0 - 2.0 * ("good" in text.split()) for text in texts])

    found = lime.package(predict, "not a good film", n=4000)
    assert found.intercept == pytest.approx(3, abs=0.05)
    assert found.as_dict()["good"] == pytest.approx(-2, abs=0.05)
    ours = lime.sampled(games.text_game(predict, "not a good film", mask=None), n=500)
    assert ours.intercept == pytest.approx(3, abs=1e-9)


def test_the_package_refuses_what_it_cannot_explain(classifier):
    for empty in ("", " ... "):
        with pytest.raises(ValueError, match="has no word to explain"):
            lime.package(classifier.predict, empty)
    with pytest.raises(TypeError, match="a text is a str, not None"):
        lime.package(classifier.predict, None)
    with pytest.raises(ValueError, match=r"the output of predict has shape \(50, 2\)"):
        lime.package(lambda texts: np.zeros((len(texts), 2)), "a film", n=50)


def test_public_names_are_there_and_no_others():
    assert all(hasattr(lime, name) for name in lime.__all__) and lime.__all__ == sorted(
        lime.__all__
    )
