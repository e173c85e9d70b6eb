"""The ladder from the input to the head, and how far token vectors move."""

import numpy as np
import pytest

from helpers.checks import a_real_transformer as checks
from helpers.checks import oracles
from helpers.evaluation.mixing import ladder, moved


def test_the_steps_add_up_to_what_the_head_misses():
    document = checks.random_model(depth=3).document("a bc! d e f")
    found = ladder(document, n=200)
    total = np.sum([step.scores for step in found.steps], axis=0)
    assert np.abs(total - found.missed.scores).max() < 1e-12
    assert abs(found.shares.sum() - 1) < 1e-12


def test_both_estimates_cover_the_truth():
    document = checks.random_model(3).document("a bc! d e f")
    z = [tuple(row) for row in oracles.every_mask(5).astype(int).tolist()]
    truth = oracles.enumerated_shapley(dict(zip(z, checks.at_layers(document)[0])))
    runs = [ladder(document, n=200, seed=seed) for seed in range(20)]
    for errors, scores in (
        ([run.input.standard_errors for run in runs], [run.input.scores for run in runs]),
        ([run.missed.standard_errors for run in runs], [run.corrected for run in runs]),
    ):
        inside = np.abs(np.array(scores) - truth) < 2.1 * np.array(errors)
        assert 0.85 < inside.mean() <= 1


def test_nothing_moves_before_the_first_layer():
    found = moved(checks.random_model(depth=2).document("a b! c d"))
    assert found.words[0] == found.cls[0] == 0 < found.words[1]
    still = moved(checks.random_model(depth=2, still=0).document("a b! c d"))
    assert still.words[1] < 1e-12 < 0.01 < still.words[2]


def test_a_word_alone_has_no_neighbour():
    with pytest.raises(ValueError, match="no neighbour"):
        moved(checks.random_model().document("a a!"))
