"""The suite, read as its README says by a program that knows nothing of this book's code."""

import hashlib
import itertools
import json
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers.checks import examples
from helpers.data.reviews import load_snippets
from helpers.evaluation import entries, suite
from helpers.explainers import occlusion, shapley
from helpers.games import PerturbationGame

ENUMERATED = "words-001", "positions-001", "random-001"
WEIGHTS = {
    "shapley": lambda s, d: 1 / ((d - 1) * math.comb(d - 2, s)),
    "shapley-taylor": lambda s, d: 2 / (d * math.comb(d - 1, s)),
    "faithful-shapley": lambda s, d: (
        6 * math.factorial(s + 1) * math.factorial(d - s - 1) / math.factorial(d + 1)
    ),
    "banzhaf": lambda s, d: 0.5 ** (d - 2),
}


@pytest.fixture(scope="module")
def folder(fetch, tmp_path_factory):
    """A suite of five games: three of ten players, two of forty and more."""
    fetch(load_snippets)
    return suite.write(tmp_path_factory.mktemp("suite") / "new" / "suite", 5)


@pytest.fixture(scope="module")
def games(folder):
    index = json.loads((folder / "index.json").read_text("utf8"))
    return {
        game["name"]: json.loads((folder / game["file"]).read_text("utf8"))
        for game in index["games"]
    }


def value(entry, z):
    """f of masks (n, d), from the formula of the README."""
    total = 0.0
    g = {name: np.array(array) for name, array in entry["game"].items()}
    for i in range(entry["K"]):
        N = g["rest_value"][i] + z @ g["kept_value"][i] + (1 - z) @ g["masked_value"][i]
        D = g["rest_weight"][i] + z @ g["kept_weight"][i] + (1 - z) @ g["masked_weight"][i]
        total = total + N / D
    return total / entry["K"]


def every(entry):
    """f of every subset, as an array with one axis of length two for each word."""
    d = entry["d"]
    z = np.array(list(itertools.product((0.0, 1.0), repeat=d)))
    return z, value(entry, z).reshape((2,) * d)


def difference(f, *words):
    """D_j f or D_ij f: an array over the subsets of the other words, and the sizes of these."""
    for word in sorted(words, reverse=True):
        f = np.diff(f, axis=word).squeeze(word)
    return f.ravel(), np.array([sum(z) for z in itertools.product((0, 1), repeat=f.ndim)])


def triangle(values, d):
    matrix = np.zeros((d, d))
    matrix[np.triu_indices(d, 1)] = values
    return matrix + matrix.T


@pytest.mark.parametrize("name", ENUMERATED)
def test_values_of_words_by_their_definitions(games, name):
    entry, d = games[name], 10
    assert entry["d"] == d
    f = every(entry)[1]
    for j in range(d):
        effect, s = difference(f, j)
        weights = np.array([1 / (d * math.comb(d - 1, size)) for size in range(d)])[s]
        assert effect @ weights == pytest.approx(entry["shapley"]["scores"][j], abs=1e-13)
        assert effect.mean() == pytest.approx(entry["banzhaf"]["scores"][j], abs=1e-13)


@pytest.mark.parametrize("name", ENUMERATED)
def test_pairs_by_their_definitions(games, name):
    entry, d = games[name], 10
    f = every(entry)[1]
    assert list(entry["pairs"]) == list(WEIGHTS)
    for index, weight in WEIGHTS.items():
        found = triangle(entry["pairs"][index]["values"], d)
        for i, j in itertools.combinations(range(d), 2):
            effect, s = difference(f, i, j)
            truth = effect @ np.array([weight(size, d) for size in range(d - 1)])[s]
            assert found[i, j] == pytest.approx(truth, abs=1e-12 * np.abs(found).max())


@pytest.mark.parametrize("name", ENUMERATED)
def test_lime_is_the_weighted_fit(games, name):
    entry, d = games[name], 10
    z, f = every(entry)
    kept = z.sum(axis=1)
    chance = np.array([1 / (d * math.comb(d, m)) if m < d else 0 for m in range(d + 1)])
    kernel = np.exp(-((1 - np.sqrt(np.arange(d + 1) / d)) ** 2) / (2 * 0.25**2))
    root = np.sqrt(chance * kernel)[kept.astype(int)]
    design = np.column_stack([np.ones(len(z)), z]) * root[:, None]
    fit = np.linalg.lstsq(design, f.ravel() * root, rcond=None)[0]
    np.testing.assert_allclose(entry["lime"]["scores"], fit[1:], atol=1e-11)
    assert entry["lime"]["intercept"] == pytest.approx(fit[0], abs=1e-11)


