"""The tree from a question to an explanation: its data, its chapter, its picture, its evidence."""

import itertools
import re
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import notebook_rules as rules
import numpy as np
import pytest
from scipy.stats import beta

from helpers import explain, games, load_classifier
from helpers.checks import LEDGER
from helpers.checks.examples import random_reading
from helpers.data.corpus import held_out
from helpers.data.reviews import load_lexicon
from helpers.evaluation import (
    ceilings,
    counterfactuals,
    evidence,
    faithfulness,
    ground_truth,
    plausibility,
    rewording,
)
from helpers.explainers import interactions
from helpers.explainers.methods import METHODS
from helpers.model.variants import seen_by_keys
from helpers.plots import questions
from helpers.plots import which_one_to_report as plots
from helpers.plots.glued import glued

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "book/map/which_one_to_report.ipynb"
CHAPTER = nbformat.read(PAGE, 4)
MARKDOWN = rules.markdown(CHAPTER)
CALLED = [leaf for leaf in questions.LEAVES if leaf.call]
POINTERS = [leaf for leaf in questions.LEAVES if not leaf.call]
TEXT = "a fine film, but far too long and dull"


def key_of(leaf):
    return getattr(leaf, "key", getattr(leaf, "method", str(leaf)))


@pytest.fixture(scope="module")
def classifier():
    return load_classifier()


# ---- the data


def test_keys_are_there_once():
    keys = [leaf.key for leaf in questions.LEAVES]
    asked = [leaf.asked for leaf in questions.LEAVES]
    assert len({*keys}) == len(keys) == len({*asked}) > 15


@pytest.mark.parametrize("entry", [*questions.LEAVES, *questions.DECLINED], ids=key_of)
def test_every_entry_leads_to_what_exists(entry):
    labels = entry.proved if isinstance(entry.proved, tuple) else (entry.proved,)
    assert {*labels} <= LEDGER.keys()
    assert not entry.method or entry.method in METHODS
    if isinstance(entry, questions.Leaf):
        assert bool(entry.call) != bool(entry.chapter) and bool(entry.call) == bool(labels)


def test_every_method_is_reported_or_declined():
    reported = {leaf.method for leaf in questions.LEAVES} - {""}
    declined = [entry.method for entry in questions.DECLINED]
    assert sorted([*reported, *declined]) == sorted(METHODS)


@pytest.mark.parametrize("leaf", CALLED, ids=key_of)
def test_every_call_runs(leaf, classifier):
    reading = classifier.read(TEXT)
    space = {
        **{"reading": reading, "classifier": classifier, "explain": explain},
        **{"interactions": interactions, "counterfactuals": counterfactuals},
        **{"plots": plots, "ground_truth": ground_truth, "seen_by_keys": seen_by_keys},
        **{"plausibility": plausibility, "closed": games.text_game(classifier.predict, TEXT)},
        "marked": np.isin(games.word_game(reading).labels, ["long", "dull"]),
        "words": games.word_game(reading).labels,
        "reworded": [TEXT, rewording.dropped(TEXT)],
    }
    assert "\n" not in leaf.call and eval(leaf.call, space) is not None


# ---- the chapter says what the data say


def block(leaf):
    """The cells of a leaf: its heading, its visible code, the text that holds its four lines."""
    start = next(
        n for n, c in enumerate(CHAPTER.cells) if c.source.startswith(f"(leaf-{leaf.key})=\n")
        or f"\n(leaf-{leaf.key})=\n" in c.source
    )  # fmt: skip
    rest = CHAPTER.cells[start + 1 :]
    code = next(c for c in rest if c.cell_type == "code")
    text = next(c for c in rest if c.cell_type == "markdown")
    heading = CHAPTER.cells[start].source.split(f"(leaf-{leaf.key})=\n")[1]
    return heading, code, text.source.split("\n(leaf-")[0].split("\n## ")[0]


