"""The map of methods says of each method what its call, its theorem and its chapter say."""

import dataclasses
import importlib.util
import itertools
import json
import re
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from benchmarks import map_of_methods as benchmark
from helpers import load_classifier
from helpers.checks import LEDGER, CheckFailed
from helpers.checks import map_of_methods as checks
from helpers.evaluation import survey
from helpers.explainers.explanation import Explanation
from helpers.explainers.methods import METHODS
from helpers.plots import map_of_methods as plots
from helpers.plots.base import BLUE

ROOT = Path(__file__).parents[2]
ENTRIES = {entry.key: entry for entry in survey.entries()}
HERE = pytest.mark.parametrize(
    "entry", [e for e in ENTRIES.values() if e.call], ids=lambda entry: entry.key
)


@pytest.fixture(scope="module")
def given():
    return checks.objects(load_classifier(), documents=80)


# ---- the map is complete


def test_every_method_of_the_registry_is_there_once():
    assert checks.complete(ENTRIES.values()) == len(METHODS) == 13


def test_a_method_that_is_registered_but_not_on_the_map_is_named():
    with pytest.raises(CheckFailed, match="not on the map once: new;"):
        checks.complete(ENTRIES.values(), [*METHODS, "new"])
    with pytest.raises(CheckFailed, match="once: lime;"):
        checks.complete([*ENTRIES.values(), ENTRIES["lime"]])


def test_the_ten_families_of_the_survey_have_a_method_or_a_reason():
    families = survey.families()
    assert [family.scope for family in families] == ["local"] * 5 + ["class"] + ["global"] * 4
    keys = {family.key for family in families}
    assert {entry.family for entry in ENTRIES.values()} == keys and len(keys) == 10


# ---- an entry keeps what it says


@HERE
def test_its_theorem_holds_in_the_ledger(entry):
    page = (ROOT / "book/reference/ledger.md").read_text("utf8")
    rows = {re.match(r"\{prf:ref\}`([^`]+)`", row)[1]: row for row in page.split("* - ")[2:]}
    for label in filter(None, (entry.theorem, entry.bound)):
        assert "\n  - holds\n" in rows[label]


@HERE
def test_its_chapter_is_in_the_book(entry):
    assert f"file: book/{entry.chapter}\n" in (ROOT / "_toc.yml").read_text("utf8")


@pytest.mark.parametrize("key", METHODS)
def test_a_registered_method_is_called_as_the_registry_does(key, given):
    assert survey.function_of(ENTRIES[key].call) is METHODS[key].function
    assert ENTRIES[key].name == METHODS[key].name and ENTRIES[key].short == METHODS[key].short


STATUS = {
    "representer": "exact",
    "influence": "bounded",
    "heads": "exact",
    "probes": "estimated",
    "exchanges": "exact",
    "hotflip": "estimated",
    "word-table": "exact",
    "sp-lime": "exact",
    "rules": "estimated",
    "attention-average": "exact",
    "gradient-times-input": "exact",
    "leave-one-out": "exact",
    "counterfactual": "exact",
    "integrated-gradients": "bounded",
    "lime": "bounded",
    "shapley": "bounded",
    "interactions": "bounded",
    "lime-sampled": "estimated",
    "mean-field-lime": "estimated",
    "cage": "not here",
}


@HERE
def test_its_call_gives_a_number_and_says_how_sure_it_is(entry, given):
    found = checks.standing(entry, given)
    assert found.status in survey.STATUSES[:3] and found.proof
    assert STATUS.get(entry.key, found.status) == found.status


def test_what_has_no_call_has_a_reason(given):
    for entry in ENTRIES.values():
        if not entry.call:
            assert checks.standing(entry, given) == survey.Standing("not here", entry.why)
    assert ENTRIES["cage"].why


# ---- and nothing can be claimed


def claim(given, key, result=None, **changes):
    """The standing of an entry that is changed, with a result that is put in the place of its."""
    entry = dataclasses.replace(ENTRIES[key], **changes)
    with pytest.MonkeyPatch.context() as patch:
        if result is not None:
            patch.setattr(checks, "made", lambda *_: SimpleNamespace(**result))
        return checks.standing(entry, given)


def test_a_theorem_without_a_check_is_refused(given):
    for field in ("theorem", "bound"):
        with pytest.raises(CheckFailed, match="lime: no check has the label 'thm-hope'"):
            claim(given, "lime", **{field: "thm-hope"})


@pytest.mark.parametrize("certificate", [np.nan, np.inf, -1e-9])
def test_a_certificate_that_bounds_nothing_is_refused(certificate, given):
    with pytest.raises(CheckFailed, match="is no bound"):
        claim(given, "lime", {"certificate": certificate})


