"""How an explanation and a comparison are shown: as text in a terminal, as HTML in a notebook."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.explainers.ties import largest, settle

if TYPE_CHECKING:
    from helpers.explainers.comparison import Comparison
    from helpers.explainers.explanation import Explanation

ROWS = 10  # of the largest scores, in a terminal and in the table of a notebook
WORDS = 12  # of a comparison, in a terminal
WIDTH = 80  # characters of a terminal's line
# The blue and the red of the figures; a page of the book has others for the dark.
POSITIVE, NEGATIVE = "var(--positive-mark, #0072B2)", "var(--negative-mark, #D55E00)"
FLOOR = 1e-10  # an error below it is rounding, whose digits differ between processors


def number(value: float, digits: int = 4) -> str:
    """`value` with its sign; one that rounds to zero has the sign +, as +0 has."""
    return f"{round(value, digits) + 0.0:+.{digits}f}"


def signed(value: float, digits: int = 4) -> str:
    """`number` with a real minus sign, for HTML; a terminal keeps the one of the keyboard."""
    return number(value, digits).replace("-", "−")


def text(explanation: Explanation) -> str:
    """The method, a line for each of the largest scores, and what is known of their errors."""
    places = largest(explanation.scores, ROWS)
    rows = [[short(explanation.labels[i]), number(explanation.scores[i])] for i in places]
    if explanation.standard_errors is not None:
        for row, i in zip(rows, places):
            row.append(f"± {explanation.standard_errors[i]:.4f}")
    lines = [explanation.method, *aligned(rows)]
    more = len(explanation.labels) - len(rows)
    if more:
        lines.append(f"  … and {more} more, none of them larger")
    return "\n".join([*lines, *(f"({note})" for note in _notes(explanation))])


def _notes(explanation: Explanation) -> Iterable[str]:
    if explanation.standard_errors is not None:
        yield "± one standard error"
    if explanation.certificate is not None:
        error = explanation.certificate + (explanation.rounding or 0.0)
        yield f"error {'below 1e-10' if error < FLOOR else f'at most {error:.1e}'}"
    if explanation.intercept is not None:
        yield f"intercept {number(explanation.intercept)}"
    if explanation.padding:
        yield f"the padding and what is no word add up to {number(explanation.padding)}"


def page(explanation: Explanation) -> str:
    """Highlighted text above a table: sign by colour and by + or -, strength by opacity."""
    index = {label: i for i, label in enumerate(explanation.labels)}
    one_each = explanation.labels == explanation.text
    place = range(len(explanation.text)) if one_each else map(index.get, explanation.text)
    words = " ".join(_mark(explanation, *pair) for pair in zip(explanation.text, place))
    places = largest(explanation.scores, ROWS)
    rows = "".join(_row(explanation, i) for i in places)
    error = "" if explanation.standard_errors is None else "<th scope='col'>standard error</th>"
    return (
        f"<div class='explanation'><p><strong>{html.escape(explanation.method)}</strong>: {words}"
        f"</p><details><summary>{_how_many(len(places), len(explanation.labels))}</summary>"
        f"<table><thead><tr><th scope='col'>word</th><th scope='col'>score</th>{error}</tr>"
        f"</thead><tbody>{rows}</tbody></table></details></div>"
    )


def _how_many(shown: int, scores: int) -> str:
    return f"{shown} largest of {scores} scores" if shown < scores else "all scores"


def _mark(explanation: Explanation, token: str, i: int | None) -> str:
    if i is None:
        return html.escape(token)
    score = explanation.scores[i]
    most = float(np.abs(explanation.scores).max()) or 1.0
    colour, sign = (POSITIVE, "+") if score >= 0 else (NEGATIVE, "−")
    strength = round(60 * abs(score) / most)
    mark = f"<sup>{sign}</sup>" if strength >= 10 else ""
    return (
        f"<mark title='{signed(score)}' "
        f"style='background:color-mix(in srgb, {colour} {strength}%, transparent);color:inherit'>"
        f"{html.escape(token)}{mark}</mark>"
    )


def _row(explanation: Explanation, i: int) -> str:
    errors = explanation.standard_errors
    error = "" if errors is None else f"<td>{errors[i]:.4f}</td>"
    label, score = html.escape(explanation.labels[i]), signed(explanation.scores[i])
    return f"<tr><td>{label}</td><td>{score}</td>{error}</tr>"


def comparison_text(comparison: Comparison) -> str:
    """A line for each method, and a column for each of the first words; blocks fit a terminal."""
    words = [short(word, 12) for word in comparison.words[:WORDS]]
    columns = [
        [word, *(row[j] for row in map(_cells, comparison.scores))] for j, word in enumerate(words)
    ]
    widths = [max(map(len, column)) for column in columns]
    names = ["", *comparison.methods]
    room = WIDTH - max(map(len, names))
    lines = [f"f(x) = {number(comparison.output, 3)}"]
    start = 0
    while start < len(columns):
        used = np.cumsum([width + 2 for width in widths[start:]])
        stop = start + max(1, int((used <= room).sum()))
        lines += aligned(list(zip(names, *columns[start:stop])), indent="")
        start = stop
    more = len(comparison.words) - len(words)
    return "\n".join([*lines, f"… and {more} more words"] if more else lines)


def comparison_page(comparison: Comparison) -> str:
    """A table with a row for each method; the largest absolute value of a row is bold."""
    head = "".join(
        f"<th scope='col' style='padding-left:0.5em;text-align:right'>{html.escape(word)}</th>"
        for word in comparison.words
    )
    body = "".join(_table_row(*pair) for pair in zip(comparison.methods, comparison.scores))
    return (
        "<div class='comparison' style='overflow-x:auto;font-size:0.85em'><table>"
        f"<caption style='color:inherit'>f(x) = {signed(comparison.output, 3)}</caption>"
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _table_row(method: str, scores: np.ndarray) -> str:
    texts, top = [cell.replace("-", "−") for cell in _cells(scores)], largest(scores, 1)[0]
    texts[top] = f"<strong>{texts[top]}</strong>"
    cells = "".join(
        f"<td style='padding-left:0.5em;text-align:right'>{text}</td>" for text in texts
    )
    return f"<tr><th scope='row' style='white-space:nowrap'>{html.escape(method)}</th>{cells}</tr>"


def _cells(scores: np.ndarray) -> list[str]:
    """Two digits each, with a sign if the method has one."""
    both = bool((settle(scores) < 0).any())
    return [number(score, 2) if both else f"{score:.2f}" for score in scores]


def short(label: str, width: int = 24) -> str:
    return label if len(label) <= width else label[: width - 1] + "…"


def aligned(rows: Sequence[Sequence[str]], indent: str = "  ") -> list[str]:
    """Lines of columns two spaces apart, the first flush left, the others flush right."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    return [
        indent
        + "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:]))]
        )
        for row in rows
    ]