@pytest.mark.parametrize("leaf", CALLED, ids=key_of)
def test_every_leaf_has_its_five_lines(leaf):
    heading, code, text = block(leaf)
    assert heading.startswith("### ") and leaf.asked.removeprefix("No: ").casefold() in (
        heading.casefold()
    )
    assert code.source.splitlines()[-1] == leaf.call and "hide-input" not in code.metadata.get(
        "tags", []
    )
    heads = re.findall(r"^\* \*\*([^*:]+):?\*\*", text, re.M)
    assert heads == ["It says", "Proved", "Measured", "Not for"]
    proved = re.search(r"^\* \*\*Proved:\*\*.*$", text, re.M)[0]
    assert {*leaf.proved} == {*re.findall(r"\{prf:ref\}`([^`]+)`", proved)}
    measured = re.search(r"^\* \*\*Measured:\*\*.*$", text, re.M)[0]
    assert leaf.key == "corpus" or "{glue:text}" in measured


def test_the_list_of_links_is_the_tree():
    for leaf in CALLED:
        said = "No" if leaf.key == "closed" else leaf.asked
        assert MARKDOWN.count(f"[{said}](leaf-{leaf.key})") == 1
    for leaf in POINTERS:
        assert leaf.chapter.startswith("map/")
        assert f"{{doc}}`{leaf.asked} <{leaf.chapter.removeprefix('map/')}>`" in MARKDOWN
    for title in questions.BRANCHES:
        assert f"* **{title}**\n  * " in MARKDOWN


def test_the_list_of_what_is_declined_is_that_of_the_data():
    said = [
        f"* `{entry.method}`: {entry.because} ({{prf:ref}}`{entry.proved}`)."
        for entry in questions.DECLINED
    ]
    section = MARKDOWN.split("## Not recommended, because\n\n")[1].split("\n\n## ")[0]
    assert section.splitlines() == said


def test_the_checklist_to_download_is_that_of_the_data():
    lines = (PAGE.parent / "checklist.txt").read_text(encoding="utf8").splitlines()
    assert lines[2:] == [f"- [ ] **{name}**: {said}" for name, said in questions.CHECKLIST.items()]
    assert "checklist.txt" in MARKDOWN


def test_every_number_in_the_text_is_computed_by_a_cell():
    left = [
        output.metadata["scrapbook"]["name"]
        for cell in CHAPTER.cells if cell.cell_type == "code"
        for output in cell.outputs if "scrapbook" in output.get("metadata", {})
    ]  # fmt: skip
    used = re.findall(r"\{glue:text\}`([^`]+)`", MARKDOWN)
    assert len({*left}) == len(left) and {*used} <= {*left} and len({*used}) > 15


def test_a_number_is_left_as_myst_nb_reads_it(monkeypatch):
    left = []
    keep = lambda data, metadata, raw: left.append((data, metadata, raw))  # noqa: E731
    monkeypatch.setattr("helpers.plots.glued.display", keep)
    glued({"one": 0.5, "two": "b"})
    prefix = "application/papermill.record/"
    assert left == [
        ({f"{prefix}text/plain": text}, {"scrapbook": {"name": name, "mime_prefix": prefix}}, True)
        for name, text in (("one", "0.5"), ("two", "b"))
    ]


def test_an_interval_keeps_together_and_its_minus_is_one(monkeypatch):
    left = []
    monkeypatch.setattr("helpers.plots.glued.display", lambda data, **_: left.extend(data.values()))
    glued({"both": "-0.12 [-0.17, 0.08]"})
    assert left == ["\N{MINUS SIGN}0.12\xa0[\N{MINUS SIGN}0.17,\xa00.08]"]


def test_the_share_of_attention_is_that_of_the_chapter_on_heads():
    """Both pages name the effect of opposite words at the same places."""
    (said,) = (
        output["data"]["application/papermill.record/text/plain"]
        for cell in CHAPTER.cells if cell.cell_type == "code" for output in cell.outputs
        if output.get("metadata", {}).get("scrapbook", {}).get("name") == "opposite"
    )  # fmt: skip
    heads = (PAGE.parent / "heads.ipynb").read_text(encoding="utf8")
    shown = said.replace("\N{NO-BREAK SPACE}", " ").strip("'")
    assert f"<td>opposite</td><td>{shown}</td>" in heads


