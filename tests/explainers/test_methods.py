"""The registry says the truth about each method, and everything that lists methods reads it."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from helpers.checks.examples import random_reading
from helpers.explainers import (
    attention,
    comparison,
    gradients,
    integrated,
    lime,
    methods,
    occlusion,
    shapley,
)
from helpers.explainers.comparison import Comparison, compare, explain
from helpers.explainers.explanation import Explanation
from helpers.games import position_game, word_game

ROOT = Path(__file__).parents[2]
READINGS = [random_reading(seed, T=20, K=2, distinct=4, biases=True) for seed in range(4)]
ALL = pytest.mark.parametrize("method", methods.METHODS.values(), ids=lambda m: m.key)
TOTALS = {
    "1": lambda reading: 1.0,
    "f(x)": lambda reading: reading.output,
    "f(x) - f(all [UNK])": lambda reading: reading.output - float(
        (reading.masked_attention * reading.masked_values).sum(axis=1).mean()
    ),
}  # fmt: skip

FUNCTIONS = {
    "attention-average": attention.average,
    "attention-maximum": attention.maximum,
    "gradient-mean": gradients.mean,
    "gradient-l1": gradients.l1,
    "gradient-l2": gradients.l2,
    "gradient-times-input": gradients.times_input,
    "contributions": attention.contributions,
    "integrated-gradients": integrated.gradients,
    "lime": lime.exact,
    "mean-field-lime": lime.mean_field,
    "shapley": shapley.exact,
    "banzhaf": occlusion.banzhaf,
    "leave-one-out": occlusion.leave_one_out,
}


def test_keys_and_names_are_unique():
    entries = methods.METHODS.values()
    assert all(key == method.key for key, method in methods.METHODS.items())
    for field in ("key", "name", "short"):
        assert len({getattr(method, field) for method in entries}) == len(entries)
    with pytest.raises(dataclasses.FrozenInstanceError):
        methods.METHODS["lime"].key = "x"


@ALL
def test_an_entry_is_complete(method):
    assert method.source and set(method.key) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not method.chapter or (ROOT / "book" / f"{method.chapter}.ipynb").exists()


@ALL
def test_a_key_finds_the_function_that_it_names(method):
    reading = READINGS[0]
    truth = FUNCTIONS[method.key](reading)
    for found in (method.function(reading), explain(reading, method.key)):
        assert found.method == truth.method
        np.testing.assert_array_equal(found.scores, truth.scores)


@ALL
def test_a_method_scores_each_token_or_each_word(method):
    for reading in READINGS:
        found = explain(reading, method.key)
        words = tuple(dict.fromkeys(reading.text[1:]))
        assert isinstance(found, Explanation)
        assert found.labels in (reading.text, words)


@ALL
def test_signed_is_what_the_scores_are(method):
    scores = np.concatenate([explain(reading, method.key).scores for reading in READINGS])
    assert (scores < 0).any() == method.signed and (scores > 0).any()


@ALL
def test_the_total_is_what_the_scores_add_up_to(method):
    gaps = {name: [] for name in TOTALS}
    for reading in READINGS:
        found = explain(reading, method.key)
        total = found.scores.sum() + found.padding
        for name, wanted in TOTALS.items():
            gaps[name].append(abs(total - wanted(reading)))
    fixed = [name for name, errors in gaps.items() if max(errors) < 1e-9]
    assert fixed == ([method.total] if method.total else [])


@pytest.mark.parametrize(
    "key, nearest", [("lme", "'lime'"), ("gradient-l3", "'gradient-l"), ("SHAP", None), (3, None)]
)
def test_an_unknown_key_lists_the_keys(key, nearest):
    with pytest.raises(ValueError, match="there is no method") as caught:
        explain(READINGS[0], key)
    assert all(known in str(caught.value) for known in methods.METHODS)
    assert ("did you mean" in str(caught.value)) == (nearest is not None)
    assert nearest is None or f"did you mean {nearest}" in str(caught.value)


@pytest.mark.parametrize("wrong", ["a fine film", None, np.zeros(3), word_game(READINGS[0])])
def test_what_is_no_reading_is_told_the_call(wrong):
    for call in (explain, compare):
        with pytest.raises(TypeError, match=r"call classifier\.read\(text\)"):
            call(wrong)


# ---- the comparison


def test_all_methods_are_compared_the_papers_first():
    table = explain(READINGS[0])
    assert isinstance(table, Comparison) and table.output == READINGS[0].output
    assert set(table.methods) == {method.short for method in methods.METHODS.values()}
    papers = [method.short for method in methods.METHODS.values() if method.of_paper]
    assert list(table.methods[: table.of_paper]) == papers


def test_keys_choose_the_rows():
    table = compare(READINGS[0], keys=["lime", "attention-average"])
    assert table.methods == ("α-avg", "exact LIME") and table.of_paper == 1
    with pytest.raises(ValueError, match="there is no method 'lines'"):
        compare(READINGS[0], keys=["lines"])


def test_compare_has_every_method_once_and_the_same_words():
    reading = READINGS[3]
    table = compare(reading)
    assert table.words == word_game(reading).labels and table.output == reading.output
    assert len(set(table.methods)) == len(table.methods) == 9
    assert np.array_equal(table.row("exact LIME"), lime.exact(word_game(reading)).scores)
    total = sum(attention.average(reading).scores[1:])
    assert table.row("α-avg").sum() == pytest.approx(total)
    with pytest.raises(KeyError, match="SHAP is not among"):
        table.row("SHAP")


def test_others_stand_after_attention_and_count_as_the_papers():
    sample = lime.sampled(word_game(READINGS[0]), n=100)
    table = compare(READINGS[0], [sample])
    assert table.methods[2] == sample.method and table.of_paper == 7
    assert np.array_equal(table.scores[2], sample.scores)
    with pytest.raises(ValueError, match="not the words"):
        compare(READINGS[0], [lime.exact(position_game(READINGS[0]))])


def test_a_text_without_words_has_nothing_to_compare():
    with pytest.raises(ValueError, match="the text has no word"):
        compare(dataclasses.replace(READINGS[0], length=1))


def test_a_comparison_checks_its_shape():
    with pytest.raises(ValueError, match="scores has shape"):
        Comparison(("a",), ("m",), np.zeros((2, 1)), 0.0)


def test_a_new_entry_is_in_every_list(monkeypatch):
    new = dataclasses.replace(methods.METHODS["lime"], key="new", short="N")
    monkeypatch.setitem(methods.METHODS, "new", new)
    assert explain(READINGS[0], "new").labels == explain(READINGS[0], "lime").labels
    assert "N" in explain(READINGS[0]).methods


def test_no_other_module_lists_the_methods():
    """`CHAPTER` apart, a method's key stands in the registry alone."""
    source = Path(comparison.__file__).read_text(encoding="utf8")
    assert not [key for key in methods.METHODS if f'"{key}"' in source]
