"""Where the gap between LIME, as the paper's code runs it, and the paper's formula comes from."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np

from helpers.explainers import lime
from helpers.explainers.explanation import Explanation
from helpers.games import word_game
from helpers.games.deletion import deletion_game
from helpers.model.reading import Array, Reading, takes_reading

CAUSES = ("constant 3/2", "attention × value", "deletion", "ridge", "first row", "sampling")


@dataclass(frozen=True)
class Gap:
    """The paper's rule less the mean of some runs of LIME, as a sum of one vector for each cause.

    `steps` (5, d) are the first five of `CAUSES`; `run` (d,) is what the runs give on average, and
    `variances` (d,) are those of their mean. `doubt` is what sampling adds, on average, to the
    squared length of the third step.
    """

    labels: tuple[str, ...]
    steps: Array
    run: Array
    variances: Array
    doubt: float

    @property
    def noise(self) -> float:
        """E of the squared distance of the mean of the runs from `run`."""
        return float(self.variances.sum())

    @property
    def squared(self) -> float:
        """E |gap|², over the draws of the runs."""
        return float((self.steps.sum(axis=0) ** 2).sum()) - self.doubt + self.noise

    @property
    def shares(self) -> Array:
        """The share of each of `CAUSES` in E |gap|², (6,): they add up to one."""
        parts = np.append(shares_of(self.steps), self.noise)
        parts[CAUSES.index("deletion")] -= self.doubt
        return parts / self.squared


def shares_of(steps: Array) -> Array:
    """⟨s_k, s⟩ for steps s_k (m, d) of sum s: Shapley values of the game |Σ_{k in A} s_k|²."""
    return steps @ steps.sum(axis=0)


def expected_run(
    limit: Explanation, text: float, n: int = 5000, alpha: float = 1.0
) -> tuple[Array, float]:
    """What `n` rows and a penalty make of LIME's limit: shifts by the penalty, (d,), and by row 0.

    `text` is f(1), the output on row 0, which is the text and not drawn; that row moves all words
    by one number. Exact if the other n - 1 rows have their expected moments; d >= 2.
    """
    ridge, d, N = lime.ridge_shift(limit.scores, n - 1, alpha), len(limit.scores), n - 1
    zero, one, two = (N * x for x in lime.moments(d))
    own = one + (d - 1) * two + alpha
    det = zero * own - d * one**2
    start, each = (own - d * one) / det, (zero - one) / det
    pulled = limit.scores.sum() + ridge.sum()
    line = limit.intercept - one / zero * ridge.sum() + pulled  # of the penalised fit, at the text
    return ridge, each * (text - line) / (1 + start + d * each)


def law(d: int, draws: int, seed: int) -> tuple[Array, Array]:
    """LIME's masks (n, d) and their probabilities (n,): all 2^d, or `draws` of them if fewer."""
    if 2**d > draws:
        z = lime.draw_masks(d, draws + 1, seed)[1:]
        return z, np.full(draws, 1 / draws)
    z = (np.arange(2**d)[:, None] >> np.arange(d) & 1).astype(np.float64)
    chance = np.array([*(1 / (d * comb(d, m)) for m in range(d)), 0.0])
    return z, chance[z.sum(axis=1).astype(int)]


def line(z: Array, f: Array, chance: Array) -> tuple[Array, Array]:
    """LIME's line through f (n,) on masks (n, d) with probabilities `chance`: (d + 1,), and n times
    the covariance of a run of n masks, (d + 1, d + 1), by White's sandwich.
    """
    x, weight = np.column_stack([np.ones(len(z)), z]), lime.kernel(z, lime.BANDWIDTH)
    inverse = np.linalg.inv(x.T @ ((chance * weight)[:, None] * x))
    beta = inverse @ (x.T @ (chance * weight * f))
    spread = (x * (chance * (weight * (f - x @ beta)) ** 2)[:, None]).T @ x
    return beta, inverse @ spread @ inverse


@takes_reading
def released_gap(
    reading: Reading, n: int = 5000, runs: int = 5, draws: int = 20_000, seed: int = 0
) -> Gap:
    """The gap of one document of at least three words, as the released code of the paper has it.

    That is 3/2 attention times value less the mean of `runs` runs of the `lime` package with `n`
    rows, deletion and penalty 1. LIME of masking in place is exact; LIME of deletion is its limit
    plus LIME of the difference of the two games, from all masks if these are at most `draws`.
    Raises `ValueError` for fewer than three words.
    """
    game, deleted = word_game(reading), deletion_game(reading)
    d = len(game.labels)
    if d < 3:
        raise ValueError(f"the gap is for texts of at least three different words, not {d}")
    exact, rule = lime.exact(game), lime.paper_approximation(game).scores
    z, chance = law(d, draws, seed)
    outputs = deleted.value(z)
    moved, moved_spread = line(z, outputs - game.value(z), chance)
    limit = Explanation(
        game.labels, exact.scores + moved[1:], "LIME of deletion", game.text, 0.0,
        exact.intercept + moved[0],
    )  # fmt: skip
    _, spread = line(z, outputs, chance)
    ridge, first = expected_run(limit, reading.output, n)
    best = (rule @ exact.scores) / (rule @ rule) * rule
    steps = np.array([rule - best, best - exact.scores, -moved[1:], -ridge, -first * np.ones(d)])
    doubt = float(np.trace(moved_spread[1:, 1:])) / draws if 2**d > draws else 0.0
    variances = np.diag(spread)[1:] / (n - 1) / runs
    return Gap(game.labels, steps, rule - steps.sum(axis=0), variances, doubt)
