"""Deletion and insertion by all methods at once: what the runner needs of them in little time.

`helpers.evaluation.faithfulness` has the same one order at a time, and the whole floor. Of a black
box curves are exact, too, as its outputs for masked texts, but chance is a mean of random orders.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from helpers.evaluation import faithfulness
from helpers.explainers.methods import Method
from helpers.explainers.shapley import legendre
from helpers.games import Game, PerturbationGame
from helpers.games.expectations import averages
from helpers.games.game import ratio
from helpers.model.reading import Array

ORDERS = 16  # random orders of the words, of which chance is the mean for a black box


def measured(game: Game, chosen: Sequence[Method], scores: Array) -> dict[str, Array]:
    """Areas of deletion and insertion, beyond chance, and ERASER's measures, (M,) each.

    `scores` (M, d) rank the words, the most supportive first. An area is the mean over 0, …, d
    words of f towards the predicted class, a logit; a gain is how much lower (deletion) or higher
    (insertion) it is than by chance.
    """
    exact = isinstance(game, PerturbationGame)
    f = float(game.value(np.ones((1, len(game.labels))))[0])
    ranked = [faithfulness.ranking(row, m.signed, f) for m, row in zip(chosen, scores)]
    without, only = np.copysign(1.0, f) * (curves if exact else asked)(game, np.array(ranked))
    level, error = (chance_area(game), None) if exact else sampled_chance(game)
    chance = np.copysign(1.0, f) * level
    deletion, insertion = without.mean(axis=1), only.mean(axis=1)
    places = counts(faithfulness.ERASER_BINS, len(game.labels))
    sure, left, kept = (1 / (1 + np.exp(-x)) for x in (abs(f), without[:, places], only[:, places]))
    return {
        "deletion": deletion,
        "insertion": insertion,
        "deletion_gain": chance - deletion,
        "insertion_gain": insertion - chance,
        "comprehensiveness": sure - left.mean(axis=1),
        "sufficiency": sure - kept.mean(axis=1),
    } | ({} if exact else {"chance_error": np.full(len(chosen), error)})


def curves(game: PerturbationGame, orders: Array) -> Array:
    """f (2, M, d + 1) with the first 0, …, d words of `orders` (M, d) masked, and with only these.

    Sums over words are added up along the orders: O(K M d).
    """
    found = []
    for first, rest in (("masked", "kept"), ("kept", "masked")):
        N, D = (
            _before(getattr(game, f"{first}_{kind}")[:, orders])
            + _before(getattr(game, f"{rest}_{kind}")[:, orders[:, ::-1]])[:, :, ::-1]
            + getattr(game, f"rest_{kind}")[:, None, None]
            for kind in ("value", "weight")
        )
        found.append(game.offset + ratio(N, D).mean(axis=0))
    return np.array(found)


def chance_area(game: PerturbationGame) -> float:
    """The mean of the floor over 0, …, d masked words: ∫ E_p[f] dp over p from 0 to 1, exactly.

    If p is uniform, so is the number of words that are kept with probability p each; and E_p[f] is
    a polynomial of degree d in p. O(K U d²).
    """
    p, w = legendre(math.ceil((len(game.labels) + 1) / 2))
    return float(w @ averages(game, p).value)


def asked(game: Game, orders: Array) -> Array:
    """The same curves (2, M, d + 1) of any game, by its outputs for 2 M (d + 1) masks."""
    M, d = orders.shape
    place = np.argsort(orders, axis=1)[:, None]  # of each word in its order, (M, 1, d)
    only = place < np.arange(d + 1)[:, None]
    masks = np.array([~only, only], dtype=np.float64)
    return game.value(masks.reshape(-1, d)).reshape(2, M, d + 1)


def sampled_chance(game: Game) -> tuple[float, float]:
    """`chance_area` of any game by `ORDERS` random orders of the words, and its standard error.

    Each order is masked and put back, which is a pair of opposite orders. They are drawn by the
    text: what two documents miss chance by is independent.
    """
    draw = np.random.default_rng(list(" ".join(game.text).encode()))
    orders = draw.permuted(np.tile(np.arange(len(game.labels)), (ORDERS, 1)), axis=1)
    areas = asked(game, orders).mean(axis=(0, 2))
    return float(areas.mean()), float(areas.std(ddof=1) / math.sqrt(ORDERS))


def counts(shares: Sequence[float], d: int) -> list[int]:
    """How many of `d` words `shares` of them are, rounded up as ERASER does: at least one."""
    return [max(1, math.ceil(share * d - 1e-9)) for share in shares]


def _before(parts: Array) -> Array:
    """Sums of the first 0, …, d of the last axis: (K, M, d) gives (K, M, d + 1)."""
    return np.concatenate([np.zeros((*parts.shape[:2], 1)), parts.cumsum(axis=2)], axis=2)
