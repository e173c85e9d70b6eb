"""The built site: no warning, no dead link, no third-party request, no broken formula."""

import re
from urllib.parse import unquote, urlsplit

import pytest

from tests.site.pages import PAGES
from tools import browser as tool
from tools.browser import find_browser

PHONE, SMALLEST = 390, 320  # CSS pixels

# What one page shows, once its formulas are set; run at two widths.
LOOK = """(() => {
    const article = document.querySelector("article") || document.body;
    const text = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
    const dollars = [];
    while (text.nextNode()) {
        const node = text.currentNode;
        const code = node.parentElement.closest("pre, code, script, style, mjx-container");
        const tex = /\\$\\$|\\\\\\(|\\\\\\[|\\\\begin\\{/;
        if (!code && tex.test(node.data)) dollars.push(node.data.trim());
    }
    const width = document.documentElement.clientWidth;
    const scrolls = (e) => /auto|scroll|hidden/.test(getComputedStyle(e).overflowX);
    const wide = [...article.querySelectorAll("*")].filter((e) => {
        if (e.closest("mjx-assistive-mml, .visually-hidden, .sr-only")) return false;
        if (e.getBoundingClientRect().right <= width + 1) return false;
        for (let p = e; p !== document.body; p = p.parentElement) if (scrolls(p)) return false;
        return true;
    });
    const maths = [...document.querySelectorAll(".math")];
    return {
        unset: maths.filter((m) => !m.querySelector("mjx-container")).map((m) => m.textContent),
        wrong: [...document.querySelectorAll("mjx-merror")]
            .map((e) => e.getAttribute("data-mjx-error") || e.textContent),
        dollars,
        wide: wide.map((e) => e.outerHTML.slice(0, 200)),
        excess: document.documentElement.scrollWidth - width,
    };
})()"""


@pytest.fixture(scope="module")
def looks(site, browser):
    """What the browser sees on each page, opened from disk."""
    seen = {}
    for page in PAGES:
        if not (site / f"{page}.html").exists():
            continue  # another test says so
        browser.open((site / f"{page}.html").as_uri())
        look = browser.evaluate(LOOK)
        for width in (PHONE, SMALLEST):
            browser.resize(width)
            waited = f"new Promise((r) => setTimeout(() => r({LOOK}), 200))"
            look[width] = browser.evaluate(waited)
        seen[page] = {**look, "requests": [*browser.requests], "errors": [*browser.errors]}
    return seen


def is_external(address):
    return urlsplit(address).scheme in ("http", "https") or address.startswith("//")


def test_strict_build_has_no_warning(build):
    done, _ = build
    warnings = [line for line in done.stderr.splitlines() if "WARNING" in line or "ERROR" in line]
    assert not warnings
    assert done.returncode == 0, done.stderr[-3000:]


def test_every_page_of_the_contents_is_built(site):
    assert not [page for page in PAGES if not (site / f"{page}.html").exists()]


def test_files_load_nothing_from_elsewhere(site, soups):
    loaded = []
    for name, soup in soups.items():
        for tag in soup.find_all(["script", "img", "source", "iframe", "video", "audio", "embed"]):
            loaded += [(name, tag.get(key, "")) for key in ("src", "srcset")]
        loaded += [(name, link.get("href", "")) for link in soup.find_all("link")]
        styles = [s.get_text() for s in soup.find_all("style")]
        styles += [tag["style"] for tag in soup.find_all(style=True)]
        loaded += [(name, url) for s in styles for url in addresses_in_css(s)]
    for path in site.rglob("*.css"):
        loaded += [(path.name, url) for url in addresses_in_css(path.read_text("utf-8"))]
    assert len(loaded) > 20
    assert not [entry for entry in loaded if is_external(entry[1])]


def addresses_in_css(text):
    return re.findall(r"""(?:url\(|@import)\s*["']?([^"')\s;]+)""", text)


def test_every_picture_has_an_alternative_text(soups):
    pictures = [(name, img) for name, soup in soups.items() for img in soup.find_all("img")]
    assert pictures
    assert not [(name, str(img)) for name, img in pictures if not img.get("alt", "").strip()]


def test_every_page_names_its_language(soups):
    assert not [page for page in PAGES if soups[f"{page}.html"].html["lang"] != "en"]


def test_links_within_the_site_resolve(site, soups):
    anchors = {
        name: {tag[key] for key in ("id", "name") for tag in soup.find_all(attrs={key: True})}
        for name, soup in soups.items()
    }
    dead = []
    for name, soup in soups.items():
        for link in soup.find_all("a", href=True):
            parts = urlsplit(link["href"])
            if parts.scheme or parts.netloc or link["href"] in ("#", ""):
                continue
            target = (site / name).parent / unquote(parts.path) if parts.path else site / name
            if not target.resolve().is_file():
                dead.append((name, link["href"]))
                continue
            page = target.resolve().relative_to(site.resolve()).as_posix()
            if parts.fragment and unquote(parts.fragment) not in anchors.get(page, ()):
                dead.append((name, link["href"]))
    assert not dead


@pytest.mark.parametrize("page", PAGES)
def test_formulas_are_set(looks, page):
    look = looks[page]
    assert not look["unset"], "formulas that MathJax left as they are"
    assert not look["wrong"], "formulas with an error"
    assert not look["dollars"], "TeX outside of a formula"


@pytest.mark.parametrize("page", PAGES)
def test_page_opens_from_disk_and_asks_nobody(looks, page):
    look = looks[page]
    assert len(look["requests"]) > 5
    assert not [url for url in look["requests"] if not url.startswith(("file:", "data:", "blob:"))]
    assert not look["errors"], "messages in the console"


@pytest.mark.parametrize("width", [PHONE, SMALLEST])
@pytest.mark.parametrize("page", PAGES)
def test_page_fits_a_phone(looks, page, width):
    narrow = looks[page][width]
    assert not narrow["wide"], f"wider than {width} pixels, and does not scroll by itself"
    assert narrow["excess"] <= 0


def test_chrome_of_macos_is_found_although_it_is_not_on_the_path(monkeypatch, tmp_path):
    chrome = tmp_path / "Google Chrome.app" / "Google Chrome"
    chrome.parent.mkdir()
    chrome.touch(mode=0o755)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(tool, "MAC", str(chrome))
    assert find_browser() == str(chrome)
