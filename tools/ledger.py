"""Write the page that lists every statement of the book: its proof, its check, what that noticed.

    python tools/ledger.py

Nothing is computed. Claims, sources and tolerances come from the ledger of `helpers.checks`, the
comparison from the check's docstring, the kind of proof from the chapter's words, and errors from
the outputs that are committed with the chapters, which `make test` compares with a fresh run.
"""

import ast
import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat

from helpers.checks import LEDGER, Statement

ROOT = Path(__file__).parents[1]
PAGE, PROOFS, RECORD = "book/reference/ledger.md", "tools/proofs.toml", "tools/mutants.json"
PART = re.compile(
    r"^(?:#+ (?P<title>.*)|\*\*(?P<bold>[^*]+?)[.:]?\*\*(?! *\{).*|:{3,}\{admonition\} (?P<box>.*)"
    r"|:label: (?P<label>\S+))$",
    re.M,
)
BLOCK = re.compile(r"^:{3,}\{prf:(\w+)\}.*\n(?::(?!label:).*\n)*:label: (\S+)", re.M)
HEAD = """# Ledger

Every statement of the book, and how we know it.
This page is written by a program, `tools/ledger.py`, from the chapters and their checks.

*Proved* repeats the marks of the chapter's proof: steps that computer algebra has checked are
machine-checked, and those that are argued are words.
*Compared with* says what the check sets against the statement; `formula` stands for what the book
derives, and a test can put a wrong one in its place.
*Largest error* is what the outputs of the chapters show, and `make test` computes them anew.
Where an error is nothing but rounding, its digits are not determined, but the limit it keeps is.
*In this build* it holds if a chapter shows that it does; a check that fails stops its chapter.
*Seen to fail* counts the tests, and the cells of chapters, that give this check something wrong and
require that it fails.
The number with a plus is that of the [changes of the code](mutants.md) for which a test that calls
this check was the first to fail; tests of the parts often come before it.

:::{list-table} The statements, in the order of the chapters
:header-rows: 1
:stub-columns: 1
:class: ledger

* - Statement
  - From
  - Proved
  - Compared with
  - Largest error
  - In this build
  - Seen to fail
"""


@dataclass(frozen=True)
class Check:
    """The function that checks a statement: its module and name, and what it says of itself."""

    module: str
    name: str
    says: str


# ---- what is read