def test_sums_of_games_of_any_size(games):
    for entry in games.values():
        d = entry["d"]
        ends = value(entry, np.array([np.zeros(d), np.ones(d)]))
        np.testing.assert_allclose(ends, [entry["f_none"], entry["f_all"]], atol=1e-14)
        gain = entry["f_all"] - entry["f_none"]
        assert sum(entry["shapley"]["scores"]) == pytest.approx(gain, abs=1e-12)
        faithful, taylor = (entry["pairs"][n] for n in ("faithful-shapley", "shapley-taylor"))
        total = sum(faithful["singles"]) + sum(faithful["values"])
        assert total == pytest.approx(gain, abs=1e-10)
        alone = value(entry, np.eye(d)) - entry["f_none"]
        assert alone.sum() + sum(taylor["values"]) == pytest.approx(gain, abs=1e-10)


def test_bounds_are_beside_every_answer_and_worth_something(games):
    for entry in games.values():
        answers = [entry[name] for name in ("shapley", "banzhaf", "lime")]
        for answer in answers + list(entry["pairs"].values()):
            assert 0 < answer["certificate"] < 1e-10 and 0 < answer["rounding"] < 1e-6


def test_the_program_in_the_readme_runs(folder, monkeypatch):
    text = (folder / "README.md").read_text("utf8")
    programs = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(programs) == 1
    monkeypatch.chdir(folder)
    exec(programs[0], {})


