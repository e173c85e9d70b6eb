"""The picture for where the book is shared: the words and colours of the front page."""

import re

import nbformat
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from tools import card
from tools.browser import find_browser

NOTEBOOK = nbformat.read(card.INTRO, 4)


def test_it_has_the_rows_of_the_first_figure():
    figure = BeautifulSoup(card.first_figure(NOTEBOOK), "html.parser")
    page = BeautifulSoup(card.page(NOTEBOOK), "html.parser")
    marks = [[mark["style"] for mark in soup.select("mark")] for soup in (figure, page)]
    assert marks[0] == marks[1] and len(marks[0]) > 9
    assert NOTEBOOK.cells[0].source.startswith(f"# {page.h1.get_text()}\n")


def test_a_method_without_signs_shows_none():
    first, *others = BeautifulSoup(card.page(NOTEBOOK), "html.parser").select("p")
    assert not first.select("sup") and all(row.select("sup") for row in others)


def test_its_files_are_there():
    addresses = re.findall(r'(?:href|src)="\{static\}/([^"]*)"', card.PAGE)
    assert len(addresses) == 2
    assert all((card.CARD.parent / name).is_file() for name in addresses)


def test_another_notebook_is_refused():
    with pytest.raises(ValueError, match="no cell makes fig-three-stories"):
        card.first_figure(nbformat.v4.new_notebook())


def test_the_picture_has_the_size_that_sites_ask_for():
    assert Image.open(card.CARD).size == (card.WIDTH, card.HEIGHT)
    assert card.CARD.stat().st_size < 200_000


@pytest.mark.skipif(not find_browser(), reason="no browser")
def test_it_can_be_made(tmp_path):
    card.write(tmp_path / "card.png")
    found = Image.open(tmp_path / "card.png").convert("RGB")
    assert found.size == (card.WIDTH, card.HEIGHT)
    assert len(found.getcolors(1 << 20)) > 20  # not an empty page
