"""The book's own search, and what search engines and other sites see of a page."""

import copy

import pytest

from tests.site.pages import CHAPTERS, PAGES

RESULTS = """new Promise((done) => {
    const finished = () => /found|not match/.test(
        document.querySelector(".search-summary")?.innerText);
    const result = (li) => [li.querySelector("a").textContent, li.querySelector("a").href,
        li.querySelector(".context")?.textContent || ""];
    const all = () => [...document.querySelectorAll("#search-results li")].map(result);
    const look = () => finished() ? setTimeout(() => done(all()), 50) : setTimeout(look, 50);
    look(); setTimeout(() => done([]), 10000);
})"""

FIRST = {
    "Gradient meets attention": "gradients/gradient_meets_attention",
    "exact lime": "lime/exact_lime",
    "error bars": "lime/error_bars",
    "identifiability": "attention/identifiability",
    "integrated gradients": "gradients/integrated_gradients",
    "notation": "reference/notation",
}


def search(site, browser, query):
    browser.open((site / "search.html").as_uri() + f"?q={query.replace(' ', '+')}")
    return browser.evaluate(RESULTS)


@pytest.mark.parametrize("query", FIRST)
def test_search_finds_first_what_is_called_so(site, browser, query):
    results = search(site, browser, query)
    assert results[0][1].endswith(f"book/{FIRST[query]}.html")
    assert len({link for _, link, _ in results}) == len(results)
    assert not browser.errors


@pytest.mark.parametrize("query", ["attention", "ridge penalty", "baseline"])
def test_search_quotes_the_article_also_from_disk(site, browser, query):
    results = search(site, browser, query)
    assert len(results) > 2
    for title, _, quote in results:
        assert len(quote) > 40, title
        assert not any(mark in quote for mark in (".pdf", "\\", "$", "{", "Contents")), quote
    assert query.split()[0] in results[0][2].lower()


@pytest.mark.parametrize("query", ["mathbb", "operatorname", "qwertzuiop"])
def test_search_does_not_find_what_nobody_reads(site, browser, query):
    assert search(site, browser, query) == []


def content(soup, **attributes):
    found = soup.find_all("meta", attrs=attributes)
    assert len(found) == 1, attributes
    return found[0]["content"]


def test_every_page_has_a_title_and_a_description_of_its_own(soups):
    titles, descriptions = {}, {}
    for page in CHAPTERS:
        soup = soups[f"{page}.html"]
        titles[page], descriptions[page] = soup.title.string, content(soup, name="description")
        assert content(soup, property="og:description") == descriptions[page]
        assert titles[page].count(content(soup, property="og:title")) == 1
        assert 40 < len(descriptions[page]) <= 200, descriptions[page]
        assert "\\" not in descriptions[page] and descriptions[page][-1] in ".?!:…"
    assert len(set(titles.values())) == len(set(descriptions.values())) == len(CHAPTERS)


def test_front_address_can_be_shared(soups):
    front = soups["index.html"]
    assert front.title.string == soups["book/intro.html"].title.string
    for key in ("description", "og:title", "og:description"):
        kind = "name" if key == "description" else "property"
        assert content(front, **{kind: key}) == content(soups["book/intro.html"], **{kind: key})


def test_pages_about_nothing_are_not_offered_or_not_there(site, soups):
    assert not (site / "genindex.html").exists() and not (site / "prf-prf.html").exists()
    for page in PAGES[len(CHAPTERS) :]:
        assert content(soups[f"{page}.html"], name="robots") == "noindex"


def test_the_whole_book_is_there_as_text(site, soups):
    text = (site / "llms-full.txt").read_text("utf-8")
    places = []
    for page in CHAPTERS:
        heading = copy.copy(soups[f"{page}.html"].select_one("article h1"))  # soups are shared
        for extra in heading.select(".section-number, .headerlink"):
            extra.extract()
        title = heading.get_text().strip().replace("’", "'")  # as it is typed
        places.append(text.index(f"# {title}\n"))
    assert places == sorted(places)
    assert "```python" in text and "image/png" not in text


def test_robots_may_read_everything(site):
    assert (site / "robots.txt").read_text() == "User-agent: *\nAllow: /\n"


def test_a_local_build_has_no_dead_button(soups):
    for page in CHAPTERS:
        soup = soups[f"{page}.html"]
        links = [a.get("href") or "" for a in soup.select(".article-header-buttons a")]
        assert not [link for link in links if link.startswith("http")]
        assert all(menu.find("li") for menu in soup.select(".dropdown-menu"))
