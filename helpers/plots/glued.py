"""Numbers for the text: what a cell computes stands in a sentence, where ``{glue:text}`` names it.

This is the record that MyST-NB's `glue` leaves in a cell, without the need to install MyST-NB.
"""

from __future__ import annotations

import re

from IPython.display import display

from helpers.plots.tables import typeset

KIND = "application/papermill.record/"


def glued(values: dict[str, object]) -> None:
    """Leave the text of each value, under its name, among the outputs of the cell that runs."""
    for name, value in values.items():
        record = {KIND + "text/plain": together(typeset(str(value)))}
        about = {"scrapbook": {"name": name, "mime_prefix": KIND}}
        display(record, metadata=about, raw=True)


def together(text: str) -> str:
    """An interval in brackets stays on one line, with the number before it."""
    return re.sub(r" ?\[[^]]*\]", lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), text)
