"""The package keeps its order: imports run one way, and no room grows without bound."""

import ast
import io
import shutil
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HELPERS = ROOT / "helpers"
LIMIT = 250  # lines of a module; below, lines of code of a room
ROOMS = {
    "data": 650,
    "model": 1600,
    "games": 550,
    "explainers": 1450,
    "evaluation": 2450,
    "experiments": 850,
}
EMPTY = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
    tokenize.ENDMARKER,
}  # fmt: skip


def lint(folder):
    """import-linter on the package in `folder`, with the contracts of its pyproject.toml."""
    call = (
        "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    )
    return subprocess.run([sys.executable, "-c", call], cwd=folder, capture_output=True, text=True)


def test_contracts_are_kept():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


BROKEN = {
    "a lower room imports a higher one": ("model/reading.py", "helpers.games", "Imports run only"),
    "checks import plots": ("checks/base.py", "helpers.plots", "Imports run only"),
    "a circle inside a room": ("data/words.py", "helpers.data.corpus", "No circles"),
    "torch outside of its places": ("games/game.py", "torch", "torch only"),
    "a room without a place": ("attic/__init__.py", "json", "Imports run only"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_contract_is_named(name, tmp_path):
    module, imported, contract = BROKEN[name]
    shutil.copytree(HELPERS, tmp_path / "helpers", ignore=shutil.ignore_patterns("weights"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "helpers" / module
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf8") as file:
        file.write(f"\nimport {imported}\n")
    done = lint(tmp_path)
    broken = [line for line in done.stdout.splitlines() if " BROKEN" in line]
    assert done.returncode == 1 and any(line.startswith(contract) for line in broken), done.stdout


def lines(path):
    return len(path.read_text(encoding="utf8").splitlines())


def lines_of_code(path):
    """Lines that hold code: without empty lines, comments and docstrings."""
    text = path.read_text(encoding="utf8")
    held = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in EMPTY:
            held |= set(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        match getattr(node, "body", None):
            case [ast.Expr(value=ast.Constant(value=str())) as docstring, *_]:
                held -= set(range(docstring.lineno, docstring.end_lineno + 1))
    return len(held)


def test_lines_of_code_are_counted(tmp_path):
    path = tmp_path / "x.py"
    path.write_text(
        '"""Doc\n\nstring."""\n\nx = 1  # one\n# two\n\n\ndef f():\n    """Doc."""\n    return x\n'
    )
    assert lines_of_code(path) == 3


def test_no_module_is_too_long():
    sizes = {path.relative_to(ROOT): lines(path) for path in HELPERS.rglob("*.py")}
    assert len(sizes) > 30
    assert not {path: n for path, n in sizes.items() if n > LIMIT}


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_is_too_large(room):
    modules = [*(HELPERS / room).rglob("*.py")]
    assert len(modules) > 3 and 300 < sum(map(lines_of_code, modules)) <= ROOMS[room]


def test_every_room_but_those_of_the_chapters_has_a_limit():
    rooms = {path.parent.name for path in HELPERS.glob("*/__init__.py")}
    assert rooms == {*ROOMS, "checks", "plots"}
