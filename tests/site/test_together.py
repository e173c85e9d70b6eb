"""A comma does not begin a line, and a bracket does not end one: they stay with their formula."""

import importlib.util
import re

from tests.site.pages import CHAPTERS, ROOT

SPEC = importlib.util.spec_from_file_location("together", ROOT / "_ext" / "together.py")
together = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(together)

STARTS, ENDS = tuple("([“‘"), tuple(",.;:?!)]”’")


def test_a_formula_keeps_its_punctuation(soups):
    formulas = [
        formula for page in CHAPTERS for formula in soups[f"{page}.html"].select("span.math")
    ]
    ends = [f for f in formulas if str(f.next_sibling or "").startswith(ENDS)]
    starts = [f for f in formulas if str(f.previous_sibling or "").endswith(STARTS)]
    for loose in (starts, ends):
        kept = [f for f in loose if "together" in f.parent.get("class", [])]
        assert len(kept) > 5 and len(kept) == len(loose)


def test_an_interval_in_a_table_is_not_broken(soups):
    def said(cell):
        return "".join(text for text in cell.strings if not text.find_parent("code"))

    cells = [said(td) for page in CHAPTERS for td in soups[f"{page}.html"].select("td")]
    intervals = [text for cell in cells for text in re.findall(r"\[[-−\d.]+,\s[-−\d.]+\]", cell)]
    assert len(intervals) > 10
    assert all("\xa0" in text for text in intervals)


def test_it_is_on_the_same_line(site, browser):
    browser.open((site / "book/evaluation/seven_explanations.html").as_uri(), width=1280)
    assert browser.evaluate("""[...document.querySelectorAll(".together")].every((both) => {
        const range = document.createRange();
        range.selectNodeContents(both.lastChild);
        const formula = both.querySelector("mjx-container").getBoundingClientRect();
        return range.getBoundingClientRect().left >= formula.right - 2;
    })""")


def test_a_link_to_an_exercise_begins_with_its_first_letter(soups):
    solutions = ".solution > p:first-child"
    titles = [t for page in CHAPTERS for t in soups[f"{page}.html"].select(solutions)]
    assert len(titles) > 30
    for title in titles:
        link = title.find("a")
        assert link.get_text() == link.get_text().lstrip()
        assert title.get_text().startswith(f"Solution to {link.get_text()}")


def test_text_is_dressed_and_code_and_formulas_are_not():
    text = 'G-avg is -0.5, 3 % <code>-1 5 %</code> <span class="math">\\(-1\\)</span> 2024-03-01'
    assert together.dressed(text) == (
        '<span class="unbroken">G-avg</span> is −0.5, 3&nbsp;% <code>-1 5 %</code> '
        '<span class="math">\\(-1\\)</span> 2024-03-01'
    )
