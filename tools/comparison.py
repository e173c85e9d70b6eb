"""When do two outputs of a cell say the same?  Used by the tests and by ``tools/notebooks.py``.

Text must be the same, but for numbers that are close; whole numbers must be the same.
Pictures are compared by their pixels, as a whole and block by block; drawings (SVG) element by
element, each number within a part of a point, so that last bits do not count and a bar does.
"""

import base64
import io
import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
from PIL import Image

# [tolerances]
RTOL = 1e-4  # two numbers may differ by this share of the larger one,
LAST_DIGIT_SHARE = 0.01  # or by one unit in the last digit, if that is at most this share of it
LAST_DIGIT_FIXED = 1e-4  # or, for a number printed without an exponent, at most this
TINY = 1e-14  # two numbers that are both smaller than this are rounding noise, and equal
PIXEL_RMS = 3.0  # of 255: root mean square difference of two pictures over all pixels
BLOCK_RMS = 15.0  # of 255: the same over the block of pixels that differs most: a digit, a bar
BLOCK_MEAN = 5.0  # of 255: difference of the mean colours of a block: a cell of a heat map
BLOCK = 8  # pixels, height and width of a block
POINTS = 0.3  # of an SVG, 1/72 inch: how far a place may move
STYLE = 0.01  # how far another number of an SVG may be off: an opacity, a width of a line
TONES = 3  # of 255: how far each of red, green and blue of a colour may be off
# [end of tolerances]

# A kernel gets these, so that sums are taken in the same order everywhere.
KERNEL_ENV = {
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}
SANITIZE = Path(__file__).parents[1] / "tests" / "nbval_sanitize.cfg"

LONG = 2000  # characters of a text that a message shows

NUMBER = re.compile(
    r"(?<![\w.#])"  # not inside a name, a version or a colour
    r"[-+\u2212]?(?:\d+\.\d*|\.\d+|\d+)(?!\d|\.\d)"
    r"(?:[eE][-+]?\d+(?!\w)|\s?\\(?:cdot|times)\s?10\^\{[-+]?\d+\})?"  # 1e-3, or 1 \cdot 10^{-3}
)


def set_kernel_env() -> None:
    """Let the kernels started from now on compute with one thread and a fixed hash seed."""
    os.environ.update(KERNEL_ENV)


def sanitizer(path: Path = SANITIZE):
    """A function that applies the patterns of nbval's sanitize file, as nbval does."""
    pairs = re.findall(r"^regex: (.*)$\n^replace: (.*)$", path.read_text(), flags=re.M)

    def sanitize(text):
        for pattern, replacement in pairs if isinstance(text, str) else ():
            text = re.sub(pattern, replacement, text)
        return text

    return sanitize


def _parts(number: str) -> tuple[str, str]:
    """Mantissa and exponent ("" if there is none) of a printed number."""
    number = re.sub(r"\s?\\(?:cdot|times)\s?10\^\{([-+]?\d+)\}", r"e\1", number)
    mantissa, _, exponent = number.lower().replace("\u2212", "-").partition("e")
    return mantissa, exponent


def close_numbers(old: str, new: str) -> bool:
    """Are two printed numbers equal within the tolerances?"""
    (a, i), (b, j) = _parts(old), _parts(new)
    x, y = float(f"{a}e{i or 0}"), float(f"{b}e{j or 0}")
    size = max(abs(x), abs(y))
    if old == new or size < TINY:
        return True
    whole = "." not in a and not i, "." not in b and not j
    if any(whole) or size == np.inf:
        return all(whole) and x == y
    decimals = min(len(m.partition(".")[2]) for m in (a, b))
    unit = float(f"1e{max(int(i or 0), int(j or 0)) - decimals}")  # of the last printed digit
    if unit > max(LAST_DIGIT_SHARE * size, 0.0 if i or j else LAST_DIGIT_FIXED):
        unit = 0.0
    return abs(x - y) <= max(RTOL * size, 1.001 * unit)


def close_text(old: str, new: str) -> bool:
    """Are two texts equal but for close numbers?

    Where a number differs, white space may differ, too: columns move.
    """
    if old == new:
        return True
    numbers = NUMBER.findall(old), NUMBER.findall(new)
    if numbers[0] == numbers[1] or len(numbers[0]) != len(numbers[1]):
        return False
    if [s.split() for s in NUMBER.split(old)] != [s.split() for s in NUMBER.split(new)]:
        return False
    return all(map(close_numbers, *numbers))


def pixels(png: str) -> np.ndarray:
    """A base64 PNG on white paper as floats (height, width, 3) from 0 to 255."""
    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA")
    paper = Image.new("RGBA", picture.size, "white")
    return np.asarray(Image.alpha_composite(paper, picture).convert("RGB"), dtype=float)


