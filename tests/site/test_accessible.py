"""Every page for a keyboard, a screen reader, a small window and tired eyes.

axe.min.js is axe-core 4.14.1 by Deque Systems, as it is, under the Mozilla Public License 2.0.
"""

from pathlib import Path

import pytest

from tests.site.pages import PAGES

AXE = Path(__file__).with_name("axe.min.js").read_text("utf-8")
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NARROW = ["scrollable-region-focusable", "target-size", "button-name", "link-name"]
PHONE = 390  # CSS pixels
CHAPTER = "book/lime/exact_lime"

RUN = """axe.run(document, {{runOnly: {only}, resultTypes: ["violations"],
    preload: false}}).then((found) =>
    found.violations.map((rule) => [rule.id, rule.nodes.map((node) => node.html.slice(0, 200))]))"""
SETTLED = """new Promise((done) => {
    const look = () => document.getAnimations().length ? setTimeout(look, 20) : done(true);
    setTimeout(look, 200);
})"""
# Takes away what says nothing more and costs half of the time: what a formula draws, which is
# hidden from screen readers, and each piece of code that is coloured as one before it.
SHORTEN = """(() => {
    document.querySelectorAll("mjx-math").forEach((e) => e.remove());
    const seen = new Set();
    document.querySelectorAll(".highlight pre span").forEach((e) => {
        const kind = [e.className, e.closest(".cell_output") !== null, e.checkVisibility()].join();
        if (seen.has(kind)) e.remove(); else seen.add(kind);
    });
})()"""

# Formulas that are wider than their box, and how they can be reached; those that need not be.
FORMULAS = """[...document.querySelectorAll("article .math")].map((math) => {
    const boxes = [math, ...math.querySelectorAll("mjx-container")];
    const wide = boxes.filter((e) => e.scrollWidth > e.clientWidth + 1);
    const scrolls = (e) => /auto|scroll/.test(getComputedStyle(e).overflowX) && e.tabIndex === 0;
    return {
        cut: wide.length > 0 && !wide.some(scrolls),
        stop: wide.length === 0 && boxes.some((e) => e.tabIndex >= 0),
        spoken: math.querySelector("mjx-assistive-mml math") !== null,
        html: math.textContent.slice(0, 80),
    };
})"""
FOCUS = """(() => {
    const e = document.activeElement, style = getComputedStyle(e);
    if (e === document.body) return null;
    const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return [e.outerHTML.slice(0, 120), seen];
})()"""


def view(browser, width=1280, **features):
    browser.resize(width)
    wanted = [{"name": f"prefers-{k.replace('_', '-')}", "value": v} for k, v in features.items()]
    browser.call("Emulation.setEmulatedMedia", features=wanted)
    browser.evaluate(SETTLED)


def press(browser, key, code):
    for kind in ("keyDown", "keyUp"):
        names = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
        browser.call("Input.dispatchKeyEvent", type=kind, **names, **text)


def violations(browser, only):
    return browser.evaluate(RUN.format(only=only))


@pytest.fixture(scope="module")
def found(site, browser):
    """What axe finds on each page, and how its formulas are at 390 pixels.

    In the dark only colours differ from light, and in a narrow window only what scrolls or hides.
    """
    seen = {}
    for page in PAGES:
        browser.open((site / f"{page}.html").as_uri(), width=PHONE)
        browser.evaluate(f"{AXE}; true")
        formulas = browser.evaluate(FORMULAS)
        browser.evaluate(SHORTEN)
        narrow = violations(browser, NARROW)
        view(browser, color_scheme="light", reduced_motion="reduce")
        light = violations(browser, STANDARD)
        view(browser, color_scheme="dark", reduced_motion="reduce")
        dark = violations(browser, ["color-contrast"])
        seen[page] = {"light": light, "dark": dark, "narrow": narrow, "formulas": formulas}
    return seen


@pytest.mark.parametrize("how", ["light", "dark", "narrow"])
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing(found, page, how):
    assert found[page][how] == []


@pytest.mark.parametrize("page", PAGES)
def test_formulas_can_be_read_whole_are_spoken_and_no_tab_stops(found, page):
    formulas = found[page]["formulas"]
    assert not [f["html"] for f in formulas if f["cut"]], "cut off without a way to scroll"
    assert not [f["html"] for f in formulas if f["stop"]], "tab stops that do nothing"
    assert not [f["html"] for f in formulas if not f["spoken"]]


@pytest.mark.parametrize("page", ["book/intro", CHAPTER, "search"])
def test_focus_is_seen_wherever_it_goes(site, browser, page):
    browser.open((site / f"{page}.html").as_uri())
    browser.evaluate("document.activeElement.blur()")
    stops = []
    for _ in range(150):
        press(browser, "Tab", 9)
        stop = browser.evaluate(FOCUS)
        if stop is None or stop in stops[:1]:
            break
        stops.append(stop)
    assert len(stops) > 15
    assert not [html for html, seen in stops if not seen]


def test_skip_link_leads_past_the_side_bar(site, browser):
    browser.open((site / f"{CHAPTER}.html").as_uri())
    press(browser, "Tab", 9)
    press(browser, "Enter", 13)
    assert browser.evaluate("document.activeElement.id") == "main-content"


def test_nothing_moves_for_those_who_ask_for_that(site, browser):
    moving = """[...document.querySelectorAll("*")].filter((e) =>
        parseFloat(getComputedStyle(e).transitionDuration) > 0.001).length"""
    browser.open((site / f"{CHAPTER}.html").as_uri())
    assert browser.evaluate(moving) > 0
    view(browser, reduced_motion="reduce")
    assert browser.evaluate(moving) == 0


def test_the_theme_changes_at_once_for_those_who_ask_for_no_motion(site, browser):
    """A transition of no length on every element passes a new colour on layer by layer."""
    browser.open((site / f"{CHAPTER}.html").as_uri())
    view(browser, color_scheme="light", reduced_motion="reduce")
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    reduced = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    browser.call("Emulation.setEmulatedMedia", features=dark + reduced)
    now = "[document.documentElement.dataset.theme, document.getAnimations().length]"
    waited = f"new Promise((r) => setTimeout(() => r({now}), 100))"
    assert browser.evaluate(waited) == ["dark", 0]
