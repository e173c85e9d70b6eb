"""How interactions are shown: a table of pairs in a terminal, arcs and a matrix in a notebook."""

from __future__ import annotations

import html
from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from helpers.explainers.render import (
    FLOOR,
    NEGATIVE,
    POSITIVE,
    ROWS,
    aligned,
    number,
    short,
    signed,
)

if TYPE_CHECKING:
    from helpers.explainers.interactions import Interactions

FEW = 12  # words of a matrix
WHOLE = 16  # words of a text that is shown without gaps
LETTER, GAP, EDGE, HIGHEST = 8, 14, 10, 90  # pixels: a letter, between words, at the side, an arc
ALONE = "no two words interact"

Pairs = Sequence[tuple[int, int]]


def text(found: Interactions) -> str:
    """The index, a line for each of the largest pairs, and what is known of their errors."""
    pairs = found.places(ROWS)
    names = [f"{short(found.labels[i])} · {short(found.labels[j])}" for i, j in pairs]
    rows = aligned([(name, number(found.matrix[pair])) for name, pair in zip(names, pairs)])
    lines = [found.index, *rows] if pairs else [f"{found.index}: {ALONE}"]
    if 0 < len(pairs) < _count(found):
        lines.append(f"  … and {_count(found) - len(pairs)} more, none of them larger")
    error = found.certificate + found.rounding
    return "\n".join(
        [*lines, f"(error {'below 1e-10' if error < FLOOR else f'at most {error:.1e}'})"]
    )


def page(found: Interactions) -> str:
    """Arcs over the text, a matrix if there are few words, and a table of the largest pairs."""
    pairs, name = found.places(ROWS), f"<strong>{html.escape(found.index)}</strong>"
    if not pairs:
        return f"<div class='explanation'><p>{name}: {ALONE}</p></div>"
    few = len(pairs) < _count(found)
    rows = "".join(
        f"<tr><th scope='row'>{_name(found, pair)}</th><td>{signed(found.matrix[pair])}</td></tr>"
        for pair in pairs
    )
    return (
        f"<div class='explanation'><p>{name}: a solid arc joins two words that add more together "
        f"than one by one, a dashed arc two that add less</p>{_arcs(found, pairs)}"
        f"{_matrix(found) if len(found.labels) <= FEW else ''}"
        f"<details><summary>{f'{len(pairs)} largest of {_count(found)}' if few else 'all'} pairs"
        "</summary><table><thead><tr><th scope='col'>pair</th><th scope='col'>interaction</th></tr>"
        f"</thead><tbody>{rows}</tbody></table></details></div>"
    )


def _count(found: Interactions) -> int:
    return len(found.labels) * (len(found.labels) - 1) // 2


def _name(found: Interactions, pair: tuple[int, int]) -> str:
    return " · ".join(html.escape(short(found.labels[i])) for i in pair)


def _colour(value: float) -> str:
    return POSITIVE if value > 0 else NEGATIVE


def _arcs(found: Interactions, pairs: Pairs) -> str:
    """The text in a line, and an arc for each pair between its nearest two places in the text.

    Of a long text only the words of these pairs stay. Letters have one width, so that words stand
    where they are meant to with any font; the strongest arc is drawn last.
    """
    words = found.text if set(found.labels) <= set(found.text) else found.labels
    ends = [_nearest(found.labels, words, pair) for pair in pairs]
    used = {t for pair in ends for t in pair}
    shown = [t for t in range(len(words)) if len(words) <= WHOLE or t in used]
    x, middle, drawn = EDGE, {}, []
    for before, t in zip([-1, *shown], [*shown, len(words)]):
        here = [] if t == len(words) else [short(words[t])]
        for token in ["…"] * (t > before + 1) + here:
            wide = LETTER * max(1, len(token))
            drawn.append((x, wide, token))
            middle[t], x = x + wide // 2, x + wide + GAP
    rises = [min(HIGHEST, 12 + abs(middle[t] - middle[s]) // 3) for s, t in ends]
    base, most = max(rises) + 8, abs(found.matrix[pairs[0]])
    arcs = [
        f"<path d='M{middle[s]} {base}A{(middle[t] - middle[s]) / 2:g} {rise} 0 0 1 {middle[t]} "
        f"{base}' {_stroke(found.matrix[pair], most)}>"
        f"<title>{_name(found, pair)} {signed(found.matrix[pair])}</title></path>"
        for pair, (s, t), rise in zip(pairs, ends, rises)
    ]
    said = ", ".join(f"{_name(found, pair)} {signed(found.matrix[pair], 2)}" for pair in pairs)
    letters = "".join(
        f"<text x='{left}' y='{base + 18}' textLength='{wide}' lengthAdjust='spacingAndGlyphs'>"
        f"{html.escape(token)}</text>"
        for left, wide, token in drawn
    )
    size = f"width='{x - GAP + EDGE}' height='{base + 26}'"
    return (
        f"<svg role='img' aria-label='Arcs between words: {said}' {size} fill='currentColor' "
        f"font-family='monospace' font-size='13'>{''.join(arcs[::-1])}{letters}</svg>"
    )


def _stroke(value: float, most: float) -> str:
    dashed = "" if value > 0 else " stroke-dasharray='6 4'"
    width = f"stroke-width='{1 + 5 * abs(value) / most:.1f}' stroke-opacity='0.8'"
    return f"fill='none' stroke='{_colour(value)}' {width}{dashed}"


def _nearest(labels: Sequence[str], words: Sequence[str], pair: tuple[int, int]) -> tuple[int, int]:
    """The places of a pair of labels in a text, in order, as near to each other as there are."""
    if tuple(labels) == tuple(words):
        return pair
    places = [[t for t, word in enumerate(words) if word == labels[i]] for i in pair]
    return tuple(sorted(min(product(*places), key=lambda ends: abs(ends[0] - ends[1]))))


def _matrix(found: Interactions) -> str:
    """Each pair as a cell: sign by colour and by + or −, strength by opacity."""
    most, names = np.abs(found.matrix).max(), [html.escape(short(x)) for x in found.labels]
    style = "padding:0.2em 0.3em;text-align:right"
    head = "".join(
        f"<th scope='col' style='{style}'><span style='writing-mode:vertical-rl'>{name}</span></th>"
        for name in names
    )
    rows = ""
    for i, name in enumerate(names):
        rows += f"<tr><th scope='row' style='{style}'>{name}</th>"
        for j, value in enumerate(found.matrix[i].tolist()):
            strength = f"{_colour(value)} {round(60 * abs(value) / most)}%"
            ground = f"background:color-mix(in srgb, {strength}, transparent)"
            cell = signed(value, 2) if i != j else ""
            rows += f"<td style='{style};{ground}'>{cell}</td>"
        rows += "</tr>"
    return (
        "<table style='font-size:0.8em;margin:0.5em 0'><thead><tr><td></td>"
        f"{head}</tr></thead><tbody>{rows}</tbody></table>"
    )
