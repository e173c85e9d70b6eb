"""A corpus whose reasons are known: the label is the sign of planted words, a marker only follows.

What is true of these *data* is written here. What a model learns of them is another question.
"""

from __future__ import annotations

import numpy as np

from helpers.data.kinds import whole
from helpers.data.reviews import Review

POSITIVE = tuple(f"plus{k:02d}" for k in range(20))
NEGATIVE = tuple(f"minus{k:02d}" for k in range(20))
NEUTRAL = tuple(f"plain{k:02d}" for k in range(60))
MARKER = "marker"
FOLLOWED = frozenset(POSITIVE[:10] + NEGATIVE[:10])  # half of the planted words
KINDS = ("planted", MARKER, "plain")
LENGTH, MOST_PLANTED = 16, 5  # words of a document, the marker not counted


def weight(word: str) -> int:
    """What `word` adds to the sum whose sign is the label: 1, -1 or, marker included, 0."""
    return (word in POSITIVE) - (word in NEGATIVE)


def kind(word: str) -> str:
    """One of `KINDS`."""
    return MARKER if word == MARKER else "planted" if weight(word) else "plain"


def draw(count: int, linked: bool, seed: int = 0) -> tuple[Review, ...]:
    """`count` documents, rated 2 or -2 by the sign of the sum of the `weight` of their words.

    A document has 1 to 5 planted words, whose sum is not 0, and plain words up to 16. If `linked`,
    the marker stands in nine of ten documents whose label is positive and in which a followed word
    says so, in one of ten where a followed word says the opposite, and elsewhere in half. If not,
    it stands in half of all documents.
    """
    count = whole("count", count, 0)
    rng = np.random.default_rng(seed)
    planted = np.array(POSITIVE + NEGATIVE)
    made: list[Review] = []
    while len(made) < count:
        words = list(rng.choice(planted, rng.integers(1, MOST_PLANTED + 1), replace=False))
        total = sum(map(weight, words))
        if total == 0:
            continue
        side = sum(weight(word) for word in words if word in FOLLOWED)
        chance = 0.5 + 0.4 * np.sign(side) * linked
        words += list(rng.choice(NEUTRAL, LENGTH - len(words), replace=False))
        words += [MARKER] * bool(rng.random() < chance)
        rng.shuffle(words)
        made.append(Review(f"planted {len(made)}", 2.0 * np.sign(total), " ".join(words)))
    return tuple(made)
