"""A frozen encoder with an attention head: the statements, and what breaks them."""

from dataclasses import replace

import pytest

from helpers.checks import CheckFailed
from helpers.checks import a_real_transformer as checks
from helpers.games import word_game

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
