"""One mark for folded cells that follow each other; all of their code is behind it."""

import nbformat
import pytest

from tests.site.pages import CHAPTERS, ROOT

NOTEBOOKS = [page for page in CHAPTERS if (ROOT / f"{page}.ipynb").exists()]
MARK = "details.hide.above-input"


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_no_two_marks_stand_in_a_row(soups, page):
    soup = soups[f"{page}.html"]
    for cell in soup.select(f"article div.cell:has(> {MARK})"):
        after = cell.find_next_sibling()
        silent = cell.select_one(".cell_output") is None
        assert not (silent and after is not None and after.select_one(f":scope > {MARK}"))


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_no_code_is_lost_and_the_order_stays(soups, page):
    cells = nbformat.read(ROOT / f"{page}.ipynb", as_version=4).cells
    hidden = {"remove-cell", "remove-input"}
    code = [c.source for c in cells if c.cell_type == "code"
            and not hidden & set(c.metadata.get("tags", []))]  # fmt: skip
    shown = [pre.get_text() for pre in soups[f"{page}.html"].select("article .cell_input pre")]
    assert ["".join(x.split()) for x in shown] == ["".join(x.split()) for x in code]


def test_a_mark_opens_all_of_its_code(site, browser):
    browser.open((site / "book/model/training.html").as_uri())
    longest = f"""[...document.querySelectorAll("article {MARK}")]
        .sort((a, b) => b.querySelectorAll("pre").length - a.querySelectorAll("pre").length)[0]"""
    counts = browser.evaluate(f"""(() => {{
        const mark = {longest}, pieces = [...mark.querySelectorAll("pre")];
        const seen = () => pieces.filter((pre) => pre.checkVisibility()).length;
        const before = seen();
        mark.querySelector("summary").click();
        const gaps = pieces.slice(1).map((pre, n) =>
            pre.getBoundingClientRect().top - pieces[n].getBoundingClientRect().bottom);
        return [pieces.length, before, seen(), Math.min(...gaps)]; }})()""")
    number, before, after, gap = counts
    assert number == after >= 8 and before == 0 and gap >= 4
