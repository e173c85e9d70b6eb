"""The comparison of outputs catches what it must, and forgives what it should."""

import base64
import io
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import comparison
import matplotlib.pyplot as plt
import nbformat
import notebooks
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image, ImageDraw

ROOT = Path(__file__).parents[1]

SAME = {
    "the same": ("a = 1", "a = 1"),
    "noise in the last digits": ("0.314159265", "0.314159268"),
    "one unit in the last of four digits": ("0.3142 0.0041", "0.3143 0.0042"),
    "tiny residuals": ("error 3.2e-15", "error 4.1e-16"),
    "tiny with another sign": ("-3.2e-15", "1.1e-17"),
    "zero and tiny": ("0.0", "3.1e-17"),
    "minus zero": ("[-0.  1.]", "[0.  1.]"),
    "tiny in LaTeX": (r"$3.2 \cdot 10^{-16} x$", r"$4.1 \cdot 10^{-17} x$"),
    "scientific": ("1.2346e-05", "1.2345e-05"),
    "columns that move": ("[ 0.10001  0.2]", "[0.1      0.2]"),
    "an opacity in HTML": (
        '<td style="background: rgba(31,119,180,0.3141)">0.3141</td>',
        '<td style="background: rgba(31,119,180,0.3142)">0.3142</td>',
    ),
    "a number with a unit": ("width: 31.4159em", "width: 31.4158em"),
    "percent": ("31.42%", "31.41%"),
}
OTHER = {
    "a word": ("the gradient", "the gradients"),
    "a digit": ("0.3142", "0.3842"),
    "two units in the last digit": ("0.3142", "0.3144"),
    "whole numbers": ("7 words", "8 words"),
    "large whole numbers": ("100000", "100001"),
    "whole numbers with a dot": ("[1. 2.]", "[1. 3.]"),
    "numbers without a leading zero": (".5", ".6"),
    "one decimal": ("0.3", "0.4"),
    "two decimals": ("rgba(0,0,0,0.31)", "rgba(0,0,0,0.32)"),
    "a colour in HTML": ("rgba(31,119,180,0.5)", "rgba(31,120,180,0.5)"),
    "a colour in hexadecimal": ("#1f77b4", "#2f77b4"),
    "a cell of an HTML table": ("<td>0.3142</td>", "<td>0.3242</td>"),
    "percent ": ("31.4%", "32.4%"),
    "a sign": ("-0.3142", "0.3142"),
    "a sign in a sum": ("x-0.3142", "x+0.3142"),
    "small, but not tiny": ("3.2e-08", "4.1e-08"),
    "an exponent": ("1.5e-05", "1.5e-06"),
    "an exponent in LaTeX": (r"1.5 \cdot 10^{-5}", r"1.5 \cdot 10^{-6}"),
    "a digit in a LaTeX fraction": (r"\frac{1}{2}", r"\frac{1}{3}"),
    "an index": ("x_1", "x_2"),
    "whole and broken": ("1", "1.0001"),
    "a number more": ("0.5", "0.5 0.5"),
    "numbers that swap": ("0.25 0.75", "0.75 0.25"),
    "infinity": ("inf", "0.5"),
    "not a number": ("nan", "0.5"),
    "beyond floats": ("1e400", "2e400"),
    "a version": ("1.2.3", "1.2.4"),
    "white space where numbers agree": ("  a 1", "a 1"),
}


@pytest.mark.parametrize("old, new", SAME.values(), ids=SAME)
def test_close_text(old, new):
    assert comparison.close_text(old, new)
    assert comparison.close_text(new, old)


@pytest.mark.parametrize("old, new", OTHER.values(), ids=OTHER)
def test_other_text(old, new):
    assert not comparison.close_text(old, new)
    assert not comparison.close_text(new, old)


def png(array) -> str:
    stream = io.BytesIO()
    Image.fromarray(np.clip(np.round(array), 0, 255).astype(np.uint8)).save(stream, "png")
    return base64.b64encode(stream.getvalue()).decode()


def chart(height=50, colour=120.0, hatch=0):
    """Bars, a hatched square and a patch of colour, 96 by 160 pixels."""
    picture = np.full((96, 160, 3), 255.0)
    for n, h in enumerate((30, height, 70)):
        picture[90 - h : 90, 20 * n + 10 : 20 * n + 24] = 60.0
    picture[20:60, 100:140] = colour
    picture[64:72, 104 + hatch : 112 : 2] = 225.0
    return picture


