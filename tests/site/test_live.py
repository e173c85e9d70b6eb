"""The live sentence in a real browser: Python's numbers, typed, heard, dark and narrow."""

import json
import random
import re
import statistics
import unicodedata
import warnings
from urllib.parse import quote

import numpy as np
import pytest

from helpers import explain, load_classifier
from helpers.data.words import TextTooLongWarning, tokenize
from helpers.explainers import interactions, lime, shapley
from helpers.explainers.methods import METHODS
from helpers.games import word_game
from tests.site.pages import ROOT

CLASSIFIER = load_classifier()
T_MAX = CLASSIFIER.sizes.T_max
SENTENCE = "attention based explanations are popular but questionable"
# Methods by the names that they have there
OF_FRONT = {"attention": "α-avg", "gradient × input": "G×I", "exact LIME": "exact LIME"}
TOLERANCE = 1e-6
WRITTEN = (
    SENTENCE,
    "Not a good film, and not a bad one either.",
    "It's the BEST film -- ever!? (10/10)",
    "a cliché about the château of Amélie",
    "zyzzyva qwertz are unknown, film is not",
    "good",
    "good good good",
    "good bad good bad good",
    "snake_case and 1999 and ½",
    "the end.\nA second line\tand a tab",
)
UNREADABLE = ("", "   ", "?!… —", "zyzzyva", "zyzzyva qwertz zyzzyva", "zyzzyva " * 255 + "good")


def texts(count):
    """Texts of all lengths, most of frequent words, some with unknown or repeated ones."""
    draw, words = random.Random(0), CLASSIFIER.vocabulary.words[2:]
    made = [*WRITTEN, " ".join(words[:300]), "good " * 300, " ".join(words[-255:])]
    while len(made) < count:
        length = draw.choice([1, 2, 3, 5, 8, 13, 21, 34, 34, 55, 89, 144, 260])
        pool = [*draw.choices(words, k=draw.choice([3, 50, 500])), "zyzzyva"]
        made.append(" ".join(draw.choices(pool, k=length)))
    return [text for text in made if CLASSIFIER.vocabulary.lookup(tokenize(text)).any()]


TEXTS = texts(205)

CHANCES = [0, 0.03, 0.25, 0.5, 0.8, 0.99, 1]  # for the curves
SHOWN = ("shapley", "shapley-taylor", "faithful-shapley", "banzhaf")  # indices of pairs

# All that the page's core finds for a text; `core` and `model` are there.
FOUND = """(text) => {
    const reading = core.read(model, text), game = core.game(reading);
    const exact = core.exact(game, model.bandwidth, model.rule);
    const quick = core.quick.map((key) => [key, [...core.explain(model, reading, key)]]);
    const scores = Object.fromEntries(quick);
    for (const key of core.slow) scores[key] = [...exact[key]];
    return {
        scores, words: reading.labels, cut: reading.cut.length, output: reading.output,
        heads: [...reading.headOutputs], intercept: exact.intercept, certificate: exact.certificate,
    };
}"""


def found(browser, texts, core="attentionLive.core"):
    """What the core, or a changed one, says of each text."""
    script = f"""attentionLive.ready().then((model) => {{
        const core = {core};
        return {json.dumps(texts)}.map({FOUND});
    }})"""
    return browser.evaluate(script)


# The curves of a text, and an index of its pairs; `core` and `model` are there.
ROUND = """([text, index]) => {
    const game = core.game(core.read(model, text));
    const curves = core.curves(game, %s, model.rule).map((row) => [...row]);
    return { curves, pairs: [...core.pairs(game, index, model.rule)] };
}"""


def found_around(browser, asked, core="attentionLive.core"):
    """Curves and pairs of each text and index, by the core, or by a changed one."""
    script = f"""attentionLive.ready().then((model) => {{
        const core = {core};
        return {json.dumps(asked)}.map({ROUND % CHANCES});
    }})"""
    return browser.evaluate(script)


def difference_around(text, index, seen):
    """The largest difference of a curve or of a pair from Python's."""
    reading = read(text)
    curves = shapley.curve(reading, CHANCES)
    matrix = interactions.exact(reading, index).matrix
    gaps = np.abs(curves.T - seen["curves"]).max(), np.abs(matrix.ravel() - seen["pairs"]).max()
    return max(gaps)


def read(text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TextTooLongWarning)
        return CLASSIFIER.read(text)


def difference(text, seen):
    """The largest difference of a score or an output from Python's."""
    reading = read(text)
    table, limit = explain(reading), explain(reading, "lime")
    assert tuple(seen["words"]) == table.words
    gaps = [
        np.abs(table.row(method.short) - seen["scores"][key]).max()
        for key, method in METHODS.items()
    ]
    gaps += [
        abs(reading.output - seen["output"]),
        np.abs(reading.head_outputs - seen["heads"]).max(),
        abs(limit.intercept - seen["intercept"]),
    ]
    return max(gaps)


@pytest.fixture(scope="module", autouse=True)
def in_front(browser):
    """The window of the browser has the focus, so that fields in it can get it."""
    browser.call("Emulation.setFocusEmulationEnabled", enabled=True)


@pytest.fixture(scope="module")
def live(site, browser):
    """The page `book/live`, opened from disk."""
    browser.open((site / "book/live.html").as_uri())
    browser.evaluate("attentionLive.ready().then(() => true)")
    return browser


def wait(browser, condition, seconds=10):
    """Wait until a JavaScript expression is true."""
    script = f"""new Promise((done) => {{
        const look = () => ({condition}) ? done(true) : setTimeout(look, 20);
        look(); setTimeout(() => done(false), {1000 * seconds});
    }})"""
    assert browser.evaluate(script), condition


