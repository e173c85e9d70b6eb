"""Effects through heads, by other ways to compute them; shares and sets of heads."""

import itertools

import numpy as np
import pytest

from helpers import games, load_classifier
from helpers.checks import random_reading
from helpers.checks.heads import masked_at, replaced
from helpers.evaluation import mediation
from helpers.explainers import occlusion
from helpers.model.reading import micro_example
from helpers.model.variants import mirrored


def test_total_is_the_difference_of_two_outputs():
    classifier = load_classifier()
    one, other = classifier.read_many(["a good film", "a bad film"])
    found = mediation.effects(one, other)
    assert found.total == pytest.approx(other.output - one.output, abs=1e-13)
    np.testing.assert_allclose(found.heads + found.direct, found.total, atol=1e-13)
    back = mediation.effects(other, one)
    np.testing.assert_allclose(back.heads, -found.heads, atol=1e-13)
    np.testing.assert_allclose(back.interaction, found.interaction, atol=1e-13)


def test_masking_is_leave_one_out_head_by_head():
    reading = load_classifier().read("hardly a masterpiece and not good")
    left, _ = occlusion.left_out(games.position_game(reading))
    found = mediation.masked_tokens(reading)
    np.testing.assert_allclose(found.heads, -left / len(left), atol=1e-13)
    np.testing.assert_allclose(
        found.total, -occlusion.leave_one_out(games.position_game(reading)).scores, atol=1e-13
    )


def test_masked_tokens_are_effects_of_masked_texts():
    reading = random_reading(3, T=8, K=2, scale=4.0)
    found = mediation.masked_tokens(reading)
    for place in range(1, reading.length):
        one = mediation.effects(reading, masked_at(reading, place))
        for name in ("attention", "values", "interaction"):
            truth = getattr(one, name)
            np.testing.assert_allclose(getattr(found, name)[:, place - 1], truth, atol=1e-12)


def test_by_hand():
    """[CLS] not good: α = (e, 1, e) / (2e + 1), u = (0, -1, 2); the mask has logit and value 0."""
    e, found = np.e, mediation.masked_tokens(micro_example())
    total = 2 * e + 1
    f, change = (2 * e - 1) / total, 1 / (e + 2) - e / total
    np.testing.assert_allclose(found.attention[0, 1], change * (2 - f) / (1 - e / total))
    np.testing.assert_allclose(found.values[0], [1 / total, -2 * e / total])
    np.testing.assert_allclose(found.interaction[0], [0, -2 * change], atol=1e-15)


def test_a_head_turned_round_turns_its_effects():
    reading = random_reading(0)
    there = replaced(reading, 1)
    one, two = (
        mediation.effects(reading, there),
        mediation.effects(mirrored(reading), mirrored(there)),
    )
    np.testing.assert_allclose(two.heads, -one.heads, atol=1e-15)


def test_two_models_are_not_mixed():
    reading = random_reading(0)
    for other in (random_reading(1), random_reading(0, T=16)):
        with pytest.raises(ValueError, match=r"classifier\.read for both"):
            mediation.effects(reading, other)
    with pytest.raises(TypeError, match=r"other is a Reading.*classifier\.read"):
        mediation.effects(reading, "a text")
    with pytest.raises(TypeError, match=r"mediation\.effects\(classifier\.read"):
        mediation.effects("a text", reading)


def test_resampling_squares_are_twice_those_of_the_mean():
    outputs = np.random.default_rng(0).normal(2, 1, size=(50, 3))
    found = mediation.importances(outputs)
    np.testing.assert_allclose(found["resample"], 2 * found["mean"])
    assert (found["zero"] > found["mean"]).all()


def test_shares_add_up_and_are_slopes():
    parts = np.random.default_rng(0).normal(size=(30, 4))
    total = parts.sum(axis=1)
    found = mediation.shares(parts)
    assert found.sum() == pytest.approx(1)
    for k in range(4):
        slope = np.linalg.lstsq(total[:, None], parts[:, k])[0]
        assert found[k] == pytest.approx(slope[0])


def test_intervals_hold_the_shares_and_draw_documents():
    draw = np.random.default_rng(3)
    parts, documents = draw.normal(1, 1, size=(200, 2)), np.repeat(np.arange(40), 5)
    found = mediation.share_intervals(parts, documents)
    np.testing.assert_allclose([x.mean for x in found], mediation.shares(parts))
    assert all(x.low < x.mean < x.high for x in found)
    parts[:, 0] += 3 * draw.normal(size=40)[documents]  # what a document's interventions share
    wide, narrow = (mediation.share_intervals(parts, d)[0] for d in (documents, np.arange(200)))
    assert wide.mean == pytest.approx(narrow.mean)
    assert wide.high - wide.low > 1.3 * (narrow.high - narrow.low)


def test_best_heads_are_the_best_of_all():
    parts = np.random.default_rng(1).normal(size=(25, 4)) * [1, 3, 0.1, 2]
    total, found = parts.sum(axis=1), mediation.best_heads(parts)
    assert [len(chosen) for chosen, _ in found] == [1, 2, 3, 4]
    for size, (chosen, share) in enumerate(found, 1):
        every = [
            1 - np.var(total - parts[:, c].sum(axis=1) - 0) / np.mean(total**2)
            - np.mean(total - parts[:, c].sum(axis=1)) ** 2 / np.mean(total**2)
            for c in itertools.combinations(range(4), size)
        ]  # fmt: skip
        assert share == pytest.approx(max(every))
        assert share == pytest.approx(
            every[[*itertools.combinations(range(4), size)].index(chosen)]
        )
    assert found[-1][1] == pytest.approx(1)


def test_the_first_of_equal_heads_is_taken():
    parts = np.tile(np.random.default_rng(2).normal(size=(9, 1)), (1, 3)) * (1 + 1e-15)
    assert mediation.best_heads(parts)[0][0] == (0,)
