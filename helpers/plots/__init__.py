"""Figures of the chapters: functions that return one. Importing sets the book's style."""

from helpers.plots.base import BLUE, GREEN, GREY, ORANGE, RED, heat_map, token_bars
from helpers.plots.tables import Table

__all__ = ["BLUE", "GREEN", "GREY", "ORANGE", "RED", "Table", "heat_map", "token_bars"]
