"""The perturbation game of a document: which words are kept, and which are masked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from helpers.data.kinds import instead
from helpers.data.words import tokenize
from helpers.model.reading import Array, Reading, finite


def masks(z: Array, d: int) -> Array:
    """`z` as float64 masks (..., d) of zeros (masked) and ones (kept), or a `ValueError`."""
    try:
        z = np.asarray(z, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("masks are numbers, zeros and ones, in rows of one length") from None
    if z.shape[-1:] != (d,):
        raise ValueError(f"masks have shape (..., {d}), one entry for each label; got {z.shape}")
    if not ((z == 0) | (z == 1)).all():
        wrong = z[(z != 0) & (z != 1)][0]
        raise ValueError(f"masks are zeros (masked) and ones (kept); got an entry {wrong}")
    return z


def ratio(N: Array, D: Array) -> Array:
    """N / D, and 0 where D is 0: what a bag without instances adds to an output."""
    return np.divide(N, D, out=np.zeros_like(N), where=D > 0)


@runtime_checkable
class Game(Protocol):
    """What sampling needs of a game: `PerturbationGame` and `TextGame` have it, or one of yours.

    `value` takes masks (n, d), 1 for kept and 0 for masked, a column for each of the `labels`, and
    returns n numbers; `text` is the document's words in order, for showing it.
    """

    labels: tuple[str, ...]
    text: tuple[str, ...]

    def value(self, z: Array) -> Array: ...


@dataclass(frozen=True)
class PerturbationGame:
    """f(z) = offset + mean_i N_i(z) / D_i(z) for z in {0, 1}^d, N and D additive over features.

    For head i and feature j, `kept_weight` (K, d) is Σ g_t and `kept_value` Σ g_t u_t over the
    feature's positions; `masked_weight` and `masked_value` are the same with ``[UNK]`` there.
    `rest_weight` and `rest_value` (K,) are of [CLS] and the padding. Weights must not be negative
    and D must be positive: `ValueError` otherwise. A common factor of a head's six arrays changes
    nothing. Only the games of `pooling_game` have an `offset`, and D(0) = N(0) = 0 with 0 / 0 = 0.
    """

    labels: tuple[str, ...]
    text: tuple[str, ...]
    kept_weight: Array
    kept_value: Array
    masked_weight: Array
    masked_value: Array
    rest_weight: Array
    rest_value: Array
    offset: float = 0.0

    def __post_init__(self) -> None:
        K, d = finite("kept_weight", self.kept_weight, (None, len(self.labels))).shape
        if d == 0:
            raise ValueError("a game needs at least one feature: the text has no word to mask")
        for name in ("kept_weight", "kept_value", "masked_weight", "masked_value"):
            object.__setattr__(self, name, finite(name, getattr(self, name), (K, d)))
        for name in ("rest_weight", "rest_value"):
            object.__setattr__(self, name, finite(name, getattr(self, name), (K,)))
        if min(self.kept_weight.min(), self.masked_weight.min(), self.rest_weight.min()) < 0:
            raise ValueError("attention weights must not be negative")
        others = np.abs(np.column_stack([self.masked_value, self.rest_value])).sum(axis=1)
        if self.bounds[0].min() <= 0 or others[self.pools].any():
            raise ValueError("D(z) is zero for some mask: a head needs a positive weight there")
        object.__setattr__(self, "offset", float(finite("offset", self.offset, ())))

    @property
    def pools(self) -> Array:
        """Whether nothing but the kept features weighs in a head, so that D(0) = 0, (K,)."""
        return self.masked_weight.sum(axis=1) + self.rest_weight == 0

    @property
    def bounds(self) -> tuple[Array, Array]:
        """D_min and D_max of each head over all masks with D(z) > 0, two arrays (K,)."""
        low = np.minimum(self.kept_weight, self.masked_weight).sum(axis=1)
        high = np.maximum(self.kept_weight, self.masked_weight).sum(axis=1)
        low = np.where(self.pools, self.kept_weight.min(axis=1), self.rest_weight + low)
        return low, self.rest_weight + high

    @property
    def value_bound(self) -> Array:
        """A number that no |offset + N_i / D_i| exceeds, (K,): a head's output averages values."""
        weight = np.column_stack([self.kept_weight, self.masked_weight, self.rest_weight])
        value = np.abs(np.column_stack([self.kept_value, self.masked_value, self.rest_value]))
        most = np.maximum(np.abs(self.kept_value), np.abs(self.masked_value)).sum(axis=1)
        total = (most + np.abs(self.rest_value)) / self.bounds[0]
        none = np.where(value > 0, np.inf, 0.0)  # a value without a weight is not averaged
        ratios = np.divide(value, weight, out=none, where=weight > 0)
        return abs(self.offset) + np.minimum(ratios.max(axis=1), total)

    @property
    def a(self) -> Array:
        """a_j, what keeping word j adds to D, (K, d)."""
        return self.kept_weight - self.masked_weight

    @property
    def b(self) -> Array:
        """b_j, what keeping word j adds to N, (K, d)."""
        return self.kept_value - self.masked_value

    @property
    def surviving_mass(self) -> Array:
        """r = D(0) / D(1), (K,): the share of attention mass that survives masking every word."""
        empty = self.masked_weight.sum(axis=1) + self.rest_weight
        return empty / (self.kept_weight.sum(axis=1) + self.rest_weight)

    def head_values(self, z: Array) -> Array:
        """N_i(z) / D_i(z) of each head: masks (..., d), 1 for kept, 0 for masked, give (..., K)."""
        z = masks(z, len(self.labels))
        D = z @ self.kept_weight.T + (1 - z) @ self.masked_weight.T + self.rest_weight
        return ratio(z @ self.kept_value.T + (1 - z) @ self.masked_value.T + self.rest_value, D)

    def value(self, z: Array) -> Array:
        """f(z), a logit: masks (..., d) give (...)."""
        return self.offset + self.head_values(z).mean(axis=-1)


