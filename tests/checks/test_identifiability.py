"""Other attention with the same output: dimension, adversary, permutations."""

import itertools
import math
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.special import expit, rel_entr

from helpers.checks import CheckFailed
from helpers.checks import identifiability as checks
from helpers.checks.examples import random_reading
from helpers.evaluation import identifiability
from helpers.evaluation.identifiability import Adversary, farthest, jensen_shannon, total_variation
from helpers.model.reading import Heads, Reading, micro_example
from helpers.plots import identifiability as figures
from tests.documents import documents

QUICK = settings(max_examples=40, deadline=None)
SEEDS = st.integers(0, 10**6)
DISTANCES = ("total variation", "Jensen-Shannon")


def readings(most_tokens=40, scales=(1e-6, 1.0, 5.0)):
    return documents(T=st.integers(1, most_tokens), scale=st.sampled_from(scales))


# ---- dimension


@given(readings())
@QUICK
def test_freedom(reading):
    checks.freedom(reading)
    whole, scalar = identifiability.freedom(reading)
    T, d_out = reading.values.shape[1], reading.heads.W_l.shape[1]
    assert (whole >= T - d_out - 1).all() and (scalar >= max(T - 2, 0)).all()
    assert (whole <= scalar).all() and (scalar <= T - 1).all()


@given(SEEDS, st.integers(2, 7), st.integers(1, 4))
@QUICK
def test_freedom_of_whole_numbers_is_exact(seed, T, d_out):
    """Ranks of small integers, against SymPy's exact elimination; ties and rank loss are common."""
    draw = np.random.default_rng(seed)
    e = draw.integers(-1, 2, size=(T, 3)).astype(float)
    W_v, W_l = draw.integers(-1, 2, size=(1, d_out, 3)), draw.integers(-1, 2, size=(1, d_out))
    heads = Heads(np.zeros((1, 1, 3)), np.zeros((1, 1, 3)), W_v, W_l)
    reading = Reading(("",) * T, T, e, e, heads)
    whole, scalar = identifiability.freedom(reading)
    for vectors, found in ((e @ W_v[0].T, whole), (reading.values[0][:, None], scalar)):
        exact = sp.Matrix(np.column_stack([vectors, np.ones(T)]).astype(int)).rank()
        assert found == [T - exact]


@pytest.mark.parametrize("value", [0.1, 1e-9, 1e9])
@pytest.mark.parametrize("T", [2, 7, 256])
def test_equal_values_leave_all_dimensions_in_spite_of_rounding(value, T):
    heads = Heads(*(np.ones((1, 1, 1)) for _ in range(3)), np.ones((1, 1)))
    reading = Reading(("",) * T, T, np.full((T, 1), value), np.full((T, 1), value), heads)
    assert [x.tolist() for x in identifiability.freedom(reading)] == [[T - 1], [T - 1]]


@pytest.mark.parametrize("T", [300, 2000])
def test_equal_vectors_leave_all_dimensions_although_their_mean_is_rounded_more_often(T):
    """NumPy adds up vectors one after the other: the error of a mean grows with T."""
    ones = np.ones((1, 1, 3))
    heads, e = Heads(ones, ones, np.eye(3)[None], np.ones((1, 3))), np.full((T, 3), 0.1)
    whole, scalar = identifiability.freedom(Reading(("",) * T, T, e, e, heads))
    assert whole == [T - 1] and scalar == [T - 1]


def test_the_small_example():
    whole, scalar = identifiability.freedom(micro_example())
    assert whole == [1] and scalar == [1]


# ---- the adversary


def simplex(draw, T, holes):
    alpha = draw.dirichlet(np.full(T, 0.7))
    alpha[: T - 1] *= draw.random(T - 1) > holes
    return alpha / alpha.sum()


@given(
    SEEDS,
    st.integers(2, 6),
    st.sampled_from(DISTANCES[1:]),
    st.booleans(),
    st.sampled_from([0.0, 0.1, 5.0]),
    st.sampled_from([0.0, 0.4]),
)
@settings(max_examples=100, deadline=None)
def test_adversary(seed, T, distance, tied, slack, holes):
    """Against all vertices; whole numbers for u make ties, and vertices where u meets a bound."""
    draw = np.random.default_rng(seed)
    alpha, u = simplex(draw, T, holes), draw.normal(size=T)
    u = np.round(u) if tied else u
    middle = float(u[0]) if tied else float(alpha @ u)
    checks.adversary(alpha, u, middle - slack, middle + slack, distance)


