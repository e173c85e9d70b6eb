"""A frozen encoder with an attention head: the statements, and what breaks them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import a_real_transformer
from helpers.checks import CheckFailed
from helpers.checks import a_real_transformer as checks
from helpers.evaluation.agreement import Interval
from helpers.evaluation.mixing import ladder
from helpers.explainers import lime, shapley
from helpers.games import word_game
from helpers.games.layers import layer_game
from helpers.model.headed import load_headed
from helpers.plots import a_real_transformer as figures

TEXTS = ("ab c! ab d", "a bcd! e", "a b c de f")


@pytest.mark.parametrize("seed", range(3))
def test_the_head_is_a_game(seed):
    checks.exact_top(checks.random_model(seed).document(TEXTS[seed]))


@pytest.mark.parametrize("wrong", [{"offset": 0.1}, {"masked_weight": 0.0}])
def test_a_wrong_game_is_noticed(wrong):
    document = checks.random_model().document(TEXTS[0])

    def game(document):
        right = word_game(document.reading)
        changes = {n: v if n == "offset" else v * right.masked_weight for n, v in wrong.items()}
        return replace(right, **changes)

    with pytest.raises(CheckFailed):
        checks.exact_top(document, game)


@pytest.mark.parametrize("seed", range(3))
def test_one_term_a_layer(seed):
    checks.mixing(checks.random_model(seed, depth=seed + 1).document(TEXTS[seed]))


def test_the_head_alone_is_not_the_model():
    document = checks.random_model().document(TEXTS[1])

    def forgets_a_layer(document, table):
        return checks.added_up(document, table[1:])

    def wrong_totals(document, table):
        found, totals = checks.added_up(document, table)
        return found, -totals

    for formula in (forgets_a_layer, wrong_totals):
        with pytest.raises((CheckFailed, ValueError)):
            checks.mixing(document, formula)


@pytest.mark.parametrize("layer", range(3))
def test_a_still_layer_misses_nothing(layer):
    document = checks.random_model(depth=3, still=layer).document(TEXTS[2])
    checks.still_layer(document, layer)
    with pytest.raises(CheckFailed):
        checks.still_layer(document, (layer + 1) % 3)


@pytest.mark.parametrize("method", [shapley.exact, lime.exact])
def test_exact_methods_say_what_to_call_for_the_input(method):
    with pytest.raises(TypeError, match="can only be sampled"):
        method(layer_game(checks.random_model().document("a b c")))


# ---- the record that the chapter shows


def test_the_record_says_what_the_chapter_needs():
    record = json.loads(a_real_transformer.TARGET.read_text("utf8"))
    rows = record["documents"]
    assert len(rows) >= 20
    for row in rows:
        missed = np.subtract(row["corrected"], row["head"])
        assert np.abs(np.sum(row["steps"], axis=0) - missed).max() < 0.01
        gap = row["no words"][1] - row["no words"][0]
        assert abs(missed.sum() - gap) < 0.02
    assert len({len(found) for found in record["right"].values()}) == 1


def test_the_record_can_be_made_again(fetch, snippets):
    model = fetch(load_headed)
    rows = json.loads(a_real_transformer.TARGET.read_text("utf8"))["documents"]
    documents = a_real_transformer.documents(model, 8)
    k = min(range(8), key=lambda k: rows[k]["words"])
    document, row = documents[k], rows[k]
    assert np.abs(document.reading.output - row["output"]) < 2e-3
    found = ladder(document, a_real_transformer.drawn(document))
    np.testing.assert_allclose(found.head.scores, row["head"], atol=2e-3)
    np.testing.assert_allclose(found.input.scores, row["input"], atol=2e-3)
    np.testing.assert_allclose([s.scores for s in found.steps], row["steps"], atol=2e-3)


# ---- figures


def test_figures_draw_what_they_are_given():
    labels = ("a", "b", "c")
    figure = figures.two_ways(labels, np.ones(3), np.zeros(3), np.full(3, 0.1))
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == list(labels)
    interval = Interval(0.5, 0.4, 0.6)
    figure = figures.agreement(
        {"one": interval, "null": interval}, dict.fromkeys(("one", "null"), np.ones(4))
    )
    assert len(figure.axes[0].get_yticks()) == 2
    figure = figures.layers({"words": [interval] * 4, "[CLS]": [interval] * 4}, [interval] * 3)
    assert list(figure.axes[1].get_xticks()) == [0, 1, 2, 3]