def label(text):
    picture = Image.new("RGB", (60, 20), "#4477aa")
    ImageDraw.Draw(picture).text((10, 4), text, fill="white")
    return png(np.asarray(picture))


def test_pictures():
    noise = np.random.default_rng(0).normal(0, 1.5, chart().shape)
    assert comparison.close_png(png(chart()), png(chart() + noise)), "noise"
    softer = 0.95 * chart() + 0.05 * np.roll(chart(), 1, axis=0)
    assert comparison.close_png(png(chart()), png(softer)), "edges drawn a little softer"
    opaque = np.dstack([chart(), np.full(chart().shape[:2], 255.0)])
    assert comparison.close_png(png(chart()), png(opaque)), "with an alpha channel"
    assert not comparison.close_png(png(chart()), png(chart(height=51))), "a bar one pixel higher"
    assert not comparison.close_png(png(chart()), png(chart(colour=112.0))), (
        "a patch one tone darker"
    )
    assert not comparison.close_png(png(chart()), png(chart(hatch=1))), "a hatch that moved"
    assert not comparison.close_png(png(chart()), png(chart() + 3 * noise)), "grain everywhere"
    assert not comparison.close_png(png(chart()), png(chart()[:-1])), "a picture of another size"
    assert not comparison.close_png(png(chart()), png(chart().mean(axis=2) * 0)), "a grey picture"
    for damaged in ("AA==", "A", png(chart())[:400]):
        assert not comparison.close_png(damaged, png(chart())), "a damaged picture"
    for digit in "0124567":
        assert not comparison.close_png(label("0.38"), label(f"0.{digit}8")), "a digit of a label"


def drawing(up=0.0, dots=9, colour="#0072B2", label="0.38", opacity=0.5, shade=0.0):
    """An SVG as a notebook keeps it: a curve with marks, a label, and a small picture in it."""
    figure = plt.figure(figsize=(3, 2))
    axis = figure.add_subplot(xlabel=label, xlim=(-1, 10), ylim=(-1, 2))
    x = np.arange(dots)
    axis.plot(x, np.sin(x) + up, "o-", color=colour, alpha=opacity)
    axis.imshow(np.arange(6).reshape(2, 3) + shade * np.eye(2, 3), extent=(5, 8, 1, 2))
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None})
    plt.close(figure)
    return stream.getvalue()


SAME_DRAWING = {
    "the same": {},
    "last bits": {"up": 1e-9, "shade": 1e-12},
    "a tone": {"colour": "#0073B3"},
}
OTHER_DRAWING = {
    "a moved curve": {"up": 0.02},
    "a dot more": {"dots": 10},
    "a colour": {"colour": "#D55E00"},
    "a digit of a label": {"label": "0.39"},
    "an opacity": {"opacity": 0.6},
    "a pixel of the picture in it": {"shade": 1.0},
}


@pytest.mark.parametrize("change", SAME_DRAWING.values(), ids=SAME_DRAWING)
def test_close_drawings(change):
    assert comparison.svg_difference(drawing(), drawing(**change)) is None


@pytest.mark.parametrize("change", OTHER_DRAWING.values(), ids=OTHER_DRAWING)
def test_other_drawings(change):
    old, new = (shown(**{"image_svg+xml": svg}) for svg in (drawing(), drawing(**change)))
    assert comparison.svg_difference(drawing(), drawing(**change))
    assert "svg" in comparison.difference(old, new)


def test_a_damaged_drawing_is_another():
    assert comparison.svg_difference(drawing(), drawing()[:-9])


def stream(name, text):
    return new_output("stream", name=name, text=text)


def shown(kind="display_data", **data):
    return new_output(kind, data={key.replace("_", "/"): value for key, value in data.items()})


A, B = stream("stdout", "a"), shown(text_plain="b", text_latex="$b$")
LISTS = {
    "missing": ([A, B], [A]),
    "additional": ([A], [A, B]),
    "all missing": ([A], []),
    "swapped": ([A, B], [B, A]),
    "stderr": ([A], [stream("stderr", "a")]),
    "another type": ([shown(text_plain="a")], [shown("execute_result", text_plain="a")]),
    "picture missing": ([shown(text_plain="b", image_png=png(chart()))], [shown(text_plain="b")]),
    "text instead of LaTeX": ([B], [shown(text_plain="b")]),
    "another JSON": ([shown(application_json={"x": 1})], [shown(application_json={"x": 2})]),
}


