"""The ledger is complete: each theorem has a check, and each check belongs to a block of a page."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import ledger
import nbformat
import pytest

from helpers.checks import LEDGER, Statement, statement

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book"
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


@pytest.mark.parametrize("label", sorted(LEDGER))
def test_check_is_seen_to_fail(label):
    assert ledger.controls(ROOT, ledger.checks(ROOT)[label]), "give it a wrong formula in a test"


def test_controls_are_found():
    tree = ast.parse(
        "WRONG = [lambda: checks.a(1)]\n"
        "def right(): checks.a(2)\n"
        "def helper(): checks.b()\n"
        "def one():\n with pytest.raises(CheckFailed): WRONG[0]()\n"
        "def two():\n with raises(CheckFailed): helper()\n"
        "def three():\n with raises(ValueError): checks.c()\n"
    )
    found = {name: ledger.controls_of(tree, name) for name in "abc"}
    assert found == {"a": ["one"], "b": ["two"], "c": []}
    cell = ast.parse("with pytest.raises(CheckFailed):\n    checks.a(lambda: 0)\n")
    assert ledger.controls_of(cell, "a") == ["cell"] and ledger.controls_of(cell, "b") == []


def test_importing_one_module_fills_the_ledger():
    code = "from helpers.checks import exact_lime, LEDGER; print(len(LEDGER))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == len(LEDGER)


# ---- the page that lists all statements


def test_the_page_is_what_its_program_writes():
    page = (ROOT / ledger.PAGE).read_text(encoding="utf-8")
    assert page == ledger.page(ROOT), "run .venv/bin/python tools/ledger.py"
    listed = re.findall(r"^\* - \{prf:ref\}`(\S+)`", page, re.M)
    assert sorted(listed) == sorted(LEDGER)
    assert "not shown" not in page, "a check whose outcome no chapter prints"


def test_every_check_says_what_it_compares():
    found = ledger.checks(ROOT)
    assert found.keys() == LEDGER.keys()
    assert not [label for label, check in found.items() if not check.says]


def test_where_a_proof_is_names_statements_only():
    assert tomllib.loads((ROOT / ledger.PROOFS).read_text(encoding="utf-8")).keys() <= LEDGER.keys()


TEXT = """## Why

**One.** *Machine-checked:* so.
**Two parts.**
*Argued:* thus, as **bold words** do not matter.

:::{admonition} The rest
And so on.
:::

:::{prf:lemma} Three
:label: lem-three
:::
It is *argued* and *machine-checked*.
"""


def test_how_a_statement_is_proved():
    text = ledger.parts([nbformat.v4.new_markdown_cell(TEXT)])
    where = {"a": ["One"], "b": ["Two parts"], "c": ["The rest"], "d": ["One", "Two parts"]}
    found = [ledger.proof("lemma", label, text, where) for label in (*"abcd", "lem-three")]
    both = "machine-checked and argued"
    assert found == ["machine-checked", "argued", "argued", both, both]
    assert ledger.proof("definition", "e", text, where) == "a definition"
    with pytest.raises(KeyError):
        ledger.proof("lemma", "e", text, where)


def test_the_largest_error_of_those_that_were_shown():
    share = Statement("x", "it holds", "this book", 1, "of it")
    lines = ["it holds: below 0.01 of it, limit 1", "a game: it holds: 0.93 of it, limit 1"]
    found = ledger.results(share, [*lines, "it holds: maybe", "that it holds: agrees exactly too"])
    assert ledger.error(share, found[:2]) == "0.93 of it; limit 1"
    assert found[:2] == [line.split("holds: ")[1] for line in lines] and len(found) == 2
    assert ledger.error(share, found[:1]) == "below 0.01 of it; limit 1"
    assert ledger.error(Statement("x", "", "", 1e-9), []) == "within 1e−09"
