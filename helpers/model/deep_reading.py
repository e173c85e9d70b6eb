"""What one document looks like inside a classifier of several layers."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.model.reading import Array, finite


@dataclass(frozen=True, repr=False)
class DeepReading:
    """A document of T tokens, [CLS] first, inside a stack of L layers of K heads; no padding.

    `states` (L, T, d_e) is what enters each layer, the embeddings first; `between` (L, T, d_e) is
    the residual stream after a layer's attention and before its MLP. `gradients` and
    `between_gradients` are ∂f of both. `attention` (L, K, T, T): row s is what token s attends to.
    `output` is f(x), a logit. All are float64; `ValueError` for other shapes.
    """

    tokens: tuple[str, ...]
    states: Array
    between: Array
    gradients: Array
    between_gradients: Array
    attention: Array
    output: float

    instead = (
        "several layers have no closed form of one: call games.text_game(classifier.predict, text) "
        "for a game, and explain(game, 'lime') of that; or depth.rollout(reading)"
    )

    def __post_init__(self) -> None:
        shape = finite("states", self.states, (None, len(self.tokens), None)).shape
        for name in ("states", "between", "gradients", "between_gradients"):
            object.__setattr__(self, name, finite(name, getattr(self, name), shape))
        L, T, _ = shape
        object.__setattr__(self, "attention", finite("attention", self.attention, (L, None, T, T)))

    def __repr__(self) -> str:
        L, K, T, _ = self.attention.shape
        return f"DeepReading({T} tokens, {L} layers of {K} heads, f(x) = {self.output:+.3f})"
