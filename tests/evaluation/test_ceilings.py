"""Ceilings against all masks, one at a time, and scores that are 0 by chance and 1 at best."""

import dataclasses
import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest

from helpers import games, load_classifier
from helpers.checks import examples, oracles
from helpers.data.corpus import held_out
from helpers.evaluation import ceilings, faithfulness, lime_rules, programs

ROOT = Path(__file__).parents[2]


def best(game, sense):
    """The extreme output for each number of masked words, from the outputs of all masks."""
    z = oracles.every_mask(len(game.labels))
    f, masked = game.value(z), len(game.labels) - z.sum(axis=1)
    return np.array([getattr(f[masked == k], sense)() for k in range(len(game.labels) + 1)])


@pytest.mark.parametrize("sense", ["min", "max"])
@pytest.mark.parametrize(("d", "decades"), [(1, 1), (2, 1), (7, 3), (10, 1)])
def test_dinkelbach_against_all_masks(d, decades, sense):
    for seed in range(5):
        game = examples.random_game(seed, d, K=1, decades=decades)
        found = ceilings.dinkelbach(game, sense)
        assert found == pytest.approx(best(game, sense), abs=1e-11, rel=1e-11)


@pytest.mark.parametrize("sense", ["min", "max"])
@pytest.mark.parametrize(("d", "K"), [(1, 2), (2, 2), (9, 6)])
def test_every_mask_against_all_masks(d, K, sense):
    game = examples.random_game(d, d, K)
    assert ceilings.every_mask(game, sense) == pytest.approx(best(game, sense), abs=1e-12)


@pytest.mark.parametrize("d", [1, 4, 9])
def test_no_mask_is_beyond_the_bound_by_heads(d):
    for seed in range(5):
        game = examples.random_game(seed, d, K=3)
        assert (ceilings.by_heads(game, "min") <= best(game, "min") + 1e-11).all()
        assert (ceilings.by_heads(game, "max") >= best(game, "max") - 1e-11).all()


def test_the_bound_by_heads_is_attained_where_heads_agree():
    """Three heads that are one and the same, of a text and of a bag that can be empty."""
    pool = games.pooling_game([[0.3, -1, 2]] * 3, [[1, -2, 0.5]] * 3, empty=0.7)
    text = examples.random_game(3, 6, K=1)
    for game, few in ((pool, pool), (lime_rules.one_head(text, 0), text)):
        assert ceilings.by_heads(game, "max") == pytest.approx(best(few, "max"), abs=1e-11)
    copies = {name: np.repeat(getattr(text, name), 3, axis=0) for name in oracles.ARRAYS}
    threefold = dataclasses.replace(text, **copies)
    assert ceilings.by_heads(threefold, "min") == pytest.approx(best(text, "min"), abs=1e-11)


def test_the_bound_by_heads_is_near_on_a_review_and_not_attained():
    game = games.word_game(load_classifier().read("a fine film, but far too long and dull"))
    room = best(game, "min") - faithfulness.floor(game)
    beyond = ceilings.by_heads(game, "min") - best(game, "min")
    assert 1.001 < 1 + beyond.sum() / room.sum() < 1.3 and beyond.max() < 1e-12


def test_a_pool_has_a_ceiling():
    pool = games.pooling_game(np.array([0.3, -1.0, 2.0]), np.array([1.0, -2.0, 0.5]), empty=0.7)
    for sense in ("min", "max"):
        assert ceilings.dinkelbach(pool, sense) == pytest.approx(best(pool, sense), abs=1e-12)
        assert ceilings.every_mask(pool, sense) == pytest.approx(best(pool, sense), abs=1e-12)


def test_longer_texts_go_to_the_programs(monkeypatch):
    game = games.word_game(load_classifier().read("a fine film, but far too long and dull"))
    expected = best(game, "min")
    assert ceilings.ceiling(game, "min").values == pytest.approx(expected, abs=1e-12)
    monkeypatch.setattr(ceilings, "FEW", 3)
    asked, extreme = [], programs.extreme
    monkeypatch.setattr(programs, "extreme", lambda *x: asked.append(x) or extreme(*x))
    found = ceilings.ceiling(game, "min", 10.0)
    assert found.values == pytest.approx(expected, abs=1e-6) and found.proved.all()
    assert found.bounds == pytest.approx(expected, abs=1e-5)
    assert [x[1:] for x in asked] == [(k, "min", 10.0) for k in range(len(expected))]