def focus(browser):
    """Put the cursor into the field, and wait for the tables."""
    browser.evaluate("document.querySelector('#live-text').focus()")
    browser.evaluate("attentionLive.ready().then(() => true)")


def type_text(browser, text):
    """Replace what is in the field that has the focus, as a keyboard does."""
    browser.evaluate("document.activeElement.select()")
    browser.call("Input.insertText", text=text)


def press(browser, key, code, number):
    for kind in ("keyDown", "keyUp"):
        browser.call(
            "Input.dispatchKeyEvent", type=kind, key=key, code=code, windowsVirtualKeyCode=number
        )


def tab_to(browser, selector, most=80):
    """Press the tab key until an element has the focus."""
    for _ in range(most):
        press(browser, "Tab", "Tab", 9)
        if browser.evaluate(f"document.activeElement.matches({json.dumps(selector)})"):
            return
    pytest.fail(f"{selector} cannot be reached with the tab key")


# ---- the numbers


def test_every_method_agrees_with_python_on_200_texts(live):
    assert len(TEXTS) >= 200
    assert max(len(tokenize(text)) for text in TEXTS) > T_MAX
    worst = 0.0
    for start in range(0, len(TEXTS), 20):
        part = TEXTS[start : start + 20]
        for text, seen in zip(part, found(live, part), strict=True):
            assert seen["cut"] == max(0, len(tokenize(text)) - (T_MAX - 1))
            assert 0 <= seen["certificate"] < 1e-10
            gap = difference(text, seen)
            assert gap < TOLERANCE, text[:80]
            worst = max(worst, gap)
    print(f"largest difference from Python: {worst:.1e} on {len(TEXTS)} texts")


def test_curves_and_pairs_agree_with_python_on_200_texts(live):
    asked = [(text, SHOWN[n % len(SHOWN)]) for n, text in enumerate(TEXTS)]
    worst = 0.0
    for start in range(0, len(asked), 20):
        part = asked[start : start + 20]
        for (text, index), seen in zip(part, found_around(live, part), strict=True):
            gap = difference_around(text, index, seen)
            assert gap < TOLERANCE, (index, text[:80])
            worst = max(worst, gap)
    print(f"largest difference from Python: {worst:.1e} on {len(TEXTS)} texts")


@pytest.mark.parametrize("index", SHOWN)
def test_every_index_of_pairs_is_pythons(live, index):
    assert index in live.evaluate("attentionLive.core.indices")
    texts = [*WRITTEN, " ".join(CLASSIFIER.vocabulary.words[2:40])]
    for text, seen in zip(texts, found_around(live, [(t, index) for t in texts]), strict=True):
        assert difference_around(text, index, seen) < TOLERANCE, text


def test_the_page_has_all_indices_of_pairs_that_differ():
    pairs = {key: interactions.exact(read(SENTENCE), key).matrix for key in interactions.INDICES}
    for key in set(pairs) - set(SHOWN):
        assert any(np.array_equal(pairs[key], pairs[shown]) for shown in SHOWN), key


PARTS = ("core", "averages", "pairs")
SOURCE = "\n".join((ROOT / "_live" / f"{name}.js").read_text(encoding="utf-8") for name in PARTS)


def changed(old, new):
    """A core with one piece of its text changed, as an expression."""
    assert SOURCE.count(old) == 1
    text = SOURCE.replace(old, new)
    return f"(() => {{ {text}\nreturn attentionPairs(attentionAverages(attentionCore())); }})()"


