"""The games of a deep model: a masked word loses its rows where they enter one of the layers."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.data.kinds import whole, wrong_kind
from helpers.games.game import Game, masks
from helpers.model.headed import Document
from helpers.model.reading import Array


@dataclass(frozen=True)
class LayerGame:
    """f from `layer` on, where the rows of a masked word are those of the all-masked text.

    What lies below has seen the whole text, or no word of it; what lies above is computed anew. At
    layer 0 nothing has mixed yet, and the game is that of masking words at the input; at the last,
    only the head is left. `value` takes masks (n, d) and returns n logits.
    """

    document: Document
    layer: int

    @property
    def labels(self) -> tuple[str, ...]:
        return self.document.labels

    @property
    def text(self) -> tuple[str, ...]:
        return self.document.pieces.words

    def value(self, z: Array) -> Array:
        return self.document.outputs(masks(z, len(self.labels)), self.layer)


def layer_game(document: Document, layer: int = 0) -> LayerGame:
    """The game at one layer of a document: 0 is the input, the encoder's depth is the head."""
    if not isinstance(document, Document):
        call = "call layer_game(model.document(text))"
        raise wrong_kind("layer_game is for a Document", document, call)
    return LayerGame(document, whole("layer", layer, 0, document.model.encoder.depth))


@dataclass(frozen=True)
class Difference:
    """The game `one` - `other` of two games of the same words."""

    one: Game
    other: Game

    @property
    def labels(self) -> tuple[str, ...]:
        return self.one.labels

    @property
    def text(self) -> tuple[str, ...]:
        return self.one.text

    def value(self, z: Array) -> Array:
        return self.one.value(z) - self.other.value(z)
