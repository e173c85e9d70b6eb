"""The pictures to drag: their numbers are Python's, and what the text invites to do happens."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq

from helpers.evaluation import identifiability
from helpers.explainers import attention, gradients, lime
from helpers.model.reading import micro_example
from tools import pictures as tool

PAGES = {
    "fig-gradient-arrows": "book/gradients/gradient_meets_attention",
    "fig-triangle": "book/attention/identifiability",
    "fig-large-d-constant": "book/lime/lime_meets_attention",
}
ARROWS, TRIANGLE, CONSTANT = PAGES
LIVE = "document.querySelector('figure.picture.live .picture-live text') !== null"
DRAW = np.random.default_rng(0)
FORMULAS = "*/mathjax/*"  # no number of a picture is a formula, and to set a chapter takes a second
KEYS = {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}


class Page:
    """One page with its picture, and a reader with a mouse, a finger and a keyboard."""

    def __init__(self, browser, site, figure):
        self.browser, self.figure = browser, figure
        self.address = (site / f"{PAGES[figure]}.html").as_uri()

    def open(self, width=1280, dark=False):
        self.browser.open(self.address, width=width, dark=dark)
        self.run("figure.scrollIntoView({block: 'center', behavior: 'instant'})")
        assert self.browser.evaluate(LIVE)
        assert not [x for x in self.browser.errors if "/mathjax/" not in x]
        return self

    def run(self, script):
        """The value of an expression, in which `figure` is the picture."""
        start = f"const figure = document.getElementById('{self.figure}');"
        start += (
            "const { gradientArrows: a, triangle: t, largeDConstant: c } = window.pictures ?? {};"
        )
        settled = "await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));"
        return self.browser.evaluate(f"(async () => {{ {start} {settled} return {script}; }})()")

    def place(self, name):
        """The middle of the handle with this name, in pixels of the window."""
        box = (
            f"figure.querySelector('[role=slider][aria-label^=\"{name}\"]').getBoundingClientRect()"
        )
        return np.array(
            self.run(f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])({box})")
        )

    def drag(self, name, by, touch=False):
        """Take a handle, move it in ten steps by so many pixels, and let it go."""
        start = self.place(name)
        path = [start + share * np.array(by) for share in np.linspace(0, 1, 11)]
        for n, (x, y) in enumerate([*path, path[-1]]):
            kind = 0 if n == 0 else 2 if n == len(path) else 1
            if touch:
                points = [] if kind == 2 else [{"x": x, "y": y}]
                event = ("touchStart", "touchMove", "touchEnd")[kind]
                self.browser.call("Input.dispatchTouchEvent", type=event, touchPoints=points)
            else:
                event = ("mousePressed", "mouseMoved", "mouseReleased")[kind]
                self.browser.call("Input.dispatchMouseEvent", type=event, x=x, y=y, button="left",
                                  buttons=int(kind != 2), clickCount=1)  # fmt: skip

    def press(self, name, key, times=1, slider=False):
        """Focus a control, and press a key as often."""
        what = "input" if slider else "[role=slider]"
        query = f'{what}[aria-label^="{name}"]' if name else what
        self.run(f"figure.querySelector('{query}').focus()")
        code = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        for _ in range(times):
            for event in ("keyDown", "keyUp"):
                self.browser.call("Input.dispatchKeyEvent", type=event, **code)

    def words(self):
        return self.run("figure.querySelector('.picture-words').textContent")

    def table(self):
        """The numbers of the table, rows of them."""
        texts = "(row) => [...row.cells].map((cell) => cell.textContent)"
        rows = self.run(f"[...figure.querySelectorAll('tbody tr')].map({texts})")
        return [[number(x) for x in row[1:]] for row in rows]

    def arrow(self, kind, n):
        """From the tail to the head of an arrow of token n, in pixels, (2,): right and up."""
        ends = """({ x1, y1 }, tip) => {
            const { x, y } = tip.getPointAtLength(0);
            return [x - x1.baseVal.value, y1.baseVal.value - y];
        }"""
        of = f"figure.querySelectorAll('.arrow.{kind}')[{n}].querySelector"
        return np.array(self.run(f"({ends})({of}('.shaft'), {of}('.tip'))"))


def number(text):
    return float(text.replace("−", "-")) if text else None


@pytest.fixture(scope="module", autouse=True)
def without_formulas(browser):
    browser.call("Network.setBlockedURLs", urls=[FORMULAS])
    yield
    browser.call("Network.setBlockedURLs", urls=[])


@pytest.fixture(params=PAGES)
def page(request, browser, site):
    return Page(browser, site, request.param)


@pytest.fixture
def arrows(browser, site):
    return Page(browser, site, ARROWS).open()


@pytest.fixture
def triangle(browser, site):
    return Page(browser, site, TRIANGLE).open()


@pytest.fixture
def constant(browser, site):
    return Page(browser, site, CONSTANT).open()


# ---- the numbers


def test_arrows_have_the_numbers_of_the_gradient(arrows):
    for scale in (0.1, 1.0, 3.0):
        for _ in range(15):
            places = DRAW.normal(size=(3, 2)) * scale
            reading = replace(micro_example(), embeddings=places)
            found = arrows.run(f"a.read({json.dumps(places.tolist())})")
            same(found["query"], reading.queries[0, 0])
            same(found["logits"], reading.logits[0])
            same(found["values"], reading.values[0])
            same(found["attention"], reading.attention[0])
            same(found["contributions"], attention.contributions(reading).scores)
            same(found["output"], reading.output)
            same(found["pulls"], gradients.logit_slopes(reading)[0])
            same(found["throughQuery"], gradients.through_query(reading)[0])
            same(found["gradient"], gradients.gradient(reading))
    same(arrows.run("a.MICRO"), micro_example().embeddings)


def test_triangle_has_the_numbers_of_the_adversary(triangle):
    micro = micro_example()
    alpha, u, f = micro.attention[0], micro.values[0], micro.output
    same(triangle.run("t.MODEL"), alpha)
    same(triangle.run("t.VALUES"), u)
    same(triangle.run("t.SAME"), f)
    farthest = identifiability.farthest(alpha, u, f, f)
    same(triangle.run("t.FARTHEST"), farthest.weights)
    for other in DRAW.dirichlet([0.5] * 3, size=40):
        there = other.tolist()
        found = triangle.run(f"[t.output({there}), t.divergence(t.MODEL, {there})]")
        same(found, [other @ u, identifiability.jensen_shannon(alpha, other)])
        level = float(other @ u)
        for end in triangle.run(f"t.ends({level})"):
            same([sum(end), np.dot(end, u), min(end)], [1, level, 0])


def test_triangle_gives_back_the_attention_of_a_place(triangle):
    corners = [[150.0, 20.0], [10.0, 260.0], [290.0, 260.0]]
    for other in DRAW.dirichlet([1.0] * 3, size=40):
        place = f"t.place({other.tolist()}, {corners})"
        found = np.array(triangle.run(f"t.weightsAt({place}, {corners})"))
        near = np.abs(found @ [0, -1, 2] - triangle.run("t.SAME")) < 1e-12
        if not near:  # not snapped to the segment
            same(found, other)


def test_constant_is_that_of_lime(constant):
    for _ in range(40):
        r, bandwidth = 10 ** DRAW.uniform(-4, 1), 10 ** DRAW.uniform(-1.3, 1)
        for width, text in ((bandwidth, repr(bandwidth)), (np.inf, "Infinity")):
            call = f"c.constant({r!r}, c.masks({text}))"
            same(constant.run(call), lime.large_d_constant(r, width))
    for bandwidth in (0.1, 0.16, 0.2, 0.25, 0.5, 2.0, 1e9):
        found = constant.run(f"c.root(c.masks({bandwidth}))")
        if lime.large_d_constant(0.0, bandwidth) <= 1.5:
            assert found == 0
        else:
            root = brentq(
                lambda r, b=bandwidth: lime.large_d_constant(r, b) - 1.5, 1e-9, 1, xtol=1e-14
            )
            same(found, root)


def test_shares_and_boxes_are_those_of_the_documents(constant):
    written = tool.written()
    for q in (0.05, 0.25, 0.5, 0.95, 1.0):
        found = constant.run(f"pictures.survivors.map((x) => c.quantile(x, {q}))")
        same(found, np.quantile(written, q, axis=1))
    for bandwidth in (0.1, 0.2, 0.25, 0.7):
        found = constant.run(f"c.tooLarge(c.masks({bandwidth}))")
        same(found, (lime.large_d_constant(written, bandwidth) < 1.5).mean())


def test_the_documents_of_the_picture_are_the_held_out_ones():
    np.testing.assert_allclose(tool.written(), tool.survivors(), rtol=6e-3)  # three digits


def same(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


# ---- what the text invites to do


def test_dragging_a_token_over_the_dashed_line_turns_its_arrow(arrows):
    def key():
        return arrows.arrow("key", 1)[0]

    def pushed_away():
        """Which of the tokens have an arrow in the colour of less attention."""
        of = "(arrow) => arrow.classList.contains('negative')"
        return arrows.run(f"[...figure.querySelectorAll('.arrow.key')].map({of})")

    assert key() < -5 and pushed_away() == [True, True, False]
    assert arrows.table()[1][4] < 0
    arrows.drag("not", (0, -300))
    (_, value, alpha, _, pull), output = arrows.table()[1], arrows.table()[3][3]
    assert value > output and pull > 0
    assert key() > 5 and pushed_away() == [True, False, False]
    assert "above the output" in arrows.words()
    arrows.drag("not", (0, 300))
    assert key() < -5 and "below the output" in arrows.words()
    assert alpha > 0


def test_the_arrow_turns_exactly_at_the_line(arrows):
    scrolled = arrows.run("scrollY")
    for _ in range(40):
        arrows.press("not", "ArrowUp")
        rows = arrows.table()
        above = rows[1][1] - rows[3][3]
        if abs(above) > 0.006:  # two digits
            assert (arrows.arrow("key", 1)[0] > 0) == (above > 0)
    assert above > 0
    assert arrows.run("scrollY") == scrolled  # the keys are the handle's, not the page's


def test_dragging_cls_changes_all_arrows(arrows):
    before = [arrows.arrow("sum", n) for n in range(3)]
    arrows.drag("[CLS]", (70, 0))
    after = [arrows.arrow("sum", n) for n in range(3)]
    assert all(np.abs(x - y).max() > 3 for x, y in zip(before, after, strict=True))
    assert "its query moves the output" in arrows.words()
    for name in ("not", "good"):  # no other token does, for which the direction is the same
        arrows.open()
        logits = [row[0] for row in arrows.table()[:3]]
        arrows.drag(name, (40, 0))
        moved = [row[0] for row in arrows.table()[:3]]
        assert sum(x != y for x, y in zip(logits, moved, strict=True)) == 1


def test_arrows_are_as_long_as_the_gradient(arrows):
    unit = arrows.place("good") - arrows.place("not")  # (1, 3) in numbers
    pixels = np.array([unit[0], -unit[1] / 3])
    expected = gradients.gradient(micro_example()) * pixels
    for n in range(3):
        np.testing.assert_allclose(arrows.arrow("sum", n), expected[n], atol=0.6)


def test_along_the_segment_attention_changes_and_the_output_does_not(triangle):
    least = identifiability.needed(micro_example().values[0], micro_example().output)
    (end, other), f = triangle.run("t.ENDS"), triangle.table()[3][2]
    corners = [triangle.place("your attention")]
    reached = []
    for key in ("ArrowLeft", "ArrowRight"):
        for _ in range(30):
            triangle.press("your attention", key)
            rows = np.array([row[2] for row in triangle.table()])
            assert rows[3] == f and "Same output" in triangle.words()
            reached.append(rows[:3])
        corners.append(triangle.place("your attention"))
    np.testing.assert_allclose(np.min(reached, axis=0), least.round(2), atol=0.006)
    assert (
        least[2] > 0.3 and (least[:2] == 0).all()
    )  # all from [CLS] or from not, but not from good
    triangle.drag("your attention", 0.8 * (corners[1] - corners[2]))  # by mouse, too
    assert "Same output" in triangle.words()
    assert np.abs(np.array(end) - other).max() > 0.3


def test_beside_the_segment_the_output_is_another(triangle):
    for by in ((60, 0), (-120, 0)):
        triangle.drag("your attention", by)
        words = triangle.words()
        assert "Another output" in words and ("above" if by[0] > 0 else "below") in words
        assert triangle.run("figure.querySelectorAll('circle.moved').length") == 1
    triangle.press("your attention", "ArrowUp", 40)  # the output rises to the segment, and beyond
    assert "Another output" in triangle.words() and "above" in triangle.words()
    triangle.press("your attention", "ArrowDown", 12)
    assert triangle.run("figure.querySelector('button').click()") is None
    assert "Same output" in triangle.words()


def test_keys_stop_at_the_segment(triangle):
    triangle.drag("your attention", (-37, 0))
    assert "below" in triangle.words()
    for key, side in (("ArrowUp", "above"), ("ArrowDown", "below")):
        seen = []
        for _ in range(12):
            triangle.press("your attention", key)
            seen.append("Same output" in triangle.words())
        assert sum(seen) == 1
        assert side in triangle.words()


def test_less_surviving_attention_is_a_larger_constant(constant):
    def c():
        return number(constant.words().split()[2])

    first = c()
    constant.drag("r,", (-90, 0))
    left = c()
    constant.drag("r,", (200, 0))
    assert left > first + 0.03 and c() < first - 0.1
    assert abs(lime.large_d_constant(0.05, 0.25) - first) < 0.006


def test_with_a_small_bandwidth_the_papers_constant_is_too_large_for_every_document(constant):
    assert lime.large_d_constant(tool.written(), 5 / 30).max() < 1.5
    shares = []
    for _ in range(20):
        constant.press("", "ArrowLeft", slider=True)
        shares.append(number(constant.words().split("it is too large in ")[1].split()[0]))
    assert shares == sorted(shares) and shares[0] < 30
    assert shares[-1] == 100 and "3/2 is too large" in constant.words()


# ---- for everybody


def test_a_finger_drags_the_handle_and_not_the_page(browser, site):
    browser.call("Emulation.setTouchEmulationEnabled", enabled=True)
    try:
        arrows = Page(browser, site, ARROWS).open(width=390)
        scrolled = arrows.run("scrollY")
        arrows.drag("not", (0, -150), touch=True)
        assert "above the output" in arrows.words()
        assert arrows.run("scrollY") == scrolled
    finally:
        browser.call("Emulation.setTouchEmulationEnabled", enabled=False)


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_handles_are_large_and_say_what_they_are(page, width):
    page.open(width=width, dark=width == 390)
    named = """(e) => {
        const { width, height } = e.getBoundingClientRect();
        const of = (name) => e.getAttribute(`aria-${name}`);
        const inside = +of("valuemin") <= +of("valuenow") && +of("valuenow") <= +of("valuemax");
        return [width, height, e.tabIndex, of("label"), of("valuetext"), inside];
    }"""
    for box in page.run(f"[...figure.querySelectorAll('[role=slider]')].map({named})"):
        *size, tab, label, text, inside = box
        assert min(size) >= 24 and tab == 0 and label and text and inside
    small = (
        "[...figure.querySelectorAll('button, input')].filter((e) => e.offsetHeight < 24).length"
    )
    assert page.run(small) == 0
    assert page.run("document.documentElement.scrollWidth - innerWidth") <= 0
    outside = """(() => { const frame = figure.querySelector('svg').getBoundingClientRect();
        return [...figure.querySelectorAll('svg text')].filter((t) => {
            const { left, right, bottom } = t.getBoundingClientRect();
            return left < frame.left - 1 || right > frame.right + 1 || bottom > frame.bottom + 1;
        }).map((t) => t.textContent); })()"""
    assert page.run(outside) == []
    assert page.run("figure.querySelector('.picture-words').getAttribute('aria-live')") == "polite"


def test_reset_goes_back_to_the_start(page):
    page.open()
    start = page.words(), page.run("figure.querySelector('svg').innerHTML")
    page.press("", "ArrowRight", 3)
    assert page.words() != start[0]
    page.run("figure.querySelector('button').click()")
    assert (page.words(), page.run("figure.querySelector('svg').innerHTML")) == start


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_nothing_moves_when_the_script_takes_over_or_the_reader_drags(page, width):
    height = "figure.getBoundingClientRect().height"
    page.browser.call("Network.setBlockedURLs", urls=[FORMULAS, "*/pictures/*.js"])
    try:
        page.browser.open(page.address, width=width)
        assert not page.browser.evaluate(LIVE)
        before = page.run(height)
    finally:
        page.browser.call("Network.setBlockedURLs", urls=[FORMULAS])
    page.open(width=width)
    assert page.run(height) == before
    for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown", "ArrowDown"):
        for name in ("[CLS]",) if page.figure == ARROWS else ("",):
            page.press(name, key, 4)
            assert page.run(height) == before, page.words()


SHOWN = """(() => { const seen = (e) => e && e.getClientRects().length > 0
    && getComputedStyle(e).visibility === 'visible';
    return ['.picture-stage img', '.picture-live', '.picture-invitation', '.picture-panel']
        .map((q) => !!seen(figure.querySelector(q))); })()"""


def test_without_scripts_the_figure_is_there_and_nothing_invites(page, soups):
    soup = soups[f"{PAGES[page.figure]}.html"].find(id=page.figure)
    assert soup.select_one(".picture-stage img")["alt"]
    assert soup.find("figcaption").get_text(strip=True)
    page.browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.browser.call("Page.navigate", url=page.address)
        while page.browser._receive().get("method") != "Page.loadEventFired":
            pass
    finally:
        page.browser.call("Emulation.setScriptExecutionDisabled", value=False)
    start = f"const figure = document.getElementById('{page.figure}');"
    assert page.browser.evaluate(f"(() => {{ {start} return {SHOWN}; }})()") == [
        True,
        False,
        False,
        False,
    ]


def test_on_paper_the_figure_is_there_and_nothing_invites(page):
    page.open()
    assert page.run(SHOWN) == [False, True, True, True]
    page.browser.call("Emulation.setEmulatedMedia", media="print")
    try:
        assert page.run(SHOWN) == [True, False, False, False]
    finally:
        page.browser.call("Emulation.setEmulatedMedia", media="")
