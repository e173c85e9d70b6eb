"""Words and the numbers that stand for them: tokenizer and vocabulary."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from helpers.data import files
from helpers.data.kinds import file_path, list_of, shown, whole, wrong_kind

SHIPPED = Path(__file__).parents[1] / "weights"
UNK, CLS = "[UNK]", "[CLS]"
UNK_ID, CLS_ID = 0, 1
WORD = re.compile(r"\w+")  # of a lower-case text


class TextError(ValueError):
    """A text that the classifier cannot read."""


class TextTooLongWarning(UserWarning):
    """A text was cut at ``T_max`` tokens."""


def tokenize(text: str) -> list[str]:
    """Lower-case words of `text`: maximal runs of letters, digits and underscores.

    These are the words that the `lime` package finds with its default pattern ``\\W+``
    in a lower-case text, so that its features and ours are the same.
    """
    if not isinstance(text, str):
        raise wrong_kind("a text is a str", text, "give one text, as in tokenize('a fine film')")
    return WORD.findall(text.lower())


@dataclass(frozen=True)
class Vocabulary:
    """The known words; a word's id is its place. Id 0 is ``[UNK]``, id 1 is ``[CLS]``."""

    words: tuple[str, ...]
    ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        words = list_of(str, "words", self.words, "call Vocabulary.build(texts, min_count=3)")
        object.__setattr__(self, "words", tuple(words))
        if self.words[:2] != (UNK, CLS):
            raise ValueError(f"a vocabulary starts with {UNK}, {CLS}; got {self.words[:2]}")
        if len(set(self.words)) != len(self.words):
            twice = [w for w, n in Counter(self.words).items() if n > 1]
            raise ValueError(f"words stand twice in the vocabulary: {twice[:5]}")
        object.__setattr__(self, "ids", {word: i for i, word in enumerate(self.words)})

    @classmethod
    def build(cls, texts: Iterable[str], min_count: int) -> Vocabulary:
        """The words that occur in at least `min_count` of the `texts`, most frequent first."""
        texts = list_of(str, "texts", texts, "call Vocabulary.build([text], min_count=1)")
        min_count = whole("min_count", min_count, 1)
        counts = Counter(word for text in texts for word in set(tokenize(text)))
        known = sorted(
            (w for w, n in counts.items() if n >= min_count), key=lambda w: (-counts[w], w)
        )
        return cls((UNK, CLS, *known))

    @classmethod
    def load(cls, path: str | Path) -> Vocabulary:
        """The vocabulary in a UTF-8 file of one word a line. Raises `DataError` if it is none."""
        path = file_path("path", path, "call Vocabulary.load('vocabulary.txt')")
        lines = files.text(path, "check it out again with git").split("\n")[:-1]
        try:
            return cls(tuple(lines))
        except ValueError as reason:
            raise files.DataError(f"{path} is no vocabulary: {reason}") from reason

    def __len__(self) -> int:
        return len(self.words)

    def lookup(self, words: Sequence[str]) -> np.ndarray:
        """Ids of `words`, int64; unknown words get the id of ``[UNK]``."""
        words = list_of(str, "words", words, "call vocabulary.lookup(tokenize(text))")
        return np.array([self.ids.get(word, UNK_ID) for word in words], dtype=np.int64)

    def encode(self, words: Sequence[str], T_max: int) -> np.ndarray:
        """Ids of a document of `T_max` tokens: ``[CLS]``, the words, then ``[UNK]`` as padding.

        More than ``T_max - 1`` words are cut; a `TextTooLongWarning` says how many.
        """
        words = list_of(str, "words", words, "call vocabulary.encode(tokenize(text), T_max)")
        room = whole("T_max", T_max, 1) - 1
        if len(words) > room:
            warnings.warn(
                f"the text has {len(words)} words and the model reads {room}: "
                f"the last {len(words) - room} words are cut off",
                TextTooLongWarning,
                stacklevel=3,
            )
        ids = np.full(T_max, UNK_ID, dtype=np.int64)
        ids[0] = CLS_ID
        kept = self.lookup(words[:room])
        ids[1 : 1 + len(kept)] = kept
        return ids


def readable_words(text: str, vocabulary: Vocabulary, room: int | None = None) -> list[str]:
    """The words of `text`; raises `TextError` if there are none or none is known.

    With `room`, one of the first `room` words must be known: the model cuts off the others.
    """
    words = tokenize(text)
    if not isinstance(vocabulary, Vocabulary):
        raise wrong_kind("vocabulary is a Vocabulary", vocabulary, "give classifier.vocabulary")
    if not words:
        raise TextError(f"the text {shown(text)} has no words: give a text with at least one word")
    if not vocabulary.lookup(words[:room]).any():
        first = f"first {room} words" if room is not None and room < len(words) else "words"
        raise TextError(
            f"none of the {first} of {shown(text)} is in the vocabulary "
            f"of {len(vocabulary)} words: "
            "the model would see only [UNK]; give an English text about films"
        )
    return words
