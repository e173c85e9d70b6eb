"""What an explanation is: one number for each word or token of a text."""

from __future__ import annotations

import html
from dataclasses import dataclass

import numpy as np

from helpers.explainers.ties import largest
from helpers.model.reading import Array, Reading, finite


@dataclass(frozen=True)
class Explanation:
    """One number for each word or token: `scores[i]` belongs to `labels[i]`.

    `text` is the document's tokens in order, for showing it; `padding` is the total score of
    what is not shown. `standard_errors`, `certificate`, a proved bound in exact arithmetic on the
    error of every score, and `rounding`, an estimate of what rounding adds to it, are there for
    the methods that have them.
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

    def _repr_html_(self) -> str:
        """Highlighted text above a table: sign by colour and by + or -, strength by opacity."""
        place = (
            range(len(self.text)) if self.labels == self.text else map(self._index().get, self.text)
        )
        most = float(np.abs(self.scores).max(initial=0.0)) or 1.0
        words = " ".join(self._mark(token, i, most) for token, i in zip(self.text, place))
        rows = "".join(self._row(i) for i in largest(self.scores, 10))
        error = "" if self.standard_errors is None else "<th scope='col'>standard error</th>"
        shown = min(10, len(self.labels))
        return (
            f"<div class='explanation'><p><strong>{html.escape(self.method)}</strong>: {words}</p>"
            f"<details><summary>{shown} largest of {len(self.labels)} scores</summary>"
            f"<table><thead><tr><th scope='col'>word</th><th scope='col'>score</th>{error}</tr>"
            f"</thead><tbody>{rows}</tbody></table></details></div>"
        )

    def _index(self) -> dict[str, int]:
        return {label: i for i, label in enumerate(self.labels)}

    def _mark(self, token: str, i: int | None, most: float) -> str:
        if i is None:
            return html.escape(token)
        score = self.scores[i]
        colour, sign = ("0,128,0", "+") if score >= 0 else ("200,0,0", "−")
        strength = round(0.6 * abs(score) / most, 2)
        mark = f"<sup>{sign}</sup>" if strength >= 0.1 else ""
        return (
            f"<mark title='{score:+.4f}' "
            f"style='background:rgba({colour},{strength:.2f});color:inherit'>"
            f"{html.escape(token)}{mark}</mark>"
        )

    def _row(self, i: int) -> str:
        error = "" if self.standard_errors is None else f"<td>{self.standard_errors[i]:.4f}</td>"
        return (
            f"<tr><td>{html.escape(self.labels[i])}</td><td>{self.scores[i]:+.4f}</td>{error}</tr>"
        )


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
