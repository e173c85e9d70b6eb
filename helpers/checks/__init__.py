"""Every statement of the book, as a check that raises: one entry each, in `LEDGER`.

A check compares a closed form of `helpers` with a truth that shares no code with it, and returns
an `Outcome`; it raises `CheckFailed` if they differ by more than the statement's tolerance.
Importing this package imports all of its modules, so that the `LEDGER` is complete.
"""

import importlib
import pkgutil

from helpers.checks.base import LEDGER, CheckFailed, Outcome, Statement, statement, worst
from helpers.checks.examples import random_reading

__all__ = ["LEDGER", "CheckFailed", "Outcome", "Statement", "random_reading", "statement", "worst"]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
