"""Formulas that are wrong by a factor: a check that is given one must fail."""

import numpy as np

from helpers.explainers.explanation import Explanation


def scaled(formula, factor=1.001):
    """`formula`, whose value is an array, times `factor`."""
    return lambda *arguments: factor * np.asarray(formula(*arguments))


def changed(formula, factor=1.001):
    """`formula`, whose value is an explanation, with its scores times `factor`."""

    def wrong(game, *arguments):
        found = formula(game, *arguments)
        return Explanation(found.labels, factor * found.scores, "wrong", found.text)

    return wrong
