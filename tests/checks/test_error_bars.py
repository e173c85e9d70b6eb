"""Sampled LIME against plain formulas, the `lime` package, and exact LIME."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lime.lime_base import LimeBase
from lime.lime_text import IndexedString, LimeTextExplainer
from scipy.stats import chisquare
from sklearn.linear_model import Ridge
from sklearn.metrics import pairwise_distances

from helpers import games, load_classifier
from helpers.checks import CheckFailed, error_bars, examples, oracles
from helpers.explainers import lime

TEXT = "taken as a whole this tuxedo does not add up to a whole lot of good film"


@pytest.fixture(scope="module")
def predict():
    return load_classifier().predict


# ---- masks


@given(seed=st.integers(0, 999), d=st.integers(1, 40), n=st.integers(1, 60))
@settings(deadline=None)
def test_masks(seed, d, n):
    z = lime.draw_masks(d, n, seed)
    assert z.shape == (n, d) and set(np.unique(z)) <= {0.0, 1.0}
    assert z[0].all() and (z[1:].sum(axis=1) < d).all()
    np.testing.assert_array_equal(z, lime.draw_masks(d, n, seed))
    if d * n > 200:
        assert (z != lime.draw_masks(d, n, seed + 1)).any()


@pytest.mark.parametrize("who", ["ours", "the package's"])
def test_sizes_are_uniform_and_words_exchangeable(who):
    """Both draw the number of masked words uniformly from 1..d, and then a uniform subset."""
    d, n = 6, 12001
    if who == "ours":
        z = lime.draw_masks(d, n, seed=0)[1:]
    else:
        explainer = LimeTextExplainer(random_state=0)
        draw = explainer._LimeTextExplainer__data_labels_distances
        words = IndexedString("a b c d e f", bow=True)
        z = draw(words, lambda texts: np.zeros((len(texts), 2)), n)[0][1:]
    counts = np.bincount(z.sum(axis=1).astype(int), minlength=d + 1)
    assert counts[d] == 0
    assert chisquare(counts[:d]).pvalue > 1e-4
    pairs = np.array([(z[:, i] * z[:, j]).mean() for i in range(d) for j in range(i)])
    np.testing.assert_allclose(z.mean(axis=0), (d - 1) / (2 * d), atol=0.02)
    np.testing.assert_allclose(pairs, (d - 2) / (3 * d), atol=0.02)


@pytest.mark.parametrize("bandwidth", [0.05, 0.25, 1.0])
def test_kernel_is_the_packages(bandwidth):
    z = oracles.every_mask(7)
    distance = pairwise_distances(z, np.ones((1, 7)), metric="cosine").ravel()
    theirs = np.sqrt(np.exp(-((100 * distance) ** 2) / (100 * bandwidth) ** 2))
    np.testing.assert_allclose(lime.kernel(z, bandwidth), theirs, rtol=1e-12, atol=1e-300)
    np.testing.assert_array_equal(lime.kernel(z, np.inf), 1.0)


# ---- the fit


@given(seed=st.integers(0, 999), d=st.integers(1, 15), decades=st.sampled_from([0.5, 3.0]))
@settings(deadline=None, max_examples=25)
def test_standard_errors(seed, d, decades):
    error_bars.sandwich(examples.random_game(seed, d, decades=decades), seed=seed)


@given(seed=st.integers(0, 999), d=st.integers(2, 15), alpha=st.sampled_from([0.01, 1.0, 100.0]))
@settings(deadline=None, max_examples=25)
def test_ridge_penalty(seed, d, alpha):
    error_bars.ridge(examples.random_game(seed, d), alpha=alpha, seed=seed)


def test_checks_fail():
    game = examples.random_game(0, 6)
    with pytest.raises(CheckFailed):
        error_bars.sandwich(
            game, formula=lambda g, n, seed: lime.sampled(g, n, seed, bandwidth=0.26)
        )
    with pytest.raises(CheckFailed):
        error_bars.ridge(game, formula=lambda g, n, alpha, seed: lime.sampled(g, n, seed))
    with pytest.raises(CheckFailed):  # towards zero, as the first edition said
        error_bars.ridge_pull(
            game, formula=lambda b, n, alpha: -b * alpha / n / lime.gram_inverse(6)[1, 1]
        )
    with pytest.raises(CheckFailed):  # another power
        error_bars.samples_needed(
            game, power=0.9, formula=lambda run, share, power: lime.samples_needed(run)
        )
    with pytest.raises(CheckFailed):
        error_bars.samples_needed(
            game, formula=lambda run, share, power: lime.samples_needed(run, share, power - 0.01)
        )


@given(seed=st.integers(0, 999), d=st.integers(2, 9), alpha=st.sampled_from([0.01, 1.0, 100.0]))
@settings(deadline=None, max_examples=25)
def test_the_penalty_pulls_towards_the_mean(seed, d, alpha):
    error_bars.ridge_pull(examples.random_game(seed, d), alpha=alpha)


@given(
    seed=st.integers(0, 999),
    d=st.integers(3, 15),
    share=st.sampled_from([0.01, 0.05, 1.0]),
    power=st.sampled_from([0.5, 0.8, 0.99]),
)
@settings(deadline=None, max_examples=25)
def test_samples_needed(seed, d, share, power):
    error_bars.samples_needed(examples.random_game(seed, d, decades=1.0), share, power)


@given(seed=st.integers(0, 999), n=st.sampled_from([60, 1000, 20000]))
@settings(deadline=None, max_examples=25)
def test_two_words(seed, n):
    error_bars.two_words(examples.random_game(seed, 2), n)


@pytest.mark.parametrize("part", ["scores", "standard_errors"])
def test_two_words_with_an_error_are_caught(part):
    def wrong(game, n, seed):
        found = lime.sampled(game, n=n, seed=seed)
        more = 1e-8 * np.abs(found.scores).max()
        return dataclasses.replace(found, **{part: getattr(found, part) + more})

    with pytest.raises(CheckFailed):
        error_bars.two_words(examples.random_game(0, 2), formula=wrong)


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_fit_is_scikit_learns(alpha):
    game, d, n = examples.random_game(0, 9), 9, 300
    z = lime.draw_masks(d, n, seed=4)
    model = Ridge(alpha=alpha, solver="svd").fit(z, game.value(z), lime.kernel(z, 0.25))
    found = lime.sampled(game, n=n, seed=4, alpha=alpha)
    np.testing.assert_allclose(found.scores, model.coef_, rtol=1e-10)
    assert abs(found.intercept - model.intercept_) < 1e-12


def test_fit_is_the_packages_on_the_same_masks():
    """The package's own regression, given our masks and outputs."""
    game, d = examples.random_game(1, 14), 14
    z = lime.draw_masks(d, 700, seed=2)
    distances = pairwise_distances(z, z[:1], metric="cosine").ravel() * 100
    base = LimeBase(lambda x: np.sqrt(np.exp(-(x**2) / 25**2)))
    intercept, pairs, _, _ = base.explain_instance_with_data(
        z, game.value(z)[:, None], distances, 0, d, feature_selection="none"
    )
    found = lime.sampled(game, n=700, seed=2, alpha=1.0)
    np.testing.assert_allclose(found.scores, [dict(pairs)[j] for j in range(d)], rtol=1e-9)
    assert abs(found.intercept - intercept) < 1e-12


