"""The weight of the pages: what a browser asks for before anything is touched, compressed."""

import gzip
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from fontTools.ttLib import TTFont

from tests.site.pages import CHAPTERS, PAGES

FRONT, CHAPTER = 300, 700  # kB, of 1000 bytes; the index of the search grows with the book
ICON = re.compile(r"\bfa-[a-z0-9-]+")


@cache
def weight(path):
    """The size of a file in bytes as a server sends it."""
    return len(gzip.compress(path.read_bytes(), 6))


def loaded(visit):
    """The files that a page asks for by itself."""
    files = {url for url in visit["requests"] if url.startswith("file:")}
    return {Path(unquote(urlsplit(url).path)) for url in files}


@pytest.mark.parametrize("page", PAGES)
def test_page_keeps_to_its_budget(visits, page):
    files = loaded(visits[page])
    sizes = {path.name: weight(path) // 1000 for path in files}
    budget = FRONT if page in ("book/intro", "404") else CHAPTER
    assert sum(map(weight, files)) < 1000 * budget, sizes


@pytest.mark.parametrize("page", PAGES)
def test_mathjax_is_loaded_where_there_is_a_formula_and_only_there(visits, soups, page):
    formula = soups[f"{page}.html"].find(class_="math") is not None
    assert formula == any("mathjax" in path.parts for path in loaded(visits[page]))


def test_no_source_maps_and_no_icon_script(site):
    assert not [*site.rglob("*.map"), *site.rglob("fontawesome.js*"), *site.rglob("*thebe*")]


def test_no_script_holds_up_a_page(soups):
    for page in CHAPTERS:
        scripts = [s for s in soups[f"{page}.html"].find_all("script", src=True)]
        waiting = [s["src"] for s in scripts if not s.has_attr("defer")]
        assert [Path(urlsplit(src).path).name for src in waiting] == ["documentation_options.js"]


def test_pictures_wait_until_they_come_near(soups):
    pictures = [i for page in CHAPTERS for i in soups[f"{page}.html"].select("article img[src]")]
    assert pictures
    assert not [str(i) for i in pictures if i.get("loading") != "lazy"]


def test_every_icon_is_in_the_font(site, soups):
    """The icons are cut out of their font by name: none that a page shows may be lost."""
    css = (site / "_static/styles/pydata-sphinx-theme.css").read_text("utf-8")
    rules = {
        name: int(code, 16)
        for names, code in re.findall(r'([^{}]*)\{content:"\\([0-9a-f]+)"\}', css)
        for name in ICON.findall(names)
    }
    fonts = site / "_static/vendor/fontawesome/webfonts"
    names = ("solid-900", "brands-400")
    solid, brands = (TTFont(fonts / f"fa-{name}.ttf").getBestCmap() for name in names)
    shown = {tuple(tag["class"]) for soup in soups.values() for tag in soup.select("[class*=fa-]")}
    assert len(shown) > 8
    for classes in shown:
        codes = [rules[name] for name in classes if name in rules]
        assert len(codes) == 1, classes
        assert codes[0] in (brands if {"fab", "fa-brands"} & set(classes) else solid), classes


def test_the_fonts_of_the_book_are_sent(site):
    """They are not among the theme's fonts that `_ext/light.py` drops."""
    css = (site / "_static/custom.css").read_text("utf-8")
    fonts = re.findall(r'url\("(fonts/[^"]*)"\)', css)
    assert len(fonts) > 3
    assert not [font for font in fonts if not (site / "_static" / font).is_file()]


def test_only_two_pages_load_the_scripts_of_the_live_sentence_and_they_are_light(site, soups):
    live = re.compile(r"_static/live/")
    loading = {name for name, soup in soups.items() if soup.find("script", src=live)}
    assert loading == {"book/intro.html", "book/live.html"}
    folder = site / "_static" / "live"
    sizes = {path.name: len(gzip.compress(path.read_bytes())) for path in folder.iterdir()}
    assert sizes.pop("data.js") < 360_000
    assert sum(sizes.values()) < 30_000


def test_only_pages_with_a_picture_load_its_scripts(soups):
    for name, soup in soups.items():
        scripts = [x["src"] for x in soup.find_all("script", src=True) if "/pictures/" in x["src"]]
        figures = soup.select("figure.picture")
        assert len(figures) <= 1 and bool(scripts) == bool(figures), name
        if figures:
            own = figures[0]["id"].removeprefix("fig-")
            assert all(own in x or "shared" in x for x in scripts)
    assert sum(bool(soup.select("figure.picture")) for soup in soups.values()) == 3
