"""The statements on robustness, each against something that shares no code with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from helpers.checks import oracles
from helpers.checks.base import largest, statement
from helpers.evaluation import rewording, robustness
from helpers.games import PerturbationGame
from helpers.model.reading import Array, Reading

OURS = "this book"


def parabolas(x: Sequence[float], y: Array) -> float:
    """The area under the parabolas through points 0, 1, 2, then 2, 3, 4, and so on."""
    total = 0.0
    for k in range(0, len(x) - 2, 2):
        curve = np.polynomial.Polynomial.fit(x[k : k + 3], y[k : k + 3], 2).integ()
        total += curve(x[k + 2]) - curve(x[k])
    return total


@statement(
    "prop-shared-scale",
    "a shared scale moves all areas by one line, and never their order",
    "this book, on the metric of Wei et al. (2024)",
    1e-12,
)
def shared_scale(
    curves: Mapping[str, Array],
    more: Mapping[str, Array],
    formula: Callable = robustness.scaled_areas,
) -> float:
    """`formula` with and without `more` competitors: (area - 0.95 low) / (high - low) each time.

    Areas are taken by parabolas one at a time. Infinite if the order of two methods changes.
    """
    errors = []
    for shown in (curves, {**curves, **more}):
        every = np.concatenate([*shown.values()])
        low, high = min(every.tolist()), max(every.tolist())
        found = formula(shown)
        for name, curve in shown.items():
            area = parabolas(robustness.SHARES, curve)
            errors.append(abs(found[name] - (area - 0.95 * low) / (high - low)))
    before, after = ([area(x) for x in curves] for area in (formula(curves).get, found.get))
    errors.append(0.0 if np.argsort(before).tolist() == np.argsort(after).tolist() else np.inf)
    return largest(*errors)


@statement("prop-floor-area", "one integral is the mean over all orders of masking", OURS, 1e-9)
def floor_area(game: PerturbationGame, formula: Callable = robustness.floor_area) -> float:
    """`formula` against the mean over sizes of the mean over all masks of that size, per |f|."""
    z = oracles.every_mask(len(game.labels))
    f, size = game.value(z), z.sum(axis=1)
    truth = np.mean([f[size == m].mean() for m in range(len(game.labels) + 1)])
    return abs(formula(game) - truth) / float(game.value_bound.mean())


def silenced(reading: Reading, gone: Array) -> Reading:
    """The document with [UNK] at the tokens `gone` (T_max,), in place."""
    there = np.where(gone[:, None], reading.masked_embeddings, reading.embeddings)
    return replace(reading, embeddings=there)


def lost_mass(reading: Reading, gone: Array) -> Array:
    """1 / (1 - δ) of each head, δ the mass of the tokens `gone` less that of what replaces them."""
    ratio = np.exp(reading.masked_logits - reading.logits)
    delta = (reading.attention * (1 - ratio))[:, gone].sum(axis=1)
    return 1 / (1 - delta)


@statement("thm-dropped-attention", "what stays gains one factor in each head", OURS, 1e-11)
def dropped_attention(
    reading: Reading, gone: Array, formula: Callable[[Reading, Array], Array] = lost_mass
) -> float:
    """Attention of the tokens that stay, of all T x T weights, over what it was, and the order.

    Infinite if two tokens swap in α-avg although their ratio is beyond that of two heads' factors.
    """
    rows = [oracles.attention_rows(x)[:, 0, ~gone] for x in (reading, silenced(reading, gone))]
    factor = formula(reading, gone)
    before, after = (row.mean(axis=0) for row in rows)
    limit = factor.max() / factor.min() * (1 + 1e-9)
    far = before[:, None] > limit * before
    swapped = (far & (after[:, None] <= after)).any()
    apart = np.abs(rows[1] / (rows[0] * factor[:, None]) - 1).max()
    return largest(apart, np.inf if swapped else 0.0)


@statement(
    "thm-dropped-shapley",
    "values of the words that stay move by less than the masses say",
    OURS,
    1 + 1e-9,
    unit="of the bound",
)
def dropped_shapley(
    game: PerturbationGame,
    gone: Array,
    formula: Callable[[PerturbationGame, Array, float], Array] = rewording.reach,
) -> float:
    """Moves of Shapley, Banzhaf and leave-one-out values by all masks, as shares of `formula`."""
    rest, shares = rewording.without(game, gone), []
    for values, chance in ((oracles.shapley, 0.5), (banzhaf, 0.5), (oracles.leave_one_out, 1.0)):
        moved = np.abs(values(game)[~gone] - values(rest))
        shares.append((moved / (formula(game, gone, chance) + 1e-12)).max())
    return largest(*shares)


def banzhaf(game: PerturbationGame) -> Array:
    """The mean of f with a word less the mean without, over all masks, (d,)."""
    z = oracles.every_mask(len(game.labels))
    f = game.value(z)
    return np.array([f[word == 1].mean() - f[word == 0].mean() for word in z.T])


@statement("prop-temperature", "a temperature leaves the drop of the logit as it was", OURS, 1e-12)
def temperature(
    games: Sequence[PerturbationGame],
    relevances: Sequence[Array],
    T: float,
    formula: Callable = robustness.drops,
) -> float:
    """Drops of the logit with all values divided by T, against those without. Also the order.

    Infinite if, in one document, the order of the drops of the probability changes with T.
    """
    names = ("kept_value", "masked_value", "rest_value")
    cooler = [replace(g, **{name: getattr(g, name) / T for name in names}) for g in games]
    before, after = (formula(x, relevances, None).top for x in (games, cooler))
    plain, other = (formula(games, relevances, t).top for t in (1.0, T))
    swaps = np.diff(plain, axis=0) * np.diff(other, axis=0) < -1e-12
    return largest(np.abs(before - after).max(), np.inf if swaps.any() else 0.0)
