"""One text explained by one method, or by all of them in a table of methods × words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers.data.kinds import instead
from helpers.explainers import methods, render
from helpers.explainers.explanation import Explanation, by_word
from helpers.games import TextGame
from helpers.model.reading import Array, Reading, finite


@dataclass(frozen=True, repr=False)
class Comparison:
    """Row m of `scores` (methods, words) is what `methods[m]` says of each distinct word.

    The first `of_paper` rows are explanations that the paper compares. In a terminal and in a
    notebook it is a table.
    """

    words: tuple[str, ...]
    methods: tuple[str, ...]
    scores: Array
    output: float
    of_paper: int = 0

    def __post_init__(self) -> None:
        shape = (len(self.methods), len(self.words))
        object.__setattr__(self, "scores", finite("scores", self.scores, shape))

    def row(self, method: str) -> Array:
        """The scores of one method, (words,). Raises `KeyError` for a method that is not there."""
        if method not in self.methods:
            raise KeyError(f"{method} is not among {', '.join(self.methods)}")
        return self.scores[self.methods.index(method)]

    def __repr__(self) -> str:
        return render.comparison_text(self)

    def _repr_html_(self) -> str:
        return render.comparison_page(self)


def explain(reading: Reading | TextGame, method: str | None = None) -> Explanation | Comparison:
    """The explanation of a document by the `method` of that key; without one, by all of them.

    The keys are those of `methods.METHODS`. A `TextGame`, which is a black box such as a classifier
    of several layers, has those of `methods.SAMPLED`, with error bars where they draw; the others
    are closed forms of one layer and would be wrong. Raises `TypeError` for them, and for what is
    no `Reading`, and `ValueError` for an unknown key.
    """
    if isinstance(reading, TextGame):
        return _asked(reading, method)
    _require(reading)
    if method is None:
        return compare(reading, keys=tuple(methods.METHODS))
    return methods.find(method).function(reading)


def _asked(game: TextGame, key: str | None) -> Explanation | Comparison:
    """The same for a black box, by its outputs alone."""
    if key is None:
        found = [methods.METHODS[key].sampled(game) for key in methods.SAMPLED]
        (output,) = game.value(np.ones((1, len(game.labels))))
        return Comparison(
            game.labels, tuple(e.method for e in found), np.array([e.scores for e in found]),
            float(output),
        )  # fmt: skip
    method = methods.find(key)
    if method.sampled is None:
        raise TypeError(
            f"{method.key} is a closed form of one layer of attention, and a black box shows none, "
            f"or several: call explain(game, key) with one of {', '.join(methods.SAMPLED)}"
        )
    return method.sampled(game)


def compare(
    reading: Reading, others: Sequence[Explanation] = (), keys: Sequence[str] = methods.CHAPTER
) -> Comparison:
    """The explanations of one text by the methods `keys`, a score for every distinct word.

    The paper's come first, in the order of the registry. `others`, such as a sampled LIME, stand
    among them after the two of attention, as LIME does in the paper's Figure 1.
    Raises `ValueError` if one of them has other words, or if the text has none.
    """
    _require(reading)
    words = tuple(dict.fromkeys(reading.text[1:]))
    if not words:
        raise ValueError("there is nothing to compare: the text has no word")
    chosen = sorted((methods.find(key) for key in keys), key=lambda method: not method.of_paper)
    rows = [(method.short, of_words(method.function(reading))) for method in chosen]
    place = sum(method.key.startswith("attention-") for method in chosen)
    rows[place:place] = [(other.method, other) for other in others]
    for name, row in rows:
        if row.labels != words:
            raise ValueError(f"{name} explains {row.labels}, not the words {words}")
    return Comparison(
        words,
        tuple(name for name, _ in rows),
        np.array([row.scores for _, row in rows]),
        reading.output,
        of_paper=len(others) + sum(method.of_paper for method in chosen),
    )


def _require(reading: Reading) -> None:
    if not isinstance(reading, Reading):
        call = "call classifier.read(text) first, with classifier = load_classifier()"
        raise TypeError(
            f"an explanation is of a Reading, not of {type(reading).__name__}: "
            f"{instead(reading, call)}"
        )


def of_words(explanation: Explanation) -> Explanation:
    """Scores of tokens as scores of words; those of words as they are."""
    return by_word(explanation) if explanation.text[:1] == ("[CLS]",) else explanation
