"""Figures: letters that a phone shows large enough, and dark twins with enough contrast."""

import base64
import importlib.util
import io
import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image

from helpers.plots.base import BLUE, GREEN, GREY, INK, ORANGE, RED, SIGNED, SIZES, ink_on
from tests.site.pages import CHAPTERS

ROOT = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location("figures", ROOT / "_ext" / "figures.py")
figures = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(figures)

PAGE = "#121212"  # of the theme, in dark
PHONE, LEAST = 358, 7.3  # CSS pixels: the text column of a phone, and the smallest letters there


def luminance(colour):
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ [
        0.2126,
        0.7152,
        0.0722,
    ]


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colour", [BLUE, ORANGE, GREEN, RED, GREY, INK])
def test_a_twin_is_told_from_the_dark_page(colour):
    assert contrast(figures.dark_hex(colour), PAGE) >= 4.5


@pytest.mark.parametrize("cells", [SIGNED, SIZES])
def test_numbers_in_cells_are_read_on_both_pages(cells):
    for share in np.linspace(0, 1, 201):
        cell = to_hex(cells(share))
        ink = to_hex(ink_on(cells(share)))
        assert contrast(ink, cell) >= 4.4
        assert contrast(figures.dark_hex(ink), figures.dark_hex(cell)) >= 3.8


def test_white_is_the_dark_page():
    levels = [int(figures.dark_hex("#ffffff")[i : i + 2], 16) for i in (1, 3, 5)]
    assert np.abs(np.array(levels) - 0x12).max() <= 2


def test_the_site_has_the_colours_of_the_figures():
    css = (ROOT / "_static" / "custom.css").read_text("utf-8")
    for name, colour in zip(
        ("positive", "negative", "exact", "sampled"), (BLUE, RED, GREEN, ORANGE), strict=True
    ):
        assert re.findall(rf"--{name}: (#\w+)", css) == [colour, figures.dark_hex(colour)]


def test_paper_ink_and_pictures_of_a_drawing_are_turned():
    png = base64.b64encode(figures.dark_png(WHITE_PIXEL)).decode()
    svg = (
        '<svg width="9pt"><g id="patch_1"><path d="" style="fill: #ffffff"/></g>'
        f'<path style="fill: #0072b2"/><image href="data:image/png;base64,'
        f'{base64.b64encode(WHITE_PIXEL).decode()}"/></svg>'
    )
    twin = figures.dark_svg(svg)
    assert "fill: none" in twin and figures.dark_hex(BLUE) in twin and png in twin
    assert f'<svg fill="{figures.dark_hex("#000000")}"' in twin


def test_a_picture_is_made_small_and_looks_the_same():
    draw = np.random.default_rng(0)
    noise = Image.fromarray(draw.integers(0, 256, (80, 80, 4), dtype=np.uint8))
    stream = io.BytesIO()
    noise.save(stream, "png")
    small = figures.light_png(stream.getvalue())
    assert len(small) < len(stream.getvalue()) / 3
    assert figures.light_png(small) == small  # once is enough
    again = np.asarray(Image.open(io.BytesIO(small)).convert("RGBA")).astype(float)
    assert np.abs(again - np.asarray(noise)).mean() < 25  # the worst that there can be


def letters(svg):
    """The sizes of an SVG's letters on a phone, in CSS pixels.

    Matplotlib draws each as a path, in hundredths of its size: of 8 points with scale(0.08 -0.08).
    An index in a formula, which has a scale of its own inside that one, is not counted.
    """
    width = float(figures.SIZE.search(svg[:2000])[1])
    points = [100 * float(x) for x in re.findall(r"scale\((0\.\d+) -0\.\d+\)", svg)]
    return [x * min(figures.CSS_PIXELS, PHONE / width) for x in points]


def test_letters_are_measured():
    """Ten points are read on a narrow figure, and on a wide one they are not."""
    svg = '<svg height="9pt" width="{}pt" height="9pt"><g transform="scale(0.1 -0.1)"/></svg>'
    assert letters(svg.format(200)) == pytest.approx([10 * 110 / 72])
    assert letters(svg.format(358)) == pytest.approx([10])
    assert letters(svg.format(716)) == pytest.approx([5])


def test_no_letter_of_a_figure_is_too_small_on_a_phone(site, soups):
    drawings, small = set(), []
    for page in CHAPTERS:
        for picture in soups[f"{page}.html"].select("article img.for-light"):
            name = Path(picture["src"]).name
            sizes = letters((site / "_images" / name).read_text("utf-8"))
            drawings.add(name)
            if sizes and min(sizes) < LEAST:
                small.append((round(min(sizes), 2), page, name[:8]))
    assert len(drawings) > 80
    assert not small, sorted(small)


def pixel():
    stream = io.BytesIO()
    Image.new("RGB", (1, 1), "white").save(stream, "png")
    return stream.getvalue()


WHITE_PIXEL = pixel()
