"""The corpus runner: results do not depend on who computes them, or on how often it is ended."""

import errno
import itertools
import json
import multiprocessing
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from scipy import stats

from helpers import experiments
from helpers.checks import examples
from helpers.data.files import DataError
from helpers.data.reviews import Review
from helpers.evaluation import faithfulness
from helpers.experiments import __main__ as command
from helpers.experiments import (
    corpora,
    files,
    masking,
    measures,
    pools,
    report,
    running,
    settings,
    shards,
    worker,
)  # fmt: skip
from helpers.explainers.methods import METHODS

ROOT = Path(__file__).parents[2]
KEYS = ("attention-average", "gradient-times-input", "lime", "shapley", "leave-one-out")
WORDS = [
    *("a", "fine", "moving", "film", "with", "dull", "moments", "but", "great", "cast"),
    *("and", "no", "bad", "scene"),
]
LEXICON = {"fine": 0.8, "great": 3.1, "bad": -2.5, "dull": -1.7, "unheardof": 1.0}


def reviews(count=23):
    """Short reviews, of a few known words each."""
    draw = np.random.default_rng(0)
    return [
        Review(f"r{n}", float(draw.choice([-1, 1])), " ".join(draw.choice(WORDS, 9)))
        for n in range(count)
    ]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    shrink(monkeypatch)


def shrink(patch):
    """Shards of four documents, and a lexicon that needs no archive."""
    for module in (running, settings):
        patch.setattr(module, "CHUNK", 4)
    patch.setattr(running, "load_lexicon", lambda: LEXICON)


def asked(out, data=None, **changes):
    data = reviews() if data is None else data
    return experiments.Settings(data, out, **({"methods": KEYS, "jobs": 1} | changes))


def content(folder):
    """All files of a run, but its lock, as bytes."""
    found = (p for p in folder.rglob("*") if p.is_file() and p.name != ".lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(found)}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "undisturbed"
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch)
        experiments.run(asked(folder))
    return content(folder)


# ---- a run, and what is in it


def test_a_run_leaves_these_files(undisturbed):
    names = [f"shards/{n:05d}.jsonl.gz" for n in range(6)]
    reported = ["failures.csv", "settings.json", *names, "summary.csv", "summary.md"]
    assert list(undisturbed) == reported


def test_rows_are_columns_for_pandas(tmp_path):
    pandas = pytest.importorskip("pandas")
    experiments.run(asked(tmp_path / "run"))
    found = pandas.DataFrame(experiments.load(tmp_path / "run"))
    assert len(found) == 23 * len(KEYS) and found.document.nunique() == 23
    first = pandas.read_json(tmp_path / "run/shards/00000.jsonl.gz", lines=True)
    assert list(first.columns) == list(found.columns) and len(first) == 4 * len(KEYS)
    np.testing.assert_allclose(first.tau_lime, found.tau_lime[:20])
    assert (found.tau_lime[found.method == "lime"].round(9) == 1).all()


def test_the_summary_is_the_mean_with_a_t_interval(tmp_path):
    summary = experiments.run(asked(tmp_path / "run"))
    found = experiments.load(tmp_path / "run")
    for (key, name), (n, interval) in summary.table.items():
        if not n:
            assert name in ("auroc", "token_f1", "gap", "chance_error", "noise") or name.startswith(
                "signs"
            )
            continue
        own = found[name][found["method"] == key]
        own = own[~np.isnan(own)]
        assert n == len(own)
        if n > 1 and own.std() > 1e-12:
            truth = stats.t.interval(0.95, n - 1, own.mean(), stats.sem(own))
            np.testing.assert_allclose([interval.low, interval.high], truth, rtol=1e-9, atol=1e-12)
            assert interval.mean == pytest.approx(own.mean(), rel=1e-9, abs=1e-12)
    right = found["correct"][found["method"] == "lime"]
    assert summary.documents == 23 and summary.accuracy.mean == pytest.approx(right.mean())
    table = (tmp_path / "run/summary.csv").read_text("utf8").splitlines()
    assert len(table) == 1 + len(summary.table)
    assert "23 documents explained, 0 failed" in (tmp_path / "run/summary.md").read_text("utf8")


def test_settings_and_hashes_lie_beside_the_results(undisturbed):
    stated = json.loads(undisturbed["settings.json"])
    assert stated["methods"] == list(KEYS) and stated["documents"] == 23
    assert {"python", "numpy", "torch", "model", "code"} <= stated["versions"].keys()
    assert stated["documents_sha256"] == corpora.open_corpus(reviews()).fingerprint(range(23))
    changed = [*reviews()[:-1], Review("r22", 1.0, "other")]
    assert stated["documents_sha256"] != corpora.open_corpus(changed).fingerprint(range(23))


