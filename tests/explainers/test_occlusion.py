"""Leave-one-out, added first, Banzhaf values and the curve through them, against definitions."""

import numpy as np
import pytest

from helpers.checks import examples, oracles
from helpers.explainers import occlusion, shapley
from helpers.games import PerturbationGame


@pytest.mark.parametrize("decades", [0.3, 5.0, 15.0])
@pytest.mark.parametrize("d, K", [(1, 2), (2, 1), (3, 6), (8, 3), (11, 1)])
def test_effects_against_their_definitions(d, K, decades):
    from mpmath import mp

    game = examples.random_game(10 * d + K, d, K, decades)
    with mp.workdps(60):
        f = oracles.outputs(game)
        none, whole = (0,) * d, (1,) * d
        alone = [float(f[(*none[:j], 1, *none[j + 1 :])] - f[none]) for j in range(d)]
        last = [float(f[whole] - f[(*whole[:j], 0, *whole[j + 1 :])]) for j in range(d)]
        half = [
            float(sum((2 * z[j] - 1) * y for z, y in f.items()) / 2 ** (d - 1)) for j in range(d)
        ]
    size = game.value_bound.mean()
    np.testing.assert_allclose(occlusion.added_first(game).scores, alone, atol=1e-14 * size)
    np.testing.assert_allclose(occlusion.leave_one_out(game).scores, last, atol=1e-14 * size)
    found = occlusion.banzhaf(game)
    error = np.abs(found.scores - half).max()
    assert error <= found.certificate + found.rounding < 1e-11 * size


def test_the_curve_meets_its_ends_its_middle_and_its_mean():
    game = examples.random_game(2, 30, 3, decades=2)
    p, w = shapley.legendre(15)
    curve = shapley.curve(game, [0, *p, 0.5, 1])
    np.testing.assert_array_equal(curve[:, 0], occlusion.added_first(game).scores)
    np.testing.assert_array_equal(curve[:, -1], occlusion.leave_one_out(game).scores)
    np.testing.assert_allclose(curve[:, -2], occlusion.banzhaf(game).scores, atol=1e-13)
    np.testing.assert_allclose(curve[:, 1:-2] @ w, shapley.exact(game).scores, atol=1e-13)
    near = shapley.curve(game, [1e-9, 1 - 1e-9])
    np.testing.assert_allclose(near, curve[:, [0, -1]], atol=1e-6)
    with pytest.raises(ValueError, match="between 0 and 1"):
        shapley.curve(game, [1.1])
    assert shapley.curve(game, [0.0, 1.0]).shape == (30, 2)


@pytest.mark.parametrize("method", [occlusion.added_first, occlusion.banzhaf])
def test_a_word_like_its_mask_has_none(method):
    game = examples.random_game(0, 6, 3)
    arrays = {name: getattr(game, name).copy() for name in oracles.ARRAYS}
    for kind in ("weight", "value"):
        arrays[f"kept_{kind}"][:, 2] = arrays[f"masked_{kind}"][:, 2]
    scores = method(PerturbationGame(game.labels, game.text, **arrays)).scores
    assert scores[2] == 0.0 and (np.delete(scores, 2) != 0).all()
