"""One text explained by every method, as a table of methods × words."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers.explainers import attention, gradients, integrated, lime
from helpers.explainers.explanation import Explanation, by_word
from helpers.games import word_game
from helpers.model.reading import Array, Reading, finite


@dataclass(frozen=True)
class Comparison:
    """Row m of `scores` (methods, words) is what `methods[m]` says of each distinct word."""

    words: tuple[str, ...]
    methods: tuple[str, ...]
    scores: Array
    output: float

    def __post_init__(self) -> None:
        shape = (len(self.methods), len(self.words))
        object.__setattr__(self, "scores", finite("scores", self.scores, shape))

    def row(self, method: str) -> Array:
        """The scores of one method, (words,). Raises `KeyError` for a method that is not there."""
        if method not in self.methods:
            raise KeyError(f"{method} is not among {', '.join(self.methods)}")
        return self.scores[self.methods.index(method)]

    def _repr_html_(self) -> str:
        """A table with a row for each method; the largest absolute value of a row is bold."""
        head = "".join(
            f"<th scope='col' style='padding-left:0.5em;text-align:right'>{html.escape(word)}</th>"
            for word in self.words
        )
        body = "".join(self._row(*pair) for pair in zip(self.methods, self.scores))
        return (
            "<div class='comparison' style='overflow-x:auto;font-size:0.85em'><table>"
            f"<caption style='color:inherit'>f(x) = {self.output:+.3f}</caption>"
            f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    @staticmethod
    def _row(method: str, scores: Array) -> str:
        top = int(np.abs(scores).argmax())
        signed = bool((scores < 0).any())
        texts = [f"{score:+.2f}" if signed else f"{score:.2f}" for score in scores]
        texts[top] = f"<strong>{texts[top]}</strong>"
        cells = "".join(
            f"<td style='padding-left:0.5em;text-align:right'>{text}</td>" for text in texts
        )
        return (
            f"<tr><th scope='row' style='white-space:nowrap'>{html.escape(method)}</th>{cells}</tr>"
        )


def compare(reading: Reading, others: Sequence[Explanation] = ()) -> Comparison:
    """The paper's explanations and ours of one text, each with a score for every distinct word.

    `others`, such as a sampled LIME, stand after α-max, as LIME does in the paper's Figure 1.
    Raises `ValueError` if one of them has other words, or if the text has none.
    """
    game = word_game(reading)
    weights = [by_word(f(reading)) for f in (attention.average, attention.maximum)]
    slopes = (gradients.mean, gradients.l1, gradients.l2, gradients.times_input)
    exact = (attention.contributions, integrated.gradients)
    rows = [*weights, *others, *(by_word(f(reading)) for f in (*slopes, *exact)), lime.exact(game)]
    for row in rows:
        if row.labels != game.labels:
            raise ValueError(f"{row.method} explains {row.labels}, not the words {game.labels}")
    names = tuple("IG" if "integrated" in row.method else row.method for row in rows)
    return Comparison(game.labels, names, np.array([row.scores for row in rows]), reading.output)
