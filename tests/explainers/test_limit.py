"""Every constant of the certificate of exact LIME is nearly reached by some game.

So a certificate with a constant halved or a part left out is exceeded. Tolerances are loose where
the rule for 1/D is at stake, so that rounding plays no part.
"""

import dataclasses

import numpy as np
import pytest
from mpmath import mp

from helpers.checks import exact_lime as checks
from helpers.checks import examples, oracles
from helpers.explainers import lime
from helpers.explainers.lime import limit
from helpers.games import PerturbationGame
from helpers.games.expectations import averages

LOOSE = 1e-2


def share(game, bandwidth=0.25, tolerance=LOOSE):
    """Errors of scores that should be zero, as a share of the certificate."""
    found = lime.exact(game, bandwidth, tolerance)
    return np.abs(found.scores).max() / found.certificate


def test_the_differences_come_close_to_their_bound():
    """One word moves D to where the error of 1/D changes its sign; the others weigh nothing."""
    heavy = examples.turning_point(LOOSE)
    assert 0.7 < share(examples.constant_game([heavy, *[0.0] * 29])) < 1


def test_the_slope_comes_close_to_its_bound():
    """Two sizes only, so that D, and the error of 1/D, depends on the size.

    Of the bound, 2 belongs to the slope and 1 to the differences, which are zero.
    """
    heavy = examples.turning_point(LOOSE, words=2)
    assert 0.45 < share(examples.constant_game([heavy, heavy]), np.inf) < 0.67


@pytest.mark.parametrize("values", [(1.0, 1e-6), (1e-6, 1.0)])
def test_a_head_of_large_values_counts(values):
    heavy = examples.turning_point(1e-8)
    game = examples.constant_game([[heavy, *[0.0] * 29]] * 2, values)
    assert 0.5 < share(game, tolerance=1e-8) < 1


def test_what_the_mixture_for_the_slope_leaves_over(monkeypatch):
    """All of it is on the whole text, where f = 1, and elsewhere f = 0 nearly."""
    found = limit.mixture(5, 0.25)
    slope = found.slope + np.where(found.p == 1, 1e-4, 0.0)
    worse = dataclasses.replace(found, slope=slope, slope_left=found.slope_left + 1e-4)
    before = lime.exact(examples.constant_game([1.0] * 5)).scores
    monkeypatch.setattr(limit, "mixture", lambda d, bandwidth: worse)
    after = lime.exact(examples.constant_game([1.0] * 5))
    assert 0.99 < np.abs(after.scores - before).max() / after.certificate < 1


def test_what_the_mixture_for_the_sizes_leaves_over(monkeypatch):
    """f is 1 if the first word is kept and -1 if not, so that it is aligned with z_1 - m/d."""
    d, more = 5, 1e-4
    found = limit.mixture(d, 0.25)
    p, m = found.p[7], np.arange(d + 1)
    with mp.workdps(50):
        binomial = np.array(oracles.mixed(d, np.array([p]), np.ones(1)), dtype=float)
    left = found.left + more * binomial @ (2 * (m / d) * (1 - m / d))
    worse = dataclasses.replace(found, c=found.c + more * (found.p == p), left=left)
    first = np.eye(1, d)
    names = tuple("abcde")
    game = PerturbationGame(names, names, first, first, first, -first, np.zeros(1), np.zeros(1))
    monkeypatch.setattr(limit, "mixture", lambda d, bandwidth: worse)
    after = lime.exact(game)
    assert 0.99 < np.abs(after.scores - 2 * first[0]).max() / after.certificate < 1


@pytest.mark.parametrize("bandwidth", [0.1, 0.25, np.inf])
@pytest.mark.parametrize("d", [2, 5, 30])
def test_what_a_mixture_says_of_itself(monkeypatch, d, bandwidth):
    """With three probabilities much is left over, and it is as large as `Mixture` says."""
    monkeypatch.setattr(limit, "probabilities", lambda d: np.array([0.3, 0.6, 0.8])[: d + 1])
    found = limit.mixture.__wrapped__(d, bandwidth)
    with mp.workdps(oracles.DIGITS):
        omega, sigma = oracles.size_weights(d, bandwidth), oracles.slope_weights(d, bandwidth)
        c, slope = oracles.mixed(d, found.p, found.c), oracles.mixed(d, found.p, found.slope)
        inner = oracles.mixed(d, found.p[1:-1], found.slope[1:-1])
        gaps = [2 * (mp.mpf(m) / d) * (1 - mp.mpf(m) / d) for m in range(d + 1)]
        left = sum(g * abs(x - y) for g, x, y in zip(gaps, c, omega))
        slope_left = sum(abs(x - y) for x, y in zip(slope, sigma))
        truth = [float(x) for x in (left, slope_left, sum(map(abs, inner)))]
        mean = float(sum(m * x for m, x in enumerate(omega)))
    told = [found.left, found.slope_left, found.mass]
    np.testing.assert_allclose(told, truth, rtol=1e-9, atol=1e-14)
    assert found.mean == pytest.approx(mean, rel=1e-13)
    assert d == 2 or found.left > 1e-4 < found.slope_left


def uneven(seed, d, K, decades):
    """A game whose first head has values a million times those of the others, or a millionth."""
    game = examples.random_game(seed, d, K, decades)
    scale = np.where(np.arange(K) == 0, 1e6 if seed % 2 else 1e-6, 1.0)
    values = {
        name: (getattr(game, name).T * scale).T for name in oracles.ARRAYS if name.endswith("value")
    }
    return dataclasses.replace(game, **values)


@pytest.mark.parametrize("tolerance", [1e-3, 1e-5, 1e-8, 1e-11, 1e-13, 1e-14])
def test_no_error_exceeds_certificate_and_rounding(tolerance):
    for seed in range(12):
        d, decades = 2 + seed % 6, (0.3, 2.0, 8.0)[seed % 3]
        game = uneven(seed, d, 1 + seed % 4, decades)
        for bandwidth in (0.1, 0.25, np.inf):
            checks.certificate(game, bandwidth, tolerance)


@pytest.mark.parametrize("tolerance", [1e-3, 1e-6, 1e-13])
def test_no_average_is_off_by_more_than_it_says(tolerance):
    """E_p[f], E_p[f | z_j = 1] and effects against sums over all masks in 50 digits."""
    p = np.array([0.01, 0.3, 0.9])
    for seed in range(6):
        game = uneven(seed, 2 + seed, 3, 1.0)
        found = averages(game, p, kept=np.eye(3), effect=np.eye(3), tolerance=tolerance)
        with mp.workdps(50):
            outputs = oracles.outputs(game)
            z = np.array(list(outputs))
            f = np.array(list(outputs.values()))
            for q in range(3):
                chance = mp.mpf(p[q])
                weight = np.array(
                    [chance ** int(m) * (1 - chance) ** int(len(z[0]) - m) for m in z.sum(1)]
                )
                value = (weight * f).sum()
                kept = (
                    np.array([(weight * f)[z[:, j] == 1].sum() for j in range(len(z[0]))]) / chance
                )
                effect = (kept - value) / (1 - chance)
                errors = [
                    abs(float(found.value[q] - value)),
                    np.abs((found.kept[:, q] - kept).astype(float)).max(),
                    np.abs((found.effect[:, q] - effect).astype(float)).max(),
                ]
                amounts = (1, 2 / p[q], 2 / (p[q] * (1 - p[q])))
                bounds = found.error * np.array([1, 1, 2]) + found.rounding * np.array(amounts)
                assert (np.array(errors) <= bounds).all()
