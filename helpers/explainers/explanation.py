"""What an explanation is: one number for each word or token of a text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.explainers import render
from helpers.explainers.ties import largest
from helpers.model.reading import Array, Reading, finite


@dataclass(frozen=True, repr=False)
class Explanation:
    """One number for each word or token: `scores[i]` belongs to `labels[i]`.

    `text` is the document's tokens in order, for showing it; `padding` is the total score of
    what is not shown. `standard_errors`, `certificate`, a proved bound in exact arithmetic on the
    error of every score, `rounding`, an estimate of what rounding adds to it, and `samples`, how
    many were drawn, are there for the methods that have them. In a terminal it is a table, in a
    notebook a coloured text.
    """

    labels: tuple[str, ...]
    scores: Array
    method: str
    text: tuple[str, ...]
    padding: float = 0.0
    intercept: float | None = None
    standard_errors: Array | None = None
    certificate: float | None = None
    rounding: float | None = None
    samples: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "scores", finite("scores", self.scores, (len(self.labels),)))
        if self.standard_errors is not None:
            errors = finite("standard_errors", self.standard_errors, self.scores.shape)
            object.__setattr__(self, "standard_errors", errors)

    def as_dict(self) -> dict[str, float]:
        """Label to score. The second ``good`` of a text is called ``good (2)``, and so on."""
        seen: dict[str, int] = {}
        named = {}
        for label, score in zip(self.labels, self.scores.tolist()):
            seen[label] = seen.get(label, 0) + 1
            named[label if seen[label] == 1 else f"{label} ({seen[label]})"] = score
        return named

    def top(self, n: int) -> tuple[str, ...]:
        """The labels of the `n` scores of largest absolute value, largest first; ties by place."""
        return tuple(self.labels[i] for i in largest(self.scores, n))

    def __repr__(self) -> str:
        return render.text(self)

    def _repr_html_(self) -> str:
        return render.page(self)


def token_explanation(reading: Reading, scores: Array, method: str) -> Explanation:
    """An `Explanation` of the text's tokens from `scores` (T_max,); the padding's are added up."""
    T = reading.length
    return Explanation(
        reading.text, scores[:T], method, reading.text, padding=float(scores[T:].sum())
    )


def by_word(explanation: Explanation) -> Explanation:
    """A token explanation as one of the text's distinct words: scores of equal words are added up.

    [CLS], which is no word, joins the padding. So the total of all scores stays what it was.
    """
    if explanation.labels != explanation.text or explanation.text[:1] != ("[CLS]",):
        raise ValueError(f"{explanation.method} has no score for each token of a text")
    tokens = explanation.text[1:]
    words = tuple(dict.fromkeys(tokens))
    place = {word: j for j, word in enumerate(words)}
    scores = np.zeros(len(words))
    np.add.at(scores, [place[token] for token in tokens], explanation.scores[1:])
    rest = explanation.padding + float(explanation.scores[0])
    return Explanation(words, scores, explanation.method, tokens, rest)
