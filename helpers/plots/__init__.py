"""Figures of the chapters: functions that return one. Importing sets the book's style."""

from helpers.plots.base import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    columns_of_scores,
    power_law,
)
from helpers.plots.tables import Table

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "ORANGE",
    "RED",
    "Table",
    "columns_of_scores",
    "power_law",
]