def test_the_answer_has_five_sentences_each_with_what_proves_it():
    section = MARKDOWN.split("## Can attention be used as explanation?")[1].split("\n## ")[0]
    sentences = re.findall(r"^\d\. .*$", section, re.M)
    assert len(sentences) == 5
    for sentence in sentences:
        assert re.search(r"\{(prf:ref|doc)\}`", sentence) and sentence.endswith(".")
        assert not re.search(r"\.\s+[A-Z]", sentence)  # one sentence


THREE = {
    "a reviewer: does negating the prediction take one word or five?": "flip",
    "a product owner: whose word is it, in shares for a report?": "shares",
    "an engineer with a deep model behind an interface": "closed",
}


@pytest.mark.parametrize("key", THREE.values(), ids=THREE)
def test_somebody_without_time_reads_few_words_before_the_call(key):
    """From the top to her link in the list, one click, and the leaf's heading: then the call."""
    words = rules.words(MARKDOWN.split(f"](leaf-{key})")[0])
    heading, _, text = block(next(leaf for leaf in CALLED if leaf.key == key))
    assert words + rules.words(heading) < 150
    assert rules.words(text) < 90


# ---- the picture


def test_every_question_and_answer_is_in_the_picture_and_none_overlaps():
    figure = plots.tree("One?", questions.CLOSED, questions.BRANCHES)
    figure.canvas.draw()
    (axis,) = figure.axes
    shown = [text.get_text() for text in axis.texts]
    for leaf in questions.LEAVES:
        assert leaf.asked in shown and f"→ {leaf.answer}" in shown
    boxes = [text.get_window_extent() for text in axis.texts]
    width = figure.bbox.width
    assert all(box.x0 >= 0 and box.x1 <= width for box in boxes)
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
    letters = min(text.get_fontsize() for text in axis.texts)
    assert letters * 358 / (72 * figure.get_figwidth()) > 8  # pixels on a telephone
    plt.close(figure)


# ---- the evidence


def test_orders_are_those_of_the_methods(classifier):
    reading = classifier.read(TEXT)
    made, side = evidence.orders(reading), np.sign(reading.output)
    assert tuple(made) == evidence.NAMES and len(evidence.SIGNED) == len(evidence.NAMES)
    shapley, alone = (explain(reading, key).scores for key in ("shapley", "leave-one-out"))
    assert made["Shapley"][0] == np.argmax(side * shapley)
    assert made[evidence.TAKEN].tolist() == np.argsort(-np.abs(shapley)).tolist()
    assert made[evidence.TAKEN][0] != made["Shapley"][0]
    lent = side * explain(reading).row("α-avg") * np.sign(alone)
    assert made[evidence.LENT].tolist() == np.argsort(-lent, kind="stable").tolist()
    assert made["α-avg"][0] == np.argmax(explain(reading).row("α-avg"))


@pytest.mark.parametrize("d", [3, 6])
def test_ways_are_between_the_mean_of_all_orders_and_the_best(d):
    reading = random_reading(d, T=d + 1, K=2)
    game = games.word_game(reading)
    d = len(game.labels)
    curves = {
        order: faithfulness.deletion(game, order) for order in itertools.permutations(range(d))
    }
    side = np.sign(reading.output)
    chance = np.mean([*curves.values()], axis=0)
    masks = np.array([*itertools.product((0.0, 1.0), repeat=d)])
    f, kept = side * game.value(masks), masks.sum(axis=1)
    best = np.array([f[kept == d - k].min() for k in range(d + 1)])
    order = evidence.orders(reading)["Shapley"]
    found = np.sum(side * (curves[tuple(order.tolist())] - chance)) / np.sum(best - side * chance)
    assert evidence.ways(reading)["Shapley"][0] == pytest.approx(found)


