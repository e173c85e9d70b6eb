"""Mutations: named changes of named functions, each of which some test must notice.

They are listed in ``tools/mutations.toml``; ``tools/mutants.py`` runs them.  A function is
looked up by its name, so that a mutation survives a change elsewhere in the file.
"""

import ast
import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
ON_IMPORT, TIME_LIMIT = "import", "time limit"  # what may catch a mutation, beside a test


class MutationError(ValueError):
    """A mutation that says nothing about the tests; the message says which, and why."""


@dataclass(frozen=True)
class Mutation:
    """In `function`, put `new` in place of `old`; one of `tests` must fail, as `breaks` is broken.

    `function` is a qualified name such as ``helpers.model.reading.Reading.output``; a nested
    function and a constant have one, too.  `tests` are test files, single tests and notebooks, as
    pytest takes them.  `equivalent` says why no test can notice; such a mutation has no tests.
    """

    id: str
    function: str
    old: str
    new: str
    breaks: str
    tests: tuple[str, ...] = ()
    equivalent: str = ""


@dataclass(frozen=True)
class Mutant:
    """The mutated `text` of the file at `path`, and the `source` of the function as it was."""

    path: Path
    text: str
    source: str


def load(path: Path) -> list[Mutation]:
    """All mutations of a TOML file, in its order.  Raises `MutationError` for a faulty entry."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise MutationError(f"{path.name}: not TOML, or an id is there twice: {error}") from error
    found = []
    for name, entry in entries.items():
        try:
            mutation = Mutation(name, **{**entry, "tests": tuple(entry.get("tests", ()))})
        except TypeError as error:
            raise MutationError(f"{name}: a wrong or missing key: {error}") from None
        if bool(mutation.tests) == bool(mutation.equivalent):
            raise MutationError(f"{name}: give either tests, or a reason in `equivalent`")
        found.append(mutation)
    return found


# ---- from a name to a change of a file


def module_of(root: Path, function: str) -> tuple[Path, str, list[str]]:
    """The file of a function, the name of its module, and the names inside of it."""
    parts = function.split(".")
    for n in range(len(parts) - 1, 0, -1):
        module = root.joinpath(*parts[:n])
        for path in (module.with_suffix(".py"), module / "__init__.py"):
            if path.is_file():
                return path, ".".join(parts[:n]), parts[n:]
    raise MutationError(f"{function}: no such module; follow a function that moved to its new name")


def mutate(root: Path, mutation: Mutation) -> Mutant:
    """Apply a mutation to the text of its file.  Raises `MutationError` where it does not fit."""
    path, module, names = module_of(root, mutation.function)
    text = path.read_text(encoding="utf-8")
    tree = node = ast.parse(text)
    for name in names:
        matches = [statement for statement in _scope(node) if name in _names(statement)]
        if len(matches) != 1:
            raise MutationError(
                f"{mutation.id}: {module} has {len(matches)} definitions of {'.'.join(names)}"
            )
        node = matches[0]
    first = min(part.lineno for part in (node, *getattr(node, "decorator_list", ())))
    lines = text.splitlines(keepends=True)
    source = "".join(lines[first - 1 : node.end_lineno])
    if (count := source.count(mutation.old)) != 1:
        raise MutationError(
            f"{mutation.id}: {mutation.function} has {mutation.old!r} {count} times, not once"
        )
    changed = source.replace(mutation.old, mutation.new)
    mutated = "".join([*lines[: first - 1], changed, *lines[node.end_lineno :]])
    try:
        same = ast.dump(ast.parse(mutated)) == ast.dump(tree)
    except SyntaxError as error:
        raise MutationError(f"{mutation.id}: the result is not Python: {error}") from None
    if same:
        raise MutationError(f"{mutation.id}: changes nothing that Python sees")
    return Mutant(path.relative_to(root), mutated, source)


def _scope(node):
    """The statements of a module, class or function, without those of the scopes inside it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        if not isinstance(child, SCOPES):
            yield from _scope(child)


def _names(statement) -> set[str]:
    """The names that a definition or an assignment gives."""
    if isinstance(statement, SCOPES):
        return {statement.name}
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = getattr(statement, "targets", None) or [statement.target]
        return {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    return set()


# ---- the record: what caught a mutation (None: nothing did), and when that becomes stale


def digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def change(mutation: Mutation) -> str:
    """Identifies what is changed: `make test` compares it with the record."""
    return digest(mutation.old, mutation.new)


def context(mutation: Mutation, mutant: Mutant) -> str:
    """Identifies what it was run against: the function and the list of tests."""
    return digest(mutant.source, *mutation.tests)


def entry(mutation: Mutation, mutant: Mutant, caught_by: str | None) -> dict:
    """What the record holds of a run."""
    hashes = {"change": change(mutation), "context": context(mutation, mutant)}
    return {"caught_by": caught_by, **hashes}


def is_due(mutation: Mutation, mutant: Mutant, record: dict) -> bool:
    """Must it run, because it is new, has changed, or was not caught?"""
    last = record.get(mutation.id, {"caught_by": None})
    return last["caught_by"] is None or last != entry(mutation, mutant, last["caught_by"])


# ---- the page

PAGE = """# Broken on purpose

A check that cannot fail proves nothing.
Therefore the code is broken on purpose, by one small change of one function at a time.
The tests concerned run against each broken copy, and at least one of them must fail.
The last column names the first that did, a test or a cell of a chapter, as pytest names it.

The changes themselves are listed in `tools/mutations.toml`.
`make mutants` runs those that are new or have changed, and writes this page.
"""
CAUGHT_HEAD = "\n| What is broken | In | Caught by |\n|---|---|---|\n"
EQUIVALENT = """
## Changes that nothing can notice

These change the code, but not what it computes, beyond rounding; so they are not run.

| What is changed | In | Why no test can notice |
|---|---|---|
"""


def page(root: Path, mutations: list[Mutation], record: dict) -> str:
    """The page of the book, in Markdown: a table for each module, then what is equivalent."""
    modules: dict[str, list[str]] = {}
    equivalent = []
    for mutation in mutations:
        _, module, names = module_of(root, mutation.function)
        if mutation.equivalent:
            equivalent.append(_row(mutation.breaks, f"`{mutation.function}`", mutation.equivalent))
        else:
            caught = _caught(record.get(mutation.id))
            row = _row(mutation.breaks, f"`{'.'.join(names)}`", caught)
            modules.setdefault(module, []).append(row)
    tables = [f"\n## `{module}`\n{CAUGHT_HEAD}{''.join(rows)}" for module, rows in modules.items()]
    return PAGE + "".join(tables) + (EQUIVALENT + "".join(equivalent) if equivalent else "")


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |\n"


def _caught(last: dict | None) -> str:
    """What caught a mutation, in words."""
    if last is None:
        return "not run yet"
    if last["caught_by"] is None:
        return "**nothing**"
    if last["caught_by"] == TIME_LIMIT:
        return "the time limit: the tests no longer end"
    if last["caught_by"] == ON_IMPORT:
        return "the import, before the first test"
    return f"`{last['caught_by'].split('/')[-1]}`"
