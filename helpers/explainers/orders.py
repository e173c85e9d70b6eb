"""Shapley values by sampling: orders of the words in pairs, with error bars, for any black box."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import t

from helpers.data.kinds import whole, wrong_kind
from helpers.explainers.explanation import Explanation
from helpers.games import Game, any_game
from helpers.model.reading import Array, Reading, finite

METHOD = "sampled Shapley value"
PAIRS = 8  # the fewest pairs of orders whose standard errors can be believed
BLOCK = 2**20  # numbers of the masks of one call of the game: 5000 texts of 200 words


def fewest_samples(d: int) -> int:
    """How many evaluations it takes for standard errors of `d` words that can be believed.

    Eight pairs of orders, 2 + 16 (d - 1) evaluations: 95 % intervals hold the value in more than
    four of five runs, also where a word's effect hangs on one heavy word; with more, in 95 %.
    One word and two take 2 and 4, all there are, and nothing is random.
    """
    d = whole("d", d, 1)
    return 2 * d if d <= 2 else 2 + 2 * PAIRS * (d - 1)


def sampled(game: Game | Reading, n: int = 5000, seed: int = 0) -> Explanation:
    """Shapley values from at most `n` evaluations of the game, with a standard error for each word.

    In a random order of the words each is kept in turn, and its effect is what it then adds to f
    (Castro, Gómez and Tejada, 2009). Here every order comes with its reverse, as in shap's
    `PermutationExplainer`, so that a word which comes early in one comes late in the other: a pair
    takes 2 (d - 1) evaluations, beside f(1) and f(0), which all share. A score is the mean over
    the pairs, unbiased; its standard error is their deviation over the root of their number. The
    scores of any run add up to f(1) - f(0), because the steps of an order do; `intercept` is f(0).
    `samples` is the number of evaluations made, the largest for whole pairs that `n` allows.

    `game` is a `Reading` or anything with `labels`, `text` and `value`, such as a `TextGame`;
    `value` is called with masks (rows, d), at most 2^20 numbers or one pair at a time. Without
    interactions of three words or more one pair is exact; for one word and two it always is, and no
    more than one is made. An effect that few orders show is not in the errors before it was seen.
    Raises `ValueError` if `n` is below `fewest_samples`, or the game returns another shape, and
    `TypeError` for what is no game. The same seed gives the same orders on every machine.
    """
    game = any_game(game)
    d = len(game.labels)
    n, fewest = whole("n, of evaluations,", n, 1), fewest_samples(d)
    if n < fewest:
        raise ValueError(
            f"n = {n} evaluations cannot give {d} Shapley values with errors to be believed: give "
            f"n={fewest} or more, {PAIRS if d > 2 else 1} pairs of orders of the words"
        )
    pairs = 1 if d <= 2 else (n - 2) // (2 * (d - 1))
    none, whole_text = _outputs(game, np.array([np.zeros(d), np.ones(d)]))
    draw, size = np.random.default_rng(seed), max(1, BLOCK // (2 * d * d))
    blocks = [min(size, pairs - start) for start in range(0, pairs, size)]
    effects = np.vstack([_effects(game, draw, count, none, whole_text) for count in blocks])
    errors = effects.std(axis=0, ddof=1) / math.sqrt(pairs) if d > 2 else np.zeros(d)
    used = 2 + 2 * pairs * (d - 1)
    return Explanation(
        game.labels, effects.mean(axis=0), f"{METHOD}, n = {used}", game.text,
        intercept=float(none), standard_errors=errors, samples=used,
    )  # fmt: skip


def intervals(explanation: Explanation, level: float = 0.95) -> Array:
    """Confidence intervals (d, 2) of a run of `sampled`: its scores and quantiles of Student's t.

    Few pairs do not know their own deviation well: with the fewest, eight, an interval is 2.36
    standard errors to either side, where many would make it 1.96. Raises as `samples_needed` does.
    """
    pairs = _pairs(explanation)
    if not 0 < level < 1:
        raise ValueError(f"level is a probability between 0 and 1, not {level}")
    reach = float(t.ppf((1 + level) / 2, max(pairs - 1, 1))) * explanation.standard_errors
    return np.column_stack([explanation.scores - reach, explanation.scores + reach])


def samples_needed(explanation: Explanation, share: float = 0.05, power: float = 0.8) -> int:
    """How many evaluations `sampled` needs to tell signs, from the standard errors of one run.

    Told are the signs of all words whose value is at least δ, `share` of the largest score of this
    run: the 95 % interval of a new run excludes zero, on the right side, with probability `power`
    or more. A run of m pairs has standard errors of about τ / sqrt(m), with τ from this run, so
    that m is the smallest number for which, with τ the largest of all words,

        sqrt(m) δ / τ >= t_0.975 + t_power,    quantiles of Student's t with m - 1 degrees,

    and the run has 2 + 2 m (d - 1) evaluations, at least `fewest_samples`.
    Raises `TypeError` for what is no `Explanation`, and `ValueError` if it is no run of `sampled`,
    if no score is clear of zero, or for a share or a power out of range.
    """
    pairs, d = _pairs(explanation), len(explanation.scores)
    if not 0 < share <= 1:
        raise ValueError(
            f"share is a part of the largest score, above 0 and at most 1, not {share}"
        )
    if not 0.5 <= power < 1:
        raise ValueError(f"power is a probability of at least 0.5 and below 1, not {power}")
    low, high = intervals(explanation).T
    if not ((low > 0) | (high < 0)).any():
        raise ValueError(
            f"no score of {explanation.method} is clear of zero: "
            f"call shapley.sampled(game, n={4 * explanation.samples})"
        )
    effect = share * np.abs(explanation.scores).max()
    ratio = explanation.standard_errors.max() * math.sqrt(pairs) / effect
    needed = max(2, math.ceil((ratio * (t.ppf(0.975, np.inf) + t.ppf(power, np.inf))) ** 2))
    while math.sqrt(needed) < ratio * t.ppf([0.975, power], needed - 1).sum():
        needed += 1
    return fewest_samples(d) if d <= 2 else max(fewest_samples(d), 2 + 2 * needed * (d - 1))


def _outputs(game: Game, z: Array) -> Array:
    """The game's outputs on masks (n, d), or a `ValueError` for another shape or a NaN."""
    return finite("the output of the game", game.value(z), (len(z),))


