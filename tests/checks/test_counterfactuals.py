"""The statements on counterfactuals hold on many games, fail when broken; the record is theirs."""

import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import counterfactuals as benchmark
from helpers import games, load_classifier
from helpers.checks import CheckFailed, examples, oracles
from helpers.checks import counterfactuals as checks
from helpers.data.corpus import held_out
from helpers.evaluation import counterfactuals, programs

REPORT = json.loads(benchmark.TARGET.read_text("utf8"))
ENTRIES = [entry for name in benchmark.COLLECTIONS for entry in REPORT[name]]


@pytest.mark.parametrize("seed", range(4))
def test_statements_hold(seed):
    checks.program(examples.random_game(seed, 6, K=3))
    checks.duality(examples.random_game(seed, 6, K=3))
    for d in (1, 4, 8):
        checks.one_head(examples.whole_numbers(20 + seed, d))
        checks.one_head(examples.random_game(seed, d, K=1))


@pytest.mark.parametrize("weights", [(1,), (3, 5, 7, 11), (2, 2, 4, 6, 9, 9), (1, 2, 4, 8, 16)])
def test_two_heads_add_up(weights):
    for target in range(sum(weights)):
        checks.two_heads(weights, target)
        game = checks.sum_game(weights, target)
        assert np.abs(game.value(oracles.every_mask(len(weights)))).min() > 1e-8


def test_the_gap_is_nearly_as_large_as_it_may_be():
    assert all(
        checks.two_heads((4, 6, 10), t, lambda w, c: 1.9 * checks.narrow(w, c)) for t in (0, 3, 5)
    )
    with pytest.raises(CheckFailed):  # 19 is no sum, 20 is one, and the largest
        checks.two_heads((4, 6, 10), 19, lambda w, c: 2.1 * checks.narrow(w, c))


def test_broken_statements_fail():
    one, three = examples.random_game(5, 6, K=1), examples.random_game(2, 6, K=3)
    with pytest.raises(CheckFailed):
        checks.duality(three, checks.holds_alone)
    with pytest.raises(CheckFailed):
        checks.program(three, lambda g, k, s: programs.extreme(g, min(k + 1, 6), s))
    with pytest.raises(CheckFailed):
        checks.program(three, lambda g, k, s: replace(programs.extreme(g, k, s), proved=False))
    for place in range(3):
        wrong = [0.0, 0.0, 0.0]
        wrong[place] = 1.0
        with pytest.raises(CheckFailed):
            checks.one_head(one, lambda g, wrong=wrong: tuple(np.add(checks.by_sorting(g), wrong)))
    with pytest.raises(CheckFailed):  # more than one head
        for seed in range(30):
            checks.one_head(examples.random_game(seed, 6, K=2))


def test_masks_are_listed_once_each():
    for d, k in ((5, 0), (5, 2), (6, 6)):
        rows = np.concatenate(list(checks.subsets(d, k, chunk=4)))
        assert len({tuple(row) for row in rows}) == len(rows) == math.comb(d, k)
        assert (rows.sum(axis=1) == d - k).all()


def test_minimal_sets_by_hand():
    sets = np.array([[1, 1, 0], [1, 0, 0], [0, 1, 1], [1, 1, 1]], dtype=float)
    assert checks.minimal(sets).tolist() == [[1, 0, 0], [0, 1, 1]]
    z = oracles.every_mask(3)
    found = {tuple(x) for x in checks.transversals(checks.minimal(sets), z).tolist()}
    assert found == {(1, 1, 0), (1, 0, 1)}


def test_random_orders_against_all_orders():
    game = examples.random_game(2, 5, K=2)
    every = [counterfactuals.until_flip(game, list(o)) for o in itertools.permutations(range(5))]
    needed = np.minimum(every, 5)
    mean, error, never = checks.random_needed(game, orders=2000)
    assert abs(mean - needed.mean()) < 4 * error and error == pytest.approx(
        needed.std() / math.sqrt(2000), rel=0.1
    )
    assert abs(never - np.isinf(every).mean()) < 0.05


@pytest.mark.parametrize("name, place", [("one snippet", 1), ("one snippet", 17)])
def test_the_record_is_what_the_search_finds(name, place):
    count, sizes = benchmark.COLLECTIONS[name]
    text = held_out(count, sizes)[place].text
    found, kept = benchmark.searched(text), REPORT[name][place]
    assert found == kept


def test_the_record_does_not_contradict_itself():
    assert REPORT["seconds"] == benchmark.SECONDS
    for entry in ENTRIES:
        size, bound = entry["counterfactual"]
        others = [entry["greedy"], entry["numerator"], *entry["orders"]]
        assert len(entry["orders"]) == len(REPORT["methods"])
        if size is None:
            assert bound is None and others == [None] * len(others) and entry["reason"] == [0, 0]
            continue
        assert bound <= size and all(x is None or bound <= x for x in others)
        assert entry["reason"][0] >= entry["reason"][1] >= 1
        if "every" in entry:  # looked at one by one: nothing smaller flips, and something does
            assert bound == size and not any(entry["every"][:-1]) and entry["every"][-1] > 0


def test_sizes_of_the_record_are_those_of_the_game():
    documents = held_out(*benchmark.COLLECTIONS["one snippet"])[::10]
    readings = load_classifier().read_many([x.text for x in documents])
    for reading, entry in zip(readings, REPORT["one snippet"][::10], strict=True):
        game = games.word_game(reading)
        assert counterfactuals.smallest(game).size == (entry["counterfactual"][0] or math.inf)
