"""The best masks of all, against every mask of small games; and what the programs refuse."""

import os
from dataclasses import replace

import numpy as np
import pytest

from helpers import games
from helpers.checks import examples, oracles
from helpers.evaluation import programs

SHAPES = [(1, 1, 1.0), (4, 1, 1.0), (7, 2, 1.0), (9, 2, 0.3), (10, 6, 0.5), (12, 6, 1.0)]
GAMES = [examples.random_game(7 + d, d, K, decades) for d, K, decades in SHAPES]


def every(game):
    """All masks, their outputs, and how many words each masks."""
    z = oracles.every_mask(len(game.labels))
    return z, game.value(z), (1 - z).sum(axis=1)


@pytest.mark.parametrize("game", GAMES)
def test_extremes_are_those_of_all_masks(game):
    d = len(game.labels)
    _, f, masked = every(game)
    for k in sorted({0, 1, d // 3, d // 2, d}):
        for sense, best in (("min", np.min), ("max", np.max)):
            found = programs.extreme(game, k, sense)
            assert found.proved and (1 - found.mask).sum() == k
            assert found.value == game.value(found.mask)
            assert found.value == pytest.approx(best(f[masked == k]), abs=1e-6)
            assert found.bound == pytest.approx(found.value, abs=programs.MARGIN)


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("side", [1, -1])
def test_fewest_words_are_those_of_all_masks(game, side):
    z, f, masked = every(game)
    d, reached = len(game.labels), side * f >= programs.MARGIN
    kept = np.zeros(d)
    kept[::3] = 1
    allowed = reached & (z >= kept).all(axis=1)
    for found, costs in (
        (programs.fewest_masked(game, side), masked[reached]),
        (programs.fewest_masked(game, side, kept), masked[allowed]),
        (programs.fewest_kept(game, side), d - masked[reached]),
    ):
        assert found.proved and found.size == costs.min(initial=np.inf)
        assert (found.mask is None) == np.isinf(found.size)
        if found.mask is not None:
            assert side * game.value(found.mask) >= programs.MARGIN / 2
    found = programs.fewest_masked(game, side, kept)
    assert found.mask is None or (found.mask >= kept).all()


@pytest.mark.parametrize("game", GAMES[1:])
def test_a_number_that_suffices_makes_the_program_small_and_changes_nothing(game):
    for side in (1, -1):
        for fewest in (programs.fewest_masked, programs.fewest_kept):
            whole = fewest(game, side)
            if np.isfinite(whole.size):
                assert fewest(game, side, most=int(whole.size)).size == whole.size
                if whole.size:
                    assert fewest(game, side, most=int(whole.size) - 1).size == np.inf


@pytest.mark.parametrize("least, most", [(0, 9), (2, 2), (3, 6), (9, 9)])
def test_bounds_of_the_reciprocals_are_attained(least, most):
    game = GAMES[3]
    z, _, masked = every(game)
    kept = np.zeros(9)
    kept[[1, 5]] = 1
    for fixed, free in ((None, np.ones(9, bool)), (kept, kept == 0)):
        program = programs.Program(game, least, min(most, int(free.sum())), fixed)
        low, high = program._reciprocals(free)
        ours = (masked >= min(least, free.sum())) & (masked <= most)
        ours &= (z[:, ~free] == 1).all(axis=1)
        D = game.rest_weight + z @ game.kept_weight.T + (1 - z) @ game.masked_weight.T
        y = D[-1] / D[ours]
        np.testing.assert_allclose(low, y.min(axis=0))
        np.testing.assert_allclose(high, y.max(axis=0))


def test_an_offset_moves_the_side():
    _, f, masked = every(GAMES[2])
    offset = -float(np.median(f))
    moved = replace(GAMES[2], offset=offset)
    assert programs.extreme(moved, 3, "min").value == pytest.approx(f[masked == 3].min() + offset)
    reached = f + offset >= programs.MARGIN
    assert programs.fewest_masked(moved, 1).size == masked[reached].min()


def test_no_time_proves_nothing():
    game = examples.random_game(0, 40, K=6)
    found = programs.extreme(game, 20, "max", seconds=0.0)
    assert not found.proved and (found.mask is None) == np.isnan(found.value)
    fewest = programs.fewest_masked(game, float(-np.sign(game.value(np.ones(40)))), seconds=0.0)
    assert fewest.mask is None or fewest.size >= fewest.bound


def test_what_is_refused():
    with pytest.raises(ValueError, match="'min' or 'max'"):
        programs.extreme(GAMES[1], 1, "least")
    with pytest.raises(ValueError, match="from 0 to 4"):
        programs.extreme(GAMES[1], 5, "min")
    with pytest.raises(TypeError, match="call classifier"):
        programs.extreme("a text", 1, "min")
    bag = games.pooling_game(np.ones(3), np.ones(3), empty=0.0)
    with pytest.raises(ValueError, match="bag that can be empty"):
        programs.extreme(bag, 1, "min")


def test_what_compiled_code_prints_is_dropped(capfd):
    with programs.silence():
        os.write(1, b"a line of HiGHS")
    os.write(1, b"ours")
    assert capfd.readouterr().out == "ours"