@pytest.mark.parametrize("old, new", LISTS.values(), ids=LISTS)
def test_lists_of_outputs(old, new):
    assert not comparison.differences(old, old)
    assert comparison.differences(old, new)


def test_a_long_difference_is_shown_where_it_is():
    old, new = (stream("stdout", "a" * 9000 + word + "b" * 9000) for word in ("left", "right"))
    message = comparison.difference(old, new)
    assert "aleftb" in message and "arightb" in message and len(message) < 3 * comparison.LONG


def test_sanitizer_hides_addresses_and_nothing_else():
    sanitize = comparison.sanitizer()
    assert sanitize("<object at 0x7f3e01a2b0>") == "<object at 0xADDR>"
    assert sanitize("/x/ipykernel_12/345.py:1") == "IPYKERNEL:1"
    for text in ("0.123456789", "12 s and 3.5 ms", "50%|###| 5/10", "0x1f"):
        assert sanitize(text) == text


def test_unknown_nbval_is_refused(pytestconfig):
    conftest = pytestconfig.pluginmanager.get_plugin(str(ROOT / "conftest.py"))

    class Renamed:
        def compare(self, test, ref):
            """compare_outputs under another name"""

    conftest.check_nbval()
    with pytest.raises(pytest.UsageError, match="made for nbval"):
        conftest.check_nbval(installed="0.12.0")
    with pytest.raises(pytest.UsageError, match="not what it was"):
        conftest.check_nbval(Renamed)


# End to end: what a cell does, the same within the tolerance, and something else.
BARS = """import matplotlib.pyplot as plt
plt.bar(["a", "b", "c"], [0.2, {}, 0.3])
plt.show()"""
LATEX = "from IPython.display import Latex\nLatex(r'$\\frac{{1}}{{{}}} + {} x$')"
CELLS = {
    "digit in text": ("print('score 0.3142')", "print('score 0.3143')", "print('score 0.3842')"),
    "digit in LaTeX": (LATEX.format(3, 0.25), LATEX.format(3, 0.250001), LATEX.format(4, 0.25)),
    "number": ("0.314159", "0.314160", "0.314259"),
    "whole number": ("print(7)", "print(7)", "print(8)"),
    "picture": (BARS.format(0.5), BARS.format(0.5000001), BARS.format(0.51)),
    "removed output": ("print(1)", "print(1)", "pass"),
    "added output": ("pass", "pass", "print(1)"),
    "swapped outputs": (
        "display('a')\ndisplay('b')",
        "display('a')\ndisplay('b')",
        "display('b')\ndisplay('a')",
    ),
    "address": ("object()", "object()", "'object()'"),
    "another stream": (
        "import sys\nprint(1, file=sys.stdout)",
        "import sys\nprint(1, file=sys.stdout)",
        "import sys\nprint(1, file=sys.stderr)",
    ),
    "never run": ("assert True", "assert True", "assert True"),
}
RED = {"good": set(), "near": set(), "bad": set(CELLS)}


def write(path, sources):
    cells = [new_code_cell(source, id=f"c{n}") for n, source in enumerate(sources)]
    path.write_text(nbformat.writes(notebooks.normalise(new_notebook(cells=cells))) + "\n")


@pytest.fixture(scope="module")
def doctored(tmp_path_factory):
    """Three notebooks with the same cells; the outputs of two come from running other code."""
    folder = tmp_path_factory.mktemp("doctored")
    good, near, bad = zip(*CELLS.values(), strict=True)
    for name, sources in {"good": good, "near": near, "bad": bad}.items():
        path = folder / f"{name}.ipynb"
        write(path, sources)
        changed, error, _ = notebooks.execute(path, timeout=60)
        assert changed and not error, error
        nb = nbformat.read(path, as_version=4)
        for cell, source in zip(nb.cells, good, strict=True):
            cell.source = source
        if name == "bad":
            nb.cells[-1].execution_count = None
        path.write_text(nbformat.writes(nb) + "\n")
    return folder


