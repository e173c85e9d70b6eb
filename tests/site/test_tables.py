"""Tables can be read by ear and by eye: headings say what they head, numbers are under numbers."""

import importlib.util

import pytest

from tests.site.pages import CHAPTERS, ROOT

SPEC = importlib.util.spec_from_file_location("tables", ROOT / "_ext" / "tables.py")
tables = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tables)


@pytest.mark.parametrize(
    "text",
    ["12", "−0.25", "1,084", "28 s", "0.97 ×", "0.02 [−0.01, 0.05]", "97 to 102", "below 3 %", "–"],
)
def test_a_column_of_numbers_is_known(text):
    assert tables.NUMBER.fullmatch(text)


@pytest.mark.parametrize("text", ["AMD", "49, 54", "3 words", "2026-11-28", "1.2.3rc", "a [0, 1]"])
def test_other_columns_are_known(text):
    assert not tables.NUMBER.fullmatch(text)


def test_numbers_are_lined_up_and_words_are_not():
    head = "<tr><th>word</th><th>score</th><th>note</th></tr>"
    row = "<tr><td>a</td><td>{}</td><td>{}</td></tr>"
    page = f"<table>{head}{row.format('1', '2')}{row.format('2 %', 'x')}</table>"
    found = tables.typeset(page)
    assert found.count('class="num"') == 3
    assert '<th class="num">score</th>' in found


def test_powers_of_ten_are_written_as_such_but_not_in_code():
    found = tables.typeset("<table><tr><td>3e-12, 1e+05, 0e+00 <code>1e-9</code></td></tr></table>")
    assert "3&nbsp;×&nbsp;10<sup>−12</sup>" in found
    assert ">10<sup>5</sup>" in found and "0 <code>1e-9</code>" in found


def test_a_long_name_breaks_at_its_joints():
    name = '<code class="docutils literal notranslate"><span class="pre">{}</span></code>'
    found = tables.breakable(name.format("test_words.py::test_one"))
    assert "test_<wbr>words.<wbr>py::<wbr>test_<wbr>one" in found
    assert tables.breakable(name.format("__init__")) == name.format("__init__")


def test_the_book_has_numbers_under_numbers(soups):
    lined = {page for page in CHAPTERS if soups[f"{page}.html"].select("td.num")}
    assert len(lined) > 15


def test_headings_of_the_ledger_have_a_scope(soups):
    table = soups["book/reference/ledger.html"].find("table", class_="ledger")
    assert table.caption.get_text(strip=True)
    assert all(th["scope"] == "col" for th in table.thead.find_all("th"))
    for row in table.tbody.find_all("tr"):
        assert [th["scope"] for th in row.find_all("th")] == ["row"]
        assert len(row.find_all("td")) == len(table.thead.find_all("th")) - 1
        assert row.th.a["href"].partition("#")[2], "no link to the statement"
