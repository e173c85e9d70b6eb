"""The estimators of other packages keep their budgets, and the committed measurement is theirs."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import estimators as benchmark
from helpers import games, load_classifier
from helpers.checks import estimators
from helpers.checks.examples import random_game
from helpers.data.words import tokenize
from helpers.explainers import shapley
from helpers.plots import estimators as plots

REPORT = json.loads(Path(benchmark.TARGET).read_text("utf8"))
NAMES = list(estimators.ESTIMATORS)
SUMS = [name for name in NAMES if name not in ("shapiq SVARM", "shapiq UnbiasedKernelSHAP")]


@pytest.fixture(scope="module")
def game():
    return random_game(1, 12, decades=0.5)


@pytest.mark.parametrize("name", NAMES)
def test_estimators_near_the_exact_value_within_their_budget(game, name):
    scores, used = estimators.run(name, game, 1200, seed=0)
    limit = 0.35 if name in ("shapiq SVARM", "shapiq UnbiasedKernelSHAP") else 0.1
    assert estimators.relative_error(scores, shapley.exact(game).scores) < limit
    assert 1150 < used <= 1202  # shap asks for f(0) and f(1) beside its samples
    if name in SUMS:
        gain = game.value(np.ones(12)) - game.value(np.zeros(12))
        assert scores.sum() == pytest.approx(gain, abs=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_the_seed_decides_alone_and_leaves_the_global_generator(game, name):
    np.random.seed(7)
    expected = np.random.random()
    np.random.seed(7)
    first = estimators.run(name, game, 300, seed=3)[0]
    assert np.random.random() == expected
    again, other = (estimators.run(name, game, 300, seed)[0] for seed in (3, 4))
    np.testing.assert_allclose(first, again, atol=1e-12)
    assert np.abs(first - other).max() > 1e-6


def test_the_default_kernel_keeps_ten_words():
    game = random_game(0, 30, decades=0.3)
    default, free = (
        estimators.run(name, game, 1000, 0)[0] for name in ("shap Kernel, default", "shap Kernel")
    )
    assert 0 < np.count_nonzero(default) <= 10 and np.count_nonzero(free) == 30


def test_documents_have_so_many_words():
    for words in estimators.SNIPPETS:
        found = estimators.texts(words, 3)
        assert len(set(found)) == 3
        for text in found:
            assert len(set(tokenize(text))) == words and len(tokenize(text)) <= estimators.READ
            assert len(games.word_game(load_classifier().read(text)).labels) == words
    with pytest.raises(ValueError, match=r"only \d+ of 2000 documents have 20 distinct words"):
        estimators.texts(20, 2000)


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_errors_are_measured_again(name):
    """The second document of 20 words at 16 evaluations per word."""
    game = games.word_game(load_classifier().read(estimators.texts(20, 2)[1]))
    scores, used = estimators.run(name, game, 320, seed=1)
    error = estimators.relative_error(scores, shapley.exact(game).scores)
    assert error == pytest.approx(REPORT["errors"]["20"][name][1][2], rel=1e-2)
    assert used == REPORT["evaluations"]["20"][name][2]


def test_the_committed_report_is_complete():
    assert REPORT["budgets"] == [4, 8, 16, 32, 64]
    for d, errors in REPORT["errors"].items():
        assert set(errors) == {n for n in NAMES if int(d) <= benchmark.LONGEST.get(n, 999)}
        assert {len(rows) for rows in errors.values()} == {20}
        for name, rows in errors.items():
            missing = {k for row in rows for k, error in enumerate(row) if error is None}
            assert missing == {"shapley.sampled": {0, 1}, "shap Sampling": {0}}.get(name, set())
            used = np.array(REPORT["evaluations"][d][name])
            assert (used <= np.array(REPORT["budgets"]) * int(d) + 2).all()


# ---- the figure and the table


def line(errors):
    return np.array([4.0, 16.0, 64.0]), np.array(errors)


def test_the_table_says_where_a_line_passes_the_target():
    curves = {
        "shapley.sampled": line([np.nan, 0.2, 0.05]),  # halfway on the axes: 32
        "shap A": line([0.08, 0.04, 0.02]),
        "shap B": line([0.9, 0.8, 0.7]),
        "shapiq C": line([0.4, 0.1, 0.1]),
    }
    table = plots.reached({20: curves, 50: {"shapley.sampled": line([0.4, 0.2, 0.025])}}, 0.1)
    assert table.header == ("estimator", "d = 20", "d = 50")
    assert table.rows == (
        ("shapley.sampled", "32", "25"),
        ("shap A", "≤ 4", "–"),
        ("shap B", "> 64", "–"),
        ("shapiq C", "16", "–"),
    )


def test_medians_and_the_grid():
    report = {
        "errors": {"20": {"shapley.sampled": [[None, 0.3], [None, 0.1], [None, 0.2]]}},
        "evaluations": {"20": {"shapley.sampled": [80, 320]}},
    }
    report["errors"]["20"]["shap A"] = [[0.5, 0.2]] * 3
    report["evaluations"]["20"]["shap A"] = [60, 320]
    found = plots.medians(report)
    x, y = found[20]["shapley.sampled"]
    assert x.tolist() == [4.0, 16.0] and np.isnan(y[0]) and y[1] == 0.2
    figure = plots.grid({20: found[20], 50: found[20]}, ("shap", "captum"))
    assert len(figure.axes) == 4 and figure.axes[1].get_title() == "50 words"
    drawn = {line.get_label(): line for line in figure.axes[0].lines}
    assert drawn["A"].get_xydata().tolist() == [[3.0, 0.5], [16.0, 0.2]]
    assert "A" not in {line.get_label() for line in figure.axes[2].lines}
    guide = np.log(drawn["slope −1/2"].get_xydata())
    assert np.diff(guide[:, 1])[0] / np.diff(guide[:, 0])[0] == pytest.approx(-0.5)
