"""``make mutants``: its list fits the code, its record has no survivor, and its tool works."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import mutants
import mutations
import notebook_rules
import pytest

ROOT = Path(__file__).parents[1]
MUTATIONS = mutations.load(ROOT / mutants.LIST)
RECORD = json.loads((ROOT / mutants.RECORD).read_text(encoding="utf-8"))
AGAIN = "run make mutants, or .venv/bin/python tools/mutants.py with its id"

# ---- the list and the record; whether a record is stale, only `make mutants` says


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.id)
def test_mutation_fits(mutation):
    assert mutations.mutate(ROOT, mutation).source
    for test in mutation.tests:
        assert (ROOT / test.split("::")[0]).is_file(), test


def test_there_are_enough():
    assert len(MUTATIONS) >= 60


def test_all_were_run_as_they_are_and_none_survived():
    runnable = {mutation.id: mutation for mutation in MUTATIONS if not mutation.equivalent}
    assert RECORD.keys() == runnable.keys(), AGAIN
    other = [name for name in RECORD if RECORD[name]["change"] != mutations.change(runnable[name])]
    assert not other, f"they were changed since: {AGAIN}"
    assert not [name for name in RECORD if RECORD[name]["caught_by"] is None]


def test_the_page_shows_the_record():
    page = (ROOT / mutants.PAGE).read_text(encoding="utf-8")
    assert page == mutations.page(ROOT, MUTATIONS, RECORD), AGAIN


# ---- the tool, on a small project

CODE = """LIMIT = 3


def area(a, b):
    return a * b  # not a + b


class Counter:
    @staticmethod
    def down(n):
        def step(n):
            return n - 1

        while n > 0:
            n = step(n)
        return n


def unseen(x):
    return x + x


twice = 2
twice = 2 * twice
"""
TESTS = """from pack.shapes import LIMIT, Counter, area, unseen

def test_area():
    assert area(2, 3) == 6

def test_down():
    assert Counter.down(LIMIT) == 0

def test_unseen():
    assert unseen(0) == 0
"""


def entry(name, function, old, new, tests='["tests/test_pack.py"]'):
    return (
        f'[{name}]\nfunction = "pack.shapes.{function}"\nold = "{old}"\nnew = "{new}"\n'
        f'breaks = "a | {name}"\ntests = {tests}\n'
    )


SUM = entry("sum", "area", "return a * b", "return a + b")
HANG = entry("hang", "Counter.down.step", "- 1", "- 0")
IMPORT = entry("import", "LIMIT", "3", "1 / 0")
SURVIVOR = entry("survivor", "unseen", "x + x", "x * x")
EQUIVALENT = (
    '[same]\nfunction = "pack.shapes.unseen"\nold = "x + x"\nnew = "2 * x"\n'
    'breaks = "a sum"\nequivalent = "x + x is 2 x"\n'
)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with one module and its tests, and a function that writes its list."""
    monkeypatch.setattr(mutants, "PATIENCE", 1.0)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # their imports take seconds
    for name, text in {
        "pack/__init__.py": "",
        "pack/shapes.py": CODE,
        "tests/test_pack.py": TESTS,
        "pyproject.toml": "[tool.pytest]\n",
        ".gitignore": "__pycache__/\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "tools").mkdir()
    (tmp_path / "book/reference").mkdir(parents=True)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)

    def write(*entries):
        (tmp_path / mutants.LIST).write_text("\n".join(entries))
        return tmp_path

    return write


def caught(root):
    record = json.loads((root / mutants.RECORD).read_text())
    return {name: last["caught_by"] for name, last in record.items()}


def test_mutants_are_caught_and_a_survivor_is_reported(project, capsys):
    root = project(SUM, HANG, IMPORT, SURVIVOR, EQUIVALENT)
    assert mutants.main([], root) == 1
    assert "not caught: survivor, a | survivor in pack.shapes.unseen" in capsys.readouterr().out
    assert caught(root) == {
        "sum": "tests/test_pack.py::test_area",
        "hang": mutations.TIME_LIMIT,
        "import": mutations.ON_IMPORT,
        "survivor": None,
    }
    assert (root / "pack/shapes.py").read_text() == CODE
    page = (root / mutants.PAGE).read_text()
    for row in (
        r"| a \| sum | `area` | `test_pack.py::test_area` |",
        r"| a \| hang | `Counter.down.step` | the time limit: the tests no longer end |",
        r"| a \| import | `LIMIT` | the import, before the first test |",
        r"| a \| survivor | `unseen` | **nothing** |",
        "| a sum | `pack.shapes.unseen` | x + x is 2 x |",
    ):
        assert row in page.splitlines()
    nb = notebook_rules.read(root / mutants.PAGE)
    assert not [message for rule in notebook_rules.PAGE_RULES for message in rule(nb)]


