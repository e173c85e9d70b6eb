"""Numbers for the text: what a cell computes stands in a sentence, where ``{glue:text}`` names it.

This is the record that MyST-NB's `glue` leaves in a cell, without the need to install MyST-NB.
"""

from __future__ import annotations

from IPython.display import display

KIND = "application/papermill.record/"


def glued(values: dict[str, object]) -> None:
    """Leave the text of each value, under its name, among the outputs of the cell that runs."""
    for name, value in values.items():
        record = {KIND + "text/plain": str(value)}
        about = {"scrapbook": {"name": name, "mime_prefix": KIND}}
        display(record, metadata=about, raw=True)