def _effects(
    game: Game, draw: np.random.Generator, count: int, none: float, whole_text: float
) -> Array:
    """Each word's mean effect in a random order and its reverse, for `count` orders: (count, d)."""
    d = len(game.labels)
    place = np.argsort(draw.random((count, d)), axis=1)  # of each word in the order
    first = place[:, None, :] < np.arange(1, d)[:, None]  # the words that come first, 1 to d - 1
    z = np.stack([first, ~first], axis=1).reshape(-1, d).astype(np.float64)
    ends = np.broadcast_to([[none, whole_text], [whole_text, none]], (count, 2, 2))
    inner = _outputs(game, z).reshape(count, 2, d - 1) if d > 1 else np.zeros((count, 2, 0))
    path = np.concatenate([ends[:, :, :1], inner, ends[:, :, 1:]], axis=2)
    step = np.diff(path, axis=2)  # of the reverse, f falls from f(1) to f(0)
    return np.take_along_axis((step[:, 0] - step[:, 1]) / 2, place, axis=1)


def _pairs(explanation: Explanation) -> int:
    """How many pairs of orders a run of `sampled` made; the errors that `samples_needed` raises."""
    if not isinstance(explanation, Explanation):
        raise wrong_kind(
            "a run of sampled Shapley values is wanted", explanation,
            "call shapley.sampled(game, n=5000) first",
        )  # fmt: skip
    if not explanation.method.startswith(METHOD) or explanation.samples is None:
        raise ValueError(
            f"{explanation.method} is no run of sampled Shapley values: "
            "call shapley.sampled(game, n=5000) for one"
        )
    return (explanation.samples - 2) // max(1, 2 * (len(explanation.scores) - 1))
