"""Heads: the statements on random documents, and each check seen to fail."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.checks import CheckFailed, random_reading
from helpers.checks import heads as checks
from helpers.evaluation import mediation, probes

READINGS = [
    random_reading(0, T=9, K=3),
    random_reading(1, T=12, K=1, distinct=4),
    random_reading(2, T=7, K=4, biases=True, scale=3.0),
]


def states(seed=0, n=60, p=7):
    draw = np.random.default_rng(seed)
    found = draw.normal(size=(n, p)) @ draw.normal(size=(p, p)) + 3
    label = (found[:, 0] + draw.normal(size=n) > 3).astype(float)
    return found, draw.normal(size=p), label


@pytest.mark.parametrize("reading", READINGS, ids=lambda x: f"K={len(x.heads.W_l)}")
def test_statements_on_documents(reading):
    other = checks.replaced(reading, 5)
    checks.heads_add(reading, other)
    checks.two_routes(reading, other)
    checks.masked_token(reading)


def test_statements_on_arrays():
    checks.ablations(np.random.default_rng(0).normal(1, 2, size=(11, 3)))
    for seed in range(3):
        checks.erasure(*states(seed))


# ---- the checks can fail


def part(name, factor):
    def wrong(*readings):
        right = (mediation.effects if len(readings) == 2 else mediation.masked_tokens)(*readings)
        return replace(right, **{name: factor * getattr(right, name)})

    return wrong


@pytest.mark.parametrize("name", ["attention", "values", "interaction"])
@pytest.mark.parametrize("factor", [0.0, 1.001, -1.0])
def test_each_part_counts(name, factor):
    reading, wrong = READINGS[0], part(name, factor)
    other = checks.replaced(reading, 5)
    with pytest.raises(CheckFailed):
        checks.heads_add(reading, other, wrong)
    with pytest.raises(CheckFailed):
        checks.two_routes(reading, other, wrong)
    with pytest.raises(CheckFailed):
        checks.masked_token(reading, wrong)


def test_a_part_in_another_s_place_is_noticed():
    """The total of the head is right then, so only the check of the parts can see it."""

    def exchanged(*readings):
        right = (mediation.effects if len(readings) == 2 else mediation.masked_tokens)(*readings)
        return mediation.Effects(right.values, right.attention, right.interaction)

    reading, other = READINGS[0], checks.replaced(READINGS[0], 5)
    checks.heads_add(reading, other, exchanged)
    with pytest.raises(CheckFailed):
        checks.two_routes(reading, other, exchanged)
    with pytest.raises(CheckFailed):
        checks.masked_token(reading, exchanged)


def test_heads_do_not_add_up_behind_a_sigmoid():
    reading, other = READINGS[0], checks.replaced(READINGS[0], 5)
    with pytest.raises(CheckFailed):
        checks.heads_add(reading, other, read_out=lambda outputs: 1 / (1 + np.exp(-outputs.mean())))


@pytest.mark.parametrize("name", ["zero", "mean", "resample"])
def test_each_ablation_has_its_own_constant(name):
    outputs = np.random.default_rng(0).normal(1, 2, size=(11, 3))

    def wrong(x):
        found = mediation.importances(x)
        return found | {name: found["mean" if name != "mean" else "zero"]}

    with pytest.raises(CheckFailed):
        checks.ablations(outputs, wrong)


def test_erasure_fails():
    given = states()

    def projected(x, score):
        """Orthogonal projection, as the nullspace method does it, in the place of regression."""
        direction = np.linalg.lstsq(x - x.mean(axis=0), score)[0]
        direction /= np.linalg.norm(direction)
        return x - np.outer((x - x.mean(axis=0)) @ direction, direction)

    with pytest.raises(CheckFailed):
        checks.erasure(*given, projected)
    with pytest.raises(CheckFailed):
        checks.erasure(*given, lambda x, score: x - 0.999 * (x - probes.erased(x, score)))
    with pytest.raises(CheckFailed):
        checks.erasure(*given, share=lambda f, score: np.corrcoef(f, score)[0, 1])