BROKEN = {
    "a sign": ("on * g;", "-on * g;"),
    "a forgotten head": ("total(headOutputs) / K", "total(headOutputs.slice(1)) / K"),
    "a forgotten head of a game": ("for (const head of heads) {\n        const kept",
                                   "for (const head of heads.slice(1)) {\n        const kept"),
    "padding that is not attended to": ("restWeight += g", "restWeight += 0 * g"),
    "a word that stands twice counts once": ("scores[j] += score", "scores[j] = score"),
    "the key's part of the gradient": ("steep * keyDirection", "0 * keyDirection"),
    "the position of a word": ("+ byPosition[t * K + i]", "+ byPosition[K + i]"),
    "LIME's bandwidth": ("** 2) / 2);", "** 2) / 2.001);"),
    "LIME's largest size": ("size < d ?", "size <= d ?"),
    "the mean field's slope": ("(w, m) => w * deviation[m]), average", "(w) => w), average"),
    "a node for the path": ("nodes.forEach((tau, q) =>", "nodes.slice(1).forEach((tau, q) =>"),
    "a node for 1/D": ("u: [...nodes, ...right]", "u: [...nodes.map((x) => 1.001 * x), ...right]"),
    "Shapley's weights": ("d / (m * (d - m))", "1 / (d - m)"),
    "what leaving one out leaves": ("Math.max(kept.D, masked.D)", "kept.D"),
    "the chance of a Banzhaf value": ("core.game(reading), [0.5]", "core.game(reading), [0.499]"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_core_that_is_broken_does_not_agree(live, name):
    part = TEXTS[:10]
    seen = found(live, part, core=changed(*BROKEN[name]))
    assert max(map(difference, part, seen)) > TOLERANCE


BROKEN_AROUND = {
    "the ends of a curve": ("return core.addedFirst(game)", "return core.leaveOneOut(game)"),
    "left out for added first": ("flips(game, zeros(game.d));", "leaveOneOut(game);"),
    "a chance for its opposite": ("phi[j] = p * x[j] + (1 - p) * y[j]",
                                  "phi[j] = (1 - p) * x[j] + p * y[j]"),
    "what a word itself adds to N": ("+ own)) / phi[j]", "+ 0 * own)) / phi[j]"),
    "the rest of a curve's N": ("product = weight, T = restValue", "product = weight, T = 0"),
    "masked words of a curve's N": ("+ (1 - p) * maskedValue[j] * y[j]) / phi[j]", ") / phi[j]"),
    "the node's weight of a pair": ("weight * weights[q] *", "weight *"),
    "the index's weight of a pair": ("(weigh ? weigh(p) : 1)", "1"),
    "Shapley-Taylor": ("2 * (1 - p),", "2 * p,"),
    "faithful Shapley": ("6 * p * (1 - p)", "6 * p * p"),
    "the middle of Banzhaf": ("{ nodes: [0.5], weights", "{ nodes: [0.51], weights"),
    "a node in p": ("legendre(enough(d))", "legendre(Math.max(1, enough(d) - 3))"),
    "a Newton step": ("step < 10", "step < 1"),
    "half of T": ("(T / 2) * r[j]", "T * r[j]"),
    "what a pair's words add to N": ("= product * (own[j] +", "= product * (0 +"),
    "a word's square": ("/ (phi * phi)", "/ phi"),
    "the other half": ("half + found[j * d + i]", "2 * half"),
    "a word with itself": ("i === j ? 0 :", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN_AROUND)
def test_broken_curves_and_pairs_do_not_agree(live, name):
    asked = [(text, SHOWN[n % 4]) for n, text in enumerate([*TEXTS[:8], *TEXTS[13:17]])]
    seen = found_around(live, asked, core=changed(*BROKEN_AROUND[name]))
    assert max(difference_around(*one, found) for one, found in zip(asked, seen)) > TOLERANCE


def test_words_are_cut_out_of_a_text_as_in_python(live):
    letters = [chr(n) for n in range(0x110000) if unicodedata.category(chr(n)) not in ("Cn", "Cs")]
    assert len(letters) > 100_000
    for start in range(0, len(letters), 20_000):
        text = " a".join(letters[start : start + 20_000])
        seen = live.evaluate(f"attentionLive.core.tokenize({json.dumps(text)})")
        assert seen == tokenize(text)
    for text in (*WRITTEN, "İstanbul ΟΔΥΣΣΕΥΣ. ΣΑΣ Straße ǅ"):
        assert live.evaluate(f"attentionLive.core.tokenize({json.dumps(text)})") == tokenize(text)


def test_every_method_of_the_registry_has_its_row(live):
    keys = live.evaluate("[...attentionLive.core.quick, ...attentionLive.core.slow]")
    assert sorted(keys) == sorted(METHODS)
    names = live.evaluate(
        "[...document.querySelectorAll('[data-live=methods] .explanation strong')]"
        ".map((e) => e.textContent)"
    )
    assert names == [method.short for method in METHODS.values()]


def test_masks_are_drawn_and_fitted_as_lime_does(live):
    script = f"""attentionLive.ready().then((model) => {{
        const {{ core }} = attentionLive, reading = core.read(model, {json.dumps(SENTENCE)});
        const game = core.game(reading);
        let state = 1;
        const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
        const masks = Array.from({{ length: 3000 }}, () => core.drawMask(game.d, random));
        masks[0].fill(1);
        const outputs = masks.map((z) => core.value(game, z));
        const beta = core.fit(masks.slice(0, 200), outputs.slice(0, 200), model.bandwidth);
        const share = (z) => z.reduce((sum, one) => sum + one) / game.d;
        const kernel = masks.map((z) => core.kernel(share(z), model.bandwidth));
        return {{ masks: masks.map((z) => [...z]), outputs, beta: [...beta], kernel }};
    }})"""
    seen = live.evaluate(script)
    masks, game = np.array(seen["masks"]), word_game(CLASSIFIER.read(SENTENCE))
    np.testing.assert_allclose(seen["outputs"], game.value(masks), atol=TOLERANCE)
    np.testing.assert_allclose(seen["kernel"], lime.kernel(masks, lime.BANDWIDTH), atol=1e-12)
    beta, _ = lime.fit(masks[:200], game.value(masks[:200]), lime.BANDWIDTH, alpha=1.0)
    np.testing.assert_allclose(seen["beta"], beta, atol=TOLERANCE)
    d, kept = masks.shape[1], masks[1:].sum(axis=1)
    shares = np.bincount(kept.astype(int), minlength=d + 1) / len(kept)
    np.testing.assert_allclose(shares[:d], 1 / d, atol=0.04)
    assert shares[d] == 0
    np.testing.assert_allclose(masks[1:].mean(axis=0), kept.mean() / d, atol=0.04)


# ---- the front page


def front(site, browser, **how):
    browser.open((site / "book/intro.html").as_uri(), **how)
    assert not browser.errors
    return browser


LINES = """[...document.querySelectorAll('.live-output .explanation')].map((box) => ({
    name: box.querySelector('strong').textContent,
    words: [...box.querySelectorAll('mark')].map((m) => [m.firstChild.data, m.title]),
    signs: [...box.querySelectorAll('mark')].map((m) => [
        /negative/.test(m.style.background) ? -1 : 1,
        { '+': 1, '−': -1 }[m.querySelector('sup')?.textContent] ?? 0]),
    table: [...box.querySelectorAll('tbody tr')]
        .map((row) => [...row.children].map((cell) => cell.textContent)),
}))"""


def number(text):
    return float(text.replace("−", "-"))


def agrees(lines, text):
    """Whether the three lines of the front page show Python's scores of a text."""
    table, shown = explain(read(text)), tokenize(text)[: T_MAX - 1]
    assert [line["name"] for line in lines] == list(OF_FRONT)
    for line in lines:
        scores = dict(zip(table.words, table.row(OF_FRONT[line["name"]]), strict=True))
        assert [word for word, _ in line["words"]] == shown
        for word, title in [*line["words"], *line["table"]]:
            assert abs(number(title.split(",")[0]) - scores[word]) < 1e-4
        largest = max(map(abs, scores.values()))
        for (word, _), (colour, sign) in zip(line["words"], line["signs"], strict=True):
            strong = abs(scores[word]) / largest
            assert colour == (-1 if scores[word] < 0 else 1) or strong < 1e-6
            marked = line["name"] != "attention" and 60 * strong > 9.5  # ten of the sixty steps
            assert sign == (colour if marked else 0)
        assert len(line["table"]) == min(10, len(scores))
        sizes = [abs(number(score)) for _, score in line["table"]]
        assert sizes == sorted(sizes, reverse=True)


def test_the_sentence_stands_there_without_scripts(soups):
    figure = soups["book/intro.html"].find(id="fig-three-stories")
    lines = figure.find_all(class_="explanation")
    assert [line.strong.get_text() for line in lines] == list(OF_FRONT)
    for line in lines:
        assert [mark.find(string=True) for mark in line.find_all("mark")] == SENTENCE.split()
    assert "negative" in figure.find(class_="verdict").get_text()
    entry = soups["book/live.html"].find(attrs={"data-live": "entry"})
    assert "without scripts" in entry.get_text()


def test_the_tables_wait_for_the_reader(site, browser):
    page = front(site, browser)
    agrees(page.evaluate(LINES), SENTENCE)
    assert not [url for url in page.requests if "live/data.js" in url]
    page.evaluate("document.querySelector('#live-text').focus()")
    wait(page, "[...document.scripts].some((s) => s.src.includes('live/data.js'))")
    page.evaluate("attentionLive.ready().then(() => true)")
    assert [url for url in page.requests if "live/data.js" in url]
    assert not [url for url in page.requests if not url.startswith(("file:", "data:", "blob:"))]


@pytest.mark.parametrize("text", [*WRITTEN, "good " * 300], ids=lambda text: text[:12])
def test_what_is_typed_is_explained(site, browser, text):
    page = front(site, browser)
    tab_to(page, "#live-text")
    type_text(page, "one more film")
    type_text(page, text)
    scores = explain(read(text), "lime").as_dict()
    first = next(iter(scores.values()))
    wait(
        page,
        f"""(() => {{
        const mark = document.querySelectorAll('.explanation')[2].querySelector('mark');
        return mark.firstChild.data === {json.dumps(tokenize(text)[0])}
            && Math.abs(parseFloat(mark.title.replace('−', '-')) - {first}) < 1e-4; }})()""",
    )
    agrees(page.evaluate(LINES), text)
    said = page.evaluate("document.querySelector('.verdict').textContent")
    assert ("negative" in said) == (read(text).output < 0)
    assert abs(number(re.search(r"[+−]\d+\.\d+", said)[0]) - read(text).output) < 1e-3
    assert not page.errors


@pytest.mark.parametrize("text", UNREADABLE, ids=range(len(UNREADABLE)))
def test_what_cannot_be_read_has_a_friendly_answer(site, browser, text):
    page = front(site, browser)
    focus(page)
    type_text(page, "film" if text else "f")
    if text:
        type_text(page, text)
    else:
        press(page, "Backspace", "Backspace", 8)
    wanted = "knows none" if "z" in text else "Type a sentence, and"
    wait(page, f"document.querySelector('.verdict').textContent.includes({json.dumps(wanted)})")
    line = "getComputedStyle(document.querySelector('.explanation')).visibility"
    assert page.evaluate(line) == "hidden"
    type_text(page, "good")
    wait(page, f"{line} === 'visible'")
    assert not page.errors


def test_unknown_and_cut_words_are_told(site, browser):
    page = front(site, browser)
    page.evaluate("document.querySelector('#live-text').focus()")
    type_text(page, "zyzzyva " + "good " * 300 + "end")
    note = "document.querySelector('.verdict').textContent"
    wait(page, f"{note}.includes('cut off')")
    assert page.evaluate("document.querySelectorAll('.verdict del').length") == 1
    mark = page.evaluate(
        "(() => { const m = document.querySelector('mark'), s = getComputedStyle(m, '::after');"
        "return [m.className, s.content, m.title]; })()"
    )
    assert mark[0] == "live-unknown" and "[UNK]" in mark[1] and "read as [UNK]" in mark[2]


def test_a_late_answer_does_not_overwrite_a_newer_one(site, browser):
    page = front(site, browser)
    focus(page)
    long = " ".join(CLASSIFIER.vocabulary.words[2:257])
    page.evaluate("""window.seen = []; new MutationObserver(() => seen.push([
        document.querySelector('#live-text').value.length,
        [...document.querySelectorAll('.live-words')].at(-1).querySelectorAll('mark').length]))
        .observe([...document.querySelectorAll('.live-words')].at(-1), { childList: true });""")
    for text in (long, "bad " + long, "a fine film"):
        type_text(page, text)
    page.evaluate("new Promise((done) => setTimeout(done, 2500))")
    assert page.evaluate("seen.filter(([typed]) => typed === 11).map(([, shown]) => shown)") == [3]
    agrees(page.evaluate(LINES), "a fine film")


def test_the_page_below_stays_where_it_is_as_one_types(site, browser):
    page = front(site, browser)
    focus(page)
    place = "document.querySelector('figcaption').getBoundingClientRect().top + scrollY"
    before = page.evaluate(place)
    for text in ("unpretentious charming", "attention", ""):
        type_text(page, text or "x")
        if not text:
            press(page, "Backspace", "Backspace", 8)
        page.evaluate("new Promise((done) => setTimeout(done, 300))")
        assert abs(page.evaluate(place) - before) <= 1
    type_text(page, "a dull film " * 20)
    page.evaluate("new Promise((done) => setTimeout(done, 300))")
    grown = page.evaluate(place)
    assert grown > before + 20
    for text in ("a dull film", "zyzzyva"):
        type_text(page, text)
        page.evaluate("new Promise((done) => setTimeout(done, 300))")
        assert abs(page.evaluate(place) - grown) <= 1


def test_a_screen_reader_is_told_once_the_reader_pauses(site, browser):
    page = front(site, browser)
    focus(page)
    assert page.evaluate("document.querySelector('label[for=live-text]').textContent")
    page.evaluate("""window.said = []; new MutationObserver(() => said.push(
        document.querySelector('.live-status').textContent))
        .observe(document.querySelector('.live-status'), { childList: true });""")
    for end in range(5, len(SENTENCE), 5):
        type_text(page, SENTENCE[:end])
    type_text(page, SENTENCE)
    page.evaluate("new Promise((done) => setTimeout(done, 2500))")
    said = page.evaluate("said")
    assert len(said) == 1
    for part in (
        "negative",
        "attention: based.",
        "gradient × input: based, against.",
        "exact LIME: based, against.",
    ):
        assert part in said[0]
    assert page.evaluate("document.querySelector('.live-status').getAttribute('role')") == "status"
    heads = page.evaluate("[...document.querySelectorAll('.live-output th')].map((h) => h.scope)")
    assert heads == ["col"] * 6


def test_tables_that_do_not_arrive_are_told_and_asked_for_again(site, browser):
    page = front(site, browser)
    page.call("Network.setBlockedURLs", urls=["*live/data.js*"])
    try:
        tab_to(page, "#live-text")
        type_text(page, "a fine film")
        wait(page, "document.querySelector('.verdict').textContent.includes('did not arrive')")
    finally:
        page.call("Network.setBlockedURLs", urls=[])
    type_text(page, "a fine film indeed")
    wait(page, "document.querySelector('.verdict').textContent.includes('positive')")
    wait(page, "!document.querySelector('.live-waiting')")
    agrees(page.evaluate(LINES), "a fine film indeed")


# ---- both pages

CONTRAST = """(() => {
    const rgb = (text) => text.match(/[\\d.]+/g).map(Number)
        .map((x, i) => text.startsWith('color(srgb') && i < 3 ? 255 * x : x);
    const light = (c) => c.slice(0, 3).map((x) => x / 255)
        .map((x) => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4)
        .reduce((sum, x, i) => sum + x * [0.2126, 0.7152, 0.0722][i], 0);
    const page = rgb(getComputedStyle(document.body).backgroundColor);
    return [...document.querySelectorAll('.explanation mark')].map((mark) => {
        const style = getComputedStyle(mark), [r, g, b, a = 1] = rgb(style.backgroundColor);
        const under = [r, g, b].map((x, i) => a * x + (1 - a) * page[i]);
        const [x, y] = [light(under), light(rgb(style.color))].sort((p, q) => q - p);
        return [(x + 0.05) / (y + 0.05), a, g > b ? 1 : -1];
    });
})()"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["intro", "live"])
def test_coloured_words_can_be_read(site, browser, name, dark):
    browser.open((site / f"book/{name}.html").as_uri(), dark=dark)
    focus(browser)
    type_text(browser, "zyzzyva is a dull and beautiful film")
    wait(browser, "document.querySelector('.explanation mark.live-unknown')")
    browser.evaluate("new Promise((done) => setTimeout(done, 500))")
    seen = browser.evaluate(CONTRAST)
    assert max(a for _, a, _ in seen) == 0.6 and {side for *_, side in seen} == {-1, 1}
    assert min(contrast for contrast, *_ in seen) >= 4.5


@pytest.mark.parametrize("width", [390, 320])
@pytest.mark.parametrize("name", ["intro", "live"])
def test_long_words_and_many_words_fit_a_phone(site, browser, name, width):
    browser.open((site / f"book/{name}.html").as_uri(), width=width)
    excess = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    before = browser.evaluate(excess)  # of the page around it
    focus(browser)
    for text in ("film " + "a" * 300, " ".join(CLASSIFIER.vocabulary.words[2:257])):
        type_text(browser, text)
        browser.evaluate("""new Promise((done) => setTimeout(done, 700));
            document.querySelectorAll('details').forEach((d) => { d.open = true; })""")
        browser.evaluate("new Promise((done) => setTimeout(done, 300))")
        assert browser.evaluate(excess) <= before


def test_a_keystroke_at_30_words_is_answered_at_once(site, browser):
    words = " ".join(CLASSIFIER.vocabulary.words[40:69])
    times = {}
    for name in ("intro", "live"):
        browser.open((site / f"book/{name}.html").as_uri())
        browser.evaluate("attentionLive.ready().then(() => true)")
        times[name] = browser.evaluate(f"""new Promise(async (done) => {{
            const field = document.querySelector("#live-text"), times = [];
            for (let n = 0; n < 30; n++) {{
                field.value = {json.dumps(words)} + " film".repeat(1 + n % 2);
                const start = performance.now();
                field.dispatchEvent(new Event("input"));
                document.body.getBoundingClientRect(); // the layout, too
                times.push(performance.now() - start);
                await new Promise((rest) => setTimeout(rest, 100));
            }}
            done(times);
        }})""")
        print(
            f"{name}: median {statistics.median(times[name]):.1f} ms, "
            f"most {max(times[name]):.1f} ms"
        )
    assert statistics.median(times["intro"]) < 250 and statistics.median(times["live"]) < 250


# ---- book/live


def live_page(site, browser, text):
    browser.open("about:blank")  # or else the browser would only scroll
    browser.open((site / "book/live.html").as_uri() + f"#text={quote(text)}")


def test_the_page_answers_a_link_that_holds_a_sentence(site, browser):
    page = front(site, browser)
    focus(page)
    type_text(page, "a fine & quiet film: 100 %")
    address = page.evaluate("document.querySelector('.live-more a').href")
    page.open("about:blank")
    page.open(address)
    wait(page, "document.querySelectorAll('[data-live=methods] mark').length")
    assert (
        page.evaluate("document.querySelector('#live-text').value") == "a fine & quiet film: 100 %"
    )
    assert not page.errors


def test_examples_do_what_the_page_says_of_them(site, browser):
    browser.open((site / "book/live.html").as_uri())
    examples = browser.evaluate(
        "[...document.querySelectorAll('.live-examples button')].map((b) => b.textContent)"
    )
    text = (ROOT / "book/live.md").read_text(encoding="utf-8")
    assert all(f"*{example}*" in text for example in examples) and len(examples) == 3
    ends, mess, bad = (explain(read(example)) for example in examples)

    def first(table, method):
        return table.words[int(np.abs(table.row(method)).argmax())]

    assert first(ends, "α-avg") == "ends" and first(ends, "exact LIME") == "best"
    assert first(mess, "α-avg") == "mess" and first(mess, "exact LIME") == "wonderful"
    scores = dict(zip(mess.words, mess.row("exact LIME"), strict=True))
    assert scores["mess"] < 0 < scores["wonderful"] and "cried" not in CLASSIFIER.vocabulary.ids
    assert bad.output < 0
    tab_to(browser, ".live-examples button:nth-child(3)")
    press(browser, "Enter", "Enter", 13)
    browser.call("Input.dispatchKeyEvent", type="char", text="\r", key="Enter")
    wait(browser, f"document.querySelector('#live-text').value === {json.dumps(examples[2])}")


def test_the_table_of_all_methods_is_pythons(site, browser):
    live_page(site, browser, SENTENCE)
    wait(browser, "document.querySelectorAll('.comparison td').length")
    cells = browser.evaluate("""[...document.querySelectorAll('.comparison tr')]
        .map((row) => [...row.children].map((cell) => [cell.textContent, cell.scope || '',
            Boolean(cell.querySelector('strong'))]))""")
    table = explain(CLASSIFIER.read(SENTENCE))
    assert [text for text, *_ in cells[0][1:]] == list(table.words)
    assert [row[0][0] for row in cells[1:]] == list(table.methods)
    assert all(row[0][1] == "row" for row in cells[1:])
    for row, scores in zip(cells[1:], table.scores, strict=True):
        for (text, _, bold), score in zip(row[1:], scores, strict=True):
            assert abs(number(text) - score) <= 0.00501
            assert bold == (abs(score) == np.abs(scores).max())


def test_copy_as_python_gives_the_numbers_of_the_page(site, browser):
    for text in ('a "fine" \\ film', "l'été, château and ½ good", "two\nlines of film"):
        browser.open((site / "book/live.html").as_uri())
        focus(browser)
        type_text(browser, text)
        wait(browser, "document.querySelectorAll('.comparison td').length")
        browser.evaluate("new Promise((done) => setTimeout(done, 200))")
        code = browser.evaluate(
            "document.querySelector('[data-live=python] button').click(),"
            "[...document.querySelectorAll('#the-same-in-python pre')].at(-1).innerText"
        )
        names, printed = {}, []
        exec(code, {"print": printed.append}, names)  # the page's own lines
        kinds = ["Comparison", "Explanation", "ndarray", "tuple"]
        assert [type(x).__name__ for x in printed] == kinds
        seen = found(browser, [text])[0]
        for key, method in METHODS.items():
            gap = np.abs(printed[0].row(method.short) - seen["scores"][key]).max()
            assert gap < TOLERANCE
        assert np.abs(printed[1].scores - seen["scores"]["lime"]).max() < TOLERANCE
        answer = "document.querySelector('[data-live=python] [role=status]').textContent"
        wait(browser, f"{answer} !== ''")


def test_masks_can_be_drawn_with_the_keyboard(site, browser):
    live_page(site, browser, "not a fine film")
    wait(browser, "document.querySelectorAll('[data-live=masks] td').length")
    said = "document.querySelector('[data-live=masks] .live-said').textContent"
    dots = "document.querySelectorAll('[data-live=masks] circle').length"
    assert "The sentence itself keeps 4 of 4 words" in browser.evaluate(said)
    assert browser.evaluate(dots) == 1
    tab_to(browser, "[data-draw='1']")
    for _ in range(3):
        press(browser, " ", "Space", 32)
    wait(browser, f"{dots} === 4")
    kept, left = browser.evaluate("""[
        document.querySelector('[data-live=masks] .live-said').textContent,
        document.querySelectorAll('.live-mask del').length]""")
    assert f"Mask 4 keeps {4 - left} of 4 words" in kept and left >= 1
    tab_to(browser, "[data-draw='100']")
    press(browser, " ", "Space", 32)
    wait(browser, f"{dots} === 104")
    browser.evaluate("document.querySelector('#live-text').focus()")  # computes nothing again
    browser.evaluate("new Promise((done) => setTimeout(done, 700))")
    assert browser.evaluate(dots) == 104
    columns = browser.evaluate("""[...document.querySelectorAll('[data-live=masks] tbody tr')]
        .map((row) => [...row.children].map((cell) => cell.textContent))""")
    exact = explain(CLASSIFIER.read("not a fine film"), "lime").as_dict()
    for word, sampled, limit in columns:
        assert abs(number(limit) - exact[word]) < 1e-3
        assert abs(number(sampled) - exact[word]) < 0.3
    tab_to(browser, "[data-draw='0']")
    press(browser, " ", "Space", 32)
    wait(browser, f"{dots} === 1")


def test_heads_and_the_certificate_are_shown(site, browser):
    live_page(site, browser, SENTENCE)
    wait(browser, "document.querySelector('[data-live=certificate]').textContent")
    reading = CLASSIFIER.read(SENTENCE)
    outputs = browser.evaluate(
        "[...document.querySelectorAll('.live-value')].map((e) => e.textContent)"
    )
    np.testing.assert_allclose([number(text) for text in outputs], reading.head_outputs, atol=1e-3)
    titles = """[...document.querySelectorAll('.live-heads .explanation')]
        .map((row) => [...row.querySelectorAll('mark')].map((m) => m.title))"""
    attention = reading.attention[:, 1 : reading.length]
    for kind, truth in (
        ("attention", attention),
        ("contribution", attention * reading.values[:, 1 : reading.length]),
    ):
        browser.evaluate(f"document.querySelector('input[value={kind}]').click()")
        seen = [[number(title.split(",")[0]) for title in row] for row in browser.evaluate(titles)]
        np.testing.assert_allclose(seen, truth, atol=1e-4)
    text = browser.evaluate("document.querySelector('[data-live=certificate]').textContent")
    limit = explain(reading, "lime")
    assert f"7 different words, and so {2**7 - 1} masks" in text
    digits, power = re.search(r"at most ([\d.]+) × 10(−\d+)", text).groups()
    bound = float(digits) * 10.0 ** number(power)
    assert limit.certificate / 3 < bound < limit.certificate * 3
    assert f"{limit.intercept:+.4f}".replace("-", "−") in text


# ---- curves and pairs on the page

CURVES = "document.querySelectorAll('.live-curve').length"
ON = "document.querySelector('[data-live=curves] .live-said strong').textContent"
ROWS = """[...document.querySelectorAll('[data-live=%s] tbody tr')]
    .map((row) => [...row.children].map((cell) => cell.textContent))"""
ARCS = """[...document.querySelectorAll('.live-arc')].map((arc) => [
    arc.querySelector('title').textContent, arc.classList.contains('live-for'),
    parseFloat(arc.getAttribute('stroke-width')), getComputedStyle(arc).strokeDasharray])"""


def test_curves_are_drawn_and_listed(site, browser):
    live_page(site, browser, SENTENCE)
    wait(browser, f"{CURVES} === 7")
    reading = read(SENTENCE)
    curves, means = shapley.curve(reading, [0, 0.5, 1]), shapley.exact(reading).scores
    words = dict.fromkeys(reading.text[1:])
    truth = dict(zip(words, np.column_stack([curves, means]), strict=True))
    rows = browser.evaluate(ROWS % "curves")
    for word, *cells in rows:
        np.testing.assert_allclose([number(cell) for cell in cells], truth[word], atol=5.1e-5)
    sizes = [abs(truth[word][3]) for word, *_ in rows]
    assert len(rows) == 7 and sizes == sorted(sizes, reverse=True)
    seen = browser.evaluate("""(() => {
        const svg = document.querySelector('[data-live=curves] svg');
        const mean = svg.querySelector('.live-mean').getAttribute('d');
        const zero = svg.querySelector('.live-zero').getAttribute('d');
        const dots = [...svg.querySelectorAll('circle')].map((c) => Number(c.getAttribute('cy')));
        return [svg.getAttribute('role'), Number(mean.match(/ ([0-9.]+)H/)[1]),
            Number(zero.match(/ ([0-9.]+)H/)[1]), dots, svg.querySelector('.live-on').dataset.word];
    })()""")
    role, mean, zero, dots, place = seen
    word = rows[0][0]
    assert role == "img" and list(words)[int(place)] == word == browser.evaluate(ON)
    heights = np.array([*dots, mean]) - zero  # what is drawn is in proportion to the numbers
    np.testing.assert_allclose(heights / heights[0], truth[word] / truth[word][0], atol=1e-6)


def test_a_curve_is_chosen_with_the_keyboard_and_by_pointing(site, browser):
    live_page(site, browser, "this film is not bad at all")
    wait(browser, f"{CURVES} === 7")
    assert browser.evaluate(ON) == "bad"
    tab_to(browser, "[name=live-word]")
    outline = "getComputedStyle(document.activeElement.nextElementSibling).outlineStyle"
    assert browser.evaluate(outline) == "solid"
    press(browser, "ArrowLeft", "ArrowLeft", 37)
    wait(browser, f"{ON} === 'not'")
    said = browser.evaluate("document.querySelector('[data-live=curves] .live-said').textContent")
    assert [part[0] for part in re.findall(r"[+−][\d.]+", said)] == ["−", "+", "−", "−"]
    assert browser.evaluate("document.querySelector('.live-curve.live-on').dataset.word") == "3"
    tab_to(browser, "[data-live=curves] summary")  # one stop for all words
    box = browser.evaluate("""(() => {
        document.querySelector('[data-live=curves] svg').scrollIntoView({ block: 'center' });
        const box = document.querySelector('[data-word="1"].live-curve').getBoundingClientRect();
        return [box.left + 1, box.top + 1]; })()""")
    mouse = {"type": "mouseMoved", "x": box[0], "y": box[1]}
    browser.call("Input.dispatchMouseEvent", **mouse)
    wait(browser, f"{ON} === 'film'")
    browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=5, y=5)
    wait(browser, f"{ON} === 'not'")  # what was chosen is back
    focus(browser)
    type_text(browser, "a film that is not good")
    wait(browser, f"{CURVES} === 6")
    assert browser.evaluate(ON) == "not"  # and stays, as long as the word does
    assert not browser.errors


def test_the_strongest_pairs_are_arcs_and_a_table(site, browser):
    text = "the plot is a mess but the actors are wonderful and i cried"
    live_page(site, browser, text)
    wait(browser, f"{ARCS}.length === 10")
    reading = read(text)
    seen = None
    for index in SHOWN:
        browser.evaluate(f"document.querySelector('[value={index}]').click()")
        wait(browser, "!document.querySelector('[data-live=pairs].live-waiting')")
        rows, arcs = browser.evaluate(ROWS % "pairs"), browser.evaluate(ARCS)
        assert rows != seen
        seen, truth = rows, interactions.exact(reading, index)
        assert [tuple(pair.split(" · ")) for pair, _ in rows] == list(truth.top(10))
        for pair, value in rows:
            i, j = (truth.labels.index(word) for word in pair.split(" · "))
            assert abs(number(value) - truth.matrix[i, j]) < 5.1e-5
        assert [title for title, *_ in reversed(arcs)] == [" ".join(row) for row in rows]
        for title, up, width, dashes in arcs:
            value = number(title.split()[-1])
            assert up == (value > 0) == (dashes == "none")
            assert abs(width - 1 - 7 * abs(value / number(rows[0][1]))) < 0.06
    assert not browser.errors


def test_arcs_stand_on_their_words_and_long_sentences_show_a_part(site, browser):
    for text in ("a fine film of good actors", " ".join(CLASSIFIER.vocabulary.words[2:257])):
        live_page(site, browser, text)
        wait(browser, f"{ARCS}.length === 10")
        words, ends = browser.evaluate("""[
            [...document.querySelectorAll('.live-arcs text')].map((e) => {
                const box = e.getBBox(); return [e.textContent, box.x + box.width / 2]; }),
            [...document.querySelectorAll('.live-arc')].map((arc) => [
                arc.querySelector('title').textContent.split(' '),
                arc.getPointAtLength(0).x, arc.getPointAtLength(arc.getTotalLength()).x])]""")
        centre = dict(words)
        for (i, _, j, _), left, right in ends:
            assert abs(centre[i] - left) < 1.5 and abs(centre[j] - right) < 1.5
        assert len(words) == 6 or (len(words) <= 41 and "…" in centre)


def test_one_word_has_a_level_curve_and_no_pair(site, browser):
    live_page(site, browser, "good good")
    wait(browser, f"{CURVES} === 1")
    said = "document.querySelector('[data-live=pairs] .live-said').textContent"
    wait(browser, f"{said} === 'One word makes no pair.'")
    assert browser.evaluate("document.querySelector('.live-arcs').hidden")
    values = {cell for cell in browser.evaluate(ROWS % "curves")[0][1:]}
    assert len(values) == 1
    focus(browser)
    type_text(browser, "good film")
    wait(browser, f"{ARCS}.length === 1 && !document.querySelector('.live-arcs').hidden")


def test_what_the_page_says_of_curves_and_pairs(soups):
    text = soups["book/live.html"].get_text()
    for claim in ("the curve of not crosses zero", "plot and mess share one complaint",
                  "so do all and this"):  # fmt: skip
        assert claim in text
    reading = read("this film is not bad at all")
    found = interactions.exact(reading)
    place = {word: j for j, word in enumerate(found.labels)}
    first, last = shapley.curve(reading, [0, 1])[place["not"]]
    means = shapley.exact(reading).scores
    assert first < -0.1 and last > 0.01 and means[place["not"]] < -0.1
    for word in ("not", "all", "this"):
        assert means[place[word]] < 0 and found.matrix[place[word], place["bad"]] > 0.1
    assert reading.output < -1
    mess = interactions.exact(read("the plot is a mess but the actors are wonderful and i cried"))
    assert mess.top(1) == (("plot", "mess"),)
    i, j = map(mess.labels.index, ("plot", "mess"))
    assert mess.matrix[i, j] > 1 and max(mess.singles[[i, j]]) < -0.5


def test_the_workers_are_quick_enough_for_the_longest_text(site, browser):
    times = {}
    for count in (30, 250):
        live_page(site, browser, " ".join(CLASSIFIER.vocabulary.words[2 : 2 + count]))
        browser.evaluate("attentionLive.ready().then(() => true)")
        times[count] = browser.evaluate("""attentionLive.ready().then((model) => {
            const { core } = attentionLive, text = document.querySelector('#live-text').value;
            const game = core.game(core.read(model, text)), times = [];
            const grid = Array.from({ length: 33 }, (_, q) => q / 32);
            for (const task of [() => core.exact(game, model.bandwidth, model.rule),
                () => core.curves(game, grid, model.rule),
                () => core.pairs(game, 'shapley', model.rule)]) {
                task();
                const start = performance.now();
                task();
                times.push(Math.round(performance.now() - start));
            }
            return times; })""")
        print(f"{count} words: LIME, curves, pairs in {times[count]} ms")
    assert times[250][2] < 5000