@dataclass(frozen=True)
class TextGame:
    """Any black box as a game: `value` makes the perturbed texts and asks `predict` for outputs."""

    predict: Callable[[Sequence[str]], Array]
    labels: tuple[str, ...]
    text: tuple[str, ...]
    mask: str | None

    def perturbed(self, z: Array) -> list[str]:
        """The texts of masks (n, d): masked words replaced by `mask`, or deleted if it is None."""
        place = {label: i for i, label in enumerate(self.labels)}
        z = masks(z, len(self.labels))
        if z.ndim != 2:
            raise ValueError(f"a text game takes masks (n, {len(self.labels)}); got {z.shape}")
        columns = z[:, [place[word] for word in self.text]] == 1
        gap = [] if self.mask is None else [self.mask]
        return [
            " ".join(w for word, k in zip(self.text, row) for w in ([word] if k else gap))
            for row in columns
        ]

    def value(self, z: Array) -> Array:
        """Outputs for masks (n, d), shape (n,); `ValueError` if `predict` returns another shape."""
        return finite("the output of predict", self.predict(self.perturbed(z)), (len(z),))


def as_game(value: object) -> PerturbationGame:
    """`value` as a game: a `Reading` is its `word_game`, a `PerturbationGame` itself.

    Raises `TypeError` for anything else, and says which call to make.
    """
    if isinstance(value, PerturbationGame):
        return value
    if isinstance(value, Reading):
        return word_game(value)
    if isinstance(value, Game):
        raise TypeError(
            "a black box can only be sampled: call lime.sampled(game) or shapley.sampled(game)"
        )
    if isinstance(value, str):
        raise TypeError("a text is read by a classifier: call classifier.read(text) first")
    if isinstance(value, (list, tuple)):
        raise TypeError("one document at a time; for exact LIME of several, call lime.exact_many")
    call = instead(value, "call classifier.read(text), or games.word_game(reading)")
    raise TypeError(
        f"a Reading or a PerturbationGame is wanted: {call}; got {type(value).__name__}"
    )


def any_game(value: object) -> Game:
    """`value` itself if it has what a `Game` has, and otherwise `as_game`, with its errors."""
    return value if isinstance(value, Game) else as_game(value)


def word_game(reading: Reading) -> PerturbationGame:
    """The game of a document's distinct words: ``[UNK]`` at all positions of a masked one."""
    words = reading.text[1:]
    labels = tuple(dict.fromkeys(words))
    place = {label: j for j, label in enumerate(labels)}
    return _game(reading, labels, [place[word] for word in words])


def position_game(reading: Reading) -> PerturbationGame:
    """The game of a document's positions: each token of the text but ``[CLS]`` is a feature."""
    return _game(reading, reading.text[1:], list(range(reading.length - 1)))


def text_game(
    predict: Callable[[Sequence[str]], Array], text: str, mask: str | None = "unkwordz"
) -> TextGame:
    """The game of the distinct words of `text` for a black box ``predict(texts) -> (n,)``.

    `mask` is the word that replaces a masked one, in place; None deletes it, as `lime` does by
    default.
    """
    words = tuple(tokenize(text))
    if not words:
        raise ValueError("a game needs at least one feature: the text has no word to mask")
    return TextGame(predict, tuple(dict.fromkeys(words)), words, mask)


def _game(reading: Reading, labels: tuple[str, ...], place: list[int]) -> PerturbationGame:
    top = np.maximum(reading.logits, reading.masked_logits).max(axis=1, keepdims=True)
    kept, masked = np.exp(reading.logits - top), np.exp(reading.masked_logits - top)
    T = reading.length
    member = np.zeros((T - 1, len(labels)))
    member[np.arange(T - 1), place] = 1.0
    rest = kept.copy()
    rest[:, 1:T] = 0.0
    return PerturbationGame(
        labels,
        reading.text[1:],
        kept_weight=kept[:, 1:T] @ member,
        kept_value=(kept * reading.values)[:, 1:T] @ member,
        masked_weight=masked[:, 1:T] @ member,
        masked_value=(masked * reading.masked_values)[:, 1:T] @ member,
        rest_weight=rest.sum(axis=1),
        rest_value=(rest * reading.values).sum(axis=1),
    )
