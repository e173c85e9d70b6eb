"""The pictures of the front page: what they draw, and that they are whole."""

import re
import xml.etree.ElementTree as ET

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers.plots import intro

WORDS = ("one", "two & three")
PICTURES = {
    "opposites": intro.opposites(WORDS, np.array([0.5, 0.25]), np.array([1.0, 0.5])),
    "elsewhere": intro.elsewhere(WORDS, np.array([0.9, 0.1]), np.array([0.0, 1.0])),
    "sampled": intro.sampled(WORDS, np.array([[0.1, -0.2], [0.3, 0.2]]), np.array([0.2, 0.0])),
    "on the way": intro.on_the_way({"one": 0.5, "two & three": 1.0}),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_whole_described_and_inside_its_frame(name):
    picture = ET.fromstring(PICTURES[name])
    assert picture.get("role") == "img" and len(picture.get("aria-label")) > 20
    assert set(WORDS) <= {text.text for text in picture.iter("text")}
    for bar in picture.iter("rect"):
        left, top, width, height = (float(bar.get(x)) for x in ("x", "y", "width", "height"))
        assert 0 <= left <= left + width <= intro.WIDTH
        assert 0 <= top <= top + height <= intro.HEIGHT


def bars(name, colour):
    rows = [bar for bar in ET.fromstring(PICTURES[name]).iter("rect") if bar.get("fill") == colour]
    return [(float(bar.get("x")), float(bar.get("width"))) for bar in rows]


def test_opposites_are_mirror_images():
    positive, negative = bars("opposites", intro.FOR), bars("opposites", intro.AGAINST)
    assert [width for _, width in positive] == [width for _, width in negative] == [68, 34]
    assert [left for left, _ in positive] == [226, 226]
    assert [left for left, _ in negative] == [158, 192]


def test_bars_are_as_long_as_scores():
    assert [width for _, width in bars("on the way", "var(--exact, #009E73)")] == [89, 178]
    assert [width for _, width in bars("elsewhere", intro.FOR)][:2] == [203, 23]


def test_a_line_lies_where_its_coefficient_does():
    lines = re.findall(r"<line x1='(\d+)'", PICTURES["sampled"])
    assert lines == ["172", "252", "172"]  # zero; then from -0.2 at 92 to 0.3 at 292


def test_a_card_escapes_its_text():
    card = str(intro.Card("a/b", "1 < 2", "x & y", PICTURES["sampled"]))
    assert "href='a/b.html'" in card and "1 &lt; 2" in card and "x &amp; y" in card
    assert intro.findings([card]).data.count("<section>") == 1


def test_the_first_curve_is_coloured_by_its_sign():
    p = np.linspace(0, 1, 5)
    figure = intro.quarrel(p, np.array([1 - 1.5 * p, 2 - p]), ("one", "two"))
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert "alone +1.0" in texts and "beside all others −0.5, where a gradient looks" in texts
    above, below = (area.get_paths()[0].vertices[:, 1] for area in figure.axes[0].collections)
    assert above.min() >= -1e-9 and below.max() <= 1e-9
    plt.close(figure)
