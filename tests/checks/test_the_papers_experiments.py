"""The paper's experiments: the game of deletion, the gap and its shares, and checks that fail."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import papers_experiments
from helpers import games, load_classifier
from helpers.checks import CheckFailed, examples
from helpers.checks import the_papers_experiments as checks
from helpers.checks.oracles import all_masks, regression
from helpers.data.corpus import held_out
from helpers.evaluation import gap
from helpers.explainers import lime
from helpers.games.deletion import deletion_game

CLASSIFIER = load_classifier()
READINGS = CLASSIFIER.read_many([x.text for x in held_out(6, sizes=(1, 2, 4))])
SHORT = CLASSIFIER.read("a dull film, but not a dull cast")  # with two words that come twice
RECORD = json.loads(papers_experiments.TARGET.read_text("utf8"))


# ---- the game of deletion


@pytest.mark.parametrize("reading", [SHORT, *READINGS])
def test_deletion_is_what_the_classifier_says_of_shorter_texts(reading):
    game = deletion_game(reading)
    d = len(game.labels)
    z = np.vstack([np.zeros(d), np.ones(d), np.eye(d), lime.draw_masks(d, 50, 0)])
    truth = games.text_game(CLASSIFIER.predict, " ".join(reading.text[1:]), None).value(z)
    np.testing.assert_allclose(game.value(z), truth, atol=1e-12)


def test_many_masks_are_taken_in_blocks():
    game = deletion_game(SHORT)
    z = lime.draw_masks(len(game.labels), 3000, 0)
    np.testing.assert_allclose(game.value(z)[-5:], game.value(z[-5:]), atol=1e-14)


def test_a_full_document_has_no_padding_after_its_words():
    reading = CLASSIFIER.read("good bad " * 127 + "film")  # 255 words
    game = deletion_game(reading)
    assert reading.length == 256
    assert game.value(np.ones((1, 3)))[0] == pytest.approx(reading.output, abs=1e-12)


def test_deletion_without_positions_is_masking():
    reading = CLASSIFIER.without_positions().read("a dull film, but not a dull cast")
    z = lime.draw_masks(7 - 1, 64, 0)
    one, two = deletion_game(reading), games.word_game(reading)
    np.testing.assert_allclose(one.value(z), two.value(z), atol=1e-12)


def test_deletion_wants_a_reading_and_masks():
    with pytest.raises(TypeError, match=r"classifier\.read"):
        deletion_game("a dull film")
    with pytest.raises(ValueError, match="masks"):
        deletion_game(SHORT).value(np.full((1, 6), 0.5))


# ---- the statements


def test_shares_of_the_gap():
    for seed in range(4):
        draw = np.random.default_rng(seed)
        checks.gap_shares(draw.normal(size=(3 + seed % 2, 5)), draw.normal(size=(5, 2)))


WRONG_SHARES = {
    "no cross terms": lambda steps, noise: np.append((steps**2).sum(axis=1), noise),
    "one by one from the released code": lambda steps, noise: np.append(
        [2 * s @ steps.sum(axis=0) - s @ s for s in steps], noise
    ),
    "a standard deviation": lambda steps, noise: checks.of_the_gap(steps, noise**0.5),
}


@pytest.mark.parametrize("name", WRONG_SHARES)
def test_wrong_shares_fail(name):
    draw = np.random.default_rng(1)
    with pytest.raises(CheckFailed):
        checks.gap_shares(draw.normal(size=(3, 5)), draw.normal(size=(5, 2)), WRONG_SHARES[name])


def test_what_a_run_is_expected_to_give():
    for seed, (d, n, alpha) in enumerate(
        [(2, 50, 1.0), (3, 20, 0.1), (6, 500, 1.0), (9, 5000, 7.0)]
    ):
        checks.of_the_run(examples.random_game(seed, d), n, alpha)


def first_row_as_a_draw(limit, text, n, alpha):
    return gap.expected_run(limit, limit.intercept + limit.scores.sum(), n, alpha)


WRONG_RUNS = {
    "the first row is no draw": first_row_as_a_draw,
    "one row too many": lambda limit, text, n, alpha: gap.expected_run(limit, text, n + 1, alpha),
    "no penalty": lambda limit, text, n, alpha: gap.expected_run(limit, text, n, 0.0),
}


@pytest.mark.parametrize("name", WRONG_RUNS)
def test_wrong_runs_fail(name):
    with pytest.raises(CheckFailed):
        checks.of_the_run(examples.random_game(3, 6), formula=WRONG_RUNS[name])


# ---- the gap


def test_the_masks_are_those_of_lime():
    z, chance = gap.law(5, 32, 0)
    theirs, weights = all_masks(5, np.inf)
    order, other = (np.lexsort(x.T) for x in (z, theirs))
    np.testing.assert_array_equal(z[order], theirs[other])
    np.testing.assert_allclose(chance[order], weights[other], atol=1e-15)
    z, chance = gap.law(5, 31, 0)
    assert z.shape == (31, 5) and chance.sum() == pytest.approx(1) and z.sum(axis=1).max() < 5


def test_the_line_of_all_masks_is_exact_lime():
    game = examples.random_game(0, 6)
    z, chance = gap.law(6, 64, 0)
    beta, _ = gap.line(z, game.value(z), chance)
    exact = lime.exact(game)
    np.testing.assert_allclose(beta, [exact.intercept, *exact.scores], atol=1e-10)


def test_the_spread_of_all_masks_is_that_of_runs():
    game, n = examples.random_game(2, 4), 1000
    z, chance = gap.law(4, 16, 0)
    _, spread = gap.line(z, game.value(z), chance)
    runs = np.array([lime.sampled(game, n, seed).scores for seed in range(400)])
    ratio = runs.var(axis=0, ddof=1) / (np.diag(spread)[1:] / n)
    assert np.abs(ratio - 1).max() < 0.25  # a variance of 400 runs: 7 % standard error


@pytest.fixture(scope="module")
def whole():
    return gap.released_gap(SHORT)


def test_the_parts_of_the_gap_from_all_texts(whole):
    """The same from the classifier's answers to all 64 texts, by plain least squares."""
    labels = whole.labels
    z, weights = all_masks(len(labels), lime.BANDWIDTH)
    f = games.text_game(CLASSIFIER.predict, " ".join(SHORT.text[1:]), None).value(z)
    limit = regression(z, f, weights, 0.0)
    rule, exact = lime.paper_approximation(SHORT).scores, lime.exact(SHORT).scores
    np.testing.assert_allclose(whole.steps[0] + whole.steps[1], rule - exact, atol=1e-12)
    assert abs(whole.steps[0] @ whole.steps[1]) < 1e-12  # the best constant
    np.testing.assert_allclose(whole.steps[2], exact - limit[1:], atol=1e-9)
    rows = 4999 * weights + (z.sum(axis=1) == len(labels))
    np.testing.assert_allclose(whole.run, regression(z, f, rows, 1.0)[1:], atol=1e-9)
    np.testing.assert_allclose(rule - whole.steps.sum(axis=0), whole.run, atol=1e-12)
    assert whole.shares.sum() == pytest.approx(1) and whole.doubt == 0


