"""The map of methods: the families of a survey, and what this book has of each.

The families are those of Madsen, Reddy and Chandar (2022), *Post-hoc interpretability for neural
NLP: a survey*. The map itself is ``map_of_methods.toml``; how sure the number of a method is, it
does not say, so that nobody can write it there: `helpers.checks.map_of_methods` finds it out.
"""

from __future__ import annotations

import ast
import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from helpers.explainers.methods import METHODS

FILE = Path(__file__).with_name("map_of_methods.toml")
ROOMS = ("explainers", "evaluation")  # where the modules of a call are
SCOPES = {"local": "one prediction", "class": "one class", "global": "the whole model"}
STATUSES = EXACT, BOUNDED, ESTIMATED, ABSENT = "exact", "bounded", "estimated", "not here"


@dataclass(frozen=True)
class Family:
    """A way to communicate an explanation; `survey` says what the survey names there."""

    key: str
    name: str
    scope: str
    question: str
    survey: str


@dataclass(frozen=True)
class Entry:
    """A method on the map: its `call`, or `why` it is not here. The file says what the rest is."""

    key: str
    family: str
    name: str
    short: str = ""
    chapter: str = ""
    call: str = ""
    theorem: str = ""
    bound: str = ""
    formula: str = ""
    cost: str = ""
    growth: int | None = None
    elsewhere: str = ""
    unmade: str = ""
    lowered: str = ""
    loss: str = ""
    why: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "short", self.short or self.name)
        if bool(self.call) == bool(self.why):
            raise ValueError(f"{self.key} has either a call, or a reason why it is not here")
        if self.call and not (self.theorem and self.chapter and self.formula and self.cost):
            raise ValueError(f"{self.key} needs a theorem, a chapter, a formula and a cost")


@dataclass(frozen=True)
class Standing:
    """How sure a number is, one of `STATUSES`, and by what."""

    status: str
    proof: str


@functools.cache
def _table() -> dict:
    return tomllib.loads(FILE.read_text(encoding="utf8"))


def families() -> tuple[Family, ...]:
    """The families, in the survey's order."""
    return tuple(Family(key, **fields) for key, fields in _table()["family"].items())


def entries() -> tuple[Entry, ...]:
    """The methods of all families; what is in the registry has its name and chapter from there."""
    found = []
    for key, fields in _table()["method"].items():
        if key in METHODS:
            method = METHODS[key]
            registered = {"name": method.name, "short": method.short, "chapter": method.chapter}
            fields = registered | fields
        found.append(Entry(key, **fields))
    return tuple(found)


def function_of(call: str) -> object:
    """The function that a call such as ``lime.exact(reading)`` names, from the rooms of helpers.

    Raises `ValueError` if there is no such module or function.
    """
    module, _, name = ast.unparse(ast.parse(call, mode="eval").body.func).rpartition(".")
    for room in ROOMS:
        try:
            return getattr(import_module(f"helpers.{room}.{module}"), name)
        except (ModuleNotFoundError, AttributeError):
            continue
    raise ValueError(f"there is no helpers.…{module}.{name}, which the map calls")


def made(call: str, given: Mapping[str, object]) -> object:
    """What a call gives if its arguments are names in `given`, or plain numbers and texts."""
    asked = ast.parse(call, mode="eval").body

    def argument(node: ast.expr) -> object:
        return given[node.id] if isinstance(node, ast.Name) else ast.literal_eval(node)

    return function_of(call)(*map(argument, asked.args))
