"""Paper: each chapter from light and from dark, and the book as one PDF.

To print the whole book takes a minute; outside of continuous integration some chapters are printed.
"""

import io
import os
import re
import unicodedata
from types import SimpleNamespace

import pypdfium2
import pytest
from pypdf import PdfReader

from tests.site.pages import PAGES
from tools import pdf as tool

CHAPTERS = PAGES[:-2]
SOME = ("book/intro", "book/lime/", "book/reference/notation", "book/reference/bibliography")
PRINTED = [page for page in CHAPTERS if os.environ.get("CI") or page.startswith(SOME)]
TWICE = ("book/gradients/gradient_meets_attention", "book/lime/exact_lime")


@pytest.fixture(scope="module")
def papers(site, browser):
    """The PDF of some chapters, from light and from dark."""
    found = {}
    for page in TWICE:
        browser.open((site / f"{page}.html").as_uri())
        light = browser.pdf(generateTaggedPDF=False)
        browser.evaluate("document.documentElement.dataset.theme = 'dark'")
        dark = browser.pdf(generateTaggedPDF=False)
        found[page] = SimpleNamespace(light=light, from_dark=dark)
    return found


def reader(pdf):
    return PdfReader(io.BytesIO(pdf))


def texts(pdf):
    """The text of each page, with compatible letters (ligatures, for example) as one."""
    found = (page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    return [unicodedata.normalize("NFKC", text).replace("\r\n", "\n") for text in found]


def drawn(pdf):
    """For each page whether a figure is on it, which has more lines and areas than text has."""
    kind = [pypdfium2.raw.FPDF_PAGEOBJ_PATH]
    pages = pypdfium2.PdfDocument(pdf)
    return [len(list(page.get_objects(filter=kind, max_depth=9))) > 100 for page in pages]


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_chapter_is_whole_on_paper(visits, page):
    paper = visits[page]["paper"]
    assert not paper["cut"], "cut at the edge"
    assert not paper["overlaps"], "a formula runs into its number"
    assert not paper["tall"], "higher than a page"
    assert not paper["code"], "folded code is printed"
    assert not paper["folded"], "not printed, because it is folded"
    assert not paper["around"], "printed, but not of the article"


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_chapter_prints_light_from_dark(visits, page):
    assert not visits[page]["paper"]["dark"], "a dark background"
    assert visits[page]["theme"] == "dark", "the screen is as it was before"


@pytest.mark.parametrize("page", TWICE)
def test_a_chapter_prints_the_same_from_dark_and_from_light(papers, page):
    """As many pages with the same figures, and the same words.

    Chromium also writes, out of sight, some of what is on the next page, and not always the same.
    """
    versions = papers[page].light, papers[page].from_dark
    light, dark = map(drawn, versions)
    assert light == dark and any(light)
    light, dark = ({word for text in texts(pdf) for word in text.split()} for pdf in versions)
    assert light == dark


def test_a_chapter_has_its_title_and_page_number_on_each_page_but_the_first(papers):
    first, *others = texts(papers["book/lime/exact_lime"].light)
    assert "executed" not in first
    for number, text in enumerate(others, start=2):
        assert "Attention Meets Post-hoc Interpretability, executed" in text
        assert "11. Exact LIME: no sample, and a certi" in text
        assert re.search(rf"^{number}$", text, re.M)


def test_a_chapter_prints_on_us_letter(site, browser):
    browser.open((site / "book/lime/exact_lime.html").as_uri())
    pages = reader(browser.pdf(generateTaggedPDF=False, paperWidth=8.5, paperHeight=11)).pages
    assert {(round(p.mediabox.width), round(p.mediabox.height)) for p in pages} == {(612, 792)}


@pytest.fixture(scope="module")
def book(site, browser):
    """The book, printed once: its bytes, what reads them, and the text of each page."""
    pdf = tool.print_book(site, {tool.SCREEN} | ({*CHAPTERS} - {*PRINTED}))
    return SimpleNamespace(pdf=pdf, reader=reader(pdf), texts=texts(pdf))


def entries(outline, level=1):
    """(level, entry) of a PDF's outline, in order."""
    for entry in outline:
        if isinstance(entry, list):
            yield from entries(entry, level + 1)
        else:
            yield level, entry


def heading(soup):
    return " ".join(soup.select_one("article h1").get_text().removesuffix("#").split())


def test_book_is_on_a4_tagged_and_not_too_large(book):
    assert {(round(p.mediabox.width), round(p.mediabox.height)) for p in book.reader.pages} == {
        (595, 842)
    }
    assert book.reader.root_object["/MarkInfo"]["/Marked"]
    assert book.reader.metadata.author
    assert len(book.pdf) < 20e6


def test_outline_and_contents_name_each_chapter_and_its_page(book, soups):
    titles = [heading(soups[f"{page}.html"]) for page in PRINTED]
    titles = [title for title in titles if re.match(r"\d+\. ", title)]
    chapters = [e for level, e in entries(book.reader.outline) if level == 2]
    chapters = [e for e in chapters if re.match(r"\d+\. ", e.title)]
    assert len(titles) > (30 if PRINTED == CHAPTERS else 3)
    assert [e.title for e in chapters] == titles
    contents = " ".join(" ".join(book.texts[1:3]).split())  # two pages
    for title, entry in zip(titles, chapters, strict=True):
        page = book.reader.get_destination_page_number(entry)
        assert f"{title} {page + 1}" in contents
        assert title in " ".join(book.texts[page].split())


def test_the_live_page_is_left_out_and_the_cover_says_where_it_is(book, soups):
    cover = " ".join(book.texts[0].split())
    title = heading(soups["book/live.html"])
    assert f"{title}, which is book/live.html in the site" in cover
    assert tool.SCREEN in PAGES
    assert title not in [e.title for _, e in entries(book.reader.outline)]
    assert "With the repository at hand" not in " ".join(" ".join(book.texts).split())


def test_every_numbered_statement_is_in_the_book(book, soups):
    text = " ".join(" ".join(book.texts).split()).casefold()  # the boxes have capitals
    numbers = {
        " ".join(tag.get_text().split()).casefold()
        for page in PRINTED
        for tag in soups[f"{page}.html"].select(".proof .caption-number, .math .eqno")
    }
    numbers = {number.removesuffix("#") for number in numbers}
    assert len(numbers) > (150 if PRINTED == CHAPTERS else 20)
    assert not [number for number in numbers if number not in text]


def test_links_within_the_book_lead_somewhere(book):
    names, targets = book.reader.named_destinations, set()
    for page in book.reader.pages:
        for link in page.get("/Annots", ()):
            link = link.get_object()
            if "/Dest" in link:
                targets.add(link["/Dest"])
            else:
                assert not link["/A"].get("/URI", "").startswith("file:")
    assert len(targets) > 50
    assert targets <= set(names)


def test_no_heading_is_at_the_bottom_of_a_page(book):
    bottom = (24 / 25.4 + 0.5) * 72  # the margin, and room for a line below the heading
    assert not [e.title for _, e in entries(book.reader.outline) if e.top < bottom]


def test_without_a_browser_the_error_says_what_to_install(site, monkeypatch):
    monkeypatch.setattr(tool, "find_browser", lambda: None)
    with pytest.raises(RuntimeError, match="no Chromium or Chrome found; install"):
        tool.print_book(site)


def test_front_page_leads_to_the_pdf_once(tmp_path):
    (tmp_path / "book").mkdir()
    front, pdf = tmp_path / "book" / "intro.html", tmp_path / "small.pdf"
    front.write_text("<h1>menu</h1><article><h1>title</h1><p>text</p></article>")
    writer = tool.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(pdf)
    for _ in range(2):
        tool.add_link(tmp_path, "book/intro", pdf)
    link = '<a href="../attention-book.pdf">The whole book as a PDF</a> (1 pages, 0 MB)'
    start, end = tool.LINK
    assert front.read_text() == (
        f"<h1>menu</h1><article><h1>title</h1>{start}{link}{end}<p>text</p></article>"
    )
    assert (tmp_path / "attention-book.pdf").is_file()
