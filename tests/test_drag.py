"""The directive that puts a picture to drag in the place of a figure, in small sites of its own."""

import sys
from io import StringIO
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

EXTENSION = Path(__file__).parent.parent / "_ext"
PAGE = """
Title
=====

.. figure:: dot.png
   :name: fig-{figure}
   :alt: A dot.

   A caption.

.. drag:: fig-{drag}

   Drag the *dot*.
"""


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Build a site of two pages, the second without a picture; return its folder and warnings."""
    monkeypatch.setattr(sys, "path", [str(EXTENSION), *sys.path])
    (tmp_path / "conf.py").write_text('extensions = ["pictures"]\n')
    (tmp_path / "other.rst").write_text(":orphan:\n\nOther\n=====\n")
    (tmp_path / "dot.png").write_bytes(b"")

    def run(figure="triangle", drag="triangle", builder="html"):
        (tmp_path / "index.rst").write_text(PAGE.format(figure=figure, drag=drag))
        warnings, out = StringIO(), tmp_path / "out"
        with docutils_namespace():
            trees = tmp_path / "trees"
            Sphinx(tmp_path, tmp_path, out, trees, builder, status=None, warning=warnings).build()
        return out, warnings.getvalue()

    return run


def scripts(page):
    soup = BeautifulSoup(page.read_text(), "html.parser")
    found = [Path(x["src"].split("?")[0]) for x in soup.find_all("script", src=True)]
    return [x.name for x in found if x.parent.name == "pictures"]


def test_the_invitation_the_stage_and_the_caption_stand_in_the_figure(build):
    out, warnings = build()
    assert not warnings
    figure = BeautifulSoup((out / "index.html").read_text(), "html.parser").find(id="fig-triangle")
    assert "picture" in figure["class"]
    parts = [
        x.name if x.name == "figcaption" else x["class"][0]
        for x in figure.find_all(recursive=False)
    ]
    assert parts == ["picture-invitation", "picture-stage", "picture-panel", "figcaption"]
    assert figure.select_one(".picture-invitation em").get_text() == "dot"
    assert figure.select_one(".picture-stage > img")["alt"] == "A dot."


def test_scripts_run_in_order_and_only_where_they_are_needed(build):
    out, _ = build()
    parts = ["shared.drawing.js", "shared.js", "triangle.maths.js", "triangle.js"]
    assert scripts(out / "index.html") == parts
    assert scripts(out / "other.html") == []
    assert all((out / "_static" / "pictures" / name).exists() for name in parts)


def test_a_figure_that_is_not_there_is_a_warning(build):
    assert "no figure 'fig-triangle'" in build(figure="square")[1]


def test_a_picture_without_a_script_is_a_warning(build):
    out, warnings = build(figure="square", drag="square")
    assert "no script for the figure 'fig-square'" in warnings
    assert scripts(out / "index.html") == []


def test_where_nothing_can_be_dragged_nothing_invites(build):
    out, warnings = build(builder="text")
    text = (out / "index.txt").read_text()
    assert not warnings
    assert "A caption." in text and "Drag" not in text
