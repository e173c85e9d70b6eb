"""How explanations and comparisons are shown, in a notebook and in a terminal."""

import re

import numpy as np
import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.checks.examples import random_reading
from helpers.explainers import render
from helpers.explainers.comparison import Comparison, explain
from helpers.explainers.explanation import Explanation
from helpers.plots.base import BLUE, RED

READING = random_reading(1, T=8, K=2, d_e=5, d_att=4, d_out=3)


def explanation(labels, scores, **changes):
    given = {"method": "a method", "text": tuple(labels)} | changes
    return Explanation(tuple(labels), np.array(scores, dtype=float), **given)


# ---- in a notebook


def shown(found):
    return BeautifulSoup(found._repr_html_(), "html.parser")


def marks(found):
    """(text, hover text) of each highlighted word."""
    return [(mark.get_text(), mark["title"]) for mark in shown(found).find_all("mark")]


def test_sign_and_number_are_there_without_colour():
    found = explanation(["[CLS]", "not", "good"], [0.001, -1.5, 3.0])
    assert marks(found) == [("[CLS]", "+0.0010"), ("not−", "−1.5000"), ("good+", "+3.0000")]


def test_colour_is_blue_or_red_and_stronger_for_larger_scores():
    html = explanation("abc", [4, -4, 1])._repr_html_()
    found = re.findall(r"color-mix\(in srgb, var\(--(\w+)-mark, (#\w+)\) (\d+)%", html)
    blue, red = ("positive", BLUE), ("negative", RED)
    assert found == [(*blue, "60"), (*red, "60"), (*blue, "15")]


def test_tokens_are_escaped():
    bad = "<script>alert('x')</script>"
    found = explanation([bad, "a&b"], [1, -1], method="<b>")
    assert "<script" not in found._repr_html_() and "<b>" not in found._repr_html_()
    assert [text for text, _ in marks(found)] == [f"{bad}+", "a&b−"]
    assert shown(found).find("td").get_text() == bad


def test_repeated_tokens_have_their_own_scores():
    found = explanation(["good", "or", "good"], [1, 0, -2])
    assert marks(found) == [("good+", "+1.0000"), ("or", "+0.0000"), ("good−", "−2.0000")]


def test_a_word_that_occurs_twice_is_marked_twice_with_its_one_score():
    found = explanation(["good", "or"], [1, -2], text=("good", "or", "good"))
    assert marks(found) == [("good+", "+1.0000"), ("or−", "−2.0000"), ("good+", "+1.0000")]


def test_a_token_without_a_score_is_shown_plainly():
    found = explanation(["good"], [1], text=("[CLS]", "good"))
    assert marks(found) == [("good+", "+1.0000")]
    assert shown(found).p.get_text() == "a method: [CLS] good+"


def test_the_table_holds_the_ten_largest():
    found = shown(explanation([f"w{n}" for n in range(12)], np.arange(12) - 3.0))
    rows = [[cell.get_text() for cell in row.find_all("td")] for row in found.tbody.find_all("tr")]
    assert len(rows) == 10 and rows[0] == ["w11", "+8.0000"]
    assert found.summary.get_text() == "10 largest of 12 scores"
    assert [th.get_text() for th in found.find_all("th")] == ["word", "score"]
    assert shown(explanation(["a", "b"], [1, 2])).summary.get_text() == "all scores"


def test_standard_errors_are_a_column():
    found = shown(explanation(["a", "b"], [1, -2], standard_errors=[0.25, 0.5]))
    assert [th.get_text() for th in found.find_all("th")][-1] == "standard error"
    assert [td.get_text() for td in found.tbody.tr.find_all("td")] == ["b", "−2.0000", "0.5000"]


def test_zero_scores_and_no_scores_can_be_shown():
    assert marks(explanation(["a"], [0])) == [("a", "+0.0000")]
    assert marks(explanation([], [])) == []


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(max_size=8), st.floats(-1e6, 1e6)), max_size=12))
def test_any_tokens_and_scores_can_be_shown(pairs):
    labels = [label for label, _ in pairs]
    found = explanation(labels, [score for _, score in pairs])
    for (_, title), (_, score) in zip(marks(found), pairs, strict=True):
        assert float(title.replace("−", "-")) == round(score, 4)
        assert "-" not in title and title != "−0.0000"


@pytest.mark.parametrize("key", ["attention-average", "contributions", "lime"])
def test_explanations_of_a_reading_can_be_shown(key):
    found = explain(READING, key)
    assert len(marks(found)) == READING.length - (key == "lime")


@pytest.mark.parametrize(
    "value, text", [(-1e-17, "+0.0000"), (-0.00004, "+0.0000"), (0, "+0.0000")]
)
def test_what_rounds_to_zero_has_one_sign(value, text):
    assert render.number(value) == text


def test_comparison_is_an_accessible_table_with_escaped_words():
    table = Comparison(("<a>", "b"), ("m",), np.array([[1.0, -3.0]]), 0.5)
    shown = table._repr_html_()
    assert ">&lt;a&gt;</th>" in shown and "scope='row'" in shown and "f(x) = +0.500" in shown
    assert ">+1.00</td>" in shown and "><strong>−3.00</strong></td>" in shown


# ---- in a terminal


def test_a_table_of_aligned_scores():
    found = explanation(["a", "wonderful", "mess"], [0.25, 1.5, -10])
    assert repr(found) == str(found)
    assert str(found).splitlines() == [
        "a method",
        "  mess       -10.0000",
        "  wonderful   +1.5000",
        "  a           +0.2500",
    ]


def test_what_is_known_of_errors_is_said():
    found = explanation(["a", "b"], [1, -2], standard_errors=[0.25, 0.5], intercept=-0.5)
    lines = str(found).splitlines()
    assert lines[1:] == [
        "  b  -2.0000  ± 0.5000",
        "  a  +1.0000  ± 0.2500",
        "(± one standard error)",
        "(intercept -0.5000)",
    ]
    assert "(error at most 3.0e-03)" in str(explanation("a", [1], certificate=1e-3, rounding=2e-3))
    assert "(error below 1e-10)" in str(explanation("a", [1], certificate=1e-16, rounding=1e-13))
    assert "(the padding and what is no word add up to +0.2500)" in str(
        explanation("a", [1], padding=0.25)
    )


def test_ten_rows_and_how_many_more():
    found = explanation([f"w{n}" for n in range(12)], np.arange(12))
    lines = str(found).splitlines()
    assert len(lines) == 12 and lines[-1] == "  … and 2 more, none of them larger"
    assert "more" not in str(explanation([f"w{n}" for n in range(10)], np.arange(10)))


def test_a_long_word_is_cut():
    assert max(map(len, str(explanation(["x" * 10**6, "b"], [1, 2])).splitlines())) < 50


def test_an_empty_explanation_can_be_printed():
    assert str(explanation([], [])) == "a method"


def test_a_comparison_fits_a_terminal():
    words = tuple(f"{n}{'x' * n}" for n in range(15))
    scores = np.array([np.arange(15.0), -np.arange(15.0)])
    lines = str(Comparison(words, ("plain", "signed"), scores, -0.5)).splitlines()
    assert lines[0] == "f(x) = -0.500" and lines[-1] == "… and 3 more words"
    assert max(map(len, lines)) <= render.WIDTH
    shown = [line.split() for line in lines[1:-1]]
    assert [word for row in shown[::3] for word in row] == [*words[:11], "11xxxxxxxxx…"]
    assert [cell for row in shown[1::3] for cell in row[1:]] == [f"{n}.00" for n in range(12)]
    assert shown[2][:3] == ["signed", "+0.00", "-1.00"]
