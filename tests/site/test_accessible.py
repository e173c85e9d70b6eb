"""Every page for a keyboard, a screen reader, a small window and tired eyes."""

import pytest

from tests.site.pages import PAGES
from tests.site.visit import FRAMES, view

CHAPTER = "book/lime/exact_lime"

FOCUS = """(() => {
    const e = document.activeElement, style = getComputedStyle(e);
    if (e === document.body) return null;
    const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return [e.outerHTML.slice(0, 120), seen];
})()"""


def press(browser, key, code):
    for kind in ("keyDown", "keyUp"):
        names = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
        browser.call("Input.dispatchKeyEvent", type=kind, **names, **text)


@pytest.mark.parametrize("how", ["light", "dark", "narrow"])
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing(visits, page, how):
    assert visits[page][how] == []


@pytest.mark.parametrize("page", PAGES)
def test_formulas_can_be_read_whole_are_spoken_and_no_tab_stops(visits, page):
    formulas = visits[page]["formulas"]
    assert not [f["html"] for f in formulas if f["cut"]], "cut off without a way to scroll"
    assert not [f["html"] for f in formulas if f["secret"]], "no shadow where there is more"
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


@pytest.mark.parametrize("page", ["book/intro", "book/live", "book/evaluation/seven_explanations"])
def test_marked_words_can_be_read_where_the_system_chooses_all_colours(site, browser, page):
    browser.open((site / f"{page}.html").as_uri(), dark=True)
    dark = {"name": "prefers-color-scheme", "value": "dark"}
    forced = {"name": "forced-colors", "value": "active"}
    browser.call("Emulation.setEmulatedMedia", features=[dark, forced])
    try:
        browser.evaluate(FRAMES)
        colours = browser.evaluate("""[...document.querySelectorAll(".explanation mark")]
            .map((mark) => getComputedStyle(mark))
            .map((style) => style.forcedColorAdjust + " " + style.color)""")
        assert set(colours) == {"none rgb(255, 255, 255)"}
    finally:
        browser.call("Emulation.setEmulatedMedia", features=[])
