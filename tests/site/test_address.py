"""The buttons and addresses that a published site has, in a site of one notebook."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from nbformat import read as read_notebook
from nbformat import validate, write
from nbformat.v4 import new_markdown_cell, new_notebook
from sphinx.application import Sphinx
from sphinx.errors import ConfigError
from sphinx.util.docutils import docutils_namespace

from tests.site.pages import ROOT

CONF = f"""
extensions = ["myst_nb", "address", "findable"]
html_theme = "sphinx_book_theme"
html_title = "The book"
nb_execution_mode = "off"
root_doc = "book/start"
templates_path = [{str(ROOT / "_templates")!r}]
"""


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Build the site for a repository; return its folder."""
    monkeypatch.setattr(sys, "path", [str(ROOT / "_ext"), *sys.path])
    (tmp_path / "conf.py").write_text(CONF)
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / "card.png").touch()
    (tmp_path / "book").mkdir()
    cells = [new_markdown_cell("# The start\n\nOne page, and what it is about.\n")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    write(new_notebook(cells=cells, metadata=kernel), tmp_path / "book" / "start.ipynb")

    def run(repository="", hub=""):
        monkeypatch.setenv("BOOK_REPOSITORY", repository)
        monkeypatch.setenv("BOOK_JUPYTERHUB", hub)
        out = tmp_path / "out"
        with docutils_namespace():
            Sphinx(tmp_path, tmp_path, out, tmp_path / "trees", "html", status=None).build()
        return out

    return run


def read(path):
    return BeautifulSoup(Path(path).read_text("utf-8"), "html.parser")


def buttons(page):
    return {a["title"]: a["href"] for a in page.select(".article-header-buttons a")}


def test_with_a_repository_every_button_leads_there(build):
    found = buttons(read(build("Ada/book", "https://hub.example.org") / "book" / "start.html"))
    launch = "book/start.ipynb"
    assert found.pop("Download source file").endswith("_sources/book/start.ipynb")
    assert found.pop("Launch on JupyterHub").startswith("https://hub.example.org/hub/user-redirect")
    assert found.pop("Open an issue").startswith("https://github.com/Ada/book/issues/new?")
    assert found == {
        "Launch on Binder": f"https://mybinder.org/v2/gh/Ada/book/notebooks?urlpath=lab/tree/{launch}",
        "Launch on Colab": f"https://colab.research.google.com/github/Ada/book/blob/notebooks/{launch}",
        "Source repository": "https://github.com/Ada/book",
        "Suggest edit": f"https://github.com/Ada/book/edit/main/{launch}",
    }


def test_without_a_repository_there_are_only_the_buttons_that_work(build):
    out = build()
    page = read(out / "book" / "start.html")
    assert list(buttons(page)) == ["Download source file"]
    assert page.find("link", rel="canonical") is None
    assert page.find("meta", property="og:image") is None
    assert not (out / "sitemap.xml").exists()


def test_hub_appears_only_where_one_is_named(build):
    assert "Launch on JupyterHub" not in buttons(read(build("Ada/book") / "book" / "start.html"))


def test_pages_and_files_name_the_published_address(build):
    out = build("Ada/book")
    base = "https://ada.github.io/book/"
    for name in ("index.html", "book/start.html"):
        page = read(out / name)
        assert page.find("link", rel="canonical")["href"] == f"{base}book/start.html"
        assert page.find("meta", property="og:url")["content"] == f"{base}book/start.html"
        assert page.find("meta", property="og:image")["content"] == f"{base}_static/card.png"
        assert page.find("meta", attrs={"name": "twitter:card"})["content"] == "summary_large_image"
    assert f"<loc>{base}book/start.html</loc>" in (out / "sitemap.xml").read_text()
    assert f"Sitemap: {base}sitemap.xml" in (out / "robots.txt").read_text()


def test_page_that_is_not_found_looks_right_at_any_depth(build):
    page = read(build("Ada/book") / "404.html")
    assert page.base["href"] == "/book/"
    assert page.head.index(page.base) < page.head.index(page.find("link", rel="stylesheet"))
    assert read(build() / "404.html").base is None


def test_address_of_a_users_own_site_has_no_folder(build):
    page = read(build("Ada/ada.github.io") / "index.html")
    assert page.find("link", rel="canonical")["href"] == "https://ada.github.io/book/start.html"


def test_downloaded_notebook_knows_its_page_and_where_its_code_is(build, monkeypatch):
    path = build("Ada/book") / "_sources" / "book" / "start.ipynb"
    notebook = read_notebook(path, as_version=4)
    validate(notebook)
    link, install = notebook.cells[0].source.splitlines()[0], notebook.cells[1].source
    assert link.endswith("(https://ada.github.io/book/book/start.html)")
    assert "https://github.com/Ada/book" in install
    monkeypatch.chdir(ROOT / "book")
    assert fetched(install, monkeypatch) == []  # the code is here


def fetched(install, monkeypatch):
    """The programs that a cell starts, and where it leaves the notebook."""
    asked = []
    monkeypatch.setattr(subprocess, "run", lambda command, check: asked.append(command))
    exec(install)
    return asked


def test_a_notebook_alone_fetches_the_book_and_goes_to_its_folder(tmp_path, monkeypatch):
    """As on Colab, also after its kernel was started again."""
    monkeypatch.syspath_prepend(ROOT / "_ext")
    import published

    install = published.install("Ada/book", "book/lime/exact_lime")
    there = tmp_path / "content"
    for folder in ("book/lime", "helpers"):
        (there / "book" / folder).mkdir(parents=True)
    monkeypatch.chdir(there)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    ((*_, quiet, book, first, _, _, _, _),) = fetched(install, monkeypatch)
    assert (quiet, Path(book), first) == ("--quiet", there / "book", "captum")
    assert Path.cwd() == there / "book" / "book" / "lime"
    monkeypatch.undo()
    monkeypatch.chdir(there)
    assert fetched(install, monkeypatch) == []  # the kernel was started again
    assert Path.cwd() == there / "book" / "book" / "lime"


def test_a_notebook_alone_clones_what_is_published(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "_ext")
    import published

    monkeypatch.chdir(tmp_path)
    asked = []

    def clone(command, check):
        asked.append(command)
        (tmp_path / "book" / "book" / "lime").mkdir(parents=True)

    monkeypatch.setattr(subprocess, "run", clone)
    exec(published.install("Ada/book", "book/lime/exact_lime"))
    assert asked == [
        ["git", "clone", "--quiet", "--depth", "1", "--branch", "notebooks",
         "https://github.com/Ada/book", str(tmp_path / "book")]
    ]  # fmt: skip
    assert Path.cwd() == tmp_path / "book" / "book" / "lime"


def test_addresses_are_written_once(build):
    path = Path("_sources") / "book" / "start.ipynb"
    once = (build("Ada/book") / path).read_text()
    assert (build("Ada/book") / path).read_text() == once


def test_notebook_of_a_local_build_is_as_it_was(build, tmp_path):
    name = "book/start.ipynb"
    assert (build() / "_sources" / name).read_text() == (tmp_path / name).read_text()


def test_wrong_address_stops_the_build(build):
    with pytest.raises(ConfigError, match="must be owner/name"):
        build("https://github.com/Ada/book")
