"""How interactions are shown, in a notebook and in a terminal."""

import itertools
import re

import numpy as np
import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.checks.examples import random_game, random_reading
from helpers.explainers import interactions, render_pairs
from helpers.explainers.interactions import Interactions
from helpers.games import position_game
from helpers.plots.base import BLUE, RED


def pairs_of(labels, values, text=None, error=1e-12):
    """Interactions with `values` of the pairs in the order (0, 1), (0, 2), ..., (1, 2), ..."""
    labels = tuple(labels)
    matrix = np.zeros((len(labels), len(labels)))
    matrix[np.triu_indices(len(labels), 1)] = values
    singles = np.zeros(len(labels))
    words = labels if text is None else tuple(text)
    return Interactions(labels, matrix + matrix.T, singles, "an index", words, error, 0.0)


def shown(found):
    return BeautifulSoup(found._repr_html_(), "html.parser")


def drawn(found):
    """(pair and number, ends, colour, width, dashed) of each arc, as drawn from back to front."""
    arcs = []
    for path in shown(found).find_all("path"):
        left, base, radius, rise, right, end = map(
            float,
            re.fullmatch(r"M(\S+) (\S+)A(\S+) (\S+) 0 0 1 (\S+) (\S+)", path["d"]).groups(),
        )
        assert base == end and radius == (right - left) / 2 > 0 and 0 < rise < base
        colour = re.search(r"#\w+", path["stroke"])[0]
        dashed = path.has_attr("stroke-dasharray")
        arcs.append((path.title.string, (left, right), colour, path["stroke-width"], dashed))
    return arcs


def middles(found):
    """The middle of each word of the text, in order."""
    return [
        (word.string, float(word["x"]) + float(word["textlength"]) / 2)
        for word in shown(found).find_all("text")
    ]


# ---- in a notebook


def test_arcs_join_the_middles_of_their_words():
    found = pairs_of(["not", "so", "good"], [0.5, -2, 0.25])
    words = dict(middles(found))
    assert list(words) == ["not", "so", "good"]
    assert drawn(found) == [
        ("so · good +0.2500", (words["so"], words["good"]), BLUE, "1.6", False),
        ("not · so +0.5000", (words["not"], words["so"]), BLUE, "2.2", False),
        ("not · good −2.0000", (words["not"], words["good"]), RED, "6.0", True),
    ]


def test_words_stand_apart_and_inside_the_picture():
    found = pairs_of(["a", "wonderful" * 5, "b"], [1, 2, 3])
    svg = shown(found).svg
    places = [(float(w["x"]), float(w["textlength"]), float(w["y"])) for w in svg.find_all("text")]
    assert all(x + wide < after for (x, wide, _), (after, _, _) in itertools.pairwise(places))
    x, wide, y = places[-1]
    assert x + wide < float(svg["width"]) < x + wide + 20 and y < float(svg["height"])
    assert shown(found).find_all("text")[1].string == "wonderful" * 2 + "wonde…"


def test_a_word_that_occurs_twice_is_joined_where_it_is_nearest():
    text = ["bad", "but", "good", "so", "good"]
    found = pairs_of(["bad", "but", "good", "so"], [0, 0, 0, 0, 0, 1], text)
    places = [place for _, place in middles(found)]
    ((name, ends, *_),) = drawn(found)
    assert name == "good · so +1.0000" and ends == (places[2], places[3])
    found = pairs_of(["bad", "but", "good", "so"], [0, 1, 0, 0, 0, 0], text)
    assert drawn(found)[0][1] == (places[0], places[2])


def test_positions_are_joined_where_they_are():
    found = pairs_of(["good", "or", "good"], [0, 1, 0])
    places = [place for _, place in middles(found)]
    assert drawn(found)[0][1] == (places[0], places[2])


def test_instances_that_are_no_words_are_their_own_text():
    assert [word for word, _ in middles(pairs_of("ab", [1], text=["x", "y"]))] == ["a", "b"]


def test_of_a_long_text_only_the_words_of_pairs_stay():
    words = [f"w{n}" for n in range(17)]
    values = np.zeros((17, 17))
    values[3, 4] = values[3, 6] = 1.0
    found = pairs_of(words, values[np.triu_indices(17, 1)])
    assert [word for word, _ in middles(found)] == ["…", "w3", "w4", "…", "w6", "…"]
    values[0, 16] = 1.0
    found = pairs_of(words, values[np.triu_indices(17, 1)])
    assert [w for w, _ in middles(found)] == ["w0", "…", "w3", "w4", "…", "w6", "…", "w16"]
    short = pairs_of(words[:16], values[:16, :16][np.triu_indices(16, 1)])
    assert [word for word, _ in middles(short)] == words[:16]


