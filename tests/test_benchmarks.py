"""The benchmarks run and report what they should. Nothing here asserts a speed."""

import datetime
import importlib
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import run, shapley, timing
from helpers.checks import examples, oracles
from helpers.explainers import interactions
from helpers.plots import speed

RESULTS = Path(run.HERE) / "results.json"
ONE = {"ours_s": 1.0, "peer_s": 3.0, "ratio": 3.0}


def test_compare_takes_turns_and_reports_medians(monkeypatch):
    clock, order = [0.0], []

    def call(name, durations):
        def work():
            order.append(name)
            clock[0] += durations.pop(0)

        return work

    monkeypatch.setattr(timing.time, "perf_counter", lambda: clock[0])
    ours, peer = call("ours", [9.0, 1.0, 2.0, 4.0]), call("peer", [9.0, 10.0, 30.0, 20.0])
    found = timing.compare(ours, peer, repeats=3)
    assert order == ["ours", "peer"] * 4
    assert found == {
        "ours_s": 2.0,
        "peer_s": 20.0,
        "ratio": 10.0,
        "ratio_low": 7.5,
        "ratio_high": 12.5,
        "repeats": 3,
    }


def test_a_turn_of_ours_may_be_the_mean_of_several_calls(monkeypatch):
    clock, steps = [0.0], iter([9.0, 1.0, 3.0, 1.0, 3.0])

    def ours():
        clock[0] += next(steps)

    def peer():
        clock[0] += 4.0

    monkeypatch.setattr(timing.time, "perf_counter", lambda: clock[0])
    found = timing.compare(ours, peer, repeats=2, calls=2)
    assert (found["ours_s"], found["peer_s"], found["ratio"]) == (2.0, 4.0, 2.0)


def test_every_module_of_the_folder_takes_part():
    names = run.modules()
    assert not {"run", "timing", "__init__"} & set(names)
    for name in names:
        assert callable(importlib.import_module(f"benchmarks.{name}").run)


def fake(monkeypatch, **modules):
    known = {
        f"benchmarks.{name}": SimpleNamespace(run=lambda r=r: r) for name, r in modules.items()
    }
    monkeypatch.setattr(run.importlib, "import_module", known.__getitem__)


def test_results_are_merged_with_their_module(monkeypatch, tmp_path):
    fake(monkeypatch, a={"x": ONE}, b={"y": {**ONE, "note": "n"}})
    monkeypatch.setattr(run, "modules", lambda: ["a", "b"])
    assert run.main(["-o", str(tmp_path / "x.json")]) == 0
    report = json.loads((tmp_path / "x.json").read_text("utf8"))
    assert report["results"] == {
        "x": {"module": "a", **ONE},
        "y": {"module": "b", **ONE, "note": "n"},
    }
    assert {"cpu", "cores", "python", "torch", "lime", "date"} <= report["machine"].keys()


@pytest.mark.parametrize(
    "modules, message",
    [
        ({"a": {"x": ONE}, "b": {"x": ONE}}, "two comparisons"),
        ({"a": {"x": {"ours_s": 1.0, "peer_s": 1.0}}}, "no ratio"),
    ],
)
def test_results_that_cannot_be_merged(monkeypatch, modules, message):
    fake(monkeypatch, **modules)
    with pytest.raises(ValueError, match=message):
        run.measure(list(modules))


@pytest.mark.parametrize(
    "arguments, message",
    [(["no_such_module"], "no module no_such_module"), (["a"], "give another file with -o")],
)
def test_part_of_a_run_does_not_replace_the_results(monkeypatch, arguments, message, capsys):
    monkeypatch.setattr(run, "modules", lambda: ["a"])
    with pytest.raises(SystemExit):
        run.main(arguments)
    assert message in capsys.readouterr().err


def test_committed_results_are_of_one_run_of_all_modules():
    report = json.loads(RESULTS.read_text("utf8"))
    assert {entry["module"] for entry in report["results"].values()} == set(run.modules())
    datetime.date.fromisoformat(report["machine"]["date"])
    for title, entry in report["results"].items():
        assert min(entry[key] for key in run.NEEDED) > 0, title
        assert entry.get("ratio_low", 0) <= entry["ratio"] <= entry.get("ratio_high", np.inf), title


