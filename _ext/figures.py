"""Figures for light and for dark: beside each SVG a twin whose colours suit a dark page.

A figure is drawn once, on white.  Its twin has white as the dark page, black as light grey, and
every other colour as far from the dark page as it was from the white one, in its own hue.
The page holds both; ``custom.css`` shows one, and a browser loads the one that it shows.
"""

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

PAPER, INK = 0.183, 0.95  # lightness (OKLab) of the dark page and of what is black on the white one
COLOURFUL = 3.3  # how much a unit of chroma adds to the distance of a colour from white
RISE = 0.65  # below 1: what is pale on white is a little stronger on the dark page
KEPT = "#010101"  # letters on cells that are light on the dark page: helpers/plots/base.ink_on
TALL = 1.1  # the height of a figure that may fill most of a printed page, in widths
CSS_PIXELS = 110 / 72  # a point of a figure; its letters of 10 points are as large as the prose

# Linear RGB to cone responses and these, after a cube root, to OKLab (Ottosson, 2020)
CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)

HEX = re.compile(r"#[0-9a-fA-F]{6}\b")
PAGE = re.compile(r'(<g id="patch_1">\s*<path [^>]*?fill: )#ffffff')  # the paper of the figure
PICTURE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")
SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)pt" height="([\d.]+)pt"')


def dark(rgb: np.ndarray) -> np.ndarray:
    """Colours (..., 3) from 0 to 1 on white paper, as they are to be on the dark page."""
    rgb = np.asarray(rgb, dtype=float)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    lab = np.cbrt(linear @ CONES.T) @ OKLAB.T
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    strength = np.clip(np.hypot(1 - lab[..., 0], COLOURFUL * chroma), 0, 1) ** RISE
    lab[..., 0] = PAPER + (INK - PAPER) * strength
    linear = (lab @ np.linalg.inv(OKLAB).T) ** 3 @ np.linalg.inv(CONES).T
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def dark_hex(colour: str) -> str:
    """``#rrggbb`` to ``#rrggbb``."""
    if colour == KEPT:
        return colour
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return "#" + "".join(f"{round(255 * x):02x}" for x in dark(rgb))


def dark_png(png: bytes) -> bytes:
    """The same for each pixel of a picture."""
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")).copy()
    pixels[..., :3] = np.round(255 * dark(pixels[..., :3] / 255))
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "png", optimize=True)
    return stream.getvalue()


def light_png(png: bytes) -> bytes:
    """A picture with 256 colours, which takes a quarter of the bytes."""
    stream = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGBA")
    picture.quantize(256, Image.Quantize.FASTOCTREE).save(stream, "png", optimize=True)
    return min(png, stream.getvalue(), key=len)


def redrawn(svg: str, change: Callable[[bytes], bytes]) -> str:
    """`svg` with each picture inside it changed."""
    start = "data:image/png;base64,"
    return PICTURE.sub(
        lambda found: start + base64.b64encode(change(base64.b64decode(found[1]))).decode(), svg
    )


def dark_svg(svg: str) -> str:
    """The twin of an SVG by matplotlib: no paper, and ink where a style names no colour."""
    svg = redrawn(PAGE.sub(r"\1none", svg, count=1), dark_png)
    svg = HEX.sub(lambda found: dark_hex(found[0]), svg)
    return re.sub(r"<svg ", f'<svg fill="{dark_hex("#000000")}" ', svg, count=1)


def visit_image(self, node):
    """Two <img> for an SVG that matplotlib drew, with its size, so that no text jumps."""
    source = node["uri"]
    path = Path(self.builder.srcdir, source)
    if not source.endswith(".svg") or not (size := SIZE.search(path.read_text("utf-8")[:2000])):
        return type(self).visit_image(self, node)
    name = self.builder.images[source]
    folder = self.builder.imgpath
    width, height = (round(float(x) * CSS_PIXELS) for x in size.groups())
    tall = " tall" if height > TALL * width else ""
    for kind, file in (("light", name), ("dark", name.replace(".svg", ".dark.svg"))):
        self.body.append(
            self.emptytag(
                node, "img", "", src=f"{folder}/{file}", alt=node.get("alt", ""), loading="lazy",
                width=str(width), height=str(height), CLASS=f"for-{kind} dark-light{tall}",
            )
        )  # fmt: skip
    return None


def write_twins(app, exception):
    """A dark twin beside each figure of the site, and the pictures inside both made small."""
    if exception is not None or app.builder.format != "html":
        return
    for path in Path(app.outdir, "_images").glob("*.svg"):
        svg = path.read_text("utf-8")
        if SIZE.search(svg[:2000]) and not path.stem.endswith(".dark"):
            svg = redrawn(svg, light_png)
            path.write_text(svg, encoding="utf-8")
            path.with_suffix(".dark.svg").write_text(
                redrawn(dark_svg(svg), light_png), encoding="utf-8"
            )


def setup(app):
    from docutils import nodes

    app.add_node(nodes.image, override=True, html=(visit_image, lambda self, node: None))
    app.connect("build-finished", write_twins)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
