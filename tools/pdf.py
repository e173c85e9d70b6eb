"""Print the whole book into one PDF, without TeX.

    python tools/pdf.py

From the site in _build/html, a Chromium or Chrome prints _build/attention-book.pdf; a copy goes
into the site, and its front page gets a link to it.
"""

import io
import json
import logging
import re
import shutil
import subprocess
import sys
from html import escape
from itertools import pairwise
from pathlib import Path

import matplotlib
import yaml
from pypdf import PdfReader, PdfWriter
from pypdf.generic import FloatObject, NameObject, TextStringObject

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.browser import Browser, find_browser
from tools.onepage import one_page, read

ROOT = Path(__file__).parents[1]
NAME = "attention-book.pdf"
SCREEN = "book/live"  # computes as one types: on paper, it would be empty
TOP, BOTTOM = (297 - 22) / 25.4 * 72, 24.1 / 25.4 * 72  # of the text on a page, in points
LINK = ('<p class="whole-book screen-only">', "</p>")
FACES = {  # serifs that come with matplotlib, so that every machine prints the same book
    "STIXGeneral.ttf": "",
    "STIXGeneralItalic.ttf": "font-style: italic;",
    "STIXGeneralBol.ttf": "font-weight: bold;",
    "STIXGeneralBolIta.ttf": "font-weight: bold; font-style: italic;",
}
HEADINGS = """[...document.querySelectorAll("h1, h2, h3, h4, h5, h6, [role=heading]")]
    .map((heading) => heading.textContent.trim().replace(/\\s+/g, " "))"""
FILL_IN = """for (const [anchor, page] of Object.entries(%s)) {
    document.querySelector(`.book-contents a[href="#${anchor}"] ~ .page`).textContent = page;
}"""

logging.getLogger("pypdf").setLevel(logging.ERROR)  # Chromium miscounts its objects


def print_book(html, without=(SCREEN,)):
    """The book as bytes of a PDF, from the folder of the built site.

    The pages `without` are left out.  Writes a page next to that folder.  RuntimeError without a
    browser; FileNotFoundError where a page is not built.
    """
    if find_browser() is None:
        raise RuntimeError("no Chromium or Chrome found; install one of them, then make pdf")
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    chapters = read(html, yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8")), without)
    style = faces() + (ROOT / "tools" / "pdf.css").read_text("utf-8")
    page = html.parent / "attention-book.html"
    page.write_text(one_page(chapters, config["title"], cover(config), style), "utf-8")
    with Browser(timeout=300) as browser:
        browser.open(page.resolve().as_uri())
        if browser.errors:
            raise RuntimeError("\n".join(browser.errors))
        # The first time tells the page of each chapter, which the second one prints.
        draft = browser.pdf(generateTaggedPDF=False)
        numbers = page_numbers(draft, [chapter.anchor for chapter in chapters])
        browser.evaluate(FILL_IN % json.dumps(numbers))
        printed = browser.pdf(generateDocumentOutline=True, generateTaggedPDF=True)
        headings = browser.evaluate(HEADINGS)
    return described(printed, config, headings)


def faces():
    folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
    return "".join(
        f'@font-face {{ font-family: "Book"; src: url("{(folder / name).as_uri()}"); {how} }}\n'
        for name, how in FACES.items()
    )


def cover(config):
    """The first page: title, paper, authors, version and licence."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    paper = citation["references"][0]
    names = ", ".join(f"{a['given-names']} {a['family-names']}" for a in paper["authors"])
    return f"""<section class="cover">
<p class="title">{escape(config["title"])}</p>
<p class="about">Executable notes on the paper “{escape(paper["title"])}”
by {escape(names)} (ICML {paper["year"]},
<a href="{paper["url"]}">{paper["url"].removeprefix("https://")}</a>).</p>
<p class="imprint">{escape(config["author"])}<br>Version {citation["version"]}{date()}<br>
Text and figures: CC BY 4.0. Code: MIT licence.</p>
<p class="elsewhere">One page needs a screen, and is not printed here: <em>Type a sentence</em>,
which is {SCREEN}.html in the site, explains what you type as you type it.</p>
</section>"""


def date():
    """The day of the commit that is printed; nothing outside of a repository."""
    command = ["git", "-C", str(ROOT), "log", "-1", "--date=format:%-d %B %Y", "--format=%cd"]
    done = subprocess.run(command, capture_output=True, text=True)
    return f", {done.stdout.strip()}" if done.returncode == 0 else ""


def page_numbers(pdf, anchors):
    """The page, from 1, on which each of the anchors is."""
    reader = PdfReader(io.BytesIO(pdf))
    places = reader.named_destinations
    return {name: reader.get_destination_page_number(places[f"/{name}"]) + 1 for name in anchors}


def described(pdf, config, headings):
    """The same PDF with its author and a mended outline, which is open at its side.

    Of a heading that had no more room on a page, Chromium leaves an empty piece there: the outline
    repeats its title, hence `headings`, all titles in order, and links lead to the page before.
    """
    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    writer.add_metadata({"/Title": config["title"], "/Author": config["author"]})
    writer.page_mode = "/UseOutlines"
    entries = list(outline_entries(writer.root_object["/Outlines"]))
    for entry, heading in zip(entries, headings, strict=True):
        entry[NameObject("/Title")] = TextStringObject(heading)
    after = {page.indirect_reference: following for page, following in pairwise(writer.pages)}
    for place in [entry["/Dest"] for entry in entries] + [*writer.root_object["/Dests"].values()]:
        if place[3] < BOTTOM:
            place[0] = after[place[0]].indirect_reference
            place[3] = FloatObject(TOP)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def outline_entries(above):
    """The entries of a PDF's outline below one of them, in reading order."""
    entry = above.get("/First")
    while entry is not None:
        yield entry.get_object()
        yield from outline_entries(entry)
        entry = entry.get("/Next")


def add_link(html, page, pdf):
    """Copy the PDF into the site, and lead to it below the heading of a page."""
    shutil.copy(pdf, html / NAME)
    front = html / f"{page}.html"
    text = re.sub(f"{LINK[0]}.*?{LINK[1]}", "", front.read_text("utf-8"))
    place = text.index("</h1>", text.index("<article")) + len("</h1>")
    address = "../" * page.count("/") + NAME
    line = f'<a href="{address}">The whole book as a PDF</a> ({describe(pdf)})'
    front.write_text(text[:place] + LINK[0] + line + LINK[1] + text[place:], "utf-8")


def describe(pdf):
    return f"{len(PdfReader(pdf).pages)} pages, {pdf.stat().st_size / 1e6:.0f} MB"


def main():
    html = ROOT / "_build" / "html"
    pdf = html.parent / NAME
    try:
        pdf.write_bytes(print_book(html))
    except (RuntimeError, FileNotFoundError) as error:
        sys.exit(f"error: {error}")
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    add_link(html, contents["root"], pdf)
    print(f"{pdf.relative_to(ROOT)}: {describe(pdf)}")


if __name__ == "__main__":
    main()
