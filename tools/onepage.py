"""The built pages of the book as one HTML page: a cover, the contents, and all chapters.

The anchors of a page get its name in front, and links between pages lead to them; numbers of
chapters, theorems and formulas stay those of the site.
"""

import posixpath
from html import escape
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

LEFT_OUT = "script, .headerlink, .screen-only, .only-dark, details.hide.above-input"
REFERENCES = ("for", "headers", "aria-labelledby", "aria-describedby")


class Chapter(NamedTuple):
    """One page of the book."""

    page: str  # as in _toc.yml
    part: str | None  # the caption of the part that begins with it
    rank: int  # of its title in the outline: 1, or 2 below a part
    title: str  # with its number
    soup: BeautifulSoup

    @property
    def anchor(self):
        return self.page.replace("/", "-")


def read(html, contents, without=()):
    """The chapters in the folder `html` of the built site, in the order of a parsed _toc.yml.

    The pages `without` are left out.  FileNotFoundError if a page is not built.
    """
    listed = [(contents["root"], None, 1)]
    for part in contents["parts"]:
        pages = [chapter["file"] for chapter in part["chapters"]]
        first, *others = [page for page in pages if page not in without] or [None]
        if first is None:
            continue
        caption = part.get("caption")
        rank = 2 if caption else 1
        listed += [(first, caption, rank), *((page, None, rank) for page in others)]
    found = []
    for page, part, rank in listed:
        soup = BeautifulSoup((html / f"{page}.html").read_text("utf-8"), "html.parser")
        for tag in soup.select(LEFT_OUT):
            if tag.name != "script" or tag.find_parent("article"):
                tag.decompose()
        heading = soup.select_one("article h1")
        if page == contents["root"]:
            heading.string = "Introduction"  # the book's own title is on the cover
        title = " ".join(heading.get_text().split())
        found.append(Chapter(page, part, rank, title, soup))
    return found


def one_page(chapters, title, cover, style):
    """The text of an HTML page, to be saved beside the folder `html` of the site.

    `title` is that of the book, `cover` is HTML, and `style` is CSS.
    """
    pages = {f"{chapter.page}.html": chapter.anchor for chapter in chapters}
    heads = dict.fromkeys(line for chapter in chapters for line in head(chapter))
    return "\n".join(
        (
            '<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8">',
            f"<title>{escape(title)}</title>",
            *heads,
            f"<style>{running_titles(title, chapters)}\n{style}</style></head>",
            '<body><main class="bd-main"><div class="bd-content">',
            cover,
            table_of_contents(chapters),
            *(article(chapter, pages) for chapter in chapters),
            "</div></main></body></html>",
        )
    )


def head(chapter):
    """The style sheets of a page, and what sets its formulas, with addresses from `html/`."""
    soup = chapter.soup
    for tag in soup.select("head link[rel=stylesheet], head script"):
        source = tag.get("src", "")
        if tag.name == "link":
            tag["href"] = moved(chapter.page, tag["href"])
        elif "mathjax" in source or "print.js" in source:
            tag["src"] = moved(chapter.page, source)
        elif "window.MathJax" not in tag.get_text():
            continue
        yield str(tag)


def moved(page, address):
    """An address within the site, seen from the folder above it."""
    return posixpath.normpath(posixpath.join("html", posixpath.dirname(page), address))


def article(chapter, pages):
    """The article of a chapter, with its anchors, addresses and the rank of its headings changed.

    `pages` maps each page to its anchor.  A link to anything else of the site is plain text.
    """
    found = chapter.soup.select_one("article")
    found["id"] = chapter.anchor
    for tag in found.select("[id]"):
        tag["id"] = f"{chapter.anchor}--{tag['id']}"
    for key in REFERENCES:
        for tag in found.select(f"[{key}]"):
            tag[key] = " ".join(f"{chapter.anchor}--{name}" for name in tag[key].split())
    for tag in found.select("[src]"):
        if not urlsplit(tag["src"]).scheme:
            tag["src"] = moved(chapter.page, tag["src"])
        tag.attrs.pop("loading", None)  # nothing waits for a reader to scroll
    for tag in found.select("a[href]"):
        target = link(chapter.page, tag["href"], pages)
        if target is None:
            tag.unwrap()
        else:
            tag["href"] = target
    for tag in found.select("details"):
        tag["open"] = ""
    for rank in range(1, 6):
        for tag in found.select(f"h{rank}"):
            tag["aria-level"] = chapter.rank + rank - 1
    part = f'<p class="part" role="heading" aria-level="1">{escape(chapter.part or "")}</p>'
    found.insert(0, BeautifulSoup(part if chapter.part else "", "html.parser"))
    return str(found)


def link(page, address, pages):
    """Where a link of a page leads in the one page, or None if it leads out of the book."""
    parts = urlsplit(address)
    if parts.scheme:
        return address
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))
    anchor = pages.get(path if parts.path else f"{page}.html")
    if anchor is None:
        return None
    return f"#{anchor}--{parts.fragment}" if parts.fragment else f"#{anchor}"


def table_of_contents(chapters):
    """Parts and chapters; the numbers of their pages are filled in once they are known."""
    lines = ['<nav class="book-contents"><h1 aria-level="1">Contents</h1>']
    for chapter in chapters:
        if chapter.part:
            lines.append(f'<p class="part">{escape(chapter.part)}</p>')
        lines.append(
            f'<p><a href="#{chapter.anchor}">{escape(chapter.title)}</a>'
            f'<span class="dots"></span><span class="page">000</span></p>'
        )
    return "\n".join([*lines, "</nav>"])


def running_titles(title, chapters):
    """CSS: the title of the book at the top of each page, and that of its chapter."""

    def margin(corner, text):
        text = text.replace("\\", "").replace('"', "”")
        return f'{{ @{corner} {{ content: "{text}"; }} }}'

    rules = [f"@page {margin('top-left', title)}"]
    for chapter in chapters:
        rules.append(f"#{chapter.anchor} {{ page: {chapter.anchor}; }}")
        rules.append(f"@page {chapter.anchor} {margin('top-right', chapter.title)}")
    return "\n".join(rules)
