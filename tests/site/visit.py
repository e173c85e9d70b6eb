"""One visit to a page, in which a browser sees all that the tests ask of every page.

axe.min.js is axe-core 4.14.1 by Deque Systems, as it is, under the Mozilla Public License 2.0.
"""

from pathlib import Path

PHONE, SMALLEST, COLUMN = 390, 320, 605  # CSS pixels; a column lies between the margins of A4
AXE = Path(__file__).with_name("axe.min.js").read_text("utf-8")
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NARROW = ["scrollable-region-focusable", "target-size", "button-name", "link-name"]

RUN = """axe.run(document, {{runOnly: {only}, resultTypes: ["violations"],
    preload: false}}).then((found) =>
    found.violations.map((rule) => [rule.id, rule.nodes.map((node) => node.html.slice(0, 200))]))"""
FRAMES = "new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))"
SETTLED = """new Promise((done) => {
    const look = () => document.getAnimations().length ? setTimeout(look, 20) : done(true);
    setTimeout(look, 200);
})"""
# Takes away what says nothing more and costs half of the time: what a formula draws, which is
# hidden from screen readers, each piece of code that is coloured as one before it, and rows
# of tables after sixty.
# The theme shows its button only after one has scrolled up.
SHORTEN = """(() => {
    document.querySelector("#pst-back-to-top")?.style.setProperty("display", "block");
    document.querySelectorAll("mjx-math").forEach((e) => e.remove());
    const seen = new Set();
    document.querySelectorAll(".highlight pre span").forEach((e) => {
        const kind = [e.className, e.closest(".cell_output") !== null, e.checkVisibility()].join();
        if (seen.has(kind)) e.remove(); else seen.add(kind);
    });
    [...document.querySelectorAll("tbody tr")].slice(60).forEach((e) => e.remove());
})()"""

# Formulas that are wider than their box, and how they can be reached; those that need not be.
FORMULAS = """[...document.querySelectorAll("article .math")].map((math) => {
    const boxes = [math, ...math.querySelectorAll("mjx-container")];
    const wide = boxes.filter((e) => e.scrollWidth > e.clientWidth + 1);
    const scrolls = (e) => /auto|scroll/.test(getComputedStyle(e).overflowX) && e.tabIndex === 0;
    return {
        cut: wide.length > 0 && !wide.some(scrolls),
        secret: wide.some((e) => scrolls(e) && getComputedStyle(e).backgroundImage === "none"),
        stop: wide.length === 0 && boxes.some((e) => e.tabIndex >= 0),
        spoken: math.querySelector("mjx-assistive-mml math") !== null,
        html: math.textContent.slice(0, 80),
    };
})"""

# What one page shows, once its formulas are set; run at three widths.
SCREEN = """(() => {
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

# What a page has on paper; run while the browser shows it as paper, in a window of one column.
PAPER = """(() => {
    const article = document.querySelector("article");
    const all = (selector) => [...article.querySelectorAll(selector)];
    const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const box = (e) => e.getBoundingClientRect();
    const name = (e) => e.outerHTML.slice(0, 200);
    const rest = (e) => !e.contains(article) && !article.contains(e) && e.textContent.trim();
    const colour = (e) => getComputedStyle(e).backgroundColor;
    const cut = (e) => box(e).right > innerWidth + 1 || box(e).left < -1
        || (e.tagName === "PRE" && e.scrollWidth > e.clientWidth + 1);
    return {
        cut: all("img, svg, pre, table, mjx-math, p, .eqno").filter(shown).filter(cut).map(name),
        overlaps: all("div.math:has(.eqno)").filter((e) =>
            box(e.querySelector("mjx-math")).right > box(e.querySelector(".eqno")).left).map(name),
        tall: all("img, svg").filter((e) => box(e).height > 22 / 2.54 * 96 + 1).map(name),
        code: all("details.hide.above-input").filter(shown).map(name),
        folded: all(".solution > section, .dropdown > p").filter((e) => !shown(e)).map(name),
        around: [...document.querySelectorAll("body *")].filter(rest).filter(shown).map(name),
        dark: all("*").concat(document.body, document.documentElement)
            .filter(shown).filter((e) => /^rgb\\((?:\\d|[1-8]\\d)\\b/.test(colour(e))).map(name),
    };
})()"""


def visit(browser, url):
    """What the page at `url` loads, shows on a screen, a phone and paper, and what axe finds.

    In the dark only colours differ from light, and in a narrow window only what scrolls or hides.
    """
    browser.open(url)
    seen = {"requests": [*browser.requests], "screen": browser.evaluate(SCREEN)}
    if browser.evaluate("document.querySelector('article') !== null"):
        browser.evaluate("document.documentElement.dataset.theme = 'dark'")
        seen["paper"] = as_on_paper(browser, PAPER)
        seen["theme"] = browser.evaluate(
            f"{FRAMES}.then(() => document.documentElement.dataset.theme)"
        )
        browser.evaluate("document.documentElement.dataset.theme = 'light'")
    for width in (SMALLEST, PHONE):
        browser.resize(width)
        # The theme looks 300 ms after a change what scrolls.
        waited = (
            f"new Promise((r) => setTimeout(() => r({SCREEN}), {400 if width == PHONE else 100}))"
        )
        seen[str(width)] = browser.evaluate(waited)
    seen["errors"] = [*browser.errors]
    seen["formulas"] = browser.evaluate(FORMULAS)
    browser.evaluate(f"{AXE}; true")
    browser.evaluate(SHORTEN)
    seen["narrow"] = violations(browser, NARROW)
    view(browser, color_scheme="light", reduced_motion="reduce")
    seen["light"] = violations(browser, STANDARD)
    view(browser, color_scheme="dark", reduced_motion="reduce")
    seen["dark"] = violations(browser, ["color-contrast"])
    return seen


def as_on_paper(browser, look):
    """The value of a script while the browser shows its page as paper, one column wide."""
    browser.resize(COLUMN)
    browser.call("Emulation.setEmulatedMedia", media="print")
    try:
        return browser.evaluate(f"{FRAMES}.then(() => {look})")
    finally:
        browser.call("Emulation.setEmulatedMedia", media="")
        browser.resize(1280)


def view(browser, width=1280, **features):
    browser.resize(width)
    wanted = [{"name": f"prefers-{k.replace('_', '-')}", "value": v} for k, v in features.items()]
    browser.call("Emulation.setEmulatedMedia", features=wanted)
    browser.evaluate(SETTLED)


def violations(browser, only):
    return browser.evaluate(RUN.format(only=only))
