"""The built site: no warning, no dead link, no third-party request, no broken formula."""

import re
from urllib.parse import unquote, urlsplit

import pytest

from tests.site.pages import PAGES
from tests.site.visit import PHONE, SMALLEST
from tools import browser as tool
from tools.browser import find_browser


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
def test_formulas_are_set(visits, page):
    look = visits[page]["screen"]
    assert not look["unset"], "formulas that MathJax left as they are"
    assert not look["wrong"], "formulas with an error"
    assert not look["dollars"], "TeX outside of a formula"


@pytest.mark.parametrize("page", PAGES)
def test_page_opens_from_disk_and_asks_nobody(visits, page):
    look = visits[page]
    assert len(look["requests"]) > 5
    assert not [url for url in look["requests"] if not url.startswith(("file:", "data:", "blob:"))]
    assert not look["errors"], "messages in the console"


@pytest.mark.parametrize("width", [PHONE, SMALLEST])
@pytest.mark.parametrize("page", PAGES)
def test_page_fits_a_phone(visits, page, width):
    narrow = visits[page][str(width)]
    assert not narrow["wide"], f"wider than {width} pixels, and does not scroll by itself"
    assert narrow["excess"] <= 0


def test_chrome_of_macos_is_found_although_it_is_not_on_the_path(monkeypatch, tmp_path):
    chrome = tmp_path / "Google Chrome.app" / "Google Chrome"
    chrome.parent.mkdir()
    chrome.touch(mode=0o755)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(tool, "MAC", str(chrome))
    assert find_browser() == str(chrome)
