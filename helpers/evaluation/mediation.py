"""What an intervention on the text does through each head, and through attention or values there.

Natural effects (Pearl, 2001): a mediator takes the state that it has for the other text, while all
else stays. The mediators here are the heads (Vig et al., 2020) and, inside a head, its two parts.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers.data.kinds import wrong_kind
from helpers.evaluation.agreement import Interval, ratio_interval
from helpers.model.reading import Array, Reading, finite, takes_reading


@dataclass(frozen=True)
class Effects:
    """Effects through each head on the output, (K,) or (K, n): three parts that add up in a head.

    `attention` is the effect if only the attention weights change, `values` if only the projected
    values do, `interaction` what both do together beyond that. Each holds the factor 1 / K of the
    mean over heads, so that sums over heads are effects on f.
    """

    attention: Array
    values: Array
    interaction: Array

    @property
    def heads(self) -> Array:
        """Natural indirect effect of each head."""
        return self.attention + self.values + self.interaction

    @property
    def total(self) -> Array:
        """f of the other text less f of this one."""
        return self.heads.sum(axis=0)

    @property
    def direct(self) -> Array:
        """Natural direct effect around each head: the text changes, and this head does not."""
        return self.total - self.heads


@takes_reading
def effects(reading: Reading, other: Reading) -> Effects:
    """Effects (K,) of replacing a text by another one, both read by the same model.

    Raises `TypeError` if `other` is no `Reading`, `ValueError` if it has other weights or T_max.
    """
    if not isinstance(other, Reading):
        raise wrong_kind("other is a Reading", other, "call classifier.read(other_text)")
    same = all(np.array_equal(x, getattr(other.heads, n)) for n, x in vars(reading.heads).items())
    if not same or other.values.shape != reading.values.shape:
        raise ValueError("two readings of one model are wanted: call classifier.read for both")
    moved, changed = other.attention - reading.attention, other.values - reading.values
    pairs = (moved, reading.values), (reading.attention, changed), (moved, changed)
    return Effects(*((weights * values).sum(axis=1) / len(moved) for weights, values in pairs))


@takes_reading
def masked_tokens(reading: Reading) -> Effects:
    """Effects (K, T - 1) of masking each token of the text but [CLS], in closed form, O(K T).

    With δ = α'_t - α_t, what the token's attention changes by: δ (u_t - f_i) / (1 - α_t) through
    attention, α_t (h_t - u_t) through the value, δ (h_t - u_t) for both; h_t is the mask's value.
    """
    text = slice(1, reading.length)
    alpha, u, h = (x[:, text] for x in (reading.attention, reading.values, reading.masked_values))
    gained = np.exp(reading.masked_logits - reading.logits)[:, text]  # weight of the mask over own
    change = alpha * (1 - alpha) * (gained - 1) / (1 - alpha + alpha * gained)
    to_others = change * (u - reading.head_outputs[:, None]) / (1 - alpha)
    return Effects(*(x / len(u) for x in (to_others, alpha * (h - u), change * (h - u))))


def importances(outputs: Array) -> dict[str, Array]:
    """Mean square effect (K,) on f of ablating a head, from the heads' outputs (n, K).

    The head's output becomes zero; or its mean over the n documents; or that for one of them drawn
    at random, itself included. Effects on one document differ by a constant of the head.
    """
    outputs = finite("outputs", outputs, (None, None))
    spread, mean = outputs.var(axis=0), outputs.mean(axis=0)
    squares = {"zero": spread + mean**2, "mean": spread, "resample": 2 * spread}
    return {name: value / outputs.shape[1] ** 2 for name, value in squares.items()}


def shares(parts: Array) -> Array:
    """Σ parts·total / Σ total² over n interventions, for parts (n, m) that add up to the total.

    The shares (m,) add up to one; a part may have more than one, or less than zero.
    """
    parts = finite("parts", parts, (None, None))
    total = parts.sum(axis=1)
    return total @ parts / (total @ total)


def share_intervals(parts: Array, documents: Array) -> list[Interval]:
    """`shares` of parts (n, m) with intervals; their `documents` (n,) are drawn anew."""
    parts = finite("parts", parts, (None, None))
    total, (_, place) = parts.sum(axis=1), np.unique(documents, return_inverse=True)
    whole = np.bincount(place, total**2)
    return [ratio_interval(np.bincount(place, total * part), whole) for part in parts.T]


def best_heads(parts: Array) -> Sequence[tuple[tuple[int, ...], float]]:
    """For 1, …, K heads, those whose effects alone come closest to the totals, of parts (n, K).

    With them the share of Σ total² that they reproduce; the first choice wins a tie.
    """
    parts = finite("parts", parts, (None, None))
    total, found = parts.sum(axis=1), []
    for size in range(1, parts.shape[1] + 1):
        left = {
            chosen: float(((total - parts[:, chosen].sum(axis=1)) ** 2).sum() / (total @ total))
            for chosen in itertools.combinations(range(parts.shape[1]), size)
        }
        best = min(left, key=lambda chosen: round(left[chosen], 9))
        found.append((best, 1 - left[best]))
    return found
