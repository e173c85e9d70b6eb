"""What a run knows of a document in six layers: its inside, and a black box that it asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from types import ModuleType

from helpers.evaluation.depth import Stack
from helpers.explainers import depth, lime, occlusion, shapley
from helpers.explainers.explanation import Explanation
from helpers.explainers.methods import METHODS, Method, find
from helpers.games import TextGame, text_game
from helpers.model.deep_reading import DeepReading

SAMPLES = 1000  # evaluations for LIME and for Shapley values each, or the fewest of a long text
ATTENTION = "each layer has an attention of its own"
CLOSED = "it is a closed form of one layer of attention"
REFUSED = {
    "attention-average": ATTENTION,
    "attention-maximum": ATTENTION,
    "gradient-mean": "a LayerNorm makes it zero for every word",
    "contributions": "f is no sum of attention times value",
    "mean-field-lime": CLOSED,
    "banzhaf": CLOSED,
}


@dataclass(frozen=True)
class Inside:
    """A document inside a `classifier` of several layers, and as a `game` of its outputs alone.

    It has what a run asks of a `Reading`: `text`, the tokens, `length`, their number, and `output`.
    """

    classifier: Stack
    reading: DeepReading

    @property
    def text(self) -> tuple[str, ...]:
        return self.reading.tokens

    @property
    def length(self) -> int:
        return len(self.reading.tokens)

    @property
    def output(self) -> float:
        return self.reading.output

    @cached_property
    def game(self) -> TextGame:
        """The game of the distinct words that are read, in the order of the `reading`."""
        return text_game(self.classifier.predict, " ".join(self.text[1:]))


def _shown(function: Callable[[DeepReading], Explanation]) -> Callable[[Inside], Explanation]:
    return lambda document: function(document.reading)


def _sampled(module: ModuleType) -> Callable[[Inside], Explanation]:
    def explained(document: Inside) -> Explanation:
        n = max(SAMPLES, module.fewest_samples(len(document.game.labels)))
        return module.sampled(document.game, n=n)

    return explained


def _path(key: str, name: str, function: Callable[[DeepReading], Explanation]) -> Method:
    return Method(key, name, name, _shown(function), signed=False, total="",
                  source="Abnar and Zuidema (2020)", chapter="depth/six_layers")  # fmt: skip


_DEEP = (
    _path("attention-first", "first attention", lambda x: depth.attention(x, 1)),
    _path("attention-last", "last attention", lambda x: depth.attention(x, len(x.attention))),
    _path("rollout", "attention rollout", depth.rollout),
    _path("flow", "attention flow", depth.flow),
    replace(METHODS["gradient-l1"], function=_shown(depth.l1)),
    replace(METHODS["gradient-l2"], function=_shown(depth.l2)),
    replace(METHODS["gradient-times-input"], function=_shown(depth.times_input)),
    replace(
        METHODS["integrated-gradients"],
        function=lambda x: depth.integrated(x.classifier, " ".join(x.text[1:])),
    ),
    replace(METHODS["lime"], name="sampled LIME", short="LIME", function=_sampled(lime)),
    replace(METHODS["shapley"], name="sampled Shapley values", function=_sampled(shapley)),
    replace(METHODS["leave-one-out"], function=lambda x: occlusion.asked(x.game)),
)

ONE, SIX = "one-layer", "six-layers"
MODELS = {ONE: METHODS, SIX: {method.key: method for method in _DEEP}}


def method_of(model: str, key: str) -> Method:
    """The method of that key for one of `MODELS`.

    Raises `ValueError` for an unknown key, and with the reason for one that would be wrong.
    """
    if model == SIX and key in REFUSED:
        raise ValueError(
            f"{key} would be wrong for six layers, because {REFUSED[key]}: "
            f"give some of {', '.join(MODELS[SIX])}"
        )
    return find(key, MODELS[model])
