"""A link to a theorem, an equation or a figure shows it: by mouse and keyboard, not by touch."""

import functools
import http.server
import json
import threading

import pytest

from tests.site.test_live import press, wait

PAGE, OTHER = "book/lime/exact_lime", "book/evaluation/seven_explanations"
SHOWN = "(() => { const b = document.querySelector('#link-preview'); return !b.hidden; })()"
TEXT = "document.querySelector('#link-preview').textContent"
TARGETS = ".proof, div.math, figure"
HERE = f"""[...document.querySelectorAll("article a.reference.internal[href^='#']")].find((a) =>
    document.getElementById(a.hash.slice(1)).matches("{TARGETS}"))"""
ELSEWHERE = """[...document.querySelectorAll("article a.reference.internal[href*='#thm-']")]
    .find((a) => !a.getAttribute("href").startsWith("#"))"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server(site):
    """The address of the site as a server sends it."""
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{found.server_address[1]}"
        found.shutdown()


def centre(browser, element):
    return browser.evaluate(f"""(() => {{ const e = {element};
        e.scrollIntoView({{block: "center"}}); const b = e.getClientRects()[0];
        return [b.left + b.width / 2, b.top + b.height / 2]; }})()""")


def point(browser, x, y, kind="mouse"):
    browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y, pointerType=kind)


def point_at(browser, link):
    point(browser, 2, 2)
    point(browser, *centre(browser, link))


def opened(browser, address, **how):
    browser.open(address, **how)
    browser.evaluate("document.activeElement.blur()")
    return browser


def statement(browser, link):
    """The text of what a link of this page leads to."""
    return browser.evaluate(f"document.getElementById(({link}).hash.slice(1)).textContent")


def words(text):
    return text.replace("#", "").split()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_link_shows_what_it_leads_to_and_the_pointer_may_go_there(site, browser, dark):
    opened(browser, (site / f"{PAGE}.html").as_uri(), dark=dark)
    assert not browser.evaluate(SHOWN)
    point_at(browser, HERE)
    wait(browser, SHOWN)
    assert words(browser.evaluate(TEXT)) == words(statement(browser, HERE))
    assert browser.evaluate(f"({HERE}).getAttribute('aria-describedby')") == "link-preview"
    box = browser.evaluate("""(() => { const e = document.querySelector("#link-preview");
        const b = e.getBoundingClientRect(), s = getComputedStyle(e);
        return [b.left, b.top, b.right, b.bottom, innerWidth, innerHeight, s.backgroundColor];
        })()""")
    left, top, right, bottom, width, height, colour = box
    assert left >= 0 and right <= width and top >= 0 and bottom <= height
    page = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    assert colour == page or not dark
    point(browser, (left + right) / 2, (top + bottom) / 2)
    browser.evaluate("new Promise((done) => setTimeout(done, 500))")
    assert browser.evaluate(SHOWN)
    point(browser, 2, 2)
    wait(browser, f"!{SHOWN}")
    assert not browser.errors


def test_the_keyboard_shows_it_and_escape_closes_it(site, browser):
    browser.call("Emulation.setFocusEmulationEnabled", enabled=True)
    opened(browser, (site / f"{PAGE}.html").as_uri())
    browser.evaluate(
        f"""(() => {{ const link = {HERE}, before = document.createElement("button");
        link.before(before); before.focus(); }})()"""
    )
    press(browser, "Tab", "Tab", 9)
    assert browser.evaluate(f"document.activeElement === {HERE}")
    wait(browser, SHOWN)
    tabs = "document.querySelectorAll('#link-preview :is(a, button, [tabindex])').length"
    assert browser.evaluate(tabs) == 0 and browser.evaluate(TEXT)
    press(browser, "Escape", "Escape", 27)
    wait(browser, f"!{SHOWN}")
    assert browser.evaluate(f"document.activeElement === {HERE}")
    press(browser, "Tab", "Tab", 9)
    assert not browser.evaluate(f"({HERE}).hasAttribute('aria-describedby')")


def test_a_touch_shows_nothing(site, browser):
    opened(browser, (site / f"{PAGE}.html").as_uri())
    browser.evaluate(f"""({HERE}).dispatchEvent(new PointerEvent("pointerover",
        {{pointerType: "touch", bubbles: true}}))""")
    browser.evaluate("new Promise((done) => setTimeout(done, 500))")
    assert not browser.evaluate(SHOWN)


@pytest.mark.parametrize("how", ["disk", "server"])
def test_what_stands_on_another_page_is_shown_too(site, server, browser, how):
    base = server if how == "server" else site.as_uri()
    opened(browser, f"{base}/{OTHER}.html")
    address = browser.evaluate(f"({ELSEWHERE}).href")
    point_at(browser, ELSEWHERE)
    wait(browser, SHOWN)
    seen = browser.evaluate(TEXT)
    assert browser.evaluate("document.querySelectorAll('#link-preview mjx-container').length")
    assert "\\(" not in seen and not browser.errors
    browser.open(address)
    name = address.split("#")[1]
    truth = browser.evaluate(f"document.getElementById('{name}').textContent")
    assert words(seen) == words(truth)


def test_from_disk_every_link_to_a_theorem_finds_it(site, soups):
    """Each name that a page links to, and that a preview may show, is in the other's script."""
    seen = 0
    for name, soup in soups.items():
        for link in soup.select("article a.reference.internal[href*='.html#']"):
            page, _, anchor = link["href"].partition("#")
            path = (site / name).parent.joinpath(page).resolve().relative_to(site.resolve())
            target = soups[path.as_posix()].find(id=anchor)
            if target is None or not (
                {"proof", "math"} & set(target.get("class", [])) or target.name == "figure"
            ):
                continue
            script = site / "_static" / "previews" / path.with_suffix(".js")
            assert json.dumps(f'id="{anchor}"')[1:-1] in script.read_text("utf-8"), link["href"]
            seen += 1
    assert seen > 50


def test_it_is_not_on_paper(site, browser):
    opened(browser, (site / f"{PAGE}.html").as_uri())
    point_at(browser, HERE)
    wait(browser, SHOWN)
    browser.call("Emulation.setEmulatedMedia", media="print")
    look = "getComputedStyle(document.querySelector('#link-preview')).display"
    display = browser.evaluate(look)
    browser.call("Emulation.setEmulatedMedia", media="")
    assert display == "none"
