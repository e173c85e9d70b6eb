"""Every statement of the book, as a check that raises: one entry each, in `LEDGER`.

A check compares a closed form of `helpers` with a truth that shares no code with it, and returns
an `Outcome`; it raises `CheckFailed` if they differ by more than the statement's tolerance.
"""

from helpers.checks.base import LEDGER, CheckFailed, Outcome, Statement, random_reading, statement

__all__ = ["LEDGER", "CheckFailed", "Outcome", "Statement", "random_reading", "statement"]