def test_two_processes_write_the_same_bytes(tmp_path, undisturbed, monkeypatch):
    experiments.run(asked(tmp_path / "run", jobs=2))
    assert content(tmp_path / "run") == undisturbed


# ---- ended, and started again


def killed(call, after=None):
    """Run `call` in a forked process, and kill it after so many seconds; its exit code."""
    child = multiprocessing.get_context("fork").Process(target=call)
    child.start()
    child.join(after)
    if child.is_alive():
        os.kill(child.pid, signal.SIGKILL)
    child.join()
    return child.exitcode


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_kill_at_random_moments_loses_nothing_and_repeats_nothing(tmp_path, undisturbed):
    run, draw = asked(tmp_path / "run"), np.random.default_rng(int(time.time()))
    ends, before = [], {}
    while not ends or ends[-1] != 0:
        moment = draw.uniform(0, 0.05 * (1 + len(ends)))  # a slow machine ends, too
        ends.append(killed(lambda: experiments.run(run), moment))
        now = {p: p.stat().st_mtime_ns for p in tmp_path.glob("run/shards/*.gz")}
        assert before.items() <= now.items()  # a shard that was there is neither lost nor rewritten
        before = now
    assert set(ends[:-1]) == {-signal.SIGKILL}
    assert content(tmp_path / "run") == undisturbed


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
@pytest.mark.parametrize("name", ["replace", "fsync"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_kill_in_the_middle_of_writing(tmp_path, undisturbed, name, when, monkeypatch):
    whole, calls, run = getattr(os, name), [], asked(tmp_path / "run")

    def deadly(*arguments):
        calls.append(arguments)
        deadly_one = len(calls) == 5
        if deadly_one and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        whole(*arguments)
        if deadly_one:
            os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(files.os, name, deadly)
    assert killed(lambda: experiments.run(run)) == -signal.SIGKILL
    monkeypatch.setattr(files.os, name, whole)
    there = {k: v for k, v in content(tmp_path / "run").items() if ".unfinished" not in k}
    assert there.items() <= undisturbed.items() and 0 < len(there) < len(undisturbed)
    experiments.run(run)
    assert content(tmp_path / "run") == undisturbed


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_kill_with_half_a_file(tmp_path, undisturbed, monkeypatch):
    whole, calls, run = Path.open, [], asked(tmp_path / "run")

    def deadly(path, mode="r", *others, **options):
        file = whole(path, mode, *others, **options)
        if mode == "wb":
            calls.append(path)
        if len(calls) == 5:
            file.write(b"half")
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        return file

    monkeypatch.setattr(Path, "open", deadly)
    assert killed(lambda: experiments.run(run)) == -signal.SIGKILL
    monkeypatch.setattr(Path, "open", whole)
    there = content(tmp_path / "run")
    (half,) = there.items() - undisturbed.items()
    assert half[1] == b"half" and half[0].endswith(".unfinished") and len(there) == 5
    experiments.run(run)
    assert content(tmp_path / "run") == undisturbed


def test_only_what_is_missing_is_computed(tmp_path, undisturbed, monkeypatch):
    run, worked = asked(tmp_path / "run"), []
    experiments.run(run)
    (tmp_path / "run/shards/00002.jsonl.gz").unlink()
    monkeypatch.setattr(pools, "work", lambda task: worked.append(task.number) or worker.work(task))
    experiments.run(run)
    assert worked == [2] and content(tmp_path / "run") == undisturbed


def test_a_damaged_shard_is_named(tmp_path):
    run = asked(tmp_path / "run")
    experiments.run(run)
    path = tmp_path / "run/shards/00003.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(shards.ShardError, match=r"00003.jsonl.gz is damaged .* delete it"):
        experiments.run(run)


# ---- one folder, one run


@pytest.mark.parametrize(
    "change, message",
    [
        ({"methods": [*KEYS, "banzhaf"]}, "methods is now with banzhaf"),
        ({"methods": KEYS[:-1]}, "methods is now without leave-one-out"),
        ({"limit": 5}, "limit was None and is now 5; documents was 23 and is now 5"),
        ({"data": reviews()[:-1] + reviews()[:1]}, "documents_sha256 was"),
    ],
)
def test_other_settings_are_refused_and_named(tmp_path, change, message):
    experiments.run(asked(tmp_path))
    before = content(tmp_path)
    with pytest.raises(settings.SettingsError, match=message):
        experiments.run(asked(tmp_path, **change))
    assert content(tmp_path) == before


def test_another_version_is_refused_and_named(tmp_path, monkeypatch):
    experiments.run(asked(tmp_path))
    now = settings.versions() | {"numpy": "0.1"}
    monkeypatch.setattr(settings, "versions", lambda *_: now)
    with pytest.raises(settings.SettingsError, match=r"versions.numpy was \S+ and is now 0.1"):
        experiments.run(asked(tmp_path))


def test_a_worker_of_another_version_is_refused(monkeypatch):
    other = settings.versions() | {"model": "another"}
    task = worker.Task(0, (), KEYS, {}, other)
    with pytest.raises(worker.WorkerError, match=r"differs .* model was another"):
        worker.work(task)


def test_jobs_and_the_order_of_methods_are_no_difference(tmp_path, undisturbed):
    experiments.run(asked(tmp_path, methods=KEYS[::-1]))
    assert content(tmp_path) == undisturbed


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(settings.SettingsError, match=r"holds thesis.tex: give a new"):
        experiments.run(asked(tmp_path))


def test_a_second_process_is_refused_and_a_killed_one_is_not_in_the_way(tmp_path):
    tmp_path.joinpath(".lock").write_text("left by a killed process")
    with FileLock(tmp_path / ".lock"), pytest.raises(files.FolderError, match="another process"):
        experiments.run(asked(tmp_path))
    experiments.run(asked(tmp_path))


def test_a_full_disk_leaves_whole_shards_only(tmp_path, undisturbed, monkeypatch):
    calls, sync = [], os.fsync

    def full(handle):
        calls.append(handle)
        if len(calls) > 7:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(handle)

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(files.FolderError, match=r"No space left on device.*start again"):
        experiments.run(asked(tmp_path / "run"))
    assert content(tmp_path / "run").items() <= undisturbed.items()
    monkeypatch.setattr(files.os, "fsync", sync)
    experiments.run(asked(tmp_path / "run"))
    assert content(tmp_path / "run") == undisturbed


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(files.FolderError, match="cannot be made"):
        experiments.run(asked(tmp_path / "file" / "run"))


# ---- documents that fail, and odd ones

ODD = [
    Review("good", 1.0, "a fine film"),
    Review("empty", 1.0, ""),
    Review("unknown", -1.0, "xyzzy plugh"),
    Review("long", -1.0, "a bad film and a dull cast " * 60),
    Review("one", 1.0, "great"),
    Review("alike", 1.0, "xyzzy film plugh"),
]


def test_documents_that_fail_are_recorded_and_the_run_goes_on(tmp_path):
    summary = experiments.run(asked(tmp_path, ODD, methods=list(METHODS)))
    assert summary.documents == 4
    assert [name for name, _ in summary.failed] == ["empty", "unknown"]
    assert all(reason.startswith("TextError: ") for _, reason in summary.failed)
    found = experiments.load(tmp_path)
    cut = dict(zip(found["document"], found["cut"]))
    assert cut["long"] == 7 * 60 - 255 and cut["good"] == 0 and np.isnan(cut["empty"])
    assert "2 failed with TextError" in (tmp_path / "summary.md").read_text("utf8")
    assert (tmp_path / "failures.csv").read_text("utf8").count("\n") == 3


def test_only_failures_make_a_summary_too(tmp_path):
    summary = experiments.run(asked(tmp_path, ODD[1:3]))
    assert summary.documents == 0 and np.isnan(summary.accuracy.mean) and not summary.table
    assert command.draw(summary, asked(tmp_path)) is None


def test_an_error_in_a_method_is_the_documents_and_one_of_memory_is_not(tmp_path, monkeypatch):
    def broken(reading, *others):
        if "great" in reading.text:
            raise ZeroDivisionError("by the word great")
        return measured(reading, *others)

    measured = worker.measured
    monkeypatch.setattr(worker, "measured", broken)
    summary = experiments.run(asked(tmp_path / "run"))
    assert summary.failed and summary.documents + len(summary.failed) == 23
    assert {reason for _, reason in summary.failed} == {"ZeroDivisionError: by the word great"}

    def full(reading, *others):
        raise MemoryError

    monkeypatch.setattr(worker, "measured", full)
    with pytest.raises(MemoryError):
        experiments.run(asked(tmp_path / "other"))
    assert not list(tmp_path.glob("other/shards/*"))


@pytest.fixture
def imdb(tmp_path):
    """A small aclImdb folder: only ``test`` is needed."""
    root = tmp_path / "aclImdb"
    for side, stars in (("pos", 9), ("neg", 2)):
        (root / "test" / side).mkdir(parents=True)
        for n in range(3):
            (root / "test" / side / f"{n}_{stars}.txt").write_text(f"a {side} film, fine cast")
    return root


def test_a_file_that_is_no_text_fails_alone(imdb, tmp_path):
    (imdb / "test/pos/1_9.txt").write_bytes(b"caf\xe9 \xff")
    summary = experiments.run(asked(tmp_path / "run", f"imdb:{imdb}"))
    assert summary.documents == 5
    ((name, reason),) = summary.failed
    assert name == "test/pos/1_9.txt" and "is not UTF-8 text" in reason


def test_marked_reviews_have_two_measures_more(tmp_path):
    for side in ("pos", "neg"):
        folder = tmp_path / "marked" / f"withRats_{side}"
        folder.mkdir(parents=True)
        span = {"pos": "<POS>fine</POS> and bad", "neg": "fine and <NEG>bad</NEG>"}[side]
        for n in range(3):
            (folder / f"{side}R_{n:03d}.txt").write_text(f"a {span} film")
    summary = experiments.run(asked(tmp_path / "run", f"rationales:{tmp_path / 'marked'}"))
    assert summary.documents == 6
    found = experiments.load(tmp_path / "run")
    shap = found["auroc"][found["method"] == "shapley"]
    output = found["output"][found["method"] == "shapley"]
    right = output * np.repeat([1, -1], 3) > 0
    assert right.any() and not right.all() and (shap == np.where(right, 1, shap)).all()
    n, interval = summary.table["shapley", "token_f1"]
    assert n == 6 and interval.mean == pytest.approx(2 / 6)  # one word of five is the marked one


def test_a_limit_is_spread_evenly(imdb):
    corpus = corpora.open_corpus(f"imdb:{imdb}")
    assert corpus.places(2) == [0, 3] and corpus.places() == [*range(6)] == corpus.places(99)
    assert [corpus.read(k).review.positive for k in corpus.places(4)] == [True, True, False, False]


# ---- what is asked for wrongly


@pytest.mark.parametrize("data", ["imdb:/nowhere", "rationales:/nowhere"])
def test_a_path_without_documents(data, tmp_path):
    with pytest.raises(DataError, match="nowhere"):
        experiments.run(asked(tmp_path / "run", data))
    assert not (tmp_path / "run").exists()


def test_the_command_says_in_a_line_what_is_wrong(tmp_path, capsys):
    for arguments, message in (
        (["--data", "snippets", "--methods", "shapely"], "did you mean 'shapley'"),
        (["--data", "imbd:x"], "data is 'imbd:x': give snippets, imdb:PATH or rationales:PATH"),
        (["--data", f"imdb:{tmp_path / 'nowhere'}"], "no review in"),
        (["--data", "snippets", "--limit", "0"], "limit is 0, expected 1 or more"),
        (["--data", "snippets", "--jobs", "2", "--scheduler", "a:1"], "jobs or scheduler, not"),
    ):
        assert command.main([*arguments, "--out", str(tmp_path / "run")]) == 2
        said = capsys.readouterr().err
        assert message in said and said.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_the_command_runs_and_draws(imdb, tmp_path, capsys):
    arguments = ["--data", f"imdb:{imdb}", "--out", str(tmp_path / "run"), "--jobs", "1"]
    assert command.main([*arguments, "--methods", *KEYS]) == 0
    assert "6 documents explained" in capsys.readouterr().out
    assert (tmp_path / "run/summary.svg").exists() and (tmp_path / "run/summary.png").exists()


def test_a_folder_without_a_run(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"call experiments\.run"):
        experiments.load(tmp_path)


# ---- measures, against their definitions


def test_measures_by_their_definitions():
    classifier, _ = worker._ready()
    text = "a fine moving film with great cast but dull moments and a bad unheardof scene"
    reading = classifier.read(text)
    keys = tuple(METHODS)
    rows = measures.measured(reading, Review("x", -1.0, text), keys, LEXICON)
    found = {row["method"]: row for row in rows}
    exact = METHODS["shapley"].function(reading)
    valued = [j for j, word in enumerate(exact.labels) if word in LEXICON]
    for key in ("lime", "banzhaf", "leave-one-out"):
        scores = METHODS[key].function(reading).scores
        truth = stats.kendalltau(scores, exact.scores).statistic
        assert found[key]["tau_shapley"] == pytest.approx(truth)
        same = np.mean(np.sign(scores) == np.sign(exact.scores))
        assert found[key]["signs_shapley"] == pytest.approx(same)
        valence = [LEXICON[exact.labels[j]] for j in valued]
        own = scores[valued]
        assert found[key]["tau_valence"] == pytest.approx(stats.kendalltau(own, valence).statistic)
        assert found[key]["signs_valence"] == np.mean(np.sign(own) == np.sign(valence))
        assert found[key]["valence_words"] == len(valued) == 5
        assert found[key]["signs_praise"] == np.mean(np.array(valence) > 0) == 0.6
    attention = dict.fromkeys(exact.labels, 0.0)
    for word, weight in zip(reading.text[1:], reading.attention.mean(axis=0)[1:]):
        attention[word] += weight
    truth = stats.kendalltau([*attention.values()], np.abs(exact.scores)).statistic
    assert found["attention-average"]["tau_shapley"] == pytest.approx(truth)
    assert np.isnan(found["attention-average"]["signs_shapley"])
    for key in ("contributions", "shapley", "attention-average", "integrated-gradients"):
        assert found[key]["gap"] == 0
    total = METHODS["gradient-times-input"].function(reading)
    total, f = total.scores.sum() + total.padding, reading.output
    gap = abs(total - f) / (abs(total) + abs(f))
    assert found["gradient-times-input"]["gap"] == pytest.approx(gap) and gap > 0.01
    assert found["lime"]["correct"] == (f < 0) and np.isnan(found["lime"]["gap"])
    few = measures.measured(reading, Review("x", -1.0, text), ("lime", "banzhaf"), {})
    assert few[1]["tau_lime"] == pytest.approx(found["banzhaf"]["tau_lime"])
    assert np.isnan(few[1]["tau_shapley"]) and np.isnan(few[1]["tau_valence"])


@pytest.mark.parametrize("d, K", [(1, 1), (2, 3), (9, 2)])
@pytest.mark.parametrize("sign", [1, -1])
def test_masking_by_the_definitions(d, K, sign):
    game = examples.random_game(d, d, K=K)
    if np.sign(game.value(np.ones(d))) != sign:
        values = ("kept_value", "masked_value", "rest_value")
        game = replace(game, **{name: -getattr(game, name) for name in values})
    chosen = [METHODS["shapley"], METHODS["gradient-l2"]]
    scores = np.random.default_rng(d).normal(size=(2, d))
    found = masking.measured(game, chosen, scores)
    chance = sign * faithfulness.floor(game).mean()
    for m, method in enumerate(chosen):
        order = faithfulness.ranking(scores[m], method.signed, sign)
        truth = {
            "deletion": sign * faithfulness.deletion(game, order).mean(),
            "insertion": sign * faithfulness.insertion(game, order).mean(),
            "comprehensiveness": faithfulness.comprehensiveness(game, order),
            "sufficiency": faithfulness.sufficiency(game, order),
        }
        truth["deletion_gain"] = chance - truth["deletion"]
        truth["insertion_gain"] = truth["insertion"] - chance
        assert found.keys() == truth.keys()
        for name in truth:
            assert found[name][m] == pytest.approx(truth[name], abs=1e-11), name


def test_a_random_order_gains_nothing():
    """Over all orders of the words, the gains are zero on average: chance is exact."""
    game = examples.random_game(3, 5, K=2)
    orders = np.array([*itertools.permutations(range(5))])
    chosen = [METHODS["shapley"]] * len(orders)
    found = masking.measured(game, chosen, -np.argsort(orders).astype(float))
    for name in ("deletion_gain", "insertion_gain"):
        assert abs(found[name].mean()) < 1e-12 < found[name].std()


def test_moments_of_parts_are_those_of_the_whole():
    draw = np.random.default_rng(0)
    values, moments = 1e6 + draw.normal(size=1000), report._Moments()
    for part in np.split(values, [0, 1, 7, 400, 400, 999]):
        moments.add(part)
    assert (moments.n, moments.mean) == (1000, pytest.approx(values.mean(), rel=1e-14))
    assert moments.squares == pytest.approx(1000 * values.var(), rel=1e-9)


def test_numbers_are_rounded_and_nan_is_null(tmp_path):
    shards.write(tmp_path, 0, [{"a": 1 / 3, "b": float("nan"), "c": -1e-320 * 1e-20, "d": "x"}])
    ((row,),) = shards.rows(tmp_path)
    assert row == {"a": 0.3333333333, "b": None, "c": 0.0, "d": "x"}
    assert str(row["c"]) == "0.0"
