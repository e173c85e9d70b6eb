"""The ledger's table can be read by ear: a caption, and headings that say what they head."""


def test_headings_of_the_ledger_have_a_scope(soups):
    table = soups["book/reference/ledger.html"].find("table", class_="ledger")
    assert table.caption.get_text(strip=True)
    assert all(th["scope"] == "col" for th in table.thead.find_all("th"))
    for row in table.tbody.find_all("tr"):
        assert [th["scope"] for th in row.find_all("th")] == ["row"]
        assert len(row.find_all("td")) == len(table.thead.find_all("th")) - 1
        assert row.th.a["href"].partition("#")[2], "no link to the statement"
