"""Sampled Shapley values: calibrated, unbiased, efficient, and refused where they cannot know."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nct

from helpers import games, load_classifier
from helpers.checks import oracles
from helpers.checks.examples import random_game, random_reading
from helpers.data.corpus import held_out
from helpers.explainers import lime, shapley
from helpers.explainers.explanation import Explanation

TEXT = "taken as a whole this tuxedo does not add up to a whole lot of good film"


@dataclasses.dataclass(frozen=True)
class Function:
    """A game of the user's own: any function of masks (n, d), and a record of its calls."""

    function: object
    d: int
    calls: list = dataclasses.field(default_factory=list)

    @property
    def labels(self):
        return tuple(f"w{j}" for j in range(self.d))

    text = labels

    def value(self, z):
        self.calls.append(np.array(z))
        return self.function(z)


def evaluations(d, pairs):
    """How many evaluations that many pairs of orders take."""
    return 2 + 2 * pairs * (d - 1)


# ---- against the definition


def by_definition(game, orders):
    """Each word's effect when the words are kept in this order, or its reverse; one at a time."""
    d = len(game.labels)
    found = []
    for order in orders:
        effects = np.zeros(d)
        for way in (order, order[::-1]):
            z = np.zeros(d)
            for j in way:
                before = game.value(z[None])[0]
                z[j] = 1.0
                effects[j] += (game.value(z[None])[0] - before) / 2
        found.append(effects)
    return np.array(found)


def orders_of(game):
    """The orders that a run asked for, from the masks that the game saw: pairs of chains."""
    inner = np.concatenate(game.calls[1:]).reshape(-1, 2, game.d - 1, game.d)
    np.testing.assert_array_equal(inner[:, 0], 1 - inner[:, 1])
    chains = np.pad(inner[:, 0], ((0, 0), (1, 1), (0, 0)))
    chains[:, -1] = 1.0
    step = np.diff(chains, axis=1)
    assert set(np.unique(step)) == {0.0, 1.0} and (step.sum(axis=2) == 1).all()
    return step.argmax(axis=2)


@pytest.mark.parametrize("d", [3, 4, 9])
def test_scores_and_errors_are_those_of_the_orders_one_by_one(d):
    game = Function(random_game(d, d).value, d)
    found = shapley.sampled(game, evaluations(d, 12), seed=5)
    each = by_definition(game, orders_of(game))
    np.testing.assert_allclose(found.scores, each.mean(axis=0), atol=1e-13)
    errors = np.sqrt(((each - each.mean(axis=0)) ** 2).sum(axis=0) / 11 / 12)
    np.testing.assert_allclose(found.standard_errors, errors, atol=1e-13)
    assert found.intercept == pytest.approx(game.value(np.zeros((1, d)))[0], abs=1e-14)


def test_all_orders_are_as_likely():
    game = Function(lambda z: z.sum(axis=1), 4)
    shapley.sampled(game, evaluations(4, 24_000))
    seen, counts = np.unique(orders_of(game), axis=0, return_counts=True)
    assert len(seen) == 24 and np.abs(counts - 1000).max() < 5 * math.sqrt(1000)


@pytest.mark.parametrize("d", [3, 5, 8])
def test_the_mean_of_many_runs_is_the_exact_value(d):
    """Unbiased: the deviation of the mean of 400 runs, in its own standard errors."""
    game = random_game(d, d, decades=2.0)
    runs = np.array([shapley.sampled(game, evaluations(d, 8), s).scores for s in range(400)])
    deviation = (runs.mean(axis=0) - oracles.shapley(game)) / (runs.std(axis=0, ddof=1) / 20)
    assert np.abs(deviation).max() < 4


def test_errors_fall_like_the_square_root():
    game = random_game(5, 8)
    few, many = (
        shapley.sampled(game, evaluations(8, pairs)).standard_errors for pairs in (500, 8000)
    )
    np.testing.assert_allclose(few / many, 4, atol=0.5)


@given(seed=st.integers(0, 99), d=st.integers(1, 40), decades=st.sampled_from([0.3, 2.0]))
@settings(deadline=None, max_examples=25)
def test_efficiency_in_every_run(seed, d, decades):
    game = random_game(seed, d, 2, decades)
    found = shapley.sampled(game, shapley.fewest_samples(d), seed)
    gain = game.value(np.ones(d)) - game.value(np.zeros(d))
    assert abs(found.scores.sum() - gain) < 1e-13 * game.value_bound.mean()