@pytest.mark.parametrize("bound", ["", "thm-exact-lime"])
def test_a_certificate_needs_a_theorem_about_bounds(bound, given):
    with pytest.raises(CheckFailed, match="no theorem says that its certificate"):
        claim(given, "lime", bound=bound)


def test_a_rate_is_no_closed_form_and_a_bound_is_a_bound(given):
    def of(theorem):
        return claim(given, "attention-average", theorem=theorem).status

    assert of("thm-mean-field") == "estimated"  # a rate
    assert of("thm-nodes") == of("thm-certificate") == "bounded"
    units = {statement.unit for statement in LEDGER.values()}
    assert {"of it", "of the bound"} < units  # and one with another unit is neither
    other = next(x.label for x in LEDGER.values() if x.unit not in ("", "of it", "of the bound"))
    assert of(other) == "estimated"


def test_the_file_can_lower_a_mark_and_not_raise_it(given):
    lowered = claim(given, "lime", lowered="a reason")
    assert lowered == survey.Standing("estimated", "a reason")
    assert claim(given, "lime-sampled").status == "estimated"
    assert not {"status", "exact", "bounded"} & {f.name for f in dataclasses.fields(survey.Entry)}


def test_standard_errors_make_an_estimate_of_anything(given):
    found = {"standard_errors": np.zeros(3), "certificate": 0.0, "proved": True}
    assert claim(given, "lime", found).status == "estimated"


def test_what_the_solver_did_not_prove_is_not_exact(given):
    proved = claim(given, "counterfactual", {"proved": True}, theorem="thm-mean-field")
    open_ = claim(given, "counterfactual", {"proved": False}, theorem="thm-mean-field")
    assert (proved.status, open_.status) == ("exact", "estimated")


@pytest.mark.parametrize(
    "certificate, text",
    [(3e-13, "less than 1e-09"), (0.00213, "at most 2e-03"), (0, "less than 1e-09")],
)
def test_the_digits_of_a_small_certificate_are_not_shown(certificate, text, given):
    assert claim(given, "lime", {"certificate": certificate}).proof == f"in this run, off by {text}"


# ---- calls


def test_a_call_finds_its_function_and_its_arguments():
    assert survey.made("ties.settle(scores)", {"scores": [0.0]}).tolist() == [0.0]
    with pytest.raises(ValueError, match=r"no helpers\.…lime\.certain"):
        survey.made("lime.certain(reading)", {})
    with pytest.raises(ValueError, match=r"no helpers\.…lines\.exact"):
        survey.made("lines.exact(reading)", {})


@pytest.mark.parametrize(
    "changes, message",
    [({"why": "no time"}, "either a call"), ({"call": ""}, "either a call"),
     ({"theorem": ""}, "needs a theorem"), ({"cost": ""}, "needs a theorem")],
)  # fmt: skip
def test_an_entry_is_complete(changes, message):
    with pytest.raises(ValueError, match=f"lime.*{message}"):
        dataclasses.replace(ENTRIES["lime"], **changes)


def test_the_numbers_of_the_map_are_explanations(given):
    found = survey.made(ENTRIES["lime"].call, given)
    assert isinstance(found, Explanation) and found.labels[-1] == "questionable"


# ---- the calls for another model, made on this one, and the record of them


RECORD = json.loads((ROOT / "benchmarks/map_of_methods.json").read_text("utf8"))
SLOW = ("integrated-gradients", "shapley")  # for a test; the record has them


@pytest.fixture(scope="module")
def first():
    text = RECORD["texts"][0]
    return benchmark.names(load_classifier(), text)


def test_every_call_for_another_model_is_made_or_has_a_reason():
    made = [entry.key for entry in benchmark.compared()]
    assert list(RECORD["losses"]) == made and len(made) == 14
    for entry in ENTRIES.values():
        assert bool(entry.elsewhere) == (entry.key in made or bool(entry.unmade))
        if package := re.match(r"it needs (\w+), which is not installed", entry.unmade):
            assert importlib.util.find_spec(package[1]) is None


@pytest.mark.parametrize(
    "entry", [e for e in benchmark.compared() if e.key not in SLOW], ids=lambda e: e.key
)
def test_a_call_for_another_model_is_as_far_off_as_the_record_says(entry, first):
    found = benchmark.loss(entry, first)
    assert benchmark.digits(found) == pytest.approx(RECORD["losses"][entry.key][0], rel=0.02)


