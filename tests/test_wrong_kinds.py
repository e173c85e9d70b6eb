"""Every public function, given an object of a wrong kind, names the call to make instead.

The functions are collected from their modules, and what fits a parameter follows from its
annotation; so a new function is covered by itself, and a new annotation asks to be entered here.
"""

import importlib
import inspect
import pkgutil

import numpy as np
import pytest
import torch

import helpers.data
import helpers.explainers
import helpers.model
from helpers import games, load_classifier
from helpers.checks.examples import random_reading
from helpers.data import corpus, kinds
from helpers.data.reviews import Review
from helpers.data.words import Vocabulary
from helpers.model import reading, training
from helpers.model.classifier import AttentionClassifier

READING = random_reading(0, T=5)
CLASSIFIER = load_classifier()
WRONG = {
    "a text": "a fine film",
    "texts": ["a fine film", "dull"],
    "a game": games.word_game(READING),
    "a tensor": torch.ones(3, requires_grad=True),
    "lists": [[0.5, 0.5], [1.0]],
    "None": None,
}
# annotation of the parameter: (which of these fit, a value that fits)
FITS = {
    "Reading": ((), READING),
    "Array": ((), np.array([0.5, 0.5])),
    "str": (("a text",), "good"),
    "int": ((), 3),
    "float": ((), 0.5),
    "str | Path": (("a text",), "nowhere"),
    "dict": ((), {}),
    "Vocabulary": ((), CLASSIFIER.vocabulary),
    "AttentionClassifier": ((), CLASSIFIER),
    "Tensor": (("a tensor",), torch.zeros((1, 3), dtype=torch.long)),
    "Tokens": ((), (np.array([2]),)),
    "Sequence[str]": (("texts",), ["good"]),
    "Iterable[str]": (("texts",), ["good"]),
    "Sequence[int]": ((), [1]),
    "Sequence[Review]": ((), [Review("1", 1.0, "good"), Review("2", -1.0, "bad")]),
    "Recipe": ((), training.Recipe()),
    "ndarray": ((), np.array([1.0])),
    "Generator": ((), np.random.default_rng(0)),
}
EXEMPT = {
    training.main,  # takes the command line
    training.command,  # the same
    training.card_of,  # what train has made
    reading.finite,  # takes a name first; its own tests say what it refuses
    reading.takes_reading,  # takes a function
}
MODULES = [
    importlib.import_module(f"{room.__name__}.{module.name}")
    for room, wanted in (
        (helpers.data, {"corpus", "reviews", "words"}),
        (helpers.model, {"classifier", "reading", "training", "variants"}),
        (helpers.explainers, {"attention", "gradients", "integrated"}),
        (importlib.import_module("helpers.evaluation"), {"identifiability"}),
    )
    for module in pkgutil.iter_modules(room.__path__)
    if module.name in wanted
]


def parameters(function):
    """(name, annotation) of the parameters that must be given, without self and cls."""
    return [
        (p.name, str(p.annotation).rpartition(".")[2])
        for p in inspect.signature(function).parameters.values()
        if p.default is p.empty and p.name != "self"
    ]


def public(module):
    """Its public functions and methods, by name."""
    for name, found in vars(module).items():
        if name.startswith("_") or getattr(found, "__module__", "") != module.__name__:
            continue
        if inspect.isfunction(found) and found not in EXEMPT:
            yield f"{module.__name__}.{name}", found
        for owner in (CLASSIFIER, CLASSIFIER.vocabulary) if inspect.isclass(found) else ():
            if found is type(owner):
                for method in vars(found):
                    if not method.startswith("_") and callable(getattr(owner, method)):
                        yield f"{name}.{method}", getattr(owner, method)


FUNCTIONS = {name: function for module in MODULES for name, function in public(module)}
CASES = [
    pytest.param(function, wrong, id=f"{name}-{wrong}")
    for name, function in FUNCTIONS.items()
    for wrong in WRONG
    if parameters(function) and wrong not in FITS[parameters(function)[0][1]][0]
]


def test_functions_are_found():
    assert {len(MODULES), len({m.__name__ for m in MODULES})} == {11}
    assert len(FUNCTIONS) > 50 and len(CASES) > 250
    for name in (
        "helpers.model.variants.unpadded",
        "Vocabulary.lookup",
        "AttentionClassifier.read",
    ):
        assert name in FUNCTIONS


@pytest.mark.parametrize("function, wrong", CASES)
def test_a_wrong_kind_is_named_with_the_call_to_make(function, wrong):
    rest = [FITS[annotation][1] for _, annotation in parameters(function)[1:]]
    with pytest.raises(TypeError, match=r"(?s), not .*: (call|give) ."):
        made = function(WRONG[wrong], *rest)
        list(made) if inspect.isgenerator(made) else made


@pytest.mark.parametrize("wrong", WRONG)
def test_readings_are_asked_for_with_the_functions_own_name(wrong):
    call = r"call attention\.average\(classifier\.read\(text\)\)"
    with pytest.raises(TypeError, match=rf"attention\.average is for a Reading, not .*: {call}"):
        helpers.explainers.attention.average(WRONG[wrong])


@pytest.mark.parametrize("wrong", ["a text", "texts", "a game", "a tensor", "lists", "None"])
def test_arrays_are_made_of_numbers(wrong):
    with pytest.raises(TypeError, match=r"u is an array of numbers, not .*: give np\.array"):
        reading.finite("u", WRONG[wrong])


@pytest.mark.parametrize("parts", [{"heads": None}, {"tokens": "abcde"}, {"length": "5"}])
def test_parts_of_a_reading(parts):
    given = {**vars(READING), **parts}
    names = ("tokens", "length", "embeddings", "masked_embeddings", "heads")
    with pytest.raises(TypeError, match=rf"{next(iter(parts))}.* is a.*, not .*: (call|give) "):
        reading.Reading(*(given[name] for name in names))


def test_reviews_are_asked_for():
    with pytest.raises(
        TypeError, match=r"reviews is a list of Review, not list of str: call .*hel"
    ):
        training.accuracy(CLASSIFIER, ["good"])
    with pytest.raises(TypeError, match=r"sizes is a list of .*, not int: give sizes=\(1, 2\)"):
        corpus.held_out(3, sizes=2)
    with pytest.raises(
        TypeError, match=r"vocabulary is a Vocabulary, not None: call Vocabulary\.b"
    ):
        AttentionClassifier(None)
    with pytest.raises(TypeError, match=r"words is a list of str, not str: call Vocabulary\.build"):
        Vocabulary("a fine film")


def test_a_long_text_is_cut_in_messages():
    assert kinds.shown("a" * 10**7) == f"'{'a' * 80}'…"
    assert len(kinds.shown(list(range(10**5)))) < 80
