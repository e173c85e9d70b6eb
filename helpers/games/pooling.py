"""The game of a bag of instances under attention pooling, as in multiple-instance learning."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helpers.games.game import PerturbationGame
from helpers.model.reading import Array, finite


def pooling_game(
    logits: Array, values: Array, *, empty: float, labels: Sequence[str] | None = None
) -> PerturbationGame:
    """f = Σ_t softmax(l)_t u_t over the instances that are kept: Ilse, Tomczak, Welling (2018).

    `logits` l and `values` u are (d,), one number for each instance, or (K, d) for the mean of K
    heads. An instance that is masked leaves the softmax. `empty` is the output for the bag without
    instances, in the unit of `values`: softmax does not define it, so you say it. Shapley values
    add up to f - `empty`; changing `empty` moves all Shapley values, or all LIME coefficients, by
    one amount, so that it ranks no instance above another. `labels` are d names.

    Raises `ValueError` for wrong shapes, an empty bag, NaN, and logits of a head that are more than
    600 apart: float64 cannot weigh the smaller of two such instances beside the larger.
    """
    logits = np.atleast_2d(np.asarray(logits, dtype=np.float64))
    logits = finite("logits", logits, (None, None))
    values = finite("values", np.atleast_2d(np.asarray(values, dtype=np.float64)), logits.shape)
    K, d = logits.shape
    names = tuple(f"instance {t}" for t in range(1, d + 1)) if labels is None else tuple(labels)
    if len(names) != d or d == 0:
        raise ValueError(f"{len(names)} labels for a bag of {d} instances; it needs at least one")
    if np.ptp(logits, axis=1).max() > 600:
        raise ValueError(
            "logits of one bag are more than 600 apart: too far for float64; "
            "divide all logits by a temperature, or leave it out"
        )
    empty = float(finite("empty", empty, ()))
    weights, nothing = np.exp(logits - logits.max(axis=1, keepdims=True)), np.zeros((K, d))
    return PerturbationGame(
        names,
        names,
        kept_weight=weights,
        kept_value=weights * (values - empty),
        masked_weight=nothing,
        masked_value=nothing,
        rest_weight=np.zeros(K),
        rest_value=np.zeros(K),
        offset=empty,
    )