def test_what_plays_the_same_game_agrees_and_the_defaults_do_not():
    worst = {key: max(values) for key, values in RECORD["losses"].items()}
    same = [key for key, value in worst.items() if value <= 1e-8]
    assert sorted(set(worst) - set(same)) == ["lime", "lime-sampled", "shapley", "shapley-sampled"]
    assert min(worst["lime"], worst["shapley"]) > 0.2


def test_another_explanation_is_far_off(first):
    """The negative control: the comparison sees it if a call is that of another method."""
    l1, l2 = ENTRIES["gradient-l1"], ENTRIES["gradient-l2"]
    assert benchmark.loss(dataclasses.replace(l1, elsewhere=l2.elsewhere), first) > 0.1


def test_pieces_of_a_text_are_added_up_by_word():
    found = SimpleNamespace(data=[("a ", "fine ", "film")], values=[np.array([1.0, 2.0, 3.0])])
    assert benchmark.in_words(found, "a fine film").tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match="3 pieces for 2 words"):
        benchmark.in_words(found, "fine film")


def test_no_call_grows_faster_than_its_cost_says():
    stated = {entry.key: entry.growth for entry in ENTRIES.values() if entry.growth is not None}
    assert set(stated) == set(RECORD["seconds"]) and RECORD["lengths"][-2:] == [128, 256]
    for key, seconds in RECORD["seconds"].items():
        assert np.log2(seconds[-1] / seconds[-2]) < stated[key] + 0.25, key


# ---- the picture and the tables


@pytest.fixture(scope="module")
def standings():
    return {
        key: survey.Standing("not here" if entry.why else "exact", "a proof")
        for key, entry in ENTRIES.items()
    }


def test_the_picture_has_a_chip_for_every_method_in_the_colour_of_its_status(standings):
    standings = standings | {"lime": survey.Standing("bounded", "")}
    figure = plots.picture(survey.families(), list(ENTRIES.values()), standings)
    (axis,) = figure.axes
    assert len(axis.patches) == len(ENTRIES) + 4  # and the legend
    assert axis.get_xlim()[1] >= max(box.get_x() + box.get_width() for box in axis.patches)
    texts = [text.get_text() for text in axis.texts]
    assert {"= α-avg", "≤ exact LIME", "× CAGE, GEF, NILE"} <= set(texts)
    boxes = [text for text in texts if text[:2] in ("= ", "≤ ", "≈ ", "× ")]
    edge = axis.patches[boxes.index("≤ exact LIME")].get_edgecolor()
    assert to_hex(edge).upper() == BLUE
    plt.close(figure)


def test_no_two_chips_overlap(standings):
    figure = plots.picture(survey.families(), list(ENTRIES.values()), standings)
    boxes = [box.get_bbox() for box in figure.axes[0].patches]
    for one, other in itertools.combinations(boxes, 2):
        assert not one.overlaps(other)
    plt.close(figure)


def test_a_table_has_a_row_a_method_and_says_why_what_is_not_here(standings):
    here = [e for e in ENTRIES.values() if e.family == "influential"]
    text = plots.table(here, standings, {})
    assert text.count("* - {doc}") == 2 and text.count("\n* **") == 2
    assert "{prf:ref}`thm-representer`" in text and "not here. It adds up gradients" in text
    only = plots.table([ENTRIES["cage"]], standings, {})
    assert "list-table" not in only and only.startswith("* **CAGE")


def test_a_call_may_end_a_line_after_a_mark_only():
    shown = plots.code("a.b_c(x < 1, y=2)")
    assert shown.startswith('<code class="docutils literal notranslate">')
    assert "a.<wbr>b_<wbr>c(<wbr>x &lt; 1,<wbr> y=<wbr>2)</code>" in shown
    assert plots.code("") == ""


def test_lines_are_named_where_they_end_and_names_do_not_touch():
    ends = {"a": 2e-3, "b": 2.1e-3, "c": 2.2e-3, "d": 0.1, "e": 2}
    figure = plots.growth([4, 8], {name: [1e-3, end] for name, end in ends.items()})
    figure.canvas.draw()
    (axis,) = figure.axes
    assert [text.get_text() for text in axis.texts] == [*ends]
    boxes = [text.get_window_extent() for text in axis.texts]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
    plt.close(figure)


@pytest.mark.parametrize(
    "losses, text",
    [((), ""), ((1e-8, 1e-8), "Made here: the same."), ((1e-5, 2e-4), "at most 2e-04"),
     ((0.1, 0.004, 0.006), "off by 0.6% of the largest score, at worst by 10%")],
)  # fmt: skip
def test_a_loss_is_said_in_words(losses, text):
    assert text in plots.said(losses) and bool(plots.said(losses)) == bool(text)