@given(SEEDS, st.integers(2, 5), st.booleans(), st.sampled_from([0.0, 0.3]))
@settings(max_examples=12, deadline=None)
def test_adversary_by_total_variation(seed, T, tied, slack):
    """Against linear programmes, too."""
    draw = np.random.default_rng(seed)
    alpha, u = draw.dirichlet(np.ones(T)), draw.normal(size=T)
    u = np.round(u) if tied else u
    checks.adversary(alpha, u, alpha @ u - slack, alpha @ u + slack, "total variation")


@given(SEEDS, st.sampled_from(DISTANCES), st.sampled_from([0.05, 0.5]))
@QUICK
def test_adversary_on_a_fine_grid_of_the_triangle(seed, distance, slack):
    draw = np.random.default_rng(seed)
    alpha, u = draw.dirichlet(np.ones(3)), draw.normal(size=3)
    a, b = np.meshgrid(np.linspace(0, 1, 401), np.linspace(0, 1, 401))
    grid = np.column_stack([a.ravel(), b.ravel(), 1 - a.ravel() - b.ravel()])
    grid = grid[grid[:, 2] > -1e-12].clip(0)
    low, high = alpha @ u - slack, alpha @ u + slack
    grid = grid[(grid @ u >= low) & (grid @ u <= high)]
    assume(len(grid))
    best = getattr(identifiability, distance.lower().replace(" ", "_").replace("-", "_"))(
        alpha, grid
    ).max()
    found = farthest(alpha, u, low, high, distance)
    assert best <= found.distance + 1e-12
    assert found.distance - best < 0.03  # the spacing of the grid, and x log x near zero


@given(SEEDS, st.integers(2, 60))
@QUICK
def test_no_random_attention_is_farther(seed, T):
    draw = np.random.default_rng(seed)
    alpha, u = draw.dirichlet(np.ones(T)), draw.normal(size=T)
    low, high = alpha @ u - 0.2, alpha @ u + 0.2
    sparse = draw.dirichlet(np.full(T, 0.05), size=300)
    sparse = sparse[(sparse @ u >= low) & (sparse @ u <= high)]
    for distance, measure in zip(DISTANCES, (total_variation, jensen_shannon), strict=True):
        found = farthest(alpha, u, low, high, distance)
        assert measure(alpha, sparse).max(initial=0) <= found.distance + 1e-12
        assert (found.weights > 0).sum() <= 2 and math.isclose(found.weights.sum(), 1)
        assert low - 1e-12 <= found.output <= high + 1e-12


def test_two_tokens():
    alpha, u = np.array([0.3, 0.7]), np.array([0.0, 1.0])
    assert farthest(alpha, u, 0.7, 0.7).distance < 1e-15  # only the model's own is left
    free = farthest(alpha, u, -np.inf, np.inf, "total variation")
    assert math.isclose(free.distance, 0.7) and free.weights.tolist() == [1, 0]


def test_a_bound_that_equals_a_value_keeps_that_token():
    alpha, u = np.array([0.2, 0.5, 0.3]), np.array([1.0, 2.0, 3.0])
    found = farthest(alpha, u, 1.0, 1.0, "total variation")
    assert found.weights.tolist() == [1, 0, 0] and math.isclose(found.distance, 0.8)
    just_above = np.nextafter(1.0, 2.0)
    found = farthest(alpha, u, just_above, just_above, "total variation")
    assert math.isclose(found.distance, 0.8)  # the same up to rounding


