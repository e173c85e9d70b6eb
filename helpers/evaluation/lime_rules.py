"""The rules for LIME's coefficients side by side, and how far each is from exact LIME."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np

from helpers.explainers import lime
from helpers.games import PerturbationGame
from helpers.model.reading import Array


def permuted(game: PerturbationGame, exact: Array) -> Array:
    """The null: `exact` on the wrong words, in an order that the text alone decides."""
    return np.random.default_rng(zlib.crc32(" ".join(game.text).encode())).permutation(exact)


def uncentred(game: PerturbationGame) -> Array:
    """Attention times value with the constant c(r) of each head, (d,)."""
    constant = lime.large_d_constant(game.surviving_mass, lime.BANDWIDTH)
    return lime.paper_approximation(game, constant).scores


def at_the_text(game: PerturbationGame) -> Array:
    """3/2 of attention times value, both terms at D(1): 3/2 mean_i b_j / D_i(1), (d,)."""
    full = game.kept_weight.sum(axis=1) + game.rest_weight
    return 1.5 * (game.b / full[:, None]).mean(axis=0)


def fitted(scores: Array, exact: Array, shift: bool) -> Array:
    """The multiple of `scores` that is nearest to `exact`; with `shift`, plus a constant."""
    columns = np.column_stack([scores, np.ones(len(scores))] if shift else [scores])
    return columns @ np.linalg.lstsq(columns, exact, rcond=None)[0]


RULES: dict[str, Callable[[PerturbationGame, Array], Array]] = {
    "1": lambda game, _: lime.paper_approximation(game, 1.0).scores,
    "3/2 (paper)": lambda game, _: lime.paper_approximation(game).scores,
    "3/2, [UNK] at D(1)": lambda game, _: at_the_text(game),
    "c(r)": lambda game, _: uncentred(game),
    "best constant, shift": lambda game, exact: fitted(
        lime.paper_approximation(game, 1.0).scores, exact, shift=True
    ),
    "centred 3/2": lambda game, _: lime.centred_rule(game, 1.5).scores,
    "centred c(r)": lambda game, _: lime.centred_rule(game).scores,
    "centred, best constant": lambda game, exact: fitted(
        lime.centred_rule(game, 1.0).scores, exact, shift=False
    ),
    "mean field": lambda game, _: lime.mean_field(game).scores,
    "mean field, own word exact": lambda game, _: lime.mean_field(game, leave_one_out=True).scores,
    "null: wrong words": permuted,
}


def distance(scores: Array, exact: Array) -> float:
    """|scores - exact| / |exact| in the Euclidean norm: the relative error of a rule."""
    return float(np.linalg.norm(scores - exact) / np.linalg.norm(exact))


def one_head(game: PerturbationGame, i: int) -> PerturbationGame:
    """The game of head i alone."""
    arrays = {f.name: getattr(game, f.name) for f in fields(game)}
    return replace(
        game, **{k: v[i : i + 1] for k, v in arrays.items() if isinstance(v, np.ndarray)}
    )