def test_standard_errors_are_the_spread_of_runs():
    game = examples.random_game(5, 8)
    runs = [lime.sampled(game, n=400, seed=seed) for seed in range(300)]
    spread = np.std([run.scores for run in runs], axis=0, ddof=1)
    mean_error = np.sqrt(np.mean([run.standard_errors**2 for run in runs], axis=0))
    np.testing.assert_allclose(spread / mean_error, 1, atol=0.15)
    centre = np.mean([run.scores for run in runs], axis=0) - lime.exact(game).scores
    assert np.abs(centre / (spread / np.sqrt(300))).max() < 5


def test_errors_fall_like_the_square_root():
    game = examples.random_game(5, 8)
    few, many = (lime.sampled(game, n=n).standard_errors for n in (2000, 32000))
    np.testing.assert_allclose(few / many, 4, atol=0.4)


def test_linear_games_have_no_error():
    game = examples.random_game(0, 10, equal=True)
    found = lime.sampled(game, n=200)
    np.testing.assert_allclose(found.scores, lime.exact(game).scores, atol=1e-11)
    assert found.standard_errors.max() < 1e-11


def test_determined_by_the_seed():
    game = examples.random_game(0, 10)
    first, again, other = (lime.sampled(game, n=100, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.scores, again.scores)
    np.testing.assert_array_equal(first.standard_errors, again.standard_errors)
    assert (first.scores != other.scores).all()


# ---- black boxes and the package


def test_black_box_in_place_is_the_word_game(predict):
    reading_game = games.word_game(load_classifier().read(TEXT))
    black_box = lime.sampled(games.text_game(predict, TEXT), n=300, seed=1)
    direct = lime.sampled(reading_game, n=300, seed=1)
    assert black_box.labels == direct.labels
    np.testing.assert_allclose(black_box.scores, direct.scores, atol=1e-11)
    np.testing.assert_allclose(black_box.standard_errors, direct.standard_errors, atol=1e-11)


def within(found, scores, errors):
    """The package's scores are a fair draw around `scores`: their deviations in standard errors."""
    deviation = (found.scores - scores) / errors
    assert np.abs(deviation).max() < 5
    assert 0.5 < np.sqrt(np.mean(deviation**2)) < 1.5


def test_package_in_place_agrees_with_exact_lime_of_positions(predict):
    game = games.position_game(load_classifier().read(TEXT))
    found = lime.package(predict, TEXT, n=3000, bow=False)
    assert found.labels == game.labels
    exact, errors = lime.exact(game).scores, lime.sampled(game, n=3000).standard_errors
    within(found, exact, errors)


def test_package_deletes_by_default(predict):
    deleting = lime.sampled(games.text_game(predict, TEXT, mask=None), n=6000)
    found = lime.package(predict, TEXT, n=3000)
    assert found.labels == deleting.labels
    errors = deleting.standard_errors * np.sqrt(6000) * np.sqrt(1 / 6000 + 1 / 3000)
    within(found, deleting.scores, errors)


def test_package_is_determined_by_the_seed(predict):
    first, again, other = (lime.package(predict, TEXT, n=50, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.scores, again.scores)
    assert (first.scores != other.scores).any()


def test_package_with_some_features(predict):
    found = lime.package(predict, TEXT, n=200, num_features=3)
    assert np.count_nonzero(found.scores) == 3 and len(found.labels) == len(set(TEXT.split()))