@cache
def checks(root: Path) -> dict[str, Check]:
    """The check of each label, from the source of `helpers.checks`."""
    found = {}
    for path in sorted((root / "helpers/checks").glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            for call in getattr(node, "decorator_list", ()):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "statement":
                    says = (ast.get_docstring(node) or "").split("\n\n")[0]
                    label = ast.literal_eval(call.args[0])
                    found[label] = Check(path.stem, node.name, says)
    return found


def chapters(root: Path) -> dict[Path, list]:
    """The cells of each chapter, in the order of the table of contents."""
    files = re.findall(r"^ *- file: (\S+)", (root / "_toc.yml").read_text(encoding="utf-8"), re.M)
    paths = [Path(f"{name}.ipynb") for name in files if (root / f"{name}.ipynb").exists()]
    return {path: nbformat.read(root / path, as_version=4).cells for path in paths}


def parts(cells) -> dict[str, str]:
    """The text of a chapter that follows each title, bold beginning and label, until the next."""
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    marks, found = list(PART.finditer(text)), {}
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        name = next(filter(None, mark.groups())).rstrip(".")
        end = following.start() if following else len(text)
        found.setdefault(name, text[mark.start() : end])  # the proofs come first
    return found


def printed(cells) -> list[str]:
    """The lines that the cells of a chapter have printed."""
    shown = []
    for cell in cells:
        for output in cell.get("outputs", ()):
            shown += (output.get("text") or output.get("data", {}).get("text/plain", "")).split(
                "\n"
            )
    return shown


# ---- what the page says


def proof(kind: str, label: str, text: dict[str, str], where: dict) -> str:
    """How a chapter proves a statement, by the marks in the parts `where` it does.

    Raises `KeyError` if the chapter has no such part.
    """
    if kind == "definition":
        return "a definition"
    marks = " ".join(text[name].lower() for name in where.get(label, [label]))
    words = [word for word in ("machine-checked", "argued") if word in marks]
    return " and ".join(words) or "argued"


def results(statement: Statement, lines: list[str]) -> list[str]:
    """What the chapters print after the claim of a statement, each time that it was checked."""
    pattern = re.compile(rf"(?:^|: ){re.escape(statement.claim)}: (agrees .*|.*, limit .*)$")
    named = (line for line in lines if statement.claim in line)
    return [match[1] for line in named if (match := pattern.search(line))]


def error(statement: Statement, found: list[str]) -> str:
    """The largest error of a statement with a unit; what it keeps within, of any other."""
    if not statement.unit:
        tolerance = f"{statement.tolerance:.0e}".replace("-", "−")  # where no line breaks
        return f"within {tolerance}" if statement.tolerance else "none"
    if not found:
        return "not shown"
    share = max((text.removeprefix("below ").split()[0], text) for text in found)[1]
    return share.replace(", limit", "; limit")


def callers(root: Path, tests: set[str]) -> dict[str, set[str]]:
    """The names that occur in each of `tests`."""
    found = {}
    for test in tests:
        file, _, name = test.partition("::")
        if file.endswith(".py") and (root / file).is_file():
            for node in module(root / file)[1].body:
                if isinstance(node, ast.FunctionDef) and node.name == name.split("[")[0]:
                    found[test] = names(node)
    return found


def controls(root: Path, check: Check) -> list[str]:
    """The tests and the cells that require this check to fail, by name."""
    tests = map(module, sorted((root / "tests").rglob("test_*.py")))
    trees = [tree for source, tree in tests if check.module in source]
    for path in sorted((root / "book").rglob(f"{check.module}.ipynb")):
        trees += code(path)
    return [name for tree in trees for name in controls_of(tree, check.name)]


@cache
def module(path: Path) -> tuple[str, ast.Module]:
    """A module as text and as a tree."""
    source = path.read_text(encoding="utf-8")
    return source, ast.parse(source)


@cache
def code(notebook: Path) -> list[ast.Module]:
    """The cells of code of a notebook, as trees."""
    cells = nbformat.read(notebook, as_version=4).cells
    return [ast.parse(cell.source) for cell in cells if cell.cell_type == "code"]


def controls_of(tree: ast.Module, check: str) -> list[str]:
    """The functions of a module, or "cell" if there is none, that require `check` to fail.

    What a function has from other parts of its module, such as a list of wrong formulas, is its.
    """
    parts = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    functions = dict(parts) or {"cell": tree}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            parts |= {ast.unparse(target): node for target in node.targets}

    def reached(node: ast.AST, seen: frozenset[str]) -> set[str]:
        found = set(names(node))
        for name in (found & parts.keys()) - seen:
            found |= reached(parts[name], seen | {name})
        return found

    return [
        name
        for name, node in functions.items()
        if {"raises", "CheckFailed"} <= names(node) and check in reached(node, frozenset([name]))
    ]


@cache
def names(tree: ast.AST) -> frozenset[str]:
    return frozenset(
        getattr(node, "attr", None) or getattr(node, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name)
    )


def noticed(check: Check, caught: list[str], called: dict[str, set[str]]) -> int:
    """For how many changes a test of the check's chapter that calls it was the first to fail."""
    own = (f"test_{check.module}.py", f"{check.module}.ipynb")
    return sum(
        Path(test.partition("::")[0]).name in own and check.name in called.get(test, ())
        for test in caught
    )


def page(root: Path) -> str:
    """The page, in Markdown."""
    found, book = checks(root), chapters(root)
    where = tomllib.loads((root / PROOFS).read_text(encoding="utf-8"))
    record = json.loads((root / RECORD).read_text(encoding="utf-8"))
    caught = [last["caught_by"] for last in record.values() if last["caught_by"]]
    called, rows = callers(root, set(caught)), []
    lines = [line for cells in book.values() for line in printed(cells)]
    for cells in book.values():
        text = parts(cells)
        for kind, label in BLOCK.findall("\n\n".join(c.source for c in cells)):
            if label in LEDGER:
                entry, check = LEDGER[label], found[label]
                shown = results(entry, lines)
                rows.append(
                    f"* - {{prf:ref}}`{label}`: {plain(entry.claim)}\n"
                    f"  - {'new here' if entry.source == 'this book' else entry.source}\n"
                    f"  - {proof(kind, label, text, where)}\n"
                    f"  - {plain(check.says)}\n"
                    f"  - {error(entry, shown)}\n"
                    f"  - {'holds' if shown else 'not shown'}\n"
                    f"  - {len(controls(root, check))} + {noticed(check, caught, called)}\n"
                )
    return HEAD + "".join(rows) + ":::\n"


def plain(text: str) -> str:
    """Text in which Markdown finds no markup but code; on one line."""
    mark = re.compile(r"``?[^`]+``?|[\\*_<>\[\]|^$~]")
    return mark.sub(lambda m: m[0] if len(m[0]) > 1 else "\\" + m[0], " ".join(text.split()))


if __name__ == "__main__":
    (ROOT / PAGE).write_text(page(ROOT), encoding="utf-8")
