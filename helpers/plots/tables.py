"""Tables of a chapter: shown as HTML in a notebook, as columns of text elsewhere."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

MINUS = re.compile(r"(?<![\w.-])-(?=[.\d])")  # of a number, not the hyphen of a word or a date
ZERO = re.compile(r"(?<![\w.-])-(?=0*\.?0*(?![\w.]))")  # of a number that is rounded to zero


@dataclass(frozen=True)
class Table:
    """A header and rows of cells; in HTML a minus is a real one, and zero has none."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.header):
                raise ValueError(f"a row has {len(row)} cells under {len(self.header)}: {row}")

    def __repr__(self) -> str:
        lines = [self.header, *self.rows]
        widths = [max(len(line[k]) for line in lines) for k in range(len(self.header))]
        padded = (" | ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
        return "\n".join(padded)

    def _repr_html_(self) -> str:
        head = "".join(f"<th scope='col'>{html.escape(cell)}</th>" for cell in self.header)
        rows = (
            "".join(f"<td>{html.escape(typeset(cell))}</td>" for cell in row) for row in self.rows
        )
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        return f"<table class='table'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def typeset(cell: str) -> str:
    """A number with a real minus, and zero without one."""
    return MINUS.sub("−", ZERO.sub("", cell))
