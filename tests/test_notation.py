"""The page "Notation": its names exist, its shapes are right, no public attribute is missing."""

import dataclasses
import importlib
import re
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest

from helpers import games, load_classifier
from helpers.checks.examples import random_reading
from helpers.explainers import attention
from helpers.explainers.explanation import Explanation
from helpers.explainers.methods import METHODS
from helpers.model.reading import Heads, Reading

FILE = Path(__file__).parents[1] / "book/reference/notation.md"
PAGE, _, REST = FILE.read_text(encoding="utf-8").partition("\n## Methods\n")
METHODS_PAGE, _, REST = REST.partition("\n## ")
PAGE += REST
READING = random_reading(0, T=16, K=2, d_e=5, d_att=4, d_out=3, distinct=9)
GAME = games.word_game(READING)
SIZES = {"T_max": 16, "K": 2, "d_e": 5, "d_att": 4, "d_out": 3}
SIZES |= {"T": READING.length, "d": len(GAME.labels)}


def rows():
    """(symbol, meaning, shape, code) of each row of the page's tables."""
    lines = [line for line in PAGE.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert all(len(row) == 4 for row in cells), [row for row in cells if len(row) != 4]
    return [tuple(row) for row in cells if row[0] != "Symbol" and set(row[0]) != {"-"}]


ROWS = rows()
NAMES = [re.search(r"`([\w.]+)`", row[3])[1] for row in ROWS if "`" in row[3]]


@pytest.fixture(scope="module")
def objects():
    explanation = attention.average(READING)
    classifier = load_classifier()
    return {
        "reading": READING,
        "game": GAME,
        "explanation": explanation,
        "classifier": classifier,
    }


def look_up(name, objects):
    first, *rest = name.split(".")
    found = (
        objects[first]
        if first in objects
        else importlib.import_module(f"helpers.explainers.{first}")
    )
    for part in rest:
        found = getattr(found, part)
    return found


def test_the_page_has_tables():
    assert len(NAMES) > 50


@pytest.mark.parametrize("name", NAMES)
def test_name_exists(name, objects):
    look_up(name, objects)


def test_a_name_that_does_not_exist_is_caught(objects):
    for name in ("reading.logit", "gradients.gradiant", "helpers_of_old.x"):
        with pytest.raises((AttributeError, ImportError)):
            look_up(name, objects)


def value_of(name, objects):
    """The array that a name stands for; functions are called on the random document."""
    found = look_up(name, objects)
    if name in ("game.value", "game.head_values"):
        return found(np.ones(len(GAME.labels)))
    if callable(found):
        found = found(READING)
    return found.scores if isinstance(found, Explanation) else found


FUNCTIONS = {m.key: f"{m.function.__module__}.{m.function.__name__}" for m in METHODS.values()}
MODULES = sorted({name.split(".")[2] for name in FUNCTIONS.values()})
SHAPED = [
    (row[2], name)
    for row in ROWS
    for name in re.findall(rf"`((?:reading|game|{'|'.join(MODULES)})\.[\w.]+)`", row[3])
    if re.fullmatch(r"\([\w ,-]*\)", row[2]) and not row[3].startswith("argument of")
]


def test_most_names_have_a_shape():
    assert len(SHAPED) > 40


@pytest.mark.parametrize("shape, name", SHAPED, ids=[name for _, name in SHAPED])
def test_shape_is_right(shape, name, objects):
    expected = eval(shape, {"__builtins__": {}}, SIZES)
    assert np.shape(value_of(name, objects)) == expected


def test_sizes_of_the_trained_model(objects):
    for _, _, value, code in ROWS:
        name = code.strip("`")
        if name.startswith("classifier.") and value.isdigit():
            found = look_up(name, objects)
            assert int(value) == (found if isinstance(found, int) else len(found)), name
    classifier = objects["classifier"]
    sizes = {"D": len(classifier.vocabulary), **dataclasses.asdict(classifier.sizes)}
    for _, _, shape, code in ROWS:
        if code in ("`classifier.W_e`", "`classifier.W_p`"):
            expected = eval(shape, {"__builtins__": {}}, sizes)
            assert tuple(look_up(code.strip("`"), objects).shape) == expected


def public(cls):
    """Fields and properties of a class, without the leading underscore."""
    fields = {field.name for field in dataclasses.fields(cls)}
    properties = {k for k, v in vars(cls).items() if isinstance(v, property | cached_property)}
    return sorted(name for name in fields | properties if not name.startswith("_"))


@pytest.mark.parametrize(
    "prefix, cls",
    [
        ("reading", Reading),
        ("reading.heads", Heads),
        ("game", games.PerturbationGame),
        ("explanation", Explanation),
    ],
    ids=["Reading", "Heads", "PerturbationGame", "Explanation"],
)
def test_every_public_attribute_is_listed(prefix, cls):
    listed = set(NAMES) | {"reading.heads"}
    assert not [name for name in public(cls) if f"{prefix}.{name}" not in listed]


# ---- the table of methods


def line(method):
    """The row of the page's table that an entry of the registry asks for."""
    total = method.total.replace("[UNK]", r"$\UNK$")
    chapter = f"{{doc}}`../{method.chapter}`" if method.chapter else ""
    signed = "yes" if method.signed else "no"
    cells = (f"`{method.key}`", method.name, method.short, signed, total, method.source, chapter)
    return f"| {' | '.join(cells)} |".replace("  ", " ")


def test_the_page_lists_every_method_as_the_registry_does():
    """If this fails, put the lines that it shows on the page."""
    shown = [row for row in METHODS_PAGE.splitlines() if row.startswith("| `")]
    assert shown == [line(method) for method in METHODS.values()]


@pytest.mark.parametrize("key", METHODS)
def test_every_method_has_its_function_on_the_page(key):
    """`SHAPED` then compares its shape."""
    _, _, module, *_, name = FUNCTIONS[key].split(".")
    assert f"{module}.{name}" in {name for _, name in SHAPED}