def damaged(folder):
    """The files whose hash is not the one in SHA256SUMS."""
    lines = (folder / "SHA256SUMS").read_text("utf8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert there == {*sums, "SHA256SUMS"}
    return [
        n for n, h in sums.items() if hashlib.sha256((folder / n).read_bytes()).hexdigest() != h
    ]


def test_a_damaged_game_is_noticed(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    assert damaged(copy) == []
    index = json.loads((copy / "index.json").read_text("utf8"))
    file = copy / index["games"][2]["file"]
    assert hashlib.sha256(file.read_bytes()).hexdigest() == index["games"][2]["sha256"]
    file.write_text(file.read_text("utf8").replace("1", "2", 1), "utf8")
    assert damaged(copy) == [index["games"][2]["file"]]


def test_files_keep_to_the_schema(folder, games):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((folder / "schema.json").read_text("utf8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema)
    index = json.loads((folder / "index.json").read_text("utf8"))
    for document in (index, *games.values()):
        check.validate(document)
        for name in document:
            assert not check.is_valid({key: document[key] for key in document if key != name})
    wrong = json.loads(json.dumps(games["words-001"]))
    wrong["game"]["kept_weight"][0][0] = -1.0
    assert not check.is_valid(wrong)


def test_shapes_agree_with_what_is_listed(folder, games):
    index = json.loads((folder / "index.json").read_text("utf8"))
    assert (index["count"], index["complete"]) == (5, False)
    for listed in index["games"]:
        entry = games[listed["name"]]
        assert all(entry[key] == listed[key] for key in ("name", "family", "d", "K"))
        d, K = entry["d"], entry["K"]
        shapes = {name: np.shape(array) for name, array in entry["game"].items()}
        assert set(shapes.values()) == {(K,), (K, d)}
        assert shapes["rest_weight"] == shapes["rest_value"] == (K,)
        for name in ("shapley", "banzhaf", "lime"):
            assert len(entry[name]["scores"]) == d
        for pairs in entry["pairs"].values():
            assert len(pairs["values"]) == d * (d - 1) // 2


def test_the_same_game_has_the_same_bytes_in_another_run(folder, fetch, tmp_path):
    other = suite.write(tmp_path / "other", 2)
    files = sorted(path.name for path in (other / "games").iterdir())
    assert files == ["positions-051.json", "words-001.json"]
    name = "games/words-001.json"
    assert (other / name).read_bytes() == (folder / name).read_bytes()


def test_no_word_of_a_review_is_in_a_file(folder, games):
    assert {type(x) for e in games.values() for v in e["game"].values() for x in v} <= {list, float}
    for entry in games.values():
        pattern = r"drawn with seed \d+: .*|the first \d+ words of snippets [\d+]+"
        assert re.fullmatch(pattern, entry["source"])


def test_all_games_are_planned(fetch):
    fetch(load_snippets)
    planned = suite.tasks()
    assert len(planned) == len({task.name for task in planned}) == suite.COUNT == 500
    for family, (count, low, high) in suite.FAMILIES.items():
        games = [task.game for task in planned if task.family == family]
        d = [len(game.labels) for game in games]
        assert (len(d), d[0], d[-1]) == (count, low, high) and d == sorted(d)
        assert all(task.name.startswith(family) for task in planned if task.family == family)
        for game in games:
            whole = game.rest_weight + game.kept_weight.sum(axis=1)
            np.testing.assert_allclose(whole, 1, rtol=0, atol=1e-7)
    leaves = [not task.game.masked_weight.any() for task in planned if task.family == "random"]
    assert 90 <= sum(leaves) <= 110
    assert {len(task.game.rest_weight) for task in planned} == {1, 3, 6}


def test_a_game_is_stated_in_eight_digits_and_is_the_same_game():
    game = examples.random_game(0, 6, 3)
    stated = entries.stated(game)
    for name in entries.ARRAYS:
        for x in getattr(stated, name).ravel().tolist():
            assert x == float(f"{x:.7e}")
    z = np.array(list(itertools.product((0, 1), repeat=6)))
    np.testing.assert_allclose(stated.value(z), game.value(z), rtol=1e-6)
    assert stated.labels == ("w1", "w2", "w3", "w4", "w5", "w6") == stated.text


def test_the_beginning_of_a_document():
    words = ["a", "b", "a", "c", "c", "d"]
    assert suite.beginning(words, 3, distinct=True) == ["a", "b", "a", "c"]
    assert suite.beginning(words, 3, distinct=False) == ["a", "b", "a"]


@pytest.mark.parametrize("games, message", [("0", "count is 0"), ("501", "expected 1 to 500")])
def test_a_wrong_number_of_games(games, message, tmp_path, capsys):
    with pytest.raises(SystemExit):
        suite.main(["--out", str(tmp_path / "x"), "--games", games])
    assert message in capsys.readouterr().err and not (tmp_path / "x").exists()


def test_a_folder_that_cannot_be_used(fetch, tmp_path, capsys):
    fetch(load_snippets)
    (tmp_path / "file").write_text("mine")
    for folder, message in (
        (tmp_path, "no empty folder: name a new one"),
        (tmp_path / "file", "no empty folder"),
        (tmp_path / "file" / "below", "cannot be made (Not a directory): name a folder that can"),
    ):
        with pytest.raises(SystemExit):
            suite.main(["--out", str(folder), "--games", "1"])
        assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    with pytest.raises(TypeError, match=r"suite\.write"):
        suite.write(None)


def test_the_command(fetch, tmp_path):
    fetch(load_snippets)
    command = [sys.executable, "-m", "helpers.evaluation.suite", "--out", tmp_path / "x"]
    done = subprocess.run([*command, "--games", "1"], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr.startswith("wrote 1 games, 0 MB, to"), done.stderr
    assert damaged(tmp_path / "x") == []


def test_bounds_are_not_rounded_below_themselves(games):
    entry = games["words-001"]
    labels = entries.players(10)
    arrays = {name: np.array(array) for name, array in entry["game"].items()}
    game = PerturbationGame(labels, labels, **arrays)
    for name, found in (("shapley", shapley.exact(game)), ("banzhaf", occlusion.banzhaf(game))):
        for bound in ("certificate", "rounding"):
            assert 1 <= entry[name][bound] / getattr(found, bound) < 1.11


def test_the_page_of_the_book_is_the_readme():
    page = Path(__file__).parents[2] / "book" / "reference" / "suite.md"
    assert page.read_bytes() == suite.README.read_bytes(), f"copy {suite.README} to {page}"