def picture_distance(old: str, new: str) -> tuple[float, float, float]:
    """Distances of two PNGs, as in PIXEL_RMS, BLOCK_RMS, BLOCK_MEAN.

    They are infinite if the pictures differ in size, or one cannot be read.
    """
    try:
        a, b = pixels(old), pixels(new)
    except (OSError, ValueError):
        return np.inf, np.inf, np.inf
    if a.shape != b.shape:
        return np.inf, np.inf, np.inf
    height, width = (-(-n // BLOCK) for n in a.shape[:2])
    apart = np.zeros((height * BLOCK, width * BLOCK, 3))
    apart[: a.shape[0], : a.shape[1]] = a - b
    blocks = apart.reshape(height, BLOCK, width, BLOCK, 3)
    everywhere = np.sqrt(((a - b) ** 2).mean())
    worst = np.sqrt((blocks**2).mean(axis=(1, 3, 4)).max())
    worst_mean = np.abs(blocks.mean(axis=(1, 3))).max()
    return float(everywhere), float(worst), float(worst_mean)


def close_png(old: str, new: str) -> bool:
    """Do two base64 PNGs show the same?"""
    limits = PIXEL_RMS, BLOCK_RMS, BLOCK_MEAN
    return old == new or all(
        d <= limit for d, limit in zip(picture_distance(old, new), limits, strict=True)
    )


HEX = re.compile(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})\b")
NAME = re.compile(r"(?<=#)[a-z]+[0-9a-f]{10}\b")  # of a reference: a hash of last bits
FLOAT = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")
PLACES = {"d", "x", "y", "width", "height", "viewBox", "points", "cx", "cy", "r"}
EMBEDDED = "data:image/png;base64,"


def _order(root: ET.Element) -> dict[str, str]:
    """Names that matplotlib makes of a hash, each with its rank among them."""
    names = [e.get("id", "") for e in root.iter()]
    hashed = [name for name in names if NAME.fullmatch("#" + name, 1)]
    return {name: f"name-{rank}" for rank, name in enumerate(hashed)}


def _close_value(key: str, old: str, new: str) -> bool:
    """Are two values of an attribute of an SVG equal, but for last bits?"""
    if old == new:
        return True
    if old.startswith(EMBEDDED) and new.startswith(EMBEDDED):
        return close_png(*(value.removeprefix(EMBEDDED).replace("\n", "") for value in (old, new)))
    colours = [np.array([[int(x, 16) for x in c] for c in HEX.findall(v)]) for v in (old, new)]
    old, new = (HEX.sub("#", value) for value in (old, new))
    numbers = [np.array(FLOAT.findall(value), dtype=float) for value in (old, new)]
    if FLOAT.sub("0", old) != FLOAT.sub("0", new) or colours[0].shape != colours[1].shape:
        return False
    places = key in PLACES or (key == "transform" and old.startswith("translate"))
    limit = POINTS if places else STYLE
    return all(
        bool((np.abs(a - b) <= most).all()) for (a, b), most in ((numbers, limit), (colours, TONES))
    )


def svg_difference(old: str, new: str) -> str | None:
    """The first place where two SVGs show something else, or None."""
    try:
        roots = [ET.fromstring(svg) for svg in (old, new)]
    except ET.ParseError as error:
        return str(error)
    a, b = (list(root.iter()) for root in roots)
    ranks = [_order(root) for root in roots]
    if [e.tag for e in a] != [e.tag for e in b]:
        return f"{len(a)} elements became {len(b)}, or others"
    for one, other in zip(a, b, strict=True):
        if one.attrib.keys() != other.attrib.keys():
            return f"{one.attrib} became {other.attrib}"
        for key in one.attrib:
            x, y = (
                NAME.sub(lambda name, rank=rank: rank.get(name[0], name[0]), e.get(key))
                if key != "id"
                else rank.get(e.get(key), e.get(key))
                for e, rank in zip((one, other), ranks, strict=True)
            )
            if not _close_value(key, x, y):
                return f"<{one.tag.split('}')[-1]} {key}> {x[:200]} became {y[:200]}"
        if (one.text or "").strip() != (other.text or "").strip():
            return f"{one.text!r} became {other.text!r}"
    return None


def _fields(output) -> dict:
    """What a reader sees of an output: its contents by MIME type or stream name."""
    if output["output_type"] == "stream":
        return {output["name"]: output["text"]}
    if output["output_type"] == "error":
        return {"error": f"{output['ename']}: {output['evalue']}"}
    return dict(output["data"])


def difference(old, new, sanitize=lambda text: text) -> str | None:
    """Say how two outputs differ, or None if they say the same."""
    if old["output_type"] != new["output_type"]:
        return f"a {old['output_type']} became a {new['output_type']}"
    a, b = _fields(old), _fields(new)
    if a.keys() != b.keys():
        return f"{sorted(a)} became {sorted(b)}"
    for kind in a:
        x, y = a[kind], b[kind]
        if kind == "image/png":
            if not close_png(x, y):
                distances = "{:.1f} (all pixels), {:.1f} (one block), {:.1f} (its mean)"
                return "image/png: " + distances.format(*picture_distance(x, y)) + " of 255"
        elif kind == "image/svg+xml":
            if found := None if x == y else svg_difference(x, y):
                return f"image/svg+xml: {found}"
        elif not isinstance(x, str) or not isinstance(y, str):
            if x != y:
                return f"{kind}: {x!r} became {y!r}"
        elif not close_text(sanitize(x), sanitize(y)):
            if max(len(x), len(y)) > LONG:  # show where they part
                same = (a == b for a, b in zip(x + "\0", y + "\1", strict=False))
                start = max(list(same).index(False) - LONG // 4, 0)
                x, y = (f"... {text[start : start + LONG]} ..." for text in (x, y))
            return f"{kind}:\n--- committed\n{x}\n--- now\n{y}"
    return None


def differences(old, new, sanitize=lambda text: text) -> list[str]:
    """All differences between two lists of outputs, compared in order."""
    found = []
    if len(old) != len(new):
        kinds = [[key for o in outputs for key in _fields(o)] for outputs in (old, new)]
        found.append(f"{len(old)} outputs {kinds[0]} became {len(new)} outputs {kinds[1]}")
    for n, (a, b) in enumerate(zip(old, new, strict=False), start=1):
        message = difference(a, b, sanitize)
        if message:
            found.append(f"output {n}: {message}")
    return found
