"""The code that the chapters share; a document goes through its rooms from left to right.

data → model → games → explainers → evaluation → checks, plots
"""

from importlib import import_module

_FACE = {"load_classifier": "helpers.model.classifier"}  # imported when asked for: torch is slow

__all__ = ["load_classifier"]


def __getattr__(name: str) -> object:
    if name in _FACE:
        return getattr(import_module(_FACE[name]), name)
    raise AttributeError(f"module 'helpers' has no attribute {name!r}")
