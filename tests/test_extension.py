"""The Sphinx extension that makes the site self-contained, in small sites of its own."""

import re
import sys
from pathlib import Path

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

EXTENSION = Path(__file__).parent.parent / "_ext"
CONF = """
extensions = ["selfcontained"]
mathjax_path = "mathjax/book.js"
def setup(app):
    app.add_js_file(None, body="const THEBE_JS_URL = 'https://cdn.example.org/thebe.js'")
    app.add_js_file("sphinx-thebe.js")
    app.add_js_file("ours.js")
"""


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Build a site of one page; return its folder."""
    monkeypatch.setattr(sys, "path", [str(EXTENSION), *sys.path])
    (tmp_path / "conf.py").write_text(CONF)
    (tmp_path / "index.rst").write_text("Title\n=====\n\n.. math:: a = b\n")

    def run(builder="html"):
        out = tmp_path / "out"
        with docutils_namespace():
            app = Sphinx(tmp_path, tmp_path, out, tmp_path / "trees", builder, status=None)
            app.build()
        return out

    return run


def test_mathjax_is_copied_with_fonts_and_packages(build):
    mathjax = build() / "_static" / "mathjax"
    assert 500_000 < (mathjax / "book.js").stat().st_size < 1_000_000
    assert len(list(mathjax.glob("output/chtml/fonts/woff-v2/*.woff"))) > 20
    assert (mathjax / "input" / "tex" / "extensions" / "boldsymbol.js").exists()


def test_thebe_is_dropped_and_other_scripts_stay(build):
    page = (build() / "index.html").read_text()
    assert "thebe" not in page.lower()
    assert "ours.js" in page


def test_the_scripts_would_be_there_without_the_extension(build, monkeypatch):
    monkeypatch.setitem(sys.modules, "selfcontained", type(sys)("selfcontained"))
    out = build()
    assert "thebe" in (out / "index.html").read_text().lower()
    assert not (out / "_static" / "mathjax").exists()


def test_no_other_address_is_loaded(build):
    page = (build() / "index.html").read_text()
    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="https?:', page)


def test_other_builders_get_no_mathjax(build):
    assert not (build("text") / "_static").exists()


def test_a_page_without_a_formula_gets_no_mathjax(build, tmp_path):
    (tmp_path / "plain.rst").write_text(":orphan:\n\nPlain\n=====\n\nNo formula.\n")
    out = build()
    assert "mathjax" in (out / "index.html").read_text().lower()
    assert "mathjax" not in (out / "plain.html").read_text().lower()