def test_a_mixture_that_rounds_to_one_token_is_kept():
    """The bound is a hair below a value: the share of that token is rounded to one."""
    u, bound = np.array([1.0, -1000.0]), float(np.nextafter(1.0, 0.0))
    found = farthest([0.5, 0.5], u, bound, bound, "total variation")
    assert found.weights.tolist() == [1, 0] and found.distance == 0.5


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_equal_values_and_bounds_that_differ_by_rounding(off):
    u = np.full(5, 0.1)
    f = float(np.nextafter(0.1, 0.1 + off)) if off else 0.1
    alpha = np.array([0.1, 0.2, 0.3, 0.2, 0.2])
    found = farthest(alpha, u, f, f, "total variation")
    assert math.isclose(found.distance, 0.9) and found.weights[0] == 1


def test_values_that_are_nearly_tied():
    alpha, u = np.array([0.2, 0.3, 0.5]), np.array([0.0, 5e-324, 1.0])
    with np.errstate(all="raise", under="ignore"):
        found = farthest(alpha, u, 0.5, 0.5)
    assert found.weights[2] == 0.5 and found.output == 0.5
    assert np.isfinite(found.distance)


def test_256_positions_take_little_memory():
    draw = np.random.default_rng(0)
    alpha, u = draw.dirichlet(np.ones(256)), draw.normal(size=256)
    tracemalloc.start()
    farthest(alpha, u, alpha @ u - 0.1, alpha @ u + 0.1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30e6


BAD = {
    "one token": ([1.0], [0.3], 0.0, 1.0),
    "holds NaN": ([0.5, 0.5], [0.3, np.nan], 0.0, 1.0),
    "alpha holds NaN": ([0.5, np.nan], [0.3, 0.4], 0.0, 1.0),
    "must not exceed": ([0.5, 0.5], [0.3, 0.4], 1.0, 0.0),
    "bounds are nan": ([0.5, 0.5], [0.3, 0.4], np.nan, 1.0),
    "no attention gives an output from 2.0 to 3.0": ([0.5, 0.5], [0.3, 0.4], 2.0, 3.0),
    "u goes from 0.3 to 0.4": ([0.5, 0.5], [0.3, 0.4], -3.0, -2.0),
    "not an attention: weights from -0.5": ([1.5, -0.5], [0.3, 0.4], 0.0, 1.0),
    "sum 0.8": ([0.4, 0.4], [0.3, 0.4], 0.0, 1.0),
    "u has shape": ([0.5, 0.5], [0.3, 0.4, 0.5], 0.0, 1.0),
    "alpha has shape": ([[0.5, 0.5]], [0.3, 0.4], 0.0, 1.0),
}


@pytest.mark.parametrize("message", BAD)
def test_bad_input(message):
    with pytest.raises(ValueError, match=message):
        farthest(*BAD[message])


def test_unknown_distance():
    with pytest.raises(ValueError, match="not 'Hellinger'"):
        farthest([0.5, 0.5], [0.0, 1.0], 0, 1, "Hellinger")


# ---- distances


@given(SEEDS, st.integers(1, 9))
@QUICK
def test_distances(seed, T):
    draw = np.random.default_rng(seed)
    one, two = simplex(draw, T, 0.3), simplex(draw, T, 0.3)
    middle = (one + two) / 2
    entropies = (rel_entr(one, middle) + rel_entr(two, middle)).sum() / 2
    assert math.isclose(jensen_shannon(one, two), entropies, abs_tol=1e-12)
    assert math.isclose(total_variation(one, two), np.maximum(one - two, 0).sum(), abs_tol=1e-12)
    assert 0 <= total_variation(one, two) <= 1 + 1e-15
    assert -1e-15 <= jensen_shannon(one, two) <= math.log(2) + 1e-15


def test_distances_at_their_ends():
    one, two = np.eye(2)
    assert total_variation(one, two) == 1 and math.isclose(jensen_shannon(one, two), math.log(2))
    assert jensen_shannon(one, one) == 0
    tiny = np.array([5e-324, 1.0])  # the smallest number: half of it is zero
    assert np.isfinite(jensen_shannon(tiny, np.array([0.0, 1.0])))


@given(st.floats(-30, 30), st.floats(0.001, 0.6))
@QUICK
def test_logit_bounds(f, tolerance):
    low, high = identifiability.logit_bounds(f, tolerance)
    assert low <= f <= high
    for end in (low, high):
        if np.isfinite(end):
            assert math.isclose(abs(expit(end) - expit(f)), tolerance, rel_tol=1e-6)
    assert (low == -np.inf) == (expit(f) <= tolerance)


# ---- permutations


@given(readings(6))
@settings(max_examples=30, deadline=None)
def test_permutations(reading):
    checks.permutation(reading)


@pytest.mark.parametrize("T", [2, 9, 60])
def test_sampled_permutations(T):
    checks.permutation_sample(random_reading(T, T=T, K=3), n=4000)


def test_one_token_cannot_be_permuted():
    reading = random_reading(0, T=1)
    mean, variance = identifiability.permutation_moments(reading)
    assert math.isclose(mean, reading.output) and variance == 0


def test_permuted_outputs_are_outputs_of_permutations():
    reading = random_reading(0, T=3, K=2)
    heads = zip(reading.attention, reading.values, strict=True)
    each = [[alpha[list(p)] @ u for p in itertools.permutations(range(3))] for alpha, u in heads]
    possible = np.array([(a + b) / 2 for a, b in itertools.product(*each)])
    found = checks.permuted_outputs(reading, 500)
    assert np.abs(found[:, None] - possible).min(axis=1).max() < 1e-14
    assert len(np.unique(found.round(12))) == len(np.unique(possible.round(12)))


# ---- one key for all documents


@given(readings())
@QUICK
def test_one_key(reading):
    checks.one_key(reading)


# ---- the token that cannot be spared


@given(SEEDS, st.integers(2, 6), st.booleans(), st.sampled_from([0.0, 0.6]))
@settings(max_examples=30, deadline=None)
def test_needed_token(seed, T, tied, holes):
    """Against linear programmes and all vertices; with ties, and outputs at an end of u."""
    draw = np.random.default_rng(seed)
    alpha, u = simplex(draw, T, holes), draw.normal(size=T)
    u = np.round(u) if tied else u
    checks.needed_token(u, float(alpha @ u), alpha)
    assert (identifiability.needed(u, float(alpha @ u)) > 0).sum() <= max(1, 4 - T)


def test_needed_by_hand():
    assert identifiability.needed([0.0, -1.0, 2.0], 1.5).tolist() == [0, 0, 0.75]
    assert identifiability.needed([0.0, 1.0, -2.0], -1.5).tolist() == [0, 0, 0.75]
    assert identifiability.needed([0.0, 1.0], 0.25).tolist() == [0.75, 0.25]
    assert identifiability.needed([1.0, 1.0, 0.0], 1.0).tolist() == [0, 0, 0]
    assert identifiability.needed([0.7, 0.7], np.nextafter(0.7, 1)).tolist() == [0, 0]


def test_needed_refuses_what_has_no_answer():
    with pytest.raises(ValueError, match="one token"):
        identifiability.needed([1.0], 1.0)
    with pytest.raises(ValueError, match="no attention gives an output"):
        identifiability.needed([1.0, 2.0], 3.0)


# ---- gradient search


def test_gradient_search_never_beats_the_exact_adversary():
    draw = np.random.default_rng(0)
    alphas, values = draw.dirichlet(np.ones(8), size=3), draw.normal(size=(3, 8))
    tried, moved = checks.gradient_search(alphas, values, steps=200, rate=0.1)
    assert tried.shape == (3, 5, 8) and moved.shape == (3, 5)
    np.testing.assert_allclose(tried.sum(axis=-1), 1)
    far = jensen_shannon(alphas[:, None], tried)
    for k in range(3):
        f = alphas[k] @ values[k]
        shift = np.abs(expit(tried[k] @ values[k]) - expit(f))
        np.testing.assert_allclose(shift, moved[k], atol=1e-12)
        for candidate in range(5):
            bounds = identifiability.logit_bounds(f, moved[k, candidate] + 1e-12)
            exact = farthest(alphas[k], values[k], *bounds).distance
            assert far[k, candidate] <= exact + 1e-12
    start, _ = checks.gradient_search(alphas, values, steps=0)
    assert far.mean() > jensen_shannon(alphas[:, None], start).mean()


# ---- wrong formulas are caught


def sums(reading, factor):
    mean, variance = identifiability.permutation_moments(reading)
    return mean, factor * variance


def cornered(alpha, u, low, high, distance):
    """Forgets mixtures of two tokens: the farthest single token, or the first."""
    inside = np.flatnonzero((u >= low) & (u <= high))
    weights = np.eye(len(u))[inside[0] if len(inside) else 0]
    return Adversary(weights, float(jensen_shannon(alpha, weights)), float(u @ weights))


def swapped(alpha, u, low, high, distance):
    """As far away, with the weights of two tokens of equal attention swapped: out of the bounds."""
    found = farthest(alpha, u, low, high, distance)
    weights = found.weights[[1, 0, *range(2, len(u))]]
    return Adversary(weights, found.distance, found.output)


def test_an_adversary_out_of_its_bounds_is_caught():
    alpha, u = np.array([0.25, 0.25, 0.5]), np.array([-1.0, 2.0, 0.0])
    f = float(alpha @ u)
    for distance in DISTANCES:
        checks.adversary(alpha, u, f, f, distance)
        with pytest.raises(CheckFailed):
            checks.adversary(alpha, u, f, f, distance, formula=swapped)


def extreme(reading):
    """Values, an output that needs the token of the largest, and attention that has this output."""
    u = reading.values[0]
    alpha = 0.9 * np.eye(len(u))[u.argmax()] + 0.1 * reading.attention[0]
    return u, float(alpha @ u), alpha


WRONG = {
    "freedom: one too many": lambda r: checks.freedom(
        r, lambda r: tuple(x + 1 for x in identifiability.freedom(r))
    ),
    "freedom: the sum forgotten": lambda r: checks.freedom(
        r, lambda r: (identifiability.freedom(r)[0], identifiability.freedom(r)[1] + 1)
    ),
    "adversary: one token only": lambda r: checks.adversary(
        r.attention[0], r.values[0], *([r.head_outputs[0]] * 2), formula=cornered
    ),
    "needed: half": lambda r: checks.needed_token(
        *extreme(r), formula=lambda u, f: identifiability.needed(u, f) / 2
    ),
    "needed: the next token's weight": lambda r: checks.needed_token(
        *extreme(r), formula=lambda u, f: np.roll(identifiability.needed(u, f), 1)
    ),
    "permutation: T for T - 1": lambda r: checks.permutation(r, lambda r: sums(r, 5 / 6)),
    "permutation: heads added": lambda r: checks.permutation(r, lambda r: sums(r, 2.0)),
    "sample: deviation for variance": lambda r: checks.permutation_sample(
        r, formula=lambda r: (sums(r, 1)[0], sums(r, 1)[1] ** 0.5)
    ),
    "sample: another mean": lambda r: checks.permutation_sample(
        r, formula=lambda r: (r.output, sums(r, 1)[1])
    ),
    "one key: not centred": lambda r: checks.one_key(
        r, lambda r: (r.attention * r.values) @ r.embeddings
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_formula_is_caught(name):
    with pytest.raises(CheckFailed):
        WRONG[name](random_reading(0, T=6, K=2))


def test_figures_are_drawn():
    plt = pytest.importorskip("matplotlib.pyplot")
    reading = micro_example()
    alpha, u = reading.attention[0], reading.values[0]
    found = farthest(alpha, u, reading.output, reading.output)
    assert figures.triangle(reading, found, reading.tokens).axes
    heads = {"one": (alpha, found), "the same": (alpha, found)}
    assert len(figures.adversary_bars(reading.tokens, heads).axes[0].patches) == 6
    left, right = figures.room(np.array([0.6, 0.1]), np.array([0.0, 0.8])).axes
    assert sum(bar.get_width() for bar in left.patches) == 50  # percent of all pairs
    assert right.lines[0].get_xydata().tolist() == [[0.8, 0.1]]
    assert figures.permuted(np.array([1.0, 3.0]), np.arange(-2.0, 3.0)).axes
    plt.close("all")


def test_equal_tokens_make_permutations_harmless():
    reading = micro_example()
    equal = replace(reading, embeddings=np.array([[1.0, 0.5], [0.0, 0.5], [1.0, 0.5]]))
    assert identifiability.permutation_moments(equal) == (0.5, 0.0)
