"""The best masks of all, against every mask of small games; and what the programs refuse."""

import os
from dataclasses import replace

import numpy as np
import pytest

from helpers import games, load_classifier
from helpers.checks import examples, oracles
from helpers.data.corpus import held_out
from helpers.evaluation import programs
from helpers.evaluation.quiet import silence

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


@pytest.mark.parametrize("game", [*GAMES[:4], examples.random_game(2, 8, K=6)])
@pytest.mark.parametrize("side", [1, -1])
def test_fewest_words_are_those_of_all_masks(game, side):
    z, f, masked = every(game)
    d, reached = len(game.labels), side * f >= programs.MARGIN
    for known in z[reached][:: max(1, reached.sum() // 2)]:
        for found, costs in (
            (programs.fewest_masked(game, side, known), masked),
            (programs.fewest_kept(game, side, known), d - masked),
        ):
            assert found.proved and found.size == costs[reached].min()
            place = (z == found.mask).all(axis=1)
            assert reached[place].all() and costs[place] == found.size


@pytest.mark.parametrize("game", GAMES[1:])
def test_words_that_are_kept_stay(game):
    z, f, masked = every(game)
    kept = np.zeros(len(game.labels))
    kept[::3] = 1
    for least, most in ((0, 3), (1, 2), (2, 2)):
        ours = (z >= kept).all(axis=1) & (masked >= least) & (masked <= most)
        found = programs.among(game, least, min(most, int((kept == 0).sum())), "min", kept)
        assert found.value == pytest.approx(f[ours].min(), abs=1e-6)
        assert (found.mask >= kept).all()


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
        np.testing.assert_allclose(low, y.min(axis=0) * (1 - programs.SLACK))
        np.testing.assert_allclose(high, y.max(axis=0) * (1 + programs.SLACK))


def test_a_presolve_that_errs_is_left_out(monkeypatch):
    """HiGHS 1.12 says of a program whose bounds are attained that nothing is feasible."""
    solver, calls = programs.milp, []

    def errs(*arguments, options, **named):
        calls.append(options["presolve"])
        found = solver(*arguments, options=options, **named)
        if options["presolve"]:
            found.status, found.x = 2, None
        return found

    monkeypatch.setattr(programs, "milp", errs)
    _, f, masked = every(GAMES[2])
    found = programs.extreme(GAMES[2], 3, "min")
    assert found.value == pytest.approx(f[masked == 3].min(), abs=1e-6) and calls == [True, False]
    monkeypatch.setattr(
        programs, "milp", lambda *x, **y: errs(*x, **{**y, "options": {"presolve": True}})
    )
    with pytest.raises(ArithmeticError, match="there is a solution"):
        programs.extreme(GAMES[2], 3, "min")


@pytest.mark.parametrize("place, size", [(68, 1), (89, 1), (186, 1), (195, 2)])
def test_reviews_whose_program_was_once_called_infeasible(place, size):
    game = games.word_game(load_classifier().read(held_out(200)[place].text))
    d = len(game.labels)
    side = -float(np.sign(game.value(np.ones(d))))
    best = programs.among(game, 0, size, "max" if side > 0 else "min")
    assert best.proved and side * best.value >= programs.MARGIN


def test_an_offset_moves_the_side():
    _, f, masked = every(GAMES[2])
    offset = -float(np.median(f))
    moved = replace(GAMES[2], offset=offset)
    for sense, best in (("min", np.min), ("max", np.max)):
        found = programs.extreme(moved, 3, sense)
        assert found.value == pytest.approx(best(f[masked == 3]) + offset) and found.proved
    reached = f + offset >= programs.MARGIN
    known = oracles.every_mask(len(moved.labels))[reached][0]
    assert programs.fewest_masked(moved, 1, known).size == masked[reached].min()


def test_no_time_proves_nothing():
    game = examples.random_game(0, 40, K=6)
    found = programs.extreme(game, 20, "max", seconds=0.0)
    assert not found.proved and (found.mask is None) == np.isnan(found.value)
    known = np.zeros(40)
    fewest = programs.fewest_masked(game, float(np.sign(game.value(known))), known, seconds=0.0)
    assert fewest.bound <= fewest.size and (fewest.bound < 40 or fewest.proved)


def test_out_of_time_less_is_proved(monkeypatch):
    """Programs of more than one masked word take too long here, so two words are all its proof."""
    game = examples.random_game(14, 7, K=2)
    z, f, masked = every(game)
    flipping = -np.sign(f[(z == 1).all(axis=1)][0]) * f >= programs.MARGIN
    assert masked[flipping].min() == 4
    quick = programs.among

    def slow(game, least, most, sense, **named):
        if most > 1:
            return programs.Bounded(None, np.nan, np.inf if sense == "max" else -np.inf, False)
        return quick(game, least, most, sense, **named)

    monkeypatch.setattr(programs, "among", slow)
    side = -float(np.sign(game.value(np.ones(7))))
    found = programs.fewest_masked(game, side, z[flipping][0])
    assert (found.bound, found.size, found.proved) == (2, 5, False)


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
    with silence():
        os.write(1, b"a line of HiGHS")
    os.write(1, b"ours")
    assert capfd.readouterr().out == "ours"
