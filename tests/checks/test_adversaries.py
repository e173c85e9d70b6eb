"""The statements on exchanged words hold on many documents, and fail when broken."""

import numpy as np
import pytest

from helpers.checks import CheckFailed, examples
from helpers.checks import adversaries as checks
from helpers.evaluation import substitutions
from tests.wrong import scaled


def document(seed, words=5, scale=2.0, **sizes):
    """A random document and the vectors of a small vocabulary."""
    reading = examples.random_reading(seed, **{"T": 8, "K": 3, "scale": scale, **sizes})
    d_e = reading.embeddings.shape[1]
    return reading, np.random.default_rng(100 + seed).normal(size=(words, d_e))


def table(seed, **sizes):
    return substitutions.exchanges(*document(seed, **sizes))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("biases", [False, True])
def test_statements_about_one_exchange_hold(seed, biases):
    checks.exchange(*document(seed, biases=biases))
    checks.hotflip_misses(*document(seed, biases=biases))
    checks.leave_arrive(*document(seed, biases=biases))


@pytest.mark.parametrize("seed", range(4))
def test_statements_about_several_exchanges_hold(seed):
    checks.one_head(table(seed, K=1, words=3, T=6))
    for count in range(3):
        checks.heads_apart(table(seed, words=3, T=6), count)
    checks.pair(table(seed, words=14, T=5))
    checks.pair(table(seed, words=3, T=6, K=1))


def test_the_bound_is_nearly_sharp_and_sharp_in_one_head():
    """Ten heads of small spread: a bound that is lower by a thousandth of f is passed."""
    for seed in range(4):
        one = table(seed, K=1, words=3, T=6)
        truth = checks.strongest(one, 1, 2)
        assert abs(substitutions.bound(one, 1, 2) - truth) < 1e-12
        with pytest.raises(CheckFailed):
            checks.heads_apart(one, 2, lambda *a: substitutions.bound(*a) + 1e-3 * a[1])


BROKEN = {
    "exchange": [
        lambda g, u, g_w, u_w, f, S: (g_w * (u_w - f) - g * (u - f)) / S,
        lambda g, u, g_w, u_w, f, S: (g_w * u_w - g * u) / (S - g + g_w),
        scaled(checks.exchanged),
    ],
    "leave_arrive": [
        lambda a, b, f, u, w: (-a * (u - f), b * (w - f)),
        lambda a, b, f, u, w: (-a / (1 - a) * (u - f), b * (w - f)),
    ],
}


@pytest.mark.parametrize("name, formula", [(n, f) for n in BROKEN for f in BROKEN[n]])
def test_broken_formulas_fail(name, formula):
    with pytest.raises(CheckFailed):
        getattr(checks, name)(*document(1), formula)


@pytest.mark.parametrize(
    "parts",
    [
        (lambda a, d, s, c: a * (s + d * (c + s)), checks.missed),
        (lambda a, d, s, c: a * (s + np.expm1(d) * c), checks.missed),
        (checks.hotflip, scaled(checks.missed)),
        (checks.hotflip, lambda a, d, s, c: 0 * a),
    ],
)
def test_a_wrong_score_and_a_wrong_rest_fail(parts):
    with pytest.raises(CheckFailed):
        checks.hotflip_misses(*document(1), *parts)


def test_hotflip_is_exact_if_no_logit_moves():
    reading, vectors = document(2)
    key = np.linalg.qr(reading.key_directions.T)[0]
    still = vectors[:1] + (vectors - vectors[:1]) @ (np.eye(5) - key @ key.T)
    checks.hotflip_misses(
        checks.put(reading, still, [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0)]), still,
        rest=lambda a, d, s, c: 0 * a,
    )  # fmt: skip


def greedy_in_one_head(table, head, side, count):
    """The places with the largest effects alone, whatever the others do."""
    effects = -side * substitutions.effects(table)
    places = np.argsort(-effects.max(axis=1), kind="stable")[:count]
    swaps = [(int(p), int(effects[p].argmax())) for p in places if effects[p].max() > 0]
    return swaps, substitutions.swapped(table, swaps).output


def test_search_that_is_not_exact_fails():
    with pytest.raises(CheckFailed):
        for seed in range(10):
            checks.one_head(table(seed, K=1, words=3, T=6), greedy_in_one_head)
    with pytest.raises(CheckFailed):

        def second(table, side):
            search = substitutions.beam(table, side, width=1)
            next(search)
            return next(search)

        for seed in range(20):
            checks.pair(table(seed, words=14, T=5), second)