def test_a_long_text_is_measured_against_a_bound(classifier):
    reading = classifier.read(held_out(1, sizes=(2,))[0].text)
    assert len(games.word_game(reading).labels) > evidence.MOST
    order = evidence.orders(reading)["IG"]
    expected = ceilings.bounded(reading)
    assert evidence.ways(reading)["IG"] == (expected.deletion(order), expected.insertion(order))


@pytest.fixture(scope="module")
def some(classifier):
    texts = ["a good and fine film with a dull end", "dull and far too long", "of course it is"]
    return [classifier.read(text) for text in texts]


def test_columns_are_what_they_say(some):
    lexicon = load_lexicon()
    found = evidence.measured(some, lexicon)
    assert found.deletion.shape == found.signs.shape == (3, len(evidence.NAMES))
    for name, signed in zip(evidence.NAMES, evidence.SIGNED):
        column = evidence.NAMES.index(name)
        assert np.isnan(found.signs[:, column]).all() != signed
        assert np.isnan(found.people[2]).all()  # none of its words has a valence
    column = evidence.NAMES.index("Shapley")
    for row, reading in enumerate(some):
        shares, alone = (explain(reading, k) for k in ("shapley", "leave-one-out"))
        same = np.sign(shares.scores.round(12)) == np.sign(alone.scores.round(12))
        assert found.signs[row, column] == pytest.approx(same.mean())
    rated = {w: lexicon[w] for w in some[0].text[1:] if w in lexicon}
    assert {*rated} == {"good", "fine", "dull"} and found.praise[0] == pytest.approx(2 / 3)
    said = explain(some[0], "shapley").as_dict()
    right = np.mean([said[word] * valence > 0 for word, valence in rated.items()])
    assert found.people[0, column] == pytest.approx(right)
    assert found.mean("signs", "LOO").mean == 1


def test_documents_below_chance_are_counted(some):
    found = evidence.measured(some, load_lexicon())
    worse = found.deletion[:, evidence.NAMES.index("α-avg")] < 0
    assert found.below_chance("α-avg").mean == worse.mean()


@pytest.mark.parametrize(("hits", "n"), [(0, 90), (90, 90), (3, 10)])
def test_a_share_has_the_interval_of_clopper_and_pearson(hits, n):
    found = evidence.share(np.arange(n) < hits)
    low = beta.ppf(0.025, hits, n - hits + 1) if hits else 0
    high = beta.ppf(0.975, hits + 1, n - hits) if hits < n else 1
    assert (found.mean, found.low, found.high) == pytest.approx((hits / n, low, high))


def test_a_row_of_the_table_for_every_method(some):
    found = evidence.measured(some, load_lexicon())
    table = plots.table(found, ["shapley"], dict.fromkeys(METHODS, True))
    assert [row[0] for row in table.rows] == [*evidence.NAMES]
    assert [row[0] for row in plots.signs(found).rows] == [*evidence.NAMES]
    assert [row[1] for row in table.rows].count("yes") == 1
    signs = plots.signs(found)
    row = dict(zip(table.header, next(r for r in table.rows if r[0] == "Shapley")))
    row |= dict(zip(signs.header, next(r for r in signs.rows if r[0] == "Shapley")))
    assert plots.ways(some[0]).rows[0][1] == f"{evidence.ways(some[0])['α-avg'][0]:.2f}"
    assert row["deletion"] == str(found.mean("deletion", "Shapley"))
    assert row["signs as people"] == str(found.mean("people", "Shapley"))
    assert next(r for r in signs.rows if r[0] == "G-l2")[-2:] == ("–", "–")


def test_the_attention_of_each_head_is_shown(some):
    table = plots.looked(some[0])
    assert table.header == ("head", *some[0].text[1:]) and len(table.rows) == 6
    weights = np.array([[float(cell) for cell in row[1:]] for row in table.rows])
    np.testing.assert_allclose(weights, some[0].attention[:, 1 : some[0].length], atol=0.0051)
