"""The documents of a run, read one at a time, so that memory does not grow with the corpus."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers.data import corpus, reviews
from helpers.data.files import DataError
from helpers.data.kinds import list_of
from helpers.data.reviews import Review

FORMS = "snippets, imdb:PATH or rationales:PATH"


@dataclass(frozen=True)
class Document:
    """A document at its `place` in the corpus; a `review` that cannot be read is a `reason`."""

    place: int
    name: str
    review: Review | None
    reason: str = ""


@dataclass(frozen=True)
class Corpus:
    """`sources` in a fixed order; `load` makes a review of one, or raises `DataError`."""

    sources: Sequence[object]
    load: Callable[[object], Review]

    def places(self, limit: int | None = None) -> list[int]:
        """All places, or `limit` of them, spread evenly: positive and negative lie apart."""
        count = len(self.sources)
        few = min(limit or count, count)
        return [k * count // few for k in range(few)]

    def read(self, place: int) -> Document:
        """The document at a place. One that cannot be read is there, too, with the reason."""
        source = self.sources[place]
        try:
            review = self.load(source)
        except DataError as error:
            name = "/".join(source.parts[-3:]) if isinstance(source, Path) else str(source)
            return Document(place, name, None, f"DataError: {error}")
        return Document(place, review.identifier, review)

    def chunks(self, places: Sequence[int], size: int, skip: set[int]) -> Iterator[tuple]:
        """Number and documents of each chunk of `size` places but those to `skip`."""
        for number in range(-(-len(places) // size)):
            if number not in skip:
                part = places[number * size : (number + 1) * size]
                yield number, tuple(map(self.read, part))

    def fingerprint(self, places: Sequence[int]) -> str:
        """SHA-256 of names, ratings, texts and marks of the documents at `places`, in order."""
        digest = hashlib.sha256()
        for document in map(self.read, places):
            digest.update(f"{document.name}\0{document.review}\0".encode("utf8", "replace"))
        return digest.hexdigest()


def open_corpus(data: str | Sequence[Review]) -> Corpus:
    """The documents that `data` names: ``snippets``, ``imdb:PATH`` or ``rationales:PATH``.

    Reviews of your own will do, too. Of the snippets these are the held-out ones, split ``test``,
    and of aclImdb those of the folder ``test``.
    Raises `ValueError` for another name, and `DataError` if there is nothing at PATH.
    """
    if not isinstance(data, str):
        return Corpus(list_of(Review, "data", data, f"give {FORMS}"), _itself)
    kind, _, path = data.partition(":")
    if data == "snippets":
        return Corpus(corpus.split(reviews.load_snippets())["test"], _itself)
    if kind == "imdb" and path:
        return Corpus(reviews.imdb_files(path, "test"), reviews.imdb_review)
    if kind == "rationales" and path:
        return Corpus(reviews.load_rationales(path), _itself)
    raise ValueError(f"data is {data!r}: give {FORMS}")


def _itself(review: Review) -> Review:
    return review
