"""The corpus: how the snippets are split, documents made of them, and what chapters measure on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from numbers import Integral

import numpy as np

from helpers.data.kinds import list_of, whole
from helpers.data.reviews import Review, load_snippets
from helpers.data.words import SHIPPED, Vocabulary, tokenize

SALT = "second edition: "  # the first edition's split had none; its test snippets were looked at


def split_of(text: str) -> str:
    """``train`` (8 of 10), ``validation`` or ``test``: a fixed function of a snippet's words."""
    digest = hashlib.sha256((SALT + " ".join(tokenize(text))).encode("utf8")).digest()
    return {8: "validation", 9: "test"}.get(int.from_bytes(digest[:8], "big") % 10, "train")


def split(snippets: Sequence[Review]) -> dict[str, list[Review]]:
    """The snippets that have a polarity, by split. Equal texts share a split."""
    snippets = list_of(Review, "snippets", snippets, "call corpus.split(load_snippets())")
    parts: dict[str, list[Review]] = {"train": [], "validation": [], "test": []}
    for snippet in snippets:
        if snippet.rating:
            parts[split_of(snippet.text)].append(snippet)
    return parts


def documents(
    snippets: Sequence[Review], sizes: Sequence[int], count: int, seed: int = 0
) -> list[Review]:
    """`count` documents of one polarity each, made of as many snippets as `sizes` says in turn.

    Snippets are used up in random order before one is used again. Positive and negative alternate.
    Raises `ValueError` if a polarity has fewer snippets than a document needs, or if there is no
    size, or one below 1.
    """
    call = "call corpus.documents(load_snippets(), sizes=(1, 2), count=60)"
    snippets = list_of(Review, "snippets", snippets, call)
    sizes = [whole("a size", n, 1) for n in list_of(Integral, "sizes", sizes, "give sizes=(1, 2)")]
    if not sizes:
        raise ValueError("sizes is empty: give sizes=(1, 2), numbers of snippets in a document")
    count = whole("count", count, 0)
    draw = np.random.default_rng(seed)
    sides = [[s for s in snippets if s.positive == positive] for positive in (True, False)]
    stacks: list[list[Review]] = [[], []]
    made = []
    for k in range(count):
        size, side, stack = sizes[k // 2 % len(sizes)], sides[k % 2], stacks[k % 2]
        if len(side) < size:
            raise ValueError(
                f"{len(side)} snippets of one polarity, fewer than a document's {size}"
            )
        if len(stack) < size:
            stack[:] = [side[i] for i in draw.permutation(len(side))]
        part = [stack.pop() for _ in range(size)]
        name, rating = (
            "+".join(s.identifier for s in part),
            float(np.mean([s.rating for s in part])),
        )
        made.append(Review(name, rating, " ".join(s.text for s in part)))
    return made


def held_out(count: int, sizes: Sequence[int] = (1,), seed: int = 0) -> list[Review]:
    """`documents` of the test snippets, with at least one known word: what chapters measure on."""
    count = whole("count", count, 0)
    known = Vocabulary.load(SHIPPED / "vocabulary.txt").ids
    test = [
        s for s in split(load_snippets())["test"] if any(word in known for word in tokenize(s.text))
    ]
    return documents(test, sizes, count, seed)
