"""Helpers of the book: one idea a module; see the page "Notation" for the names."""

from helpers import attention, games, gradients, identifiability, lime
from helpers.classifier import load_classifier

__all__ = ["attention", "games", "gradients", "identifiability", "lime", "load_classifier"]