@pytest.mark.parametrize("sign", [1, -1])
def test_scores_are_zero_by_chance_and_at_most_one(sign):
    game = next(
        g
        for g in (examples.random_game(s, 5, K=2) for s in itertools.count())
        if g.value(np.ones(5)) * sign > 0
    )
    scale = ceilings.scale(game)
    orders = [np.array(x) for x in itertools.permutations(range(5))]
    for score in (scale.deletion, scale.insertion):
        found = np.array([score(x) for x in orders])
        assert abs(found.mean()) < 1e-12 and 0.5 < found.max() <= 1 + 1e-12
    by_hand = [faithfulness.deletion(game, x) for x in orders]
    place = int(np.argmin(sign * np.sum(by_hand, axis=1)))
    assert max(map(scale.deletion, orders)) == scale.deletion(orders[place])
    assert 0.9 < scale.deletion(ceilings.greedy(game)) <= scale.deletion(orders[place])


def test_known_ceilings_are_used():
    game = examples.random_game(0, 4)
    known = tuple(ceilings.ceiling(game, sense) for sense in ("min", "max"))
    assert ceilings.scale(game, ceilings=known).deleted is known[0]


@pytest.mark.parametrize(
    "text", ["a fine film, but far too long and dull", "dull, yet fine for all that"]
)
def test_scores_against_the_bound_are_nearer_to_zero(text):
    reading = load_classifier().read(text)
    exact, quick = ceilings.scale(reading), ceilings.bounded(reading)
    assert not quick.deleted.proved.any() and quick.side == exact.side
    for order in (np.arange(len(exact.floor) - 1), ceilings.greedy(reading)):
        for kind in ("deletion", "insertion"):
            found, true = getattr(quick, kind)(order), getattr(exact, kind)(order)
            assert 0.7 * abs(true) < abs(found) < abs(true) + 1e-12 and found * true > 0


def test_no_room_no_score():
    assert math.isnan(ceilings.area(np.ones(3), np.ones(3), np.ones(3)))
    assert ceilings.area(np.array([1, 0.5, 0]), np.array([1, 1, 0]), np.array([1, 0, 0])) == 0.5


def test_the_record_is_that_of_all_masks_and_within_the_bound_by_heads():
    record = json.loads((ROOT / "benchmarks" / "faithfulness.json").read_text("utf8"))
    documents, looked_at = held_out(200), []
    for entry in record["documents"]:
        reading = load_classifier().read(documents[entry["place"]].text)
        bound = ceilings.bounded(reading)
        for kind, sense in zip(("deleted", "inserted"), ("min", "max")):
            values, bounds, proved = (np.array(x) for x in entry[kind].values())
            toward = bound.side * programs.SENSES[sense]  # best is least, times this
            assert (toward * bounds <= toward * values + programs.MARGIN).all()
            assert (np.abs(values - bounds)[proved == 1] <= programs.MARGIN).all()
            assert (toward * getattr(bound, kind).values <= toward * values + 1e-7).all()
            if entry["words"] in (18, 21):  # one of them by programs
                exact = ceilings.every_mask(reading, "min" if toward > 0 else "max")
                assert values == pytest.approx(exact, abs=1e-7) and proved.all()
                looked_at.append(entry["words"])
    assert len(record["documents"]) == 16 and {18, 21} <= set(looked_at)


def test_wrong_calls_are_named():
    with pytest.raises(ValueError, match="'min' or 'max'"):
        ceilings.ceiling(examples.random_game(0, 3), "best")
    with pytest.raises(ValueError, match=r"ceilings\.ceiling"):
        ceilings.dinkelbach(examples.random_game(0, 3, K=2), "min")
