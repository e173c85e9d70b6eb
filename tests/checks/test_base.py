"""What every check of a statement does: it fails above its tolerance, and on NaN."""

import math

import pytest

from helpers.checks import CheckFailed, base


def test_a_check_fails_just_above_its_tolerance(monkeypatch):
    monkeypatch.setattr(base, "LEDGER", {})
    check = base.statement("thm-x", "a claim", "a source", 1e-3)(lambda error: error)
    assert check(1e-3).error == 1e-3
    for error in (1.001e-3, math.nan, math.inf):
        with pytest.raises(CheckFailed, match=r"a claim \(thm-x\): error"):
            check(error)
