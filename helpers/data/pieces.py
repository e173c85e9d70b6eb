"""WordPiece, the tokenizer of BERT: a text's words, and the pieces that an encoder reads of each.

As the ``tokenizers`` library does it for uncased models; it is written out here because the games
of this book mask words, so that they must know which pieces belong to which word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from helpers.data.words import WORD

PAD, UNK, CLS, SEP, MASK = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"
SPECIAL = re.compile("|".join(map(re.escape, (PAD, UNK, CLS, SEP, MASK))))
LONGEST = 100  # letters of a word; a longer one is [UNK]
CHINESE = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0xF900, 0xFAFF), (0x20000, 0x2FA1F))


@dataclass(frozen=True)
class Pieces:
    """A text as an encoder reads it: `ids` of its pieces, [CLS] first and [SEP] last.

    `words` are those of ``tokenize(text)`` in order, and `place[t]` is the word that piece t is of;
    -1 is none: [CLS], [SEP] and punctuation.
    """

    ids: tuple[int, ...]
    place: tuple[int, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class WordPiece:
    """The pieces that an encoder knows, by their ids; a piece that goes on a word starts ``##``."""

    ids: dict[str, int]

    @classmethod
    def load(cls, words: bytes) -> WordPiece:
        """From the content of a ``vocab.txt``, one piece a line."""
        return cls({word: i for i, word in enumerate(words.decode("utf8").splitlines())})

    def read(self, text: str, longest: int = 256) -> Pieces:
        """The pieces of `text`, cut at `longest`; names such as ``[MASK]`` stand for themselves."""
        lower = "".join(part if SPECIAL.fullmatch(part) else _lower(part) for part in _parts(text))
        plain = SPECIAL.sub(lambda name: " " * len(name[0]), lower)
        spans = [(*found.span(), found[0]) for found in WORD.finditer(plain)]
        ids, place, word = [self.ids[CLS]], [-1], 0
        for start, end, token in _tokens(lower):
            while word < len(spans) - 1 and spans[word][1] <= start:
                word += 1
            inside = bool(spans) and spans[word][0] < end and start < spans[word][1]
            pieces = self._pieces(token)
            ids += pieces
            place += [word if inside else -1] * len(pieces)
        ids, place = [*ids[: longest - 1], self.ids[SEP]], [*place[: longest - 1], -1]
        return Pieces(tuple(ids), tuple(place), tuple(span[2] for span in spans))

    def _pieces(self, token: str) -> list[int]:
        """The longest known piece that the token starts with, then of the rest; or [UNK]."""
        if SPECIAL.fullmatch(token):
            return [self.ids[token]]
        found, start = [], 0
        while start < len(token) <= LONGEST:
            goes_on = "##" if start else ""
            ends = range(len(token), start, -1)
            end = next((e for e in ends if goes_on + token[start:e] in self.ids), None)
            if end is None:
                return [self.ids[UNK]]
            found.append(self.ids[goes_on + token[start:end]])
            start = end
        return found or [self.ids[UNK]]


def _parts(text: str) -> list[str]:
    return re.split(f"({SPECIAL.pattern})", text)


def _lower(text: str) -> str:
    """Letter by letter, so that a sigma at the end of a word is one like any other."""
    return "".join(letter.lower() for letter in text)


def _tokens(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each token starts and ends, and the token itself, accents and controls removed.

    A token is a run of what is neither space nor punctuation, or one mark of punctuation, or one
    Chinese character, or a name such as ``[MASK]``.
    """
    at = 0
    for part in _parts(text):
        if SPECIAL.fullmatch(part):
            yield at, at + len(part), part
        else:
            yield from ((at + start, at + end, token) for start, end, token in _plain(part))
        at += len(part)


def _plain(text: str) -> Iterator[tuple[int, int, str]]:
    begun, token = 0, ""
    for i, letter in enumerate(text + " "):
        if letter.isspace() or _alone(letter):
            if token:
                yield begun, i, token
            token = ""
            if _alone(letter):
                yield i, i + 1, letter
            continue
        begun = begun if token else i
        token += "".join(c for c in unicodedata.normalize("NFD", letter) if not _dropped(c))


def _dropped(letter: str) -> bool:
    """Accents and controls, and what stands for a letter that could not be read."""
    category = unicodedata.category(letter)
    return category == "Mn" or category[0] == "C" or letter == "\ufffd"


def _alone(letter: str) -> bool:
    """Whether a character is a token of its own: punctuation and symbols of ASCII, or Chinese."""
    category, code = unicodedata.category(letter), ord(letter)
    mark = category[0] == "P" or (code < 128 and category[0] == "S")
    return mark or any(low <= code <= high for low, high in CHINESE)
