"""The map of methods says of each method what its call, its theorem and its chapter say."""

import dataclasses
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from helpers import load_classifier
from helpers.checks import CheckFailed
from helpers.checks import map_of_methods as checks
from helpers.evaluation import survey
from helpers.explainers.explanation import Explanation
from helpers.explainers.methods import METHODS

ROOT = Path(__file__).parents[2]
ENTRIES = {entry.key: entry for entry in survey.entries()}
HERE = pytest.mark.parametrize(
    "entry", [e for e in ENTRIES.values() if e.call], ids=lambda entry: entry.key
)


@pytest.fixture(scope="module")
def given():
    text = "attention based explanations are popular but questionable"
    return {"reading": load_classifier().read(text)}


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


def test_a_rate_is_no_closed_form(given):
    assert claim(given, "attention-average", theorem="thm-mean-field").status == "estimated"
    assert claim(given, "attention-average", theorem="thm-nodes").status == "estimated"


def test_standard_errors_make_an_estimate_of_anything(given):
    found = {"standard_errors": np.zeros(3), "certificate": 0.0, "proved": True}
    assert claim(given, "lime", found).status == "estimated"


def test_what_the_solver_did_not_prove_is_not_exact(given):
    proved = claim(given, "counterfactual", {"proved": True}, theorem="thm-nodes")
    open_ = claim(given, "counterfactual", {"proved": False}, theorem="thm-nodes")
    assert (proved.status, open_.status) == ("exact", "estimated")


@pytest.mark.parametrize(
    "certificate, text", [(3e-13, "below 1e-09"), (0.00213, "at most 2e-03"), (0, "below 1e-09")]
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
