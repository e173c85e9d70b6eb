"""The picture of the book where it is shared: its first figure as a card of 1200 × 630 pixels.

    python tools/card.py    # writes _static/card.png; the site then names it as og:image

The words and their colours are those that the front page's notebook holds.
"""

import sys
import tempfile
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tools.browser import Browser  # noqa: E402

CARD = ROOT / "_static" / "card.png"
INTRO = ROOT / "book" / "intro.ipynb"
FIGURE = "fig-three-stories"
WIDTH, HEIGHT = 1200, 630
PAGE = """<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8">
<link rel="stylesheet" href="{static}/custom.css">
<style>
  body {{ margin: 0; box-sizing: border-box; width: 1200px; height: 630px; padding: 64px 66px;
    background: #fff; color: #22272c; font: 27px/1.3 var(--prose); display: flex;
    flex-direction: column; justify-content: space-between; }}
  header {{ display: flex; gap: 40px; justify-content: space-between; }}
  h1 {{ margin: 0; max-width: 850px; font: 700 62px/1.1 var(--sans); letter-spacing: -0.015em; }}
  img {{ width: 128px; height: 128px; }}
  p {{ margin: 0 0 20px; display: grid; grid-template-columns: 214px 1fr; white-space: nowrap;
    font-size: 27px; }}
  strong {{ font: 600 26px/1.35 var(--sans); }}
  mark {{ position: relative; padding: 3px 11px 3px 4px; border-radius: 5px; }}
  sup {{ position: absolute; top: 1px; right: 2px; font-size: 16px; line-height: 1; }}
</style>
<header><h1>{title}</h1><img src="{static}/logo.svg" alt=""></header>
<main>{rows}</main></html>
"""


def first_figure(notebook):
    """The HTML of the front page's first figure."""
    for cell in notebook.cells:
        if cell.metadata.get("mystnb", {}).get("figure", {}).get("name") == FIGURE:
            return cell.outputs[0].data["text/html"]
    raise ValueError(f"no cell makes {FIGURE}")


def page(notebook):
    """The card as HTML: the title, and a row of coloured words for each method."""
    title = notebook.cells[0].source.splitlines()[0].removeprefix("# ")
    rows = []
    for box in BeautifulSoup(first_figure(notebook), "html.parser").select(".explanation"):
        marks = box.select("mark")
        if box.strong.get_text() == "attention":  # which has no sign
            for sign in box.select("sup"):
                sign.decompose()
        words = " ".join(map(str, marks))
        rows.append(f"<p>{box.strong}<span>{words}</span></p>")
    return PAGE.format(static=(ROOT / "_static").as_uri(), title=title, rows="".join(rows))


def write(path):
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        file = Path(folder) / "card.html"
        file.write_text(page(nbformat.read(INTRO, 4)), encoding="utf-8")
        browser.open(file.as_uri(), WIDTH, HEIGHT)
        if browser.evaluate("document.querySelector('main').scrollWidth") > browser.evaluate(
            "document.querySelector('main').clientWidth"
        ):
            raise ValueError("the words do not fit the card: make its letters smaller")
        browser.screenshot(path)


if __name__ == "__main__":
    write(CARD)