def test_only_what_has_changed_runs_again(project, monkeypatch, capsys):
    async def run_tests(tree, tests, seconds, mutant=None):
        return ("a test" if mutant else None), ""

    monkeypatch.setattr(mutants, "run_tests", run_tests)

    def ran(*arguments):
        """What the tool calls stale, and what it runs."""
        assert mutants.main(["--jobs", "1", *arguments], root) == 0
        first, *lines = capsys.readouterr().out.splitlines()
        return first.split("not caught: ")[1], [line.split()[2].strip(":") for line in lines]

    root = project(SUM, IMPORT, EQUIVALENT)
    assert ran() == ("sum, import", ["sum", "import"])
    assert ran() == ("none", [])
    (root / "pack/shapes.py").write_text(CODE.replace("x + x", "x + x + 0"))
    assert ran() == ("none", [])
    (root / "pack/shapes.py").write_text(CODE.replace("# not a + b", "# a rectangle"))
    assert ran("import") == ("sum", ["import"])
    assert ran() == ("sum", ["sum"])
    assert ran("--again") == ("none", ["sum", "import"])
    project(SUM.replace("a + b", "a - b"), EQUIVALENT)
    assert ran() == ("sum", ["sum"])
    assert caught(root).keys() == {"sum"}
    for name in ("other", "same"):
        assert mutants.main([name], root) == 2


def test_it_goes_on_after_an_interrupt(project, tmp_path, capsys):
    """The second mutant hangs for a minute; the signal comes as soon as the first is recorded."""
    root, temporary = project(SUM, HANG), tmp_path / "temporary"
    temporary.mkdir()
    for name in ("mutants.py", "mutations.py", "comparison.py"):
        shutil.copy(ROOT / "tools" / name, root / "tools")
    process = subprocess.Popen(
        [sys.executable, root / "tools" / "mutants.py", "--jobs", "1"],
        env=os.environ | {"TMPDIR": str(temporary)},
        stderr=subprocess.DEVNULL,
    )
    for _ in range(600):
        if (root / mutants.RECORD).exists():
            break
        time.sleep(0.1)
    time.sleep(1.0)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) != 0
    assert caught(root) == {"sum": "tests/test_pack.py::test_area"}
    assert not list(temporary.iterdir())
    assert mutants.main([], root) == 0
    assert "not caught: hang\n" in capsys.readouterr().out
    assert caught(root)["hang"] == mutations.TIME_LIMIT


def test_red_tests_are_refused(project, capsys):
    root = project(SUM)
    (root / "tests/test_pack.py").write_text(TESTS.replace("== 6", "== 7"))
    assert mutants.main([], root) == 2
    assert "test_area, before any mutation" in capsys.readouterr().err
    assert not (root / mutants.RECORD).exists()


FAULTY = {
    "3 times, not once": entry("x", "unseen", "x", "y"),
    "0 times, not once": entry("x", "unseen", "z", "y"),
    "0 definitions of volume": entry("x", "volume", "a", "b"),
    "2 definitions of twice": entry("x", "twice", "2", "3"),
    "no such module": SUM.replace("pack.shapes", "park.shapes"),
    "is not Python": entry("x", "area", "return", "retur"),
    "nothing that Python sees": entry("x", "area", "not a", "no a"),
    "an id is there twice": SUM + SUM,
    "a wrong or missing key": SUM.replace("breaks", "brakes"),
    "give either tests, or a reason": SUM.replace('["tests/test_pack.py"]', "[]"),
    "and no test failed": entry("x", "unseen", "x + x", "x * x", '["tests/test_none.py"]'),
}


@pytest.mark.parametrize("message", FAULTY)
def test_faulty_mutation_is_refused(project, message, capsys):
    root = project(FAULTY[message])
    skipped = "import pytest\n\n\n@pytest.mark.skip\ndef test_unseen():\n    assert False\n"
    (root / "tests/test_none.py").write_text(skipped)
    assert mutants.main([], root) == 2
    assert message in capsys.readouterr().err
    assert not (root / mutants.RECORD).exists()