@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("n", [4, 5000])
def test_of_one_word_and_two_the_values_are_exact(d, n):
    game = Function(random_game(4, d).value, d)
    found = shapley.sampled(game, n)
    np.testing.assert_allclose(found.scores, oracles.shapley(random_game(4, d)), atol=1e-14)
    assert not found.standard_errors.any()
    assert found.samples == 2 * d == sum(map(len, game.calls))
    np.testing.assert_array_equal(shapley.intervals(found)[:, 0], found.scores)
    assert shapley.samples_needed(found) == 2 * d


def test_one_pair_is_exact_if_no_three_words_interact():
    """f = <b, z> + z^T A z: each word has b_j + Σ_k A_jk, in every pair, and no error."""
    draw = np.random.default_rng(0)
    b, A = draw.normal(size=7), np.triu(draw.normal(size=(7, 7)), 1)
    game = Function(lambda z: z @ b + np.einsum("nj,jk,nk->n", z, A, z), 7)
    found = shapley.sampled(game, evaluations(7, 8))
    np.testing.assert_allclose(found.scores, b + (A + A.T).sum(axis=1) / 2, atol=1e-13)
    assert found.standard_errors.max() < 1e-14
    three = Function(lambda z: z[:, :3].prod(axis=1), 7)
    assert shapley.sampled(three, evaluations(7, 8)).standard_errors.max() > 0.01


# ---- standard errors that can be believed


@pytest.mark.parametrize("decades", [0.3, 1.0, 2.0])
@pytest.mark.parametrize("d", [3, 5, 12, 40])
def test_intervals_hold_the_exact_value(d, decades):
    """With the fewest evaluations in more than four of five cases, with many in about 95 %."""
    game, held = random_game(1, d, 2, decades), {}
    exact = shapley.exact(game).scores
    for pairs, runs in ((8, 100), (100, 60)):
        found = [shapley.sampled(game, evaluations(d, pairs), s) for s in range(runs)]
        low, high = np.array([shapley.intervals(run) for run in found]).transpose(2, 0, 1)
        held[pairs] = np.mean((low < exact) & (exact < high))
    assert 0.8 < held[8] < 0.985
    assert abs(held[100] - 0.95) < 0.035


def test_intervals_hold_on_documents():
    classifier = load_classifier()
    for review in held_out(4, sizes=(1, 3)):
        game = games.word_game(classifier.read(review.text))
        d, exact = len(game.labels), shapley.exact(game).scores
        for pairs, least in ((8, 0.8), (80, 0.92)):
            runs = [shapley.sampled(game, evaluations(d, pairs), s) for s in range(40)]
            low, high = np.array([shapley.intervals(run) for run in runs]).transpose(2, 0, 1)
            words = exact != 0.0  # a word that is read as its mask has no effect, nor an error
            held = ((low < exact) & (exact < high))[:, words]
            assert least < held.mean() < 0.98
            assert (high - low)[:, ~words].max(initial=0.0) < 1e-12


def test_with_two_pairs_the_errors_would_be_false():
    """The negative control: without the limit, and 1.96 errors to either side, a third misses."""
    game = random_game(1, 40, decades=2.0)
    exact, hits = shapley.exact(game).scores, []
    for seed in range(20):
        run = Function(game.value, 40)
        shapley.sampled(run, evaluations(40, 8), seed)
        two = by_definition(game, orders_of(run)[:2])
        error = two.std(axis=0, ddof=1) / np.sqrt(2)
        hits.append(np.abs(two.mean(axis=0) - exact) < 1.96 * error)
    assert np.mean(hits) < 0.67


def test_an_effect_that_few_orders_show_is_not_in_the_errors():
    """f = 1 if any word is kept: only the first of an order counts, and most words never are."""
    game = Function(lambda z: z.max(axis=1), 60)
    found = shapley.sampled(game, evaluations(60, 8))
    silent = found.standard_errors == 0
    assert silent.sum() >= 60 - 16 and not found.scores[silent].any()
    low, high = shapley.intervals(found).T
    assert np.mean((low <= 1 / 60) & (high >= 1 / 60)) < 0.3
    many = shapley.intervals(shapley.sampled(game, evaluations(60, 3000)))
    assert np.mean((many[:, 0] <= 1 / 60) & (many[:, 1] >= 1 / 60)) > 0.85


@pytest.mark.parametrize("pairs, level, reach", [(8, 0.95, 2.364624), (5, 0.99, 4.604095)])
def test_intervals_are_students(pairs, level, reach):
    """Quantiles of t with 7 and 4 degrees of freedom, from a table."""
    found = shapley.sampled(random_game(0, 4), evaluations(4, 8))
    run = dataclasses.replace(found, samples=evaluations(4, pairs))
    half = np.diff(shapley.intervals(run, level))[:, 0] / 2
    np.testing.assert_allclose(half, reach * run.standard_errors, rtol=1e-6)
    np.testing.assert_allclose(shapley.intervals(run, level).mean(axis=1), run.scores, rtol=1e-12)