@pytest.mark.parametrize(
    "value, expected", [(2.6, "2.6 s"), (0.96, "0.96 s"), (0.024, "24 ms"), (6.1e-6, "6.1 µs")]
)
def test_durations_have_two_digits_and_a_unit(value, expected):
    assert speed.duration(value) == expected.replace(" ", speed.SPACE)


def test_the_page_shows_every_comparison():
    results = {
        "fast": {**ONE, "ratio": 123.4, "target": 100, "ours": "a", "peer": "b", "note": "n"},
        "slow": {**ONE, "ratio": 0.5, "ratio_low": 0.4, "ratio_high": 0.61},
    }
    rows = [[c.replace(speed.SPACE, " ") for c in row] for row in speed.speed_table(results).rows]
    assert rows == [
        ["fast", "1 s", "3 s", "123 ×", "", "≥ 100 ×"],
        ["slow", "1 s", "3 s", "0.5 ×", "0.4 to 0.61", ""],
    ]
    assert speed.notes_table(results).rows == (("fast", "a, beside b; n"), ("slow", ""))
    texts = [t.get_text() for t in speed.ratios(results).axes[0].texts]
    assert [t.replace(speed.SPACE, " ") for t in texts] == ["fast", "123 ×", "slow", "0.5 ×"]
    backwards = speed.ratios(dict(reversed(results.items()))).axes[0].texts
    assert [t.get_text() for t in backwards] == texts  # the largest first
    assert speed.machine_table({"cores": 2}).rows == (("cores", "2"),)


def test_a_target_may_be_a_time():
    quick = {**ONE, "target_s": 1.5}
    late = {**ONE, "target_s": 0.5}
    assert [speed.target(r).replace(speed.SPACE, " ") for r in (quick, ONE)] == ["≤ 1.5 s", ""]
    assert (speed.reached(quick), speed.reached(late)) == (True, False)
    assert speed.reached({**ONE, "target": 3}) and not speed.reached({**ONE, "target": 3.1})
    lines = speed.ratios({"quick": quick}).axes[0].lines
    assert [line.get_xdata()[0] for line in lines if line.get_marker() == "D"] == [3.0 / 1.5]


def test_what_a_budget_buys_is_a_table():
    estimators = {"Kernel": {"seconds": 0.3, "evaluations": 20000, "error": 0.0242}}
    results = {"x": ONE, "y": {**ONE, "error": 1e-14, "estimators": estimators}}
    rows = [[c.replace(speed.SPACE, " ") for c in row] for row in speed.budget_table(results).rows]
    assert rows == [
        ["y", "exact", "1 s", "", "below 1e-12"],
        ["y", "shap, Kernel", "300 ms", "20,000", "2.4 %"],
    ]


def test_the_peers_of_shapley_values_compute_the_same():
    game = examples.random_game(0, 7, 2)
    truth = oracles.shapley(game)
    np.testing.assert_allclose(shapley.truth(game), truth, atol=1e-13)
    pairs = interactions.exact(game).matrix
    np.testing.assert_allclose(shapley.one_by_one(game), pairs, atol=1e-13)
    for estimate, _ in shapley.estimators(game.value, 7).values():
        np.testing.assert_allclose(estimate(4000), truth, atol=0.03 * np.abs(truth).max())
    few, many = (shapley.orders_needed(game.value, truth, error) for error in (0.5, 0.01))
    assert 10 <= few < many


def test_estimators_get_the_time_they_are_given():
    game = examples.random_game(0, 12, 2)
    reached = shapley.at_budget(game, 0.05, oracles.shapley(examples.random_game(0, 12, 2)))
    assert list(reached) == ["Permutation", "Kernel", "Sampling"]
    assert all(r["evaluations"] > 12 and 0 <= r["error"] < 1 for r in reached.values())
