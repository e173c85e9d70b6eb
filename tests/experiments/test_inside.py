"""The corpus runner on the model of six layers: a black box, and what shows inside of it."""

import multiprocessing
import os
import signal
import sys
from dataclasses import dataclass

import numpy as np
import pytest

from helpers import experiments
from helpers.checks import examples
from helpers.data.reviews import Marked, Review
from helpers.experiments import __main__ as command
from helpers.experiments import (
    inside,
    masking,
    measures,
    running,
    settings,
    shards,
    worker,
)
from helpers.explainers import depth
from helpers.explainers.methods import METHODS
from helpers.games import PerturbationGame
from helpers.games.game import Game

DEEP = inside.MODELS[inside.SIX]
TEXT = "not a good film, but a fine xyzzy cast"
REVIEWS = [
    Review(f"r{n}", (-1.0) ** n, text)
    for n, text in enumerate(
        [TEXT, "a dull film", "", "a moving great film", "bad bad scene", "a fine cast"]
    )
]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Shards of two documents, few samples, and a lexicon that needs no archive."""
    for module in (running, settings):
        monkeypatch.setattr(module, "CHUNK", 2)
    monkeypatch.setattr(running, "load_lexicon", lambda: {"fine": 0.8, "bad": -2.5})
    monkeypatch.setattr(inside, "SAMPLES", 100)


def asked(out, **changes):
    changes = {"jobs": 1, "model": "six-layers"} | changes
    return experiments.Settings(REVIEWS, out, **changes)


def content(folder):
    found = (p for p in folder.rglob("*") if p.is_file() and p.name[0] != ".")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(found)}


def document(text=TEXT):
    classifier, _ = worker._ready(inside.SIX)
    return inside.Inside(classifier, classifier.read(text))


# ---- which methods


def test_every_method_of_one_layer_is_there_or_refused_with_a_reason():
    assert METHODS.keys() - DEEP.keys() == inside.REFUSED.keys()
    for key in inside.REFUSED:
        message = f"^{key} would be wrong for six layers, because .*: give some of attention-first"
        with pytest.raises(ValueError, match=message):
            asked("x", methods=["lime", key])
    assert asked("x").methods == tuple(DEEP)
    assert experiments.Settings(REVIEWS, "x").methods == tuple(METHODS)


def test_what_is_asked_for_wrongly(capsys, tmp_path):
    for arguments, message in (
        (["--methods", "rolout"], "did you mean 'rollout'"),
        (["--methods", "attention-average"], "because each layer has an attention of its own"),
        (["--model", "seven"], "model is 'seven': give one-layer or six-layers"),
        (["--model", "one-layer", "--methods", "rollout"], "there is no method 'rollout'"),
    ):
        call = ["--data", "snippets", "--out", str(tmp_path / "x"), "--model", "six-layers"]
        assert command.main([*call, *arguments]) == 2
        said = capsys.readouterr().err
        assert message in said and said.count("\n") == 1


def test_a_worker_says_which_model_it_has():
    one, six = settings.versions(), settings.versions(inside.SIX)
    assert {name for name in one if one[name] != six[name]} == {"model"}
    with pytest.raises(worker.WorkerError, match="model was"):
        worker.work(worker.Task(0, (), ("lime",), {}, one, inside.SIX))


# ---- a run, ended and started again


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_a_killed_run_goes_on_and_leaves_the_same_bytes(tmp_path, monkeypatch):
    keys = ("attention-last", "lime", "leave-one-out")
    whole = asked(tmp_path / "whole", methods=keys)
    summary = experiments.run(whole)
    assert [name for name, _ in summary.failed] == ["r2"] and summary.documents == 5

    def deadly(folder, number, rows):
        write(folder, number, rows)
        if number == 1:
            os.kill(os.getpid(), signal.SIGKILL)

    write, run = shards.write, asked(tmp_path / "run", methods=keys)
    monkeypatch.setattr(shards, "write", deadly)
    child = multiprocessing.get_context("fork").Process(target=experiments.run, args=(run,))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    monkeypatch.setattr(shards, "write", write)
    saved = {p.name: p.stat().st_mtime_ns for p in run.out.glob("shards/*.gz")}
    assert len(saved) == 2
    experiments.run(run)
    assert content(run.out) == content(whole.out)
    assert saved.items() <= {p.name: p.stat().st_mtime_ns for p in run.out.glob("shards/*")}.items()
    with pytest.raises(settings.SettingsError, match="model was six-layers and is now one-layer"):
        experiments.run(asked(run.out, methods=("lime", "leave-one-out"), model="one-layer"))


def test_the_summary_names_what_is_sampled(tmp_path):
    keys = ("rollout", "lime", "shapley", "leave-one-out")
    experiments.run(asked(tmp_path, methods=keys, limit=2))
    page = (tmp_path / "summary.md").read_text("utf8")
    for name in ("attention rollout", "sampled LIME", "sampled Shapley values", "leave-one-out"):
        assert f"| {name} |" in page
    assert "`chance_error`" in page and "`noise`" in page and "without sampling" not in page
    found = experiments.load(tmp_path)
    noise = dict(zip(found["method"], found["noise"]))
    assert 0 < noise["lime"] < 1 and 0 < noise["shapley"] < 1
    assert np.isnan([noise["rollout"], noise["leave-one-out"]]).all()
    command.draw(experiments.run(asked(tmp_path, methods=keys, limit=2)), asked(tmp_path))
    assert (tmp_path / "summary.svg").exists()


# ---- measures, against their definitions


def test_rows_by_their_definitions():
    inner, review = document(), Review("x", -1.0, TEXT)
    rows = {row["method"]: row for row in measures.measured(inner, review, tuple(DEEP), {})}
    predict, words = inner.classifier.predict, TEXT.replace(",", "").split()
    labels = list(dict.fromkeys(words))
    f = predict([TEXT])[0]
    assert inner.game.labels == tuple(labels) and rows["flow"]["output"] == pytest.approx(f)
    loo = [f - predict([" ".join("xyzzy" if w == x else w for w in words)])[0] for x in labels]
    alpha = inner.reading.attention[-1].mean(axis=0)[0, 1:]
    last = [sum(a for a, w in zip(alpha, words) if w == x) for x in labels]
    for key, scores in (("leave-one-out", np.sign(f) * np.array(loo)), ("attention-last", last)):
        order = [labels[j] for j in np.argsort(-np.round(scores, 12), kind="stable")]
        texts = [[w if w not in order[:k] else "xyzzy" for w in words] for k in range(9)]
        area = np.sign(f) * predict([" ".join(text) for text in texts]).mean()
        assert len(order) == 8 and rows[key]["deletion"] == pytest.approx(area, abs=1e-9)
    assert rows["leave-one-out"]["tau_leave_one_out"] == pytest.approx(1)
    for key in ("shapley", "integrated-gradients"):
        assert rows[key]["gap"] < 1e-3
    assert all(np.isfinite(row["deletion_gain"]) for row in rows.values())


def test_the_inside_is_of_the_words_that_are_read():
    long = document("a bad film and a dull cast " * 60)
    assert long.length == 256 and len(long.game.text) == 255
    for key in ("attention-first", "gradient-l2", "leave-one-out"):
        explained = measures.of_words(DEEP[key].function(long))
        assert explained.labels == long.game.labels
    np.testing.assert_array_equal(
        DEEP["attention-first"].function(long).scores, depth.attention(long.reading, 1).scores
    )


def test_marked_reviews_have_two_measures_more():
    marks = tuple(word in ("good", "fine") for word in TEXT.replace(",", "").split())
    review = Marked("x", 1.0, TEXT, marks)
    (row,) = measures.measured(document(), review, ("leave-one-out",), {})
    assert 0 <= row["auroc"] <= 1 and 0 <= row["token_f1"] <= 1


@dataclass
class Asked:
    """A game that only answers."""

    game: PerturbationGame
    seed: int = 0

    @property
    def labels(self):
        return self.game.labels

    @property
    def text(self):
        return (*self.game.text, str(self.seed))

    def value(self, z):
        return self.game.value(z)


@pytest.mark.parametrize("d", [1, 2, 9])
def test_asked_curves_are_the_closed_forms(d):
    game = examples.random_game(d, d, K=2)
    chosen = [METHODS["shapley"], METHODS["gradient-l2"]]
    scores = np.random.default_rng(d).normal(size=(2, d))
    assert isinstance(Asked(game), Game)
    exact, found = (masking.measured(g, chosen, scores) for g in (game, Asked(game)))
    assert found.keys() - exact.keys() == {"chance_error"}
    for name in exact:
        reach = 6 * found["chance_error"] if "gain" in name else 0
        assert (np.abs(found[name] - exact[name]) <= 1e-11 + reach).all(), name


def test_chance_has_an_honest_standard_error():
    """Over 300 games its error, over its standard error, is Student's with 15 degrees."""
    ratios = []
    for seed in range(300):
        game = examples.random_game(seed, 7, K=2)
        chance, error = masking.sampled_chance(Asked(game, seed))
        ratios.append((chance - masking.chance_area(game)) / error)
    assert abs(np.mean(ratios)) < 4 * np.std(ratios) / np.sqrt(300)
    assert 0.85 < np.std(ratios) / np.sqrt(15 / 13) < 1.2


def test_chance_is_exact_for_an_additive_game():
    """An order masked and put back cancels all that is additive."""

    @dataclass
    class Additive:
        labels = text = tuple("abcdef")

        def value(self, z):
            return 0.5 + z @ np.arange(6.0)

    chance, error = masking.sampled_chance(Additive())
    assert chance == pytest.approx(0.5 + 15 / 2) and error < 1e-12
