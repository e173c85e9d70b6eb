"""Exact LIME against brute force over all masks, and against a recursion over their sizes."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import load_classifier
from helpers.checks import CheckFailed, counting, examples, oracles, recursion
from helpers.checks import exact_lime as checks
from helpers.checks.examples import random_reading
from helpers.explainers import lime
from helpers.explainers.lime import sizes
from helpers.games import PerturbationGame, position_game, text_game, word_game
from helpers.games.expectations import averages
from helpers.model.reading import micro_example

BANDWIDTHS = (0.05, 0.1, 0.25, 1.0, np.inf)
RARE = {"deadline": None, "max_examples": 25}


def build(kept, masked, rest, seed=0):
    """A game of one head with these weights and Gaussian values."""
    draw = np.random.default_rng(seed)
    kept, masked, rest = (np.array([x], dtype=float) for x in (kept, masked, rest))
    u, h, r = (draw.normal(size=x.shape) for x in (kept, masked, rest))
    labels = tuple(f"w{j}" for j in range(kept.shape[1]))
    return PerturbationGame(labels, labels, kept, kept * u, masked, masked * h, rest, rest * r)


SHAPES = {
    "one word carries all": build([1, 1e-15, 1e-15, 1e-15, 1e-15], [1e-15] * 5, 1e-15),
    "one word but for a millionth": build([1, 1e-6, 1e-6, 1e-6], [1e-6] * 4, 1e-9),
    "thirty powers of ten": build(10.0 ** np.arange(-15, 16, 5), 10.0 ** np.arange(15, -16, -5), 1),
    "the mask dominates": build([1e-8] * 6, [1.0] * 6, 1e-8),
    "the padding dominates": build([1e-9] * 6, [1e-9] * 6, 1.0),
    "equal weights": build([1.0] * 6, [1.0] * 6, 1.0),
    "words without weight": build([0.0, 0.0, 1.0, 2.0], [1.0, 0.0, 0.5, 0.0], 0.1),
    "no padding and no [CLS]": build([1.0, 2.0, 3.0], [0.5, 0.1, 1e-3], 0.0),
    "huge weights": build([1e150, 1e151, 1e149], [1e150, 1e140, 1e150], 1e145),
    "tiny weights": build([1e-150, 1e-151, 1e-149], [1e-150, 1e-140, 1e-150], 1e-145),
}


@pytest.mark.parametrize("bandwidth", BANDWIDTHS)
@pytest.mark.parametrize("shape", SHAPES)
def test_against_brute_force(shape, bandwidth):
    game = SHAPES[shape]
    checks.exact(game, bandwidth)
    checks.certificate(game, bandwidth)
    assert lime.exact(game, bandwidth).certificate < 1e-9


@given(
    seed=st.integers(0, 999),
    d=st.integers(2, 8),
    K=st.integers(1, 3),
    decades=st.sampled_from([0.1, 1.0, 10.0]),
    bandwidth=st.sampled_from(BANDWIDTHS),
    equal=st.booleans(),
)
@settings(**RARE)
def test_random_games_against_brute_force(seed, d, K, decades, bandwidth, equal):
    game = examples.random_game(seed, d, K, decades, equal)
    checks.exact(game, bandwidth)
    checks.certificate(game, bandwidth)


@given(
    seed=st.integers(0, 999),
    T=st.integers(5, 11),
    K=st.integers(1, 3),
    scale=st.sampled_from([0.1, 1.0, 20.0]),
    distinct=st.sampled_from([None, 0, 2, 3]),
)
@settings(**RARE)
def test_random_documents_against_brute_force(seed, T, K, scale, distinct):
    reading = random_reading(seed, T=T, K=K, scale=scale, distinct=distinct)
    for game in (word_game(reading), position_game(reading)):
        if len(game.labels) > 1:
            checks.exact(game)
            checks.certificate(game)


def test_twelve_words():
    checks.exact(examples.random_game(0, 12, K=1))


@pytest.mark.parametrize(
    "d, decades, bandwidth",
    [
        *((30, 8.0, bandwidth) for bandwidth in BANDWIDTHS),
        *((100, 1.0, bandwidth) for bandwidth in BANDWIDTHS),
        *[(200, 3.0, 0.25), (255, 0.5, 0.05), (255, 0.5, np.inf)],
    ],
)
def test_against_recursion(d, decades, bandwidth):
    game = examples.random_game(d, d, K=1, decades=decades)
    checks.size_recursion(game, bandwidth)
    checks.certificate(game, bandwidth, truth=recursion.recursion)
    assert lime.exact(game, bandwidth).certificate < 1e-9


def test_recursion_against_brute_force():
    """Two truths that share no code agree, so that neither is trusted alone."""
    for seed, d in enumerate((2, 5, 8)):
        game = examples.random_game(seed, d, decades=3)
        for bandwidth in BANDWIDTHS:
            error = recursion.recursion(game, bandwidth) - oracles.brute_force(game, bandwidth)
            assert np.abs(error).max() < 1e-12


@pytest.mark.parametrize("tolerance", [0.1, 1e-2, 1e-4, 1e-8, 1e-14])
def test_certificate_at_any_tolerance(tolerance):
    for seed, d in enumerate((2, 4, 7)):
        game = examples.random_game(seed, d, decades=2)
        checks.certificate(game, tolerance=tolerance)
    assert lime.exact(game, tolerance=tolerance).certificate < 1e4 * tolerance + 1e-10


def test_a_loose_tolerance_is_seen_in_the_scores():
    """The error comes from the rule, and the certificate is not thousands of times too large."""
    game = examples.random_game(0, 7, decades=2)
    error = np.abs(lime.exact(game, tolerance=1e-3).scores - lime.exact(game).scores).max()
    assert 1e-6 < error < lime.exact(game, tolerance=1e-3).certificate < 1e4 * error


# ---- what must hold without a truth


def test_one_word():
    game = examples.random_game(0, 1)
    found = lime.exact(game)
    f = game.value([[0.0], [1.0]])
    assert found.scores.tolist() == [f[1] - f[0]]
    assert found.intercept == f[0]
    assert found.certificate == 0 < found.rounding < 1e-13


def test_two_words_by_hand():
    e = math.e
    found = lime.exact(word_game(micro_example()))
    by_hand = [-1 / (e + 2), 2 * e / (2 * e + 1)]
    np.testing.assert_allclose(found.scores, by_hand, atol=1e-13)
    assert abs(found.intercept) < 1e-13


def test_linear_games_are_explained_by_themselves():
    game = examples.random_game(4, 20, equal=True)
    exactly = (game.b / (game.kept_weight.sum(axis=1) + game.rest_weight)[:, None]).mean(axis=0)
    for bandwidth in BANDWIDTHS:
        found = lime.exact(game, bandwidth)
        np.testing.assert_allclose(found.scores, exactly, atol=found.certificate + found.rounding)
        assert abs(found.intercept - game.value(np.zeros(20))) < 10 * (
            found.certificate + found.rounding
        )


@given(seed=st.integers(0, 99), d=st.integers(2, 60))
@settings(**RARE)
def test_line_has_no_mean_residual(seed, d):
    """The intercept makes the weighted mean of the residual zero: E[f] = β_0 + <β, E[z]>."""
    game = examples.random_game(seed, d)
    found = lime.exact(game)
    mixed = lime.mixture(d, 0.25)
    inside = averages(game, mixed.p[1:-1]).value
    mean = mixed.c @ np.r_[game.value(np.zeros(d)), inside, game.value(np.ones(d))]
    zero, one, _ = lime.moments(d)
    assert abs(found.intercept + found.scores.sum() * one / zero - mean) < 1e-10


def test_order_and_scale_do_not_matter():
    game = examples.random_game(2, 15, K=2, decades=2)
    order = np.random.default_rng(0).permutation(15)
    turned = [getattr(game, name) for name in oracles.ARRAYS]
    turned = [1e7 * (x[:, order] if x.ndim == 2 else x) for x in turned]
    labels = tuple(game.labels[j] for j in order)
    found = lime.exact(PerturbationGame(labels, labels, *turned))
    np.testing.assert_allclose(found.scores, lime.exact(game).scores[order], atol=1e-12)


def test_repeated_words():
    """Two positions that always fall together are one word, but not the sum of two features."""
    reading = random_reading(3, T=14, distinct=4)
    words, positions = lime.exact(word_game(reading)), lime.exact(position_game(reading))
    assert len(words.labels) == 4 and len(positions.labels) == 10
    summed = [
        positions.scores[[label == word for label in positions.labels]].sum()
        for word in words.labels
    ]
    assert 1e-4 < np.abs(words.scores - summed).max() < 0.5


# ---- many games


def test_many_games_are_single_games(capfd):
    games = [examples.random_game(seed, 2 + seed, decades=1) for seed in range(12)]
    together = lime.exact_many(games, bandwidth=0.3)
    assert isinstance(together, list) and len(together) == 12
    for game, found in zip(games, together):
        alone = lime.exact(game, bandwidth=0.3)
        np.testing.assert_array_equal(found.scores, alone.scores)
        assert (found.labels, found.certificate) == (alone.labels, alone.certificate)
    assert capfd.readouterr().err == ""  # a progress bar is for a terminal
    assert lime.exact_many([]) == []


def test_an_error_in_one_of_many_is_not_lost():
    with pytest.raises(ValueError, match="one size of text"):
        lime.exact_many([examples.random_game(0, 5), examples.random_game(0, 6)], bandwidth=1e-9)


@pytest.mark.parametrize("d", [1, 2, 12])
@pytest.mark.parametrize("bandwidth", [0.0, -1.0, np.nan, None, "0.25", "wide", [0.1, 0.2]])
def test_bad_bandwidths(d, bandwidth):
    with pytest.raises(ValueError, match="bandwidth is a positive number or infinity"):
        lime.exact(examples.random_game(0, d), bandwidth)
    with pytest.raises(ValueError, match="bandwidth is a positive number or infinity"):
        lime.mean_field(examples.random_game(0, d), bandwidth)


@pytest.mark.parametrize("d", [0, -1, 2.5, "3", None, True])
def test_bad_numbers_of_words(d):
    with pytest.raises(ValueError, match="whole number of at least 1"):
        lime.size_weights(d)


def test_weights_too_far_apart_are_refused():
    """One word outweighs everything by a logit gap of 720; sampling still works."""
    game = build([1.0, 1e-304, 1e-304], [1e-304] * 3, 1e-304)
    with pytest.raises(ValueError, match="the attention logits of one head differ by about 700"):
        lime.exact(game)
    assert np.isfinite(game.value(np.ones(3)))


def test_leave_one_out_form_where_an_impossible_size_would_divide_by_zero():
    """No text keeps the first word and none of all: -1/2 of 2 + 2 on top of 1 + 1 would be 0."""
    game = build([1.0, 2.0, 2.0], [0.0] * 3, 1.0)
    assert np.isfinite(lime.mean_field(game, leave_one_out=True).scores).all()


@pytest.mark.parametrize("r", [np.nan, -1.0, [0.5, np.nan]])
def test_bad_shares(r):
    with pytest.raises(ValueError, match="is not negative"):
        lime.large_d_constant(r)


def test_narrow_bandwidths():
    game = examples.random_game(0, 20)
    with pytest.raises(ValueError, match="leaves weight on one size of text only"):
        lime.exact(game, 1e-4)
    assert lime.exact(game, 2e-3).certificate < 1e-9


@pytest.mark.parametrize("tolerance", [0.0, -1.0, 1e-15, 1.0, np.nan])
def test_bad_tolerances(tolerance):
    with pytest.raises(ValueError, match="the tolerance is from"):
        lime.exact(examples.random_game(0, 3), tolerance=tolerance)


def test_a_reading_is_explained_as_its_word_game():
    found = lime.exact(micro_example())
    np.testing.assert_array_equal(found.scores, lime.exact(word_game(micro_example())).scores)
    (alone,) = lime.exact_many([micro_example()])
    np.testing.assert_array_equal(found.scores, alone.scores)
    for method in (lime.mean_field, lime.paper_approximation):
        of_game = method(word_game(micro_example())).scores
        np.testing.assert_array_equal(method(micro_example()).scores, of_game)


def test_wrong_objects_are_told_what_to_call():
    black_box = text_game(lambda texts: np.zeros(len(texts)), "one two")
    for method in (lime.exact, lime.mean_field, lime.paper_approximation):
        for wrong, call in (
            (black_box, "lime.sampled"),
            ("a text", "classifier.read"),
            ([], "_many"),
        ):
            with pytest.raises(TypeError, match=call):
                method(wrong)
    with pytest.raises(TypeError, match=r"lime\.sampled"):
        lime.exact_many([black_box])
    for one in (micro_example(), word_game(micro_example()), "a text", None):
        with pytest.raises(TypeError, match=r"for one of them call lime\.exact"):
            lime.exact_many(one)


def test_a_document_of_255_words():
    classifier = load_classifier()
    text = " ".join(classifier.vocabulary.words[2:257])
    game = word_game(classifier.read(text))
    assert len(game.labels) == 255
    head = PerturbationGame(
        game.labels, game.text, *(getattr(game, name)[:1] for name in oracles.ARRAYS)
    )
    checks.size_recursion(head)
    assert lime.exact(game).certificate < 1e-9


# ---- the checks can fail


def wrong(**changes):
    """Exact LIME with something done to its result."""

    def formula(game, *arguments):
        found = lime.exact(game, *arguments)
        return dataclasses.replace(found, **{k: v(found) for k, v in changes.items()})

    return formula


@pytest.mark.parametrize(
    "changed",
    [
        {
            "formula": lambda slope, moments, spread: sizes.coefficients(
                slope, moments, 1.001 * spread
            )
        },
        {
            "formula": lambda slope, moments, spread: sizes.coefficients(
                1.001 * slope, moments, spread
            )
        },
        {"law": lambda weights: (*sizes.law(weights)[:2], 1.001 * sizes.law(weights)[2])},
    ],
)
def test_checks_fail(changed):
    game, values = examples.random_game(0, 5), oracles.outputs(examples.random_game(0, 3))
    larger = wrong(scores=lambda found: found.scores * (1 + 1e-9))
    with pytest.raises(CheckFailed):
        checks.exact(game, formula=larger)
    with pytest.raises(CheckFailed):
        checks.exact(game, formula=lambda game, bandwidth: lime.exact(game, bandwidth + 1e-6))
    with pytest.raises(CheckFailed):
        checks.size_recursion(game, formula=larger)
    with pytest.raises(CheckFailed):
        checks.certificate(game, formula=larger)
    with pytest.raises(CheckFailed):
        checks.certificate(
            game, formula=wrong(certificate=lambda found: 0.0, rounding=lambda found: 1e-17)
        )
    with pytest.raises(CheckFailed):
        checks.mean_and_differences({z: float(f) for z, f in values.items()}, [1.0] * 4, **changed)


@pytest.mark.parametrize("column", ["c", "slope"])
def test_mixture_check_fails(column):
    def formula(d, bandwidth):
        found = lime.mixture(d, bandwidth)
        return dataclasses.replace(found, **{column: getattr(found, column) * (1 + 1e-9)})

    with pytest.raises(CheckFailed):
        checks.bernoulli_mixture(10, 0.25, formula)


@pytest.mark.parametrize("d", [2, 3, 17, 60])
@pytest.mark.parametrize("bandwidth", BANDWIDTHS)
def test_mixture(d, bandwidth):
    checks.bernoulli_mixture(d, bandwidth)


def test_mean_and_differences_for_any_function():
    draw = np.random.default_rng(0)
    for d in (2, 3, 6):
        noise = {tuple(int(x) for x in z): draw.normal() for z in oracles.every_mask(d)}
        checks.mean_and_differences(noise, draw.uniform(size=d + 1).tolist())
        checks.mean_and_differences(noise, [0.0, *draw.uniform(size=d - 1).tolist(), 1.0])


@pytest.mark.parametrize("sizes_of", [(1, 1, 1), (1, 1, 2), (2, 3, 4), (5, 2, 3)])
def test_operations_are_counted(sizes_of):
    checks.cost(*sizes_of)
    for changed in (lambda *n: checks.operations(*n) + 1, lambda *n: 13 * math.prod(n)):
        with pytest.raises(CheckFailed):
            checks.cost(*sizes_of, changed)


def test_numbers_count_what_is_done_with_them():
    tally = counting.Tally()
    one = counting.Counted(2.0, tally)
    found = 1 / (one * one + 3) - abs(-one).exp()
    assert found.value == 1 / 7 - math.exp(2) and tally.done == 5
    assert one > 1.5 and one <= one and tally.done == 5


def test_chapter_control_is_nearly_sharp():
    """A certificate a fifth smaller would be exceeded, so that the check notices its constants."""
    heavy = examples.turning_point(1e-2)
    game = examples.constant_game([heavy, *[0.0] * 29])
    smaller = wrong(certificate=lambda found: found.certificate / 1.2)
    nothing = {"tolerance": 1e-2, "truth": lambda game, bandwidth: np.zeros(30)}
    assert checks.certificate(game, **nothing).error > 0.85
    with pytest.raises(CheckFailed):
        checks.certificate(game, formula=smaller, **nothing)
