"""Explanations: one number for each word or token of a text."""
