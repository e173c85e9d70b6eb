"""The statements on one curve per word, checked against polynomials from all masks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from mpmath import mp, mpf
from numpy.polynomial import Polynomial

from helpers.checks import oracles
from helpers.checks.base import deviation, largest, statement
from helpers.evaluation import curves
from helpers.explainers import occlusion, shapley
from helpers.games import PerturbationGame
from helpers.games.expectations import averages
from helpers.model.reading import Array

OURS = "this book"
LIME_WEIGHT = 6 * Polynomial([0, 1, -1])


def polynomials(game: PerturbationGame) -> list[Polynomial]:
    """m_j of each word, with coefficients from all 2^d masks: Σ_S p^|S| (1 - p)^(d - 1 - |S|) Δ_j.

    Sums are taken in 50 digits, because the coefficients of powers of p alternate.
    """
    with mp.workdps(50):
        values = oracles.outputs(game)
        d = len(game.labels)
        steps = [[mpf(0)] * d for _ in range(d)]  # of each word, by the number of others kept
        for z, f in values.items():
            for j in range(d):
                steps[j][sum(z) - z[j]] += (2 * z[j] - 1) * f
        found = []
        for by_size in steps:
            powers = [mpf(0)] * d
            for s, step in enumerate(by_size):
                for k in range(d - s):
                    powers[s + k] += step * (-1) ** k * mp.binomial(d - 1 - s, k)
            found.append(Polynomial([float(x) for x in powers]))
        return found


def integral(curve: Polynomial, weight: Polynomial | float = 1.0) -> float:
    """∫_0^1 weight(p) curve(p) dp."""
    return float((curve * weight).integ()(1.0))


def lime_weight(p: Array) -> Array:
    """6 p (1 - p): where LIME without a bandwidth looks."""
    return 6 * p * (1 - p)


def named(game: PerturbationGame) -> dict[str, Array]:
    """Scores of five methods, (d,) each, as `helpers` computes them, by the place where they look.

    For LIME it is the average that orders words as LIME without a bandwidth does.
    """
    return {
        "added first": occlusion.added_first(game).scores,
        "Banzhaf": occlusion.banzhaf(game).scores,
        "Shapley": shapley.exact(game).scores,
        "LIME, ν = ∞": curves.average(game, lime_weight, degree=2),
        "leave-one-out": occlusion.leave_one_out(game).scores,
    }


@statement("thm-one-curve", "methods are points and averages of one curve", "Owen (1972)", 1e-11)
def one_curve(game: PerturbationGame, formula: Callable = named) -> float:
    """Scores of `formula` against values and integrals of the polynomials m_j, for d up to 8.

    Also their sum: Σ_j m_j is the derivative of E_p[f], so that its integral is f(1) - f(0).
    """
    m = polynomials(game)
    truth = {
        "added first": [curve(0.0) for curve in m],
        "leave-one-out": [curve(1.0) for curve in m],
        "Banzhaf": [curve(0.5) for curve in m],
        "Shapley": [integral(curve) for curve in m],
        "LIME, ν = ∞": [integral(curve, LIME_WEIGHT) for curve in m],
    }
    found = formula(game)
    gain = float(np.diff(game.value(np.array([[0.0], [1.0]]) * np.ones(len(m))))[0])
    total = abs(sum(map(integral, m)) - gain)
    return largest(total, *(deviation(found[name], np.array(truth[name])) for name in truth))


def sampled_crossing(game: PerturbationGame, first: int, second: int) -> bool:
    """Whether two words' curves cross, as the chapter finds it: from 33 points."""
    found = shapley.curve(game, points(33))
    return bool(curves.crossing(found, np.array([first]), np.array([second]))[0])


def points(count: int) -> Array:
    """That many p from 0 to 1, denser at the ends, where curves bend most."""
    found = (1 - np.cos(np.linspace(0, np.pi, count))) / 2
    found[-1] = 1.0
    return found


@statement(
    "thm-crossing", "all averages order two words alike if their curves do not cross", OURS, 0.0
)
def crossings(game: PerturbationGame, formula: Callable = sampled_crossing) -> float:
    """How many pairs of words and averages contradict what `formula` says of the curves.

    By the real roots of the difference of two polynomials. Where `formula` says no, averages under
    200 random weights must have one sign; where it says yes, there must be two points that differ.
    """
    draw, m, wrong = np.random.default_rng(0), polynomials(game), 0
    p = draw.uniform(size=(200, 3))
    shares = draw.dirichlet(np.ones(3), size=200)
    for j in range(len(m)):
        for k in range(j):
            gap = m[j] - m[k]
            roots = gap.roots()
            real = roots.real[(np.abs(roots.imag) < 1e-12) & (roots.real > 0) & (roots.real < 1)]
            ends = np.sort(np.r_[0.0, real, 1.0])
            between = np.sign(gap((ends[1:] + ends[:-1]) / 2))
            averaged = np.sign((shares * gap(p)).sum(axis=1))
            if formula(game, j, k):
                wrong += len(set(between)) == 1
            else:
                wrong += len({*between, *averaged}) > 1
    return float(wrong)


def whole_text_never_drawn(game: PerturbationGame) -> Array:
    """∫ 6 p (1 - p) m_j dp less 6 e / (d (d - 1)), e the residual of f at the text, (d,)."""
    d, ones = len(game.labels), np.ones(len(game.labels))
    scores = curves.average(game, lime_weight, degree=2)
    p, w = shapley.legendre(d + 1)
    mean = float(w @ averages(game, p).value)
    residual = float(game.value(ones)) - mean - scores.sum() / 2
    return scores - 6 * residual / (d * (d - 1))


@statement("thm-lime-average", "LIME is an average of the curve and one shift", OURS, 1e-11)
def lime_average(game: PerturbationGame, formula: Callable = whole_text_never_drawn) -> float:
    """`formula` against least squares on all masks, d >= 2, under the law that LIME draws from.

    Also with the whole text as likely as any other size: the average itself, no shift.
    """
    d, m = len(game.labels), polynomials(game)
    with mp.workdps(50):
        values = oracles.outputs(game)
        drawn = oracles.least_squares(values, [mpf(1)] * d + [mpf(0)])
        level = oracles.least_squares(values, [mpf(1)] * (d + 1))
    plain = np.array([integral(curve, LIME_WEIGHT) for curve in m])
    return largest(deviation(formula(game), drawn), deviation(plain, level))


@statement("thm-agreement", "curves are within bounds of a level and a line", OURS, 1.0, "of them")
def agreement(
    game: PerturbationGame,
    p: Sequence[float] = (0.0, 0.1, 0.5, 0.9, 1.0),
    formula: Callable = curves.flatness,
) -> float:
    """The largest distance of a curve from its level and its line, as a share of the bounds.

    The curves come from all masks. What rounding can add, 1e-13 of the largest |f| and of
    the bound, which is larger where masks outweigh words, is taken off.
    """
    found, at = formula(game), np.array(p)
    m = np.array([curve(at) for curve in polynomials(game)])
    line = found.end[:, None] + (found.start - found.end)[:, None] * (1 - at)
    size = float(game.value_bound.mean())
    shares = [
        np.maximum(np.abs(m - middle) - 1e-13 * (size + bound), 0.0)
        / np.maximum(bound, 1e-13 * size)
        for middle, bound in (
            (found.level[:, None], found.from_level[:, None]),
            (line, found.from_line[:, None]),
        )
    ]
    return largest(*(share.max() for share in shares))
