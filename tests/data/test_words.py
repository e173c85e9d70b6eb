"""Tokenizer and vocabulary."""

import re
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.data.words import (
    CLS_ID,
    UNK_ID,
    TextError,
    TextTooLongWarning,
    Vocabulary,
    readable_words,
    tokenize,
)

SMALL = Vocabulary(("[UNK]", "[CLS]", "film", "good", "not"))


@pytest.mark.parametrize(
    "text, words",
    [
        ("A fine film.", ["a", "fine", "film"]),
        ("It isn't GOOD!", ["it", "isn", "t", "good"]),
        ("  snake_case 3D \n café ", ["snake_case", "3d", "café"]),
        ("[UNK] [CLS]", ["unk", "cls"]),  # nobody can write a special token into a text
        ("... --- !!!", []),
        ("", []),
    ],
)
def test_words_of_a_text(text, words):
    assert tokenize(text) == words


@given(st.text())
def test_words_are_those_that_lime_finds(text):
    assert tokenize(text) == [w for w in re.split(r"\W+", text.lower()) if w]


@given(st.text())
def test_words_of_words_are_the_same_words(text):
    assert tokenize(" ".join(tokenize(text))) == tokenize(text)


@pytest.mark.parametrize("wrong", [None, b"bytes", 3, ["a", "list"]])
def test_a_text_that_is_not_a_str_is_named(wrong):
    with pytest.raises(TypeError, match=r"a text is a str, not .*: give one text, as in tokenize"):
        tokenize(wrong)


def test_vocabulary_is_built_by_frequency_and_then_by_alphabet():
    texts = ["b a a a", "b c", "c d", "a b"]
    assert Vocabulary.build(texts, min_count=2).words == ("[UNK]", "[CLS]", "b", "a", "c")
    assert Vocabulary.build(texts, min_count=4).words == ("[UNK]", "[CLS]")


@given(st.lists(st.text(max_size=20), max_size=8), st.integers(1, 3))
def test_every_word_of_a_built_vocabulary_has_its_place(texts, min_count):
    vocabulary = Vocabulary.build(texts, min_count)
    assert vocabulary.lookup(vocabulary.words).tolist() == list(range(len(vocabulary)))
    assert Vocabulary.build(reversed(texts), min_count) == vocabulary


def test_unknown_words_read_as_unk():
    assert SMALL.lookup(["good", "zebra", "film"]).tolist() == [3, UNK_ID, 2]
    assert SMALL.lookup([]).shape == (0,) and SMALL.lookup([]).dtype == np.int64


def test_a_vocabulary_starts_with_its_special_tokens():
    with pytest.raises(ValueError, match=r"starts with \[UNK\], \[CLS\]; got \('a', 'b'\)"):
        Vocabulary(("a", "b", "c"))


def test_a_word_that_stands_twice_is_named():
    with pytest.raises(ValueError, match=r"twice in the vocabulary: \['film'\]"):
        Vocabulary(("[UNK]", "[CLS]", "film", "good", "film"))


@given(st.lists(st.sampled_from(["film", "good", "not", "zebra"]), max_size=12))
def test_a_document_is_cls_words_and_padding(words):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ids = SMALL.encode(words, T_max=13)
    assert ids.shape == (13,) and ids[0] == CLS_ID
    assert ids[1 : 1 + len(words)].tolist() == SMALL.lookup(words).tolist()
    assert (ids[1 + len(words) :] == UNK_ID).all()


def test_a_text_that_is_too_long_is_cut_and_the_warning_says_how_much():
    words = ["film"] * 8 + ["good"] * 5
    with pytest.warns(TextTooLongWarning) as caught:
        ids = SMALL.encode(words, T_max=10)
    assert str(caught[0].message) == (
        "the text has 13 words and the model reads 9: the last 4 words are cut off"
    )
    assert ids.tolist() == [CLS_ID, *[2] * 8, 3]


def test_readable_words():
    assert readable_words("A good film", SMALL) == ["a", "good", "film"]


@pytest.mark.parametrize("text", ["", "   ", "?!"])
def test_a_text_without_words_is_refused(text):
    with pytest.raises(TextError, match="has no words: give a text with at least one word"):
        readable_words(text, SMALL)


def test_a_text_without_a_known_word_is_refused():
    with pytest.raises(TextError, match="none of the words of 'zebra crossing' is in the vocab"):
        readable_words("zebra crossing", SMALL)


def test_a_text_whose_known_words_are_cut_off_is_refused():
    assert readable_words("zebra good", SMALL, 2) == ["zebra", "good"]
    with pytest.raises(TextError, match="none of the first 1 words of 'zebra good' is in the"):
        readable_words("zebra good", SMALL, 1)
