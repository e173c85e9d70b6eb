"""The ledger is complete: each theorem has a check, and each check belongs to a block of a page."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from helpers.checks import LEDGER, Statement, statement

BOOK = Path(__file__).parents[1] / "book"
BLOCK = re.compile(r"^ *:{3,}\{prf:(\w+)\}.*\n(?: *:(?!label:).*\n)*(?: *:label: *(\S+))?", re.M)
PROVED = {"theorem", "proposition", "corollary", "lemma"}


def blocks(text):
    """(kind, label) of each block in Markdown; the label is empty if there is none."""
    return [(kind, label) for kind, label in BLOCK.findall(text) if kind != "proof"]


def pages():
    for path in sorted(BOOK.rglob("*")):
        if ".ipynb_checkpoints" in path.parts:
            continue
        if path.suffix == ".ipynb":
            cells = nbformat.read(path, as_version=4).cells
            yield path, "\n\n".join(c.source for c in cells if c.cell_type == "markdown")
        elif path.suffix == ".md":
            yield path, path.read_text(encoding="utf-8")


BLOCKS = [(path.stem, *block) for path, text in pages() for block in blocks(text)]
CLAIMS = [(page, label) for page, kind, label in BLOCKS if kind in PROVED]


def test_blocks_are_found():
    assert len(CLAIMS) > 30
    text = (
        ":::{prf:lemma} A name\n:class: x\n:label: lem-a\n\nx\n:::\n\n:::{prf:theorem}\n\ny\n:::\n"
    )
    assert blocks(text) == [("lemma", "lem-a"), ("theorem", "")]


@pytest.mark.parametrize("page, label", CLAIMS, ids=[f"{p}-{x}" for p, x in CLAIMS])
def test_claim_has_a_check(page, label):
    assert label in LEDGER, f"{page}: no check has the label {label!r}"


@pytest.mark.parametrize("label", sorted(LEDGER))
def test_check_has_a_block(label):
    assert label in {name for _, _, name in BLOCKS}, f"no block has the label {label!r}"
    entry = LEDGER[label]
    assert isinstance(entry, Statement) and entry.label == label
    assert entry.claim and entry.source and entry.tolerance >= 0


def test_labels_are_unique():
    labels = [label for _, _, label in BLOCKS]
    assert len(set(labels)) == len(labels)
    with pytest.raises(ValueError, match="two checks"):
        statement(next(iter(LEDGER)), "again", "nobody", 1.0)(len)


def test_importing_one_module_fills_the_ledger():
    code = "from helpers.checks import exact_lime, LEDGER; print(len(LEDGER))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == len(LEDGER)