def test_the_picture_is_told_to_those_who_do_not_see_it():
    svg = shown(pairs_of(["not", "so", "good"], [0.5, -2, 0])).svg
    assert svg["role"] == "img"
    assert svg["aria-label"] == "Arcs between words: not · good −2.00, not · so +0.50"
    assert svg["fill"] == "currentColor"


def test_the_matrix_has_signs_and_colours():
    table = shown(pairs_of(["a", "b", "c"], [1, -4, 0])).find("table")
    cells = [[td.get_text() for td in row.find_all("td")] for row in table.tbody.find_all("tr")]
    assert cells == [["", "+1.00", "−4.00"], ["+1.00", "", "+0.00"], ["−4.00", "+0.00", ""]]
    assert [th.get_text() for th in table.thead.find_all("th")] == ["a", "b", "c"]
    assert [th["scope"] for th in table.tbody.find_all("th")] == ["row"] * 3
    grounds = re.findall(r"var\(--(\w+)-mark, (#\w+)\) (\d+)%", str(table.tbody.tr))
    assert grounds[1:] == [("positive", BLUE, "15"), ("negative", RED, "60")]
    assert grounds[0][2] == "0"


def test_many_words_have_no_matrix():
    for d, tables in ((12, 2), (13, 1)):
        found = interactions.exact(random_game(0, d))
        assert len(shown(found).find_all("table")) == tables


def test_the_table_holds_the_ten_largest():
    found = shown(pairs_of([f"w{n}" for n in range(6)], np.arange(15) - 4.0))
    rows = [
        [cell.get_text() for cell in row.find_all(["th", "td"])]
        for row in found.details.tbody.find_all("tr")
    ]
    assert len(rows) == 10 and rows[0] == ["w4 · w5", "+10.0000"]
    assert found.summary.get_text() == "10 largest of 15 pairs"
    assert shown(pairs_of("ab", [1])).summary.get_text() == "all pairs"


def test_labels_are_escaped():
    bad = "<script>alert('x')"
    found = pairs_of([bad, "a&b"], [1])
    assert "<script" not in found._repr_html_()
    assert [word for word, _ in middles(found)] == [bad, "a&b"]
    assert shown(found).svg["aria-label"].endswith(f"{bad} · a&b +1.00")


@pytest.mark.parametrize("labels, values", [(["a"], []), (["a", "b"], [0.0])])
def test_nothing_to_show(labels, values):
    found = pairs_of(labels, values)
    assert shown(found).get_text() == "an index: no two words interact"
    assert str(found).splitlines() == ["an index: no two words interact", "(error below 1e-10)"]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.text(max_size=8), min_size=2, max_size=7), st.integers(0, 99))
def test_any_labels_and_values_can_be_shown(labels, seed):
    draw = np.random.default_rng(seed)
    found = pairs_of(labels, draw.normal(size=len(labels) * (len(labels) - 1) // 2))
    assert len(drawn(found)) == min(10, len(labels) * (len(labels) - 1) // 2)
    assert repr(found).startswith("an index\n")


def test_interactions_of_a_reading_can_be_shown():
    reading = random_reading(1, T=12, distinct=4)
    for found in map(interactions.exact, (reading, position_game(reading))):
        assert [word for word, _ in middles(found)] == list(found.text)


# ---- in a terminal


def test_a_table_of_aligned_pairs():
    assert str(pairs_of(["a", "mess", "b"], [0.25, 1.5, -10])).splitlines() == [
        "an index",
        "  mess · b  -10.0000",
        "  a · b      +1.5000",
        "  a · mess   +0.2500",
        "(error below 1e-10)",
    ]


def test_how_many_more_and_what_is_known_of_errors():
    lines = str(pairs_of([f"w{n}" for n in range(6)], np.arange(15) + 1, error=3e-3)).splitlines()
    assert lines[-2:] == ["  … and 5 more, none of them larger", "(error at most 3.0e-03)"]
    assert len(lines) == 13 and max(map(len, lines)) <= 80
    assert len(str(pairs_of(["x" * 99, "y" * 99], [1])).splitlines()[1]) < 80


def test_places_of_the_largest_pairs():
    found = pairs_of(["a", "b", "c"], [1, -1 - 1e-13, 0])
    assert found.places(9) == [(0, 1), (0, 2)] and found.places(1) == [(0, 1)]
    assert found.top(9) == (("a", "b"), ("a", "c"))
    assert render_pairs.text(found) == repr(found)