def test_doctored_outputs_are_caught(doctored):
    """pytest --nbval with this repository's conftest: all cells of one notebook fail, no other."""
    report = doctored / "report.xml"
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q"]
    command += ["-p", "conftest", "-p", "no:xdist", "-p", "no:cacheprovider"]
    command += [f"--nbval-sanitize-with={comparison.SANITIZE}", f"--junitxml={report}"]
    command += [f"--rootdir={doctored}", f"--config-file={ROOT / 'pyproject.toml'}"]
    command += [str(doctored / f"{name}.ipynb") for name in RED]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    environment = clean | {"PYTHONPATH": str(ROOT)}
    result = subprocess.run(command, cwd=doctored, env=environment, capture_output=True, text=True)
    assert report.exists(), result.stdout + result.stderr
    red = {name: set() for name in RED}
    cases = list(ET.parse(report).iter("testcase"))
    assert len(cases) == 3 * len(CELLS), result.stdout
    for case in cases:
        if case.find("failure") is not None or case.find("error") is not None:
            cell = int(case.get("name").split()[-1])
            red[case.get("classname").removesuffix(".ipynb")].add(list(CELLS)[cell])
    assert red == RED, result.stdout


def test_run_keeps_equal_outputs_and_replaces_others(doctored, tmp_path):
    near = tmp_path / "near.ipynb"
    near.write_bytes((doctored / "near.ipynb").read_bytes())
    assert notebooks.execute(near, timeout=60)[:2] == (False, None)
    assert near.read_bytes() == (doctored / "near.ipynb").read_bytes()
    bad = tmp_path / "bad.ipynb"
    bad.write_bytes((doctored / "bad.ipynb").read_bytes())
    assert notebooks.execute(bad, timeout=60)[:2] == (True, None)
    one, other = (nbformat.read(p, as_version=4) for p in (bad, doctored / "good.ipynb"))
    for cell, good in zip(one.cells, other.cells, strict=True):
        assert cell.execution_count == good.execution_count
        assert not comparison.differences(good.outputs, cell.outputs, comparison.sanitizer())


def test_kept_outputs_are_renumbered():
    old, new = (shown("execute_result", text_plain=text) for text in ("0.31415", "0.31416"))
    new.execution_count = 2
    (kept,) = notebooks.keep_equal([old], [new], str)
    assert kept.data == old.data and kept.execution_count == 2


def test_a_failing_notebook_is_left_alone(tmp_path, capsys):
    path = tmp_path / "fails.ipynb"
    write(path, ["1 + 1", "1 / 0"])
    before = path.read_bytes()
    assert notebooks.main(["run", str(tmp_path)]) == 1
    assert path.read_bytes() == before
    message = capsys.readouterr().err
    assert "fails.ipynb, cell 2 (c1)" in message and "ZeroDivisionError" in message


def test_text_and_back(tmp_path):
    path, text = tmp_path / "x.ipynb", tmp_path / "x.md"
    figure = {"mystnb": {"figure": {"caption": "A $x$: y", "name": "fig-x"}, "image": {"alt": "z"}}}
    cells = [
        new_markdown_cell("# T", id="t"),
        new_code_cell("1 + 1", id="a", execution_count=1, outputs=[shown(text_plain="2")]),
        new_code_cell("2 + 2", id="b", metadata=figure | {"tags": ["hide-input"]}),
    ]
    path.write_text(nbformat.writes(notebooks.normalise(new_notebook(cells=cells))) + "\n")
    before = path.read_bytes()
    notebooks.main(["to-text", str(path)])
    notebooks.main(["from-text", str(text)])
    assert path.read_bytes() == before
    text.write_text(text.read_text().replace("# T", "# U\n\n```{code-cell}\n0\n```"))
    notebooks.main(["from-text", str(text)])
    nb = nbformat.read(path, as_version=4)
    assert [cell.id for cell in nb.cells if cell.id in "tab"] == ["t", "a", "b"]
    assert nb.cells[2].outputs == cells[1].outputs and nb.cells[3].metadata == cells[2].metadata
    for name in ("one.ipynb", "two.ipynb"):
        notebooks.main(["from-text", str(text), "-o", str(tmp_path / name)])
    assert (tmp_path / "one.ipynb").read_bytes() == (tmp_path / "two.ipynb").read_bytes()
