"""The chapter on LIME for text: its checks, that each can fail, and its figures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import games, load_classifier
from helpers.checks import CheckFailed, examples, oracles
from helpers.checks import lime_for_text as checks
from helpers.explainers import lime
from helpers.explainers.lime import sampling, sizes
from helpers.plots import lime_for_text as plots
from tests.wrong import changed, scaled

TEXT = "Contains the humor, characterization, poignancy, and intelligence of a bad sitcom."
WORDS = sampling.tokenize(TEXT)
SEEDS, BANDWIDTHS = st.integers(0, 10_000), st.sampled_from([0.1, 0.25, 1.0, np.inf])
quick = settings(max_examples=25, deadline=None)


@pytest.fixture(scope="module")
def classifier():
    return load_classifier()


def one_against_ten(texts):
    """A black box: ten words that add up, and a stronger one, the last, that speaks against them.

    One word at a time, those that agree with the sum of all come first; by size, the last does.
    """
    weight = {word: 0.95**k for k, word in enumerate(WORDS)} | {WORDS[-1]: -1.2}
    return np.array([sum(weight.get(word, 0.0) for word in text.split()) for text in texts])


# ---- every check, over random sizes


@quick
@given(d=st.integers(2, 9), bandwidth=BANDWIDTHS, seed=SEEDS)
def test_moments_and_limit(d, bandwidth, seed):
    checks.lime_moments(d, bandwidth)
    if d > 2 or bandwidth > 0.1:  # with ν = 0.1 the empty one of two texts weighs exp(-50)
        checks.lime_limit(d, bandwidth, seed)


@quick
@given(d=st.integers(2, 7), K=st.integers(1, 4), seed=SEEDS, bandwidth=st.sampled_from([0.25, 1.0]))
def test_linear_and_additive(d, K, seed, bandwidth):
    checks.lime_linear(examples.random_game(seed, d, K), bandwidth)
    checks.lime_additive(np.random.default_rng(seed).normal(size=d), bandwidth)


@quick
@given(
    d=st.integers(3, 9),
    share=st.floats(0, 1),
    seed=SEEDS,
    bandwidth=st.sampled_from([0.25, 1.0, np.inf]),
    penalty=st.sampled_from([0.0, 1e-3, 1.0]),
)
def test_shift(d, share, seed, bandwidth, penalty):
    checks.lime_shift(d, 1 + int(share * (d - 1)), bandwidth, seed, penalty)


def test_shift_by_hand():
    """Wide: (d - 3) / (2d + q (d - 3)), which is negative, zero and positive for 2, 3, 6 words."""
    for d, kept, share in ((2, 1, -1 / 3), (3, 2, 0.0), (6, 2, 1 / 6)):
        assert checks.share_handed_on(d, kept, np.inf) == pytest.approx(share, abs=1e-15)


def fair_coins(d, bandwidth):
    return oracles.every_mask(d), np.ones(2**d)


def test_independent_masks_hand_nothing_on():
    checks.lime_shift(6, 2, law=fair_coins, formula=lambda *arguments: 0.0)


def test_package_follows_the_recipe(classifier):
    for seed in range(2):
        checks.lime_package(classifier.predict, WORDS, n=200, seed=seed)
    checks.lime_package(one_against_ten, WORDS, n=200)


# ---- each check fails when its formula is wrong


def one_word_favoured(d, bandwidth):
    """LIME's masks, and those that keep the first word weigh twice as much."""
    z, weights = oracles.all_masks(d, bandwidth)
    return z, weights * (1 + z[:, 0])


def largest_three(z, f, weights, number):
    return np.sort(np.argsort(-np.abs(oracles.regression(z, f, weights, 0.01)[1:]))[:number])


def first_words(z, f, weights, number):
    return checks.kept_words(z, f, weights, number) if number <= 6 else np.arange(number)


BROKEN = {
    "moments": lambda: checks.lime_moments(6, formula=scaled(sizes.moments)),
    "limit": lambda: checks.lime_limit(6, formula=scaled(sizes.gram_inverse)),
    "limit, another bandwidth": lambda: checks.lime_limit(
        6, formula=lambda d, nu: sizes.gram_inverse(d, 1.1 * nu)
    ),
    "limit, centred form": lambda: checks.lime_limit(6, centred=scaled(checks.centred_limit)),
    "linear": lambda: checks.lime_linear(examples.random_game(3, 6), formula=changed(lime.exact)),
    "additive": lambda: checks.lime_additive([1.0, 2.0], formula=changed(lime.exact)),
    "shift, a factor": lambda: checks.lime_shift(6, 2, formula=scaled(checks.share_handed_on)),
    "shift, of all words": lambda: checks.lime_shift(
        6, 2, formula=lambda d, kept, *rest: checks.share_handed_on(d, d, *rest)
    ),
    "shift, penalty forgotten": lambda: checks.lime_shift(
        6, 2, penalty=0.1, formula=lambda d, kept, nu, a: checks.share_handed_on(d, kept, nu)
    ),
    "shift, shared by the kept words only": lambda: checks.lime_shift(
        6, 2, formula=lambda d, kept, *rest: 1 / kept
    ),
    "shift, one word favoured": lambda: checks.lime_shift(6, 2, law=one_word_favoured),
    "shift, fair coins": lambda: checks.lime_shift(6, 2, law=fair_coins),
    "recipe without the penalty": lambda: checks.lime_package(
        one_against_ten, WORDS, formula=lambda z, f, nu, alpha: sampling.fit(z, f, nu, 0.0)
    ),
    "recipe, few words by size": lambda: checks.lime_package(
        one_against_ten, WORDS, rule=largest_three
    ),
    "recipe, many words in order": lambda: checks.lime_package(
        one_against_ten, WORDS, rule=first_words
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_check_fails_when_the_formula_is_wrong(name):
    with pytest.raises(CheckFailed):
        BROKEN[name]()


# ---- edges


@pytest.mark.parametrize("bandwidth", [0.0, -1.0, np.nan])
def test_bandwidth_is_positive(bandwidth):
    game = examples.random_game(3, 6)
    for call in (
        lambda: lime.sampled(game, 100, bandwidth=bandwidth),
        lambda: lime.gram_inverse(4, bandwidth),
        lambda: lime.moments(4, bandwidth),
    ):
        with pytest.raises(ValueError, match="bandwidth"):
            call()


def test_package_selects_features(classifier):
    found = lime.package(classifier.predict, TEXT, n=200, num_features=4)
    assert np.count_nonzero(found.scores) == 4 and len(found.labels) == 11


def test_figures_draw(classifier):
    game = games.word_game(classifier.read(TEXT))
    z = sampling.draw_masks(11, 5, 0)
    scores, ones = lime.exact(game).scores, np.ones(3)
    weights = sampling.kernel(z, 0.25)
    for figure in (
        plots.perturbed_texts(game.labels, z, weights, game.value(z), scores, scores),
        plots.weights(11, [0.25, np.inf]),
        plots.runs_and_limit(game.labels, {100: np.array([scores, scores])}, scores),
        plots.shifted(game.labels[:3], ones, 2 * ones, 2.1 * ones),
        plots.predicted_shifts({"ours": (ones, ones), "package": (ones, 2 * ones)}),
    ):
        figure.canvas.draw()
        plots.plt.close(figure)
