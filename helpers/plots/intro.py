"""Pictures of the front page: one curve that explains a quarrel, and cards of what was found.

The cards are HTML with small SVGs in the letters and colours of the page, light or dark.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import HTML
from matplotlib.figure import Figure

from helpers.model.reading import Array
from helpers.plots.base import BLUE, GREY, INK, RED

FOR, AGAINST = "var(--positive-mark, #0072B2)", "var(--negative-mark, #D55E00)"
MUTED = "currentColor' opacity='0.45"
WIDTH, HEIGHT = 300, 132  # of a picture; its rows share the height
STYLE = """<style>
.findings { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr));
  gap: 1.1rem; text-align: left; }
.findings section { display: flex; flex-direction: column; break-inside: avoid; margin: 0;
  padding: 0.9rem 1.1rem 1rem; border-radius: 0.4rem;
  border: 1px solid var(--pst-color-border, #ccc); }
.findings svg { display: block; width: 100%; height: auto; margin-bottom: 0.7rem; }
.findings text { font-family: var(--sans, sans-serif); font-size: 13px; fill: currentColor; }
.findings text.small { font-size: 11.5px; opacity: 0.8; }
.findings a { font-family: var(--sans, sans-serif); font-weight: 600; line-height: 1.3; }
.findings p { margin: 0.35rem 0 0; font-size: 0.94em; line-height: 1.5; }
</style>"""


def quarrel(p: Array, curves: Array, labels: Sequence[str]) -> Figure:
    """The curves (2, Q) of two words; that of the first is coloured by its sign."""
    figure, axis = plt.subplots(figsize=(6.1, 2.9))
    first, second = curves
    axis.plot(p, second, color=GREY, linewidth=1.6)
    for side, colour in ((first >= 0, BLUE), (first <= 0, RED)):
        axis.fill_between(p, first, where=side, interpolate=True, color=colour, alpha=0.18,
                          linewidth=0)  # fmt: skip
    axis.plot(p, first, color=INK, linewidth=2.6)
    axis.axhline(0, color=INK, linewidth=0.9)
    axis.plot(p[[0]], first[[0]], "o", color=BLUE, markersize=8, clip_on=False, zorder=3)
    axis.plot(p[[-1]], first[[-1]], "o", color=RED, markersize=8, clip_on=False, zorder=3)
    start, end = f"alone {first[0]:+.1f}", f"beside all others {first[-1]:+.1f}".replace("-", "−")
    axis.annotate(start, (0, first[0]), (12, 5), textcoords="offset points", color=BLUE)
    axis.annotate(f"{end}, where a gradient looks", (1, first[-1]), (-4, -17), ha="right",
                  textcoords="offset points", color=RED)  # fmt: skip
    k = len(p) // 3
    axis.annotate(labels[0], (p[k], first[k]), (-6, -16), textcoords="offset points", ha="right",
                  fontweight="bold")  # fmt: skip
    axis.annotate(labels[1], (p[k], second[k]), (4, 6), textcoords="offset points", color=GREY)
    axis.set(xlabel="chance that each other word is there", ylabel="what the word adds to f")
    axis.set_xticks([0, 0.5, 1], ["0", "½", "1"])
    axis.set(xlim=(0, 1), ylim=(min(first.min() * 3, -0.8), curves.max() * 1.08))
    return figure


@dataclass(frozen=True)
class Card:
    """A finding: the address of its chapter, a title, a sentence, and a picture."""

    address: str
    title: str
    text: str
    picture: str

    def __str__(self) -> str:
        link = f"<a href='{self.address}.html'>{html.escape(self.title)}</a>"
        return f"<section>{self.picture}{link}<p>{html.escape(self.text)}</p></section>"


def findings(cards: Sequence[Card]) -> HTML:
    """The cards side by side, or one below the other where there is no room."""
    return HTML(f"{STYLE}<div class='findings'>{''.join(map(str, cards))}</div>")


def _picture(alt: str, parts: Sequence[str]) -> str:
    inside, alt = "".join(parts), html.escape(alt, quote=True)
    return f"<svg viewBox='0 0 {WIDTH} {HEIGHT}' role='img' aria-label='{alt}'>{inside}</svg>"


def _rows(n: int, top: float = 20) -> Array:
    """The middles of `n` rows below `top`."""
    return top + (HEIGHT - top - 2) * (np.arange(n) + 0.5) / n


def _text(x: float, y: float, text: str, anchor: str = "start", small: bool = False) -> str:
    kind = " class='small'" if small else ""
    return f"<text x='{x:.0f}' y='{y:.0f}' text-anchor='{anchor}'{kind}>{html.escape(text)}</text>"


def _bar(x: float, y: float, width: float, colour: str, height: float = 12) -> str:
    """A bar from `x` on, to the left if `width` is negative, with its middle at `y`."""
    left, width, top = round(min(x, x + width)), round(abs(width)), y - height / 2
    return f"<rect x='{left}' y='{top:.0f}' width='{width}' height='{height:g}' fill='{colour}'/>"


def _line(x: float, top: float, bottom: float, strong: bool = False) -> str:
    width = 2.5 if strong else 1
    return (
        f"<line x1='{x:.0f}' x2='{x:.0f}' y1='{top:.0f}' y2='{bottom:.0f}' stroke='currentColor' "
        f"stroke-width='{width}' opacity='{1 if strong else 0.5}'/>"
    )


def opposites(words: Sequence[str], alpha: Array, contributions: Array) -> str:
    """Left the attention (d,) of a model and of its opposite; right the contributions of both.

    Those of the model are positive, so that its bars are on the right.
    """
    zero, unit = 226, 68 / np.abs(contributions).max()
    parts = [_text(88, 12, "attention of both", small=True)]
    parts += [_text(zero - 5, 12, "opposite", "end", True)]
    parts += [_text(zero + 5, 12, "model", small=True), _line(zero, 18, HEIGHT)]
    rows = zip(words, _rows(len(words)), alpha / alpha.max(), contributions, strict=True)
    for word, y, weight, share in rows:
        parts += [_text(82, y + 4, word, "end"), _bar(88, y, 58 * weight, MUTED)]
        parts += [_bar(zero, y, unit * share, FOR), _bar(zero, y, -unit * share, AGAINST)]
    alt = "Bars of attention, the same for both models, beside contributions of opposite sign."
    return _picture(alt, parts)


def elsewhere(words: Sequence[str], alpha: Array, other: Array) -> str:
    """The attention (d,) of a head, and other attention with the same output."""
    parts = []
    for word, y, one, two in zip(words, _rows(len(words), 0), alpha, other, strict=True):
        parts += [_text(58, y + 4, word, "end")]
        parts += [_bar(64, y - 4, 226 * one, FOR, 7), _bar(64, y + 4, 226 * two, AGAINST, 7)]
    for y, colour, name in ((12, FOR, "the model's attention"), (30, AGAINST, "the farthest")):
        parts += [_bar(160, y - 4, 10, colour, 10), _text(176, y, name, small=True)]
    alt = "Bars of two kinds of attention over the same words; hardly any word has both."
    return _picture(alt, [*parts, _line(64, 2, HEIGHT)])


def sampled(words: Sequence[str], runs: Array, exact: Array) -> str:
    """Coefficients of many runs (n, d) of LIME as dots, and the exact ones (d,) as lines."""
    low, high = min(runs.min(), 0.0), runs.max()
    rows, places = _rows(len(words)), 92 + 200 * (runs - low) / (high - low)
    zero, *lines = 92 + 200 * (np.append(0, exact) - low) / (high - low)
    parts = [_line(zero, 18, HEIGHT), _text(zero, 12, "0", "middle", True)]
    for word, y, dots, line in zip(words, rows, places.T, lines, strict=True):
        parts.append(_text(82, y + 4, word, "end"))
        for n, x in enumerate(dots):
            dot = f"cx='{x:.0f}' cy='{y - 9 + 7 * n % 19:.0f}' r='2.3'"
            parts.append(f"<circle {dot} fill='var(--sampled, #E69F00)' opacity='0.75'/>")
        parts.append(_line(line, y - 13, y + 13, strong=True))
    alt = "For each word a cloud of orange dots around one line."
    return _picture(alt, parts)


def on_the_way(scores: Mapping[str, float]) -> str:
    """How far methods get on the way from chance, 0, to the best possible, 1."""
    start, end = 112, 290
    parts = [_line(start, 18, HEIGHT), _line(end, 18, HEIGHT)]
    parts += [_text(start, 12, "chance", "middle", True), _text(end + 8, 12, "best", "end", True)]
    for (name, score), y in zip(scores.items(), _rows(len(scores)), strict=True):
        parts += [_text(start - 8, y + 4, name, "end")]
        parts += [_bar(start, y, (end - start) * score, "var(--exact, #009E73)")]
    alt = "Bars from chance to the best possible; that of attention ends about half-way."
    return _picture(alt, parts)
