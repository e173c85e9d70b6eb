"""People: the statements on many documents, and checks that must fail."""

import numpy as np
import pytest

from helpers.checks import CheckFailed, examples
from helpers.checks import people as checks
from helpers.evaluation import plausibility
from helpers.explainers import attention
from helpers.model.variants import mirrored

READINGS = [
    examples.random_reading(0, T=12, K=2),
    examples.random_reading(1, T=9, K=1, biases=True),
    examples.random_reading(2, T=14, K=3, distinct=5),
]


def marks(reading):
    d = len(dict.fromkeys(reading.text[1:]))
    return np.arange(d) % 3 == 0


@pytest.mark.parametrize("reading", READINGS)
def test_dial(reading):
    checks.dial(reading, marks(reading))


def test_minus_one_is_the_mirrored_model():
    there, expected = checks.dialled(READINGS[0], -1), mirrored(READINGS[0])
    np.testing.assert_array_equal(there.heads.W_l, expected.heads.W_l)
    assert there.output == expected.output


@pytest.mark.parametrize(
    "law",
    [
        lambda method, amount: amount,
        lambda method, amount: abs(amount),
        lambda method, amount: 1.0 if method.key == "attention-average" else amount,
        lambda method, amount: checks.promised(method, 1.001 * amount),
    ],
)
def test_another_law_fails(law):
    with pytest.raises(CheckFailed):
        checks.dial(READINGS[0], marks(READINGS[0]), law)


def test_scores_that_are_not_turned_towards_the_class_fail():
    with pytest.raises(CheckFailed):
        checks.dial(READINGS[0], marks(READINGS[0]), towards=lambda scores, signed, output: scores)


@pytest.mark.parametrize("seed", range(5))
def test_the_lexicon_wins(seed):
    draw = np.random.default_rng(seed)
    valence = np.round(draw.normal(size=9), 1)
    valence[:2] = 1.0, -1.0
    checks.lexicon_wins(valence)
    for other in (lambda v: -v, lambda v: 0 * v, lambda v: v * (np.arange(9) > 0)):
        with pytest.raises(CheckFailed):
            checks.lexicon_wins(valence, other)


@pytest.mark.parametrize("scores", [[1, 2, 3, 4, 5, 6], [0, 0, 1, 1, 1, 2], [2, 2, 2, 2, 2, 2]])
@pytest.mark.parametrize("number", [1, 3, 5])
def test_the_null(scores, number):
    checks.auroc_null(np.array(scores, float), number)


def test_a_null_without_ties_fails_where_there_are_ties():
    def tieless(scores, marked):
        return plausibility.null_variance(np.arange(len(scores)), marked)

    scores = np.array([0.0, 0, 1, 1, 1, 2])
    checks.auroc_null(np.arange(6.0), 2, tieless)
    with pytest.raises(CheckFailed):
        checks.auroc_null(scores, 2, tieless)
    with pytest.raises(CheckFailed):
        checks.auroc_null(scores, 2, lambda *given: 1.01 * plausibility.null_variance(*given))


def test_counted_is_the_auroc():
    reading = READINGS[0]
    scores = checks.of_words(attention.average(reading))
    marked = marks(reading)
    assert checks.counted(scores, marked, 0.0) == pytest.approx(plausibility.auroc(scores, marked))
