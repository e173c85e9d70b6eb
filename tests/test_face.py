"""`import helpers` is light, and its four names are those of the modules."""

import subprocess
import sys

import pytest

import helpers
from helpers.explainers import comparison, explanation
from helpers.model import classifier, reading

HEAVY = ("torch", "scipy.stats", "sympy", "matplotlib", "lime", "sklearn", "numpy")


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_import_loads_nothing_heavy():
    out = run(f"import sys, helpers; print([m for m in {HEAVY} if m in sys.modules])")
    assert out.strip() == "[]"


def test_explaining_a_reading_needs_no_torch():
    """`Reading` and `explain` work on arrays; torch is for the classifier."""
    out = run(
        "import sys; from helpers import Explanation, Reading, explain; "
        "print([m for m in ('torch', 'sympy', 'matplotlib', 'sklearn') if m in sys.modules])"
    )
    assert out.strip() == "[]"


def test_the_line_of_the_readme_runs_in_a_terminal():
    out = run(
        "from helpers import load_classifier, explain; "
        "print(explain(load_classifier().read('a fine film'), 'lime'))"
    )
    assert out.startswith("exact LIME\n  fine  +1.")


def test_names():
    assert helpers.explain is comparison.explain
    assert helpers.Explanation is explanation.Explanation
    assert helpers.Reading is reading.Reading
    assert helpers.load_classifier is classifier.load_classifier
    assert set(helpers.__all__) <= set(dir(helpers))
    with pytest.raises(AttributeError, match="module 'helpers' has no attribute 'explian'"):
        helpers.explian  # noqa: B018
