"""tools/machines.py: a machine is played in earnest, and what differs on it is reported."""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import machines
import nbformat
import notebooks
import pytest
from machines import Active, Machine, Result
from nbformat.v4 import new_code_cell, new_notebook

OLD = Active(["Prescott"], "default", [], ["SSE3"])
NEW = Active(["SkylakeX"], "avx512", ["X86_V3", "X86_V4"], ["SSE3", "AVX", "X86_V3", "X86_V4"])
APPLE = Active([], "default", ["ASIMDHP", "ASIMDDP"], ["ASIMD", "ASIMDHP", "ASIMDDP"])
ARM = replace(APPLE, openblas=["neoversen1"])
MACHINES = {machine.name: machine for machine in machines.MACHINES}


def played(own):
    return {m.name for m in MACHINES.values() if not machines.reason_to_skip(m, own)}


def test_a_machine_is_played_where_the_processor_can():
    intel = {"prescott", "sandybridge", "haswell", "zen", "skylakex"}
    assert played(OLD) == {"prescott"}
    assert played(NEW) == intel
    assert played(ARM) == {"armv8", "neoversen1", "arm"}
    assert played(APPLE) == {"arm"}
    assert "has no AVX" in machines.reason_to_skip(MACHINES["sandybridge"], OLD)
    assert "without OpenBLAS" in machines.reason_to_skip(MACHINES["armv8"], APPLE)


def test_a_kernel_is_played_once():
    small = replace(NEW, openblas=["Haswell"])  # built without a kernel of its own for Zen
    assert "that of Haswell" in machines.covered(MACHINES["zen"], small)
    assert machines.covered(MACHINES["zen"], replace(NEW, openblas=["Zen"])) is None
    assert machines.covered(MACHINES["haswell"], small) is None
    assert machines.covered(MACHINES["prescott"], replace(NEW, openblas=["Katmai"])) is None


def test_only_what_this_processor_has_is_switched_off():
    off = "NPY_DISABLE_CPU_FEATURES"
    assert machines.environment(MACHINES["haswell"], NEW)[off] == "X86_V4"
    assert machines.environment(MACHINES["sandybridge"], NEW)[off] == "X86_V3 X86_V4"
    assert off not in machines.environment(MACHINES["prescott"], OLD)


def test_what_did_not_take_effect_is_named():
    prescott = MACHINES["prescott"]
    assert machines.not_in_effect(prescott, OLD) == []
    assert machines.not_in_effect(prescott, replace(OLD, openblas=["Katmai"])) == []
    assert machines.not_in_effect(prescott, replace(OLD, openblas=["Haswell", "Katmai"])) == [
        "OpenBLAS uses Haswell"
    ]
    assert machines.not_in_effect(prescott, replace(OLD, openblas=[])) == ["OpenBLAS is not in use"]
    assert machines.not_in_effect(prescott, replace(NEW, openblas=["Prescott"])) == [
        "torch uses avx512",
        "NumPy uses X86_V3",
        "NumPy uses X86_V4",
    ]


def test_unknown_machine(capsys):
    with pytest.raises(SystemExit) as error:
        machines.main(["pentium"])
    assert error.value.code == 2
    message = capsys.readouterr().err
    assert "no machine is called pentium" in message and "prescott" in message


# From here on, this processor really plays.


@pytest.fixture(scope="module")
def own():
    return machines.ask(machines.fresh())


@pytest.fixture(scope="module")
def machine(own):
    """A machine that this processor can play, and that differs from it."""
    plain = next(m for m in MACHINES.values() if not machines.reason_to_skip(m, own))
    if not own.numpy:
        pytest.skip("NumPy chooses nothing by this processor")
    return plain


@pytest.fixture
def folder(monkeypatch):
    """The tool's folder: one in the repository, where pytest finds its conftest.py."""
    machines.REPORTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=machines.REPORTS, prefix="test-") as path:
        monkeypatch.setattr(machines, "REPORTS", Path(path))
        yield Path(path)


@pytest.fixture
def call(monkeypatch, capsys):
    """Call the tool with one machine only; exit status and printed text."""

    def main(machine):
        monkeypatch.setattr(machines, "MACHINES", (machine,))
        return machines.main([machine.name]), capsys.readouterr().out

    return main


DEPENDS = """from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__
[name for name in __cpu_dispatch__ if __cpu_features__[name]]"""


def test_an_output_that_depends_on_the_machine_is_caught(monkeypatch, call, folder, machine):
    """The committed outputs are those that this processor gives by itself."""
    book = folder / "book.ipynb"
    cells = [new_code_cell(source, id=f"c{n}") for n, source in enumerate(["1 + 1", DEPENDS])]
    book.write_text(nbformat.writes(notebooks.normalise(new_notebook(cells=cells))) + "\n")
    assert notebooks.execute(book, timeout=60)[:2] == (True, None)
    monkeypatch.setattr(machines, "BOOK", (str(book),))
    status, text = call(machine)
    assert status == 1
    assert f"{machine.name}: 1 of 2 cells differ" in text
    assert "book.ipynb, Cell 1" in text and "Cell 0" not in text
    assert "--- committed" in (folder / f"{machine.name}.log").read_text()


def test_a_machine_without_effect_is_an_error(monkeypatch, call, own, machine):
    if not own.openblas:
        pytest.skip("NumPy computes without OpenBLAS here")
    monkeypatch.setattr(machines, "compare", lambda settings, name: Result(9))
    status, text = call(replace(machine, name="unheard", openblas="Unheard", alias=None))
    assert status == 1
    assert "unheard: 0 of 0 cells differ" in text and "not in effect: OpenBLAS uses" in text


def test_nothing_compared_is_an_error(monkeypatch, call, own):
    monkeypatch.setattr(machines, "ask", lambda environ: own)
    status, text = call(Machine("elsewhere", "NO_SUCH_FLAG", None, "default"))
    assert status == 1
    assert "elsewhere: skipped" in text and "nothing was compared" in text


@pytest.mark.parametrize("status", [0, 1, 3])
def test_a_run_without_a_report_is_an_error(monkeypatch, folder, status):
    monkeypatch.setattr(machines, "COMPARE", (sys.executable, "-c", f"raise SystemExit({status})"))
    result = machines.compare({}, "broken")
    assert result.cells == 0 and f"status {status}; see" in result.trouble


def test_exit_status(monkeypatch, call, own, machine):
    monkeypatch.setattr(machines, "ask", lambda environ: own)
    for result, status in {
        Result(9): 0,
        Result(9, ("Cell 1",)): 1,
        Result(9, trouble="pytest broke"): 1,
        Result(skipped="a reason"): 1,
    }.items():
        monkeypatch.setattr(machines, "play", lambda machine, own, named, result=result: result)
        assert call(machine)[0] == status


def test_this_processor_as_it_is_is_played_only_if_it_is_named(monkeypatch, capsys, own):
    twin = Machine("twin", own.flags[0], None, own.torch, numpy=tuple(own.numpy))
    monkeypatch.setattr(machines, "MACHINES", (twin,))
    monkeypatch.setattr(machines, "compare", lambda settings, name: Result(9))
    assert machines.main([]) == 0
    assert f"twin: skipped, {machines.ITSELF}" in capsys.readouterr().out
    assert machines.main(["twin"]) == 0
    assert "twin: 0 of 9 cells differ" in capsys.readouterr().out
