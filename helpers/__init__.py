"""The code that the chapters share; a document goes through its rooms from left to right.

data → model → games → explainers → evaluation → checks, plots

Four names lead in; each is imported when it is asked for, because torch and SciPy are slow:

    from helpers import load_classifier, explain
    print(explain(load_classifier().read("a fine film"), "lime"))
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helpers.explainers.comparison import explain
    from helpers.explainers.explanation import Explanation
    from helpers.model.classifier import load_classifier
    from helpers.model.reading import Reading

_FACE = {
    "Explanation": "helpers.explainers.explanation",
    "Reading": "helpers.model.reading",
    "explain": "helpers.explainers.comparison",
    "load_classifier": "helpers.model.classifier",
}

__all__ = ["Explanation", "Reading", "explain", "load_classifier"]


def __getattr__(name: str) -> object:
    if name in _FACE:
        return getattr(import_module(_FACE[name]), name)
    raise AttributeError(f"module 'helpers' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