# ---- how many


@pytest.mark.parametrize("power", [0.5, 0.8, 0.95])
def test_samples_needed_give_the_power_and_not_much_more(power):
    """Against the noncentral t distribution: the last number below it would miss the power."""
    run = shapley.sampled(random_game(3, 6, decades=1.0), evaluations(6, 400))
    share = 4 * run.standard_errors.max() / np.abs(run.scores).max()

    def reached(pairs):
        shift = share * np.abs(run.scores).max() / (run.standard_errors.max() * 20) * pairs**0.5
        return nct.sf(nct.ppf(0.975, pairs - 1, 0), pairs - 1, shift)

    n = shapley.samples_needed(run, share, power)
    pairs = (n - 2) // 10
    assert n == evaluations(6, pairs) and pairs > 80
    assert power - 0.001 < reached(pairs) < power + 0.01
    assert reached(pairs - 2) < power


def test_samples_needed_from_one_run_are_those_of_the_exact_deviation():
    """The truth: the deviation of a word's effect over all 60 pairs of orders of five words."""
    game = random_game(2, 5, decades=1.0)
    orders = [o for o in itertools.permutations(range(5)) if o[0] < o[-1]]
    deviation = by_definition(game, np.array(orders)).std(axis=0).max()
    effect = 0.01 * np.abs(oracles.shapley(game)).max()
    truth = evaluations(5, ((1.959964 + 0.841621) * deviation / effect) ** 2)
    runs = [shapley.sampled(game, evaluations(5, 300), s) for s in range(20)]
    found = [shapley.samples_needed(run, share=0.01) for run in runs]
    assert np.mean(found) == pytest.approx(truth, rel=0.05)


def test_samples_needed_are_never_too_few_for_a_run():
    game = random_game(5, 30)
    n = shapley.samples_needed(shapley.sampled(game), share=1.0, power=0.5)
    assert n == shapley.fewest_samples(30) == 466
    assert shapley.sampled(game, n).samples == n


def test_few_pairs_need_more_than_the_gaussian_says():
    run = shapley.sampled(random_game(5, 4), evaluations(4, 9))
    errors = np.full(4, np.abs(run.scores).max() / 3.6)
    run = dataclasses.replace(run, standard_errors=errors)
    assert shapley.samples_needed(run, share=1.0) == evaluations(4, 8)
    assert shapley.samples_needed(run, share=0.9, power=0.9) == evaluations(4, 12)  # Gaussian: 10


# ---- budget, calls and seed


@pytest.mark.parametrize("n", [466, 467, 523, 5000, np.int64(900)])
def test_no_more_evaluations_than_asked_for(n):
    game = Function(random_game(0, 30).value, 30)
    found = shapley.sampled(game, n)
    assert found.samples == sum(map(len, game.calls)) <= n < found.samples + 58
    assert found.method == f"sampled Shapley value, n = {found.samples}"


def test_large_runs_are_made_in_parts_that_do_not_matter(monkeypatch):
    game = Function(random_game(0, 9).value, 9)
    whole = shapley.sampled(game, 2000, seed=3)
    assert len(game.calls) == 2
    game.calls.clear()
    monkeypatch.setattr("helpers.explainers.orders.BLOCK", 400)
    parts = shapley.sampled(game, 2000, seed=3)
    assert len(game.calls) > 50 and max(map(len, game.calls)) <= 400 / 9
    np.testing.assert_allclose(parts.scores, whole.scores, atol=1e-14)
    np.testing.assert_allclose(parts.standard_errors, whole.standard_errors, atol=1e-14)
    monkeypatch.setattr("helpers.explainers.orders.BLOCK", 1)
    assert shapley.sampled(game, 150, seed=3).samples == 146


def test_the_orders_of_a_seed_are_known():
    """Written down once: the same on every machine."""
    game = Function(lambda z: z.sum(axis=1), 5)
    shapley.sampled(game, evaluations(5, 8), seed=2026)
    assert orders_of(game)[:2].tolist() == [[0, 4, 3, 2, 1], [3, 4, 0, 2, 1]]