def test_sampled_parts_are_those_of_all_texts(whole):
    runs = [gap.released_gap(SHORT, draws=50, seed=seed) for seed in range(200)]
    length = np.mean([(run.steps[2] ** 2).sum() - run.doubt for run in runs])
    deviation = np.std([(run.steps[2] ** 2).sum() for run in runs]) / 200**0.5
    assert abs(length - (whole.steps[2] ** 2).sum()) < 4 * deviation
    assert np.mean([run.doubt for run in runs]) > 4 * deviation  # which it would miss without
    assert all(run.shares.sum() == pytest.approx(1) for run in runs)


def test_five_runs_of_the_package_are_as_far_as_foretold(whole):
    text = " ".join(SHORT.text[1:])
    runs = [lime.package(CLASSIFIER.predict, text, seed=seed).scores for seed in range(5)]
    rule, mean = lime.paper_approximation(SHORT).scores, np.mean(runs, axis=0)
    assert (np.abs(mean - whole.run) < 4 * whole.variances**0.5).all()
    assert ((rule - mean) ** 2).sum() == pytest.approx(whole.squared, rel=0.05)


def test_the_noise_is_that_of_the_mean_of_runs(whole):
    one = gap.released_gap(SHORT, runs=1)
    assert one.noise == pytest.approx(5 * whole.noise)
    assert gap.released_gap(SHORT, n=2501, runs=1).noise == pytest.approx(
        2 * one.noise * 4999 / 5000
    )


def test_a_gap_wants_three_words():
    with pytest.raises(ValueError, match="three"):
        gap.released_gap(CLASSIFIER.read("dull film"))


# ---- gradients


def test_gradients_of_held_out_texts():
    assert checks.gradient_errors(CLASSIFIER, READINGS).max() < 1e-12
    missing = np.array([checks.unexplained_row(reading) for reading in READINGS])
    assert (missing > 0.01).all()

    def without(reading):
        rows = checks.gradients.gradient(reading)
        rows[0] -= checks.gradients.through_query(reading)
        return rows

    off = checks.gradient_errors(CLASSIFIER, READINGS, without)
    assert off[:, 0].max() < 1e-12 and off[:, 1].min() > 1e-6


# ---- the record


def test_the_record_is_what_is_measured():
    found = papers_experiments.readings(papers_experiments.documents())
    assert len(found) == len(RECORD)
    for k in (0, 8, 9):
        size, reading = found[k]
        again = {"snippets": size, **papers_experiments.measured(reading)}
        for name in ("snippets", "words"):
            assert again[name] == RECORD[k][name]
        np.testing.assert_allclose(again["shares"], RECORD[k]["shares"], atol=1e-4)
        for name in ("left", "rules"):
            assert again[name] == pytest.approx(RECORD[k][name], rel=2e-3)


def test_the_record_adds_up():
    shares = np.array([row["shares"] for row in RECORD])
    assert np.abs(shares.sum(axis=1) - 1).max() < 1e-4
    assert {row["snippets"] for row in RECORD} == set(papers_experiments.SIZES)
    assert Path(papers_experiments.TARGET).name == "papers_experiments.json"


def test_the_script_measures_the_folder_of_imdb(tmp_path):
    texts = {"pos/0_9.txt": "A fine film, truly.", "neg/0_2.txt": "Dull!"}  # one word is too few
    for split in ("train", "test"):
        for name, text in texts.items():
            path = tmp_path / split / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    out = tmp_path / "imdb.json"
    papers_experiments.main(["--imdb", str(tmp_path), "--count", "2", "--out", str(out)])
    (row,) = json.loads(out.read_text("utf8"))
    assert row["words"] == 4 and row["snippets"] == 1
