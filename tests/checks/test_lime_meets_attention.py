"""The chapter on LIME and attention: its checks, and that each can fail."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import games, load_classifier, plots
from helpers.checks import CheckFailed, examples, oracles
from helpers.checks import lime_meets_attention as checks
from helpers.checks.examples import random_reading
from helpers.explainers import lime
from helpers.explainers.explanation import Explanation
from helpers.plots import lime_meets_attention
from tests.wrong import changed, scaled

TEXT = "Contains the humor, characterization, poignancy, and intelligence of a bad sitcom."
SEEDS = st.integers(0, 10_000)
quick = settings(max_examples=25, deadline=None)


@pytest.fixture(scope="module")
def classifier():
    return load_classifier()


# ---- every check, over random sizes


@quick
@given(
    seed=SEEDS,
    T=st.integers(2, 40),
    K=st.integers(1, 4),
    sizes=st.tuples(*[st.integers(1, 8)] * 3),
    scale=st.sampled_from([1e-3, 1.0, 30.0]),
    biases=st.booleans(),
    distinct=st.sampled_from([None, 0, 1, 3]),
)
def test_game(seed, T, K, sizes, scale, biases, distinct):
    reading = random_reading(seed, T, K, *sizes, scale, biases, distinct)
    if reading.length > 1:
        checks.perturbation_game(reading, seed, count=5)


@quick
@given(d=st.integers(2, 9), K=st.integers(1, 4), seed=SEEDS, bandwidth=st.sampled_from([0.25, 1.0]))
def test_words_of_one_weight(d, K, seed, bandwidth):
    game = examples.equal_words(seed, d, K)
    checks.equal_weights(game, bandwidth)
    checks.equal_weights(game, bandwidth, lambda g, nu: lime.mean_field(g, nu, leave_one_out=True))


@pytest.mark.parametrize("bandwidth", [0.05, 0.25, np.inf])
@pytest.mark.parametrize("r", [0.0, 1e-12, 1e-5, 0.39, 1 - 1e-8, 1.0, 1 + 1e-8, 40.0, 1e6])
def test_constant(r, bandwidth):
    checks.large_d_constant(r, bandwidth)


def test_deletion_is_masking_without_positions(classifier):
    for text in (TEXT, "good good bad good", "a"):
        checks.deletion_is_masking(classifier.without_positions(), text)


@pytest.mark.parametrize("bandwidth", [0.25, np.inf])
@pytest.mark.parametrize("leave_one_out", [False, True])
def test_rate_of_the_mean_field(bandwidth, leave_one_out):
    checks.mean_field_rate(bandwidth, leave_one_out)


@pytest.mark.parametrize("bandwidth", [0.25, np.inf])
def test_rate_of_the_centred_rule(bandwidth):
    checks.centred_rate(bandwidth)


@quick
@given(d=st.integers(2, 8), K=st.integers(1, 4), seed=SEEDS, bandwidth=st.sampled_from([0.25, 1.0]))
def test_leave_one_out_and_null_player(d, K, seed, bandwidth):
    game = examples.random_game(seed, d, K)
    checks.leave_one_out(game, bandwidth)
    checks.null_player(game, bandwidth)


@quick
@given(seed=SEEDS, T=st.integers(2, 40), K=st.integers(1, 4), biases=st.booleans())
def test_gradient_of_the_mask(seed, T, K, biases):
    reading = random_reading(seed, T, K, biases=biases, distinct=max(1, T // 2))
    if reading.length > 1:
        checks.mask_gradient(reading)


def test_null_player_is_paid_nothing_if_the_mean_is_affine_in_the_size():
    assert checks.null_coefficient(np.array([1.0, 3.0, 5.0, 7.0])) == pytest.approx(0)
    assert abs(checks.null_coefficient(np.array([0.0, 1.0, 4.0, 9.0]))) > 0.01


# ---- each check fails when its formula is wrong


def without_recentring(game, bandwidth, leave_one_out=False):
    """The mean-field law whose mean coefficient comes from the weights of the differences."""
    m = np.arange(len(game.labels) + 1)
    w = lime.size_weights(m[-1], bandwidth) * m * (m[-1] - m)
    share = (m / m[-1])[:, None]
    D = game.rest_weight + game.masked_weight.sum(1) + share * game.a.sum(1)
    N = game.rest_value + game.masked_value.sum(1) + share * game.b.sum(1)
    scores = (w @ (1 / D)) @ game.b - (w @ (N / D**2)) @ game.a
    return Explanation(game.labels, scores / w.sum() / len(D[0]), "wrong", game.text)


def shifted_game(reading):
    game = games.word_game(reading)
    arrays = {name: getattr(game, name) for name in oracles.ARRAYS}
    arrays["masked_value"] = -arrays["masked_value"] + 0.1
    return games.PerturbationGame(game.labels, game.text, **arrays)


GAME = examples.random_game(3, 6)
EQUAL = examples.equal_words(3, 6)
BROKEN = {
    "game": lambda: checks.perturbation_game(random_reading(1), formula=shifted_game),
    "equal, 3/2": lambda: checks.equal_weights(
        EQUAL, formula=lambda g, nu: lime.paper_approximation(g)
    ),
    "equal, unequal words": lambda: checks.equal_weights(GAME),
    "constant": lambda: checks.large_d_constant(0.3, formula=scaled(lime.large_d_constant)),
    "constant, closed form at 1": lambda: checks.large_d_constant(
        1 + 1e-6, formula=lambda r, nu: 3 * (r**2 - 2 * r * np.log(r) - 1) / (r - 1) ** 3
    ),
    "rate, 3/2": lambda: checks.mean_field_rate(
        formula=lambda g, nu, own: lime.paper_approximation(g)
    ),
    "rate, a constant off by a thousandth": lambda: checks.mean_field_rate(
        formula=lambda g, nu, own: replace(
            lime.mean_field(g, nu), scores=1.001 * lime.mean_field(g, nu).scores
        )
    ),
    "rate, N(0) = d²": lambda: checks.mean_field_rate(example=examples.heavy_rest),
    "leave-one-out rate, N(0) = d²": lambda: checks.mean_field_rate(
        leave_one_out=True, example=examples.heavy_rest
    ),
    "centred rule, the text moves the head": lambda: checks.centred_rate(
        example=examples.repeated_words
    ),
    "centred rule, 3/2": lambda: checks.centred_rate(
        formula=lambda g, bandwidth: lime.centred_rule(g, 1.5)
    ),
    "centred rule, another bandwidth": lambda: checks.centred_rate(
        formula=lambda g, bandwidth: lime.centred_rule(g, bandwidth=1.05 * bandwidth)
    ),
    "centred rule, c(r) off by 1 %": lambda: checks.centred_rate(
        formula=lambda g, bandwidth: lime.centred_rule(
            g, 1.01 * lime.large_d_constant(g.surviving_mass, bandwidth)
        )
    ),
    "centred rule, not centred": lambda: checks.centred_rate(
        formula=lambda g, bandwidth: lime.paper_approximation(
            g, lime.large_d_constant(g.surviving_mass, bandwidth)
        )
    ),
    "mask gradient, a factor": lambda: checks.mask_gradient(
        random_reading(1), formula=changed(lime.centred_rule)
    ),
    "mask gradient, not centred": lambda: checks.mask_gradient(
        random_reading(1),
        formula=lambda reading, _: lime.paper_approximation(games.word_game(reading), 1.0),
    ),
    "leave-one-out, plain mean field": lambda: checks.leave_one_out(
        GAME, formula=lambda g, nu, own: lime.mean_field(g, nu)
    ),
    "leave-one-out, a factor": lambda: checks.leave_one_out(GAME, formula=changed(lime.mean_field)),
    "null player, zero": lambda: checks.null_player(GAME, formula=lambda phi, bandwidth: 0.0),
    "null player, without 1 - 1/d": lambda: checks.null_player(
        GAME,
        formula=lambda phi, bandwidth: (
            len(phi) / (len(phi) - 1) * checks.null_coefficient(phi, bandwidth)
        ),
    ),
    "rate, one kernel": lambda: checks.mean_field_rate(formula=without_recentring),
}


@pytest.mark.parametrize("name", BROKEN)
def test_check_fails_when_the_formula_is_wrong(name):
    with pytest.raises(CheckFailed):
        BROKEN[name]()


def test_deletion_check_fails_with_positions(classifier):
    with pytest.raises(CheckFailed):
        checks.deletion_is_masking(classifier, TEXT)


# ---- edges of the formulas


@pytest.mark.parametrize("d", [32, 64, 128, 256])
def test_error_of_the_mean_field_grows_if_the_numerator_does(d):
    game = examples.heavy_rest(d)
    error = np.abs(lime.mean_field(game).scores - lime.exact(game).scores).max() * d**2
    assert error == pytest.approx({32: 42, 64: 83, 128: 164, 256: 328}[d], abs=0.6)


def test_balanced_words_move_no_head():
    game = examples.balanced_words(16)
    assert game.value([np.ones(16), np.zeros(16)]) == pytest.approx([0.4, 0.4])


def test_centred_rule_by_hand():
    one = np.ones((1, 2))
    game = games.PerturbationGame(
        ("a", "b"), ("a", "b"), 2 * one, one * [[4, 6]], one, one * [[1, 2]], np.ones(1), np.ones(1)
    )
    slope = np.array([3 - 11 / 5, 4 - 11 / 5]) / 5  # f = 11 / 5, D(1) = 5, a = 1, b = (3, 4)
    assert lime.centred_rule(game, 1).scores == pytest.approx(slope)
    assert lime.centred_rule(game, np.array([1.5])).scores == pytest.approx(1.5 * slope)
    c = lime.large_d_constant(3 / 5, 0.25)
    assert lime.centred_rule(game).scores == pytest.approx(c * slope)
    assert lime.centred_rule(game, bandwidth=np.inf).scores == pytest.approx(
        lime.large_d_constant(3 / 5) * slope
    )


def test_centred_rule_names_its_constant_and_takes_a_reading():
    reading = random_reading(0)
    game = games.word_game(reading)
    assert (lime.centred_rule(reading).scores == lime.centred_rule(game).scores).all()
    for constant, name in ((1, "1 ×"), (1.5, "1.5 ×"), ("c(r)", "c(r) ×"), (np.ones(2), "c(r) ×")):
        assert lime.centred_rule(reading, constant).method.startswith(name)


@pytest.mark.parametrize("constant", ["3/2", np.ones(3), np.nan, np.ones((2, 1))])
def test_centred_rule_refuses_a_constant_that_fits_no_head(constant):
    with pytest.raises(ValueError, match="constant is a"):
        lime.centred_rule(random_reading(0, K=2), constant)


@pytest.mark.parametrize("leave_one_out", [False, True])
def test_mean_field_of_one_and_two_words(leave_one_out):
    one = examples.random_game(0, 1)
    change = one.value(np.ones(1)) - one.value(np.zeros(1))
    found = lime.mean_field(one, leave_one_out=leave_one_out)
    assert found.scores == pytest.approx([change])
    two = examples.random_game(0, 2)
    assert np.isfinite(lime.mean_field(two, leave_one_out=leave_one_out).scores).all()


def test_leave_one_out_form_is_exact_for_two_words():
    game = examples.random_game(5, 2, decades=2.0)
    found = lime.mean_field(game, leave_one_out=True).scores
    assert found == pytest.approx(lime.exact(game).scores, rel=1e-10)


def test_mean_field_survives_a_word_that_takes_everything():
    game = examples.random_game(1, 8, K=1)
    kept = game.kept_weight.copy()
    kept[0, 0] = 1e18
    ones = np.ones((1, 8))
    extreme = games.PerturbationGame(
        game.labels, game.text, kept, kept, 1e-9 * ones, 0 * ones, np.zeros(1), np.zeros(1)
    )
    assert np.isfinite(lime.mean_field(extreme, leave_one_out=True).scores).all()


def test_shift_of_all_values_changes_neither_law_nor_limit():
    arrays = {name: getattr(GAME, name) for name in oracles.ARRAYS}
    for part in ("kept", "masked", "rest"):
        arrays[f"{part}_value"] = arrays[f"{part}_value"] + 2 * arrays[f"{part}_weight"]
    moved = games.PerturbationGame(GAME.labels, GAME.text, **arrays)
    for method in (lime.exact, lime.mean_field):
        assert method(moved).scores == pytest.approx(method(GAME).scores, abs=1e-10)


def test_paper_approximation_by_hand():
    one = np.ones((1, 2))
    game = games.PerturbationGame(
        ("a", "b"), ("a", "b"), 2 * one, one * [[4, 6]], one, one * [[1, 2]], np.ones(1), np.ones(1)
    )
    assert lime.paper_approximation(game).scores == pytest.approx(
        [1.5 * (4 / 5 - 1 / 3), 1.5 * (6 / 5 - 2 / 3)]
    )
    assert lime.paper_approximation(game, np.array([1.0])).scores == pytest.approx(
        [4 / 5 - 1 / 3, 6 / 5 - 2 / 3]
    )


@pytest.mark.parametrize("bandwidth", [0.0, -1.0, np.nan])
def test_bandwidth_is_positive(bandwidth):
    for call in (
        lambda: lime.mean_field(GAME, bandwidth),
        lambda: lime.large_d_constant(0.5, bandwidth),
    ):
        with pytest.raises(ValueError, match="bandwidth"):
            call()


def test_constant_refuses_a_negative_share():
    for wrong in (-0.1, np.nan):
        with pytest.raises(ValueError, match="negative"):
            lime.large_d_constant([0.5, wrong])


def test_constant_keeps_the_shape_and_falls():
    r = np.linspace(0.0, 5.0, 12).reshape(3, 4)
    found = lime.large_d_constant(r)
    assert found.shape == (3, 4) and (np.diff(found.ravel()) < 0).all()


def test_figures_draw(classifier):
    game = games.word_game(classifier.read(TEXT))
    scores = lime.exact(game).scores
    for figure in (
        plots.power_law(np.array([1, 2]), {"a": np.ones((3, 2))}, -0.5, ("n", "error")),
        lime_meets_attention.rules_of_words(
            game.labels, {"a": scores, "b": -scores}, ("truth", scores)
        ),
        lime_meets_attention.rule_against_exact({"a": scores, "b": -scores}, scores),
        lime_meets_attention.idle_words(np.array([3, 9]), np.array([0.1, 0.01])),
        lime_meets_attention.rates(np.array([1, 2]), {"a": np.ones((1, 2))}),
        plots.columns_of_scores(game.labels, {"a": scores, "b": -scores}),
        lime_meets_attention.constants(np.array([[0.1, 0.2], [0.3, 0.4]]), [0.25, np.inf]),
        lime_meets_attention.error_spreads({"a": np.array([0.1, 0.2]), "b": np.array([0.3, 0.4])}),
    ):
        figure.canvas.draw()
        lime_meets_attention.plt.close(figure)