def test_another_seed_gives_another_run():
    game = random_game(0, 10)
    first, again, other = (shapley.sampled(game, 1000, seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.scores, again.scores)
    assert (first.scores != other.scores).all()


# ---- black boxes


def test_a_black_box_in_place_is_the_word_game():
    classifier = load_classifier()
    direct = shapley.sampled(classifier.read(TEXT), 600, seed=1)
    black_box = shapley.sampled(games.text_game(classifier.predict, TEXT), 600, seed=1)
    assert black_box.labels == direct.labels and black_box.text == direct.text
    np.testing.assert_allclose(black_box.scores, direct.scores, atol=1e-11)
    np.testing.assert_allclose(black_box.standard_errors, direct.standard_errors, atol=1e-11)


def test_a_black_box_that_counts_words():
    """f is the number of words that are left, of which "a" and "whole" make two each."""
    found = shapley.sampled(
        games.text_game(lambda texts: [len(text.split()) for text in texts], TEXT, mask=None), 500
    )
    assert found.as_dict() == {word: TEXT.split().count(word) for word in found.labels}


def test_pooling_games_and_own_games_are_sampled_by_both():
    bag = games.pooling_game(np.zeros(6), np.arange(6.0), empty=0.5)
    exact = shapley.exact(bag).scores
    low, high = shapley.intervals(shapley.sampled(bag, 3000), 0.9999).T
    assert ((low < exact) & (exact < high)).all()
    own = Function(lambda z: z @ np.arange(5.0), 5)
    for method in (shapley, lime):
        np.testing.assert_allclose(method.sampled(own, 500).scores, np.arange(5.0), atol=1e-9)


# ---- bad input


@pytest.mark.parametrize("d, fewest", [(1, 2), (2, 4), (3, 34), (20, 306), (200, 3186)])
def test_too_few_evaluations_are_refused(d, fewest):
    assert shapley.fewest_samples(d) == fewest
    with pytest.raises(ValueError, match=f"give n={fewest} or more, [18] pairs of orders"):
        shapley.sampled(random_game(0, d), fewest - 1)
    assert np.isfinite(shapley.sampled(random_game(0, d), fewest).standard_errors).all()


@pytest.mark.parametrize("n", [2.5, "100", None, 100.0])
def test_a_number_of_evaluations_is_whole(n):
    with pytest.raises(TypeError, match="n, of evaluations, is a whole number, not "):
        shapley.sampled(random_game(0, 3), n)
    with pytest.raises(TypeError, match="d is a whole number, not "):
        shapley.fewest_samples(n)


@pytest.mark.parametrize("wrong", ["a fine film", None, 3, np.zeros(3), [1, 2], games.TextGame])
def test_what_is_no_game_is_told_the_call(wrong):
    with pytest.raises(TypeError, match=r"call (classifier|lime)\."):
        shapley.sampled(wrong)


def test_a_game_that_answers_in_another_shape():
    short, nothing = (lambda z: z.sum(axis=1)[:-1]), (lambda z: np.full(len(z), np.nan))
    for function in (lambda z: z, lambda z: z.sum(), short, nothing):
        with pytest.raises(ValueError, match="the output of the game"):
            shapley.sampled(Function(function, 4), 500)


@pytest.mark.parametrize("function", [shapley.intervals, shapley.samples_needed])
def test_a_run_is_needed(function):
    game = random_reading(0, T=9)
    for wrong in (game, None, "a film"):
        with pytest.raises(TypeError, match=r"call shapley.sampled\(game, n=5000\) first"):
            function(wrong)
    others = shapley.exact(game), lime.sampled(game, 300)
    for other in (*others, dataclasses.replace(shapley.sampled(game), samples=None)):
        with pytest.raises(ValueError, match=r"is no run of sampled Shapley values: call shapley"):
            function(other)


def test_bad_levels_shares_and_powers():
    run = shapley.sampled(random_game(0, 5), 300)
    for level in (0.0, 1.0, math.nan):
        with pytest.raises(ValueError, match="level is a probability between 0 and 1"):
            shapley.intervals(run, level)
    for share in (0.0, -0.1, 1.5, math.nan):
        with pytest.raises(ValueError, match="share is a part of the largest score"):
            shapley.samples_needed(run, share=share)
    for power in (0.49, 1.0, math.nan):
        with pytest.raises(ValueError, match="power is a probability of at least"):
            shapley.samples_needed(run, power=power)
    quantile = np.diff(shapley.intervals(run))[:, 0] / 2 / run.standard_errors
    noise = dataclasses.replace(run, scores=0.99 * quantile * run.standard_errors)
    with pytest.raises(ValueError, match=r"no score .* is clear of zero: call .* n=1192"):
        shapley.samples_needed(noise)
    shapley.samples_needed(dataclasses.replace(run, scores=-1.01 * quantile * run.standard_errors))


def test_public_names_are_there_and_no_others():
    assert all(hasattr(shapley, name) for name in shapley.__all__)
    assert shapley.__all__ == sorted(shapley.__all__)
    assert isinstance(shapley.sampled(random_game(0, 2)), Explanation)
