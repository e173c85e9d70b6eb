"""Let nbval compare the outputs of notebooks as ``tools/comparison.py`` does.

By itself, nbval compares numbers digit by digit, pictures not at all, and a cell that was
never run not either.
"""

import inspect
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "tools"))

from comparison import differences, set_kernel_env
from nbval.plugin import IPyNbCell, NbCellError

NBVAL = "0.11.0"  # the version whose inner workings the lines below rely on
COMPARE_OUTPUTS = ["self", "test", "ref", "skip_compare"]


def check_nbval(cell_class=IPyNbCell, installed: str | None = None) -> None:
    """Refuse to run with an nbval that the patch was not made for."""
    installed = installed or version("nbval")
    if installed != NBVAL:
        raise pytest.UsageError(f"conftest.py is made for nbval {NBVAL}, but this is {installed}")
    method = getattr(cell_class, "compare_outputs", None)
    if method is None or list(inspect.signature(method).parameters) != COMPARE_OUTPUTS:
        raise pytest.UsageError("IPyNbCell.compare_outputs of nbval is not what it was")
    for name in ("sanitize", "raise_cell_error"):
        if not hasattr(cell_class, name):
            raise pytest.UsageError(f"IPyNbCell.{name} of nbval is gone")


def compare_outputs(self, test, ref, skip_compare=None) -> bool:
    self.comparison_traceback = differences(ref, test, self.sanitize)
    return not self.comparison_traceback


def pytest_configure(config):
    check_nbval()
    IPyNbCell.compare_outputs = compare_outputs
    set_kernel_env()


def pytest_runtest_setup(item):
    if isinstance(item, IPyNbCell) and item.cell.execution_count is None:
        raise NbCellError(item.cell_num, "The committed cell was never run", item.cell.source)
