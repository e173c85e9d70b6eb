"""The corpus: the splits, and documents made of snippets."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import load_classifier
from helpers.data import corpus
from helpers.data.reviews import Review
from helpers.data.words import tokenize
from helpers.model.weights import load_card
from tests.documents import INVENTED

ROOT = Path(__file__).parents[2]


# ---- splits


def test_a_split_is_a_fixed_function_of_the_words():
    wanted = {"a fine film": "train", "a d": "validation", "funny": "test", "b": "train"}
    assert {text: corpus.split_of(text) for text in wanted} == wanted
    assert corpus.split_of("A  fine... FILM!") == corpus.split_of("a fine film")


@given(st.text())
def test_every_text_has_a_split(text):
    assert corpus.split_of(text) in ("train", "validation", "test")


def test_neutral_snippets_are_left_out():
    parts = corpus.split([*INVENTED, Review("neutral", 0.0, "neither here nor there")])
    assert sum(map(len, parts.values())) == len(INVENTED)


def test_no_snippet_is_in_two_splits(snippets):
    parts = corpus.split(snippets)
    words = {name: {" ".join(tokenize(x.text)) for x in part} for name, part in parts.items()}
    for one, other in (("train", "validation"), ("train", "test"), ("validation", "test")):
        assert not words[one] & words[other]
    assert {name: len(part) for name, part in parts.items()} == load_card()["splits"]


# ---- documents


@given(st.lists(st.integers(1, 12), min_size=1, max_size=4), st.integers(0, 40), st.integers(0, 99))
def test_documents_have_one_polarity_and_the_sizes_asked_for(sizes, count, seed):
    by_name = {x.identifier: x for x in INVENTED}
    made = corpus.documents(INVENTED, sizes, count, seed)
    assert len(made) == count
    assert [x.positive for x in made] == [k % 2 == 0 for k in range(count)]
    for k, document in enumerate(made):
        part = [by_name[name] for name in document.identifier.split("+")]
        assert len(set(document.identifier.split("+"))) == len(part) == sizes[k // 2 % len(sizes)]
        assert {x.positive for x in part} == {document.positive}
        assert document.rating == pytest.approx(np.mean([x.rating for x in part]))
        assert document.text == " ".join(x.text for x in part)


def test_snippets_are_used_up_before_one_is_used_again():
    made = corpus.documents(INVENTED, (3,), 100)
    used = Counter(name for x in made for name in x.identifier.split("+"))
    assert max(used.values()) == 1


def test_the_seed_decides_which_snippets():
    first, same, other = (corpus.documents(INVENTED, (2,), 20, seed) for seed in (1, 1, 2))
    assert first == same != other


def test_too_few_snippets_for_a_document_are_named():
    with pytest.raises(ValueError, match="snippets of one polarity, fewer than a document's 12"):
        corpus.documents(INVENTED[:12], (12,), 2)


def test_held_out_reviews_are_test_snippets_that_can_be_read(snippets):
    test = {x.identifier for x in corpus.split(snippets)["test"]}
    classifier = load_classifier()
    made = corpus.held_out(60, sizes=(1, 2))
    assert {name for x in made for name in x.identifier.split("+")} <= test
    assert np.isfinite(classifier.logits([x.text for x in made])).all()
    assert made == corpus.held_out(60, sizes=(1, 2))


def test_a_snippet_without_a_known_word_is_not_held_out(monkeypatch):
    texts = [text for n in range(80) for text in (f"film q{n}", f"q{n}")]
    invented = [Review(text, n % 4 // 2 - 0.5, text) for n, text in enumerate(texts)]
    unknown = [x for x in corpus.split(invented)["test"] if "film" not in x.text]
    assert {x.positive for x in unknown} == {True, False}
    monkeypatch.setattr(corpus, "load_snippets", lambda: tuple(invented))
    assert all("film" in x.text for x in corpus.held_out(60))


@pytest.mark.parametrize(
    "sizes, message",
    [
        ((0,), "a size is 0, expected 1 or more"),
        ((2, -1), "a size is -1, expected 1 or more"),
        ((), r"sizes is empty: give sizes=\(1, 2\)"),
    ],
)
def test_sizes_that_no_document_has_are_named(sizes, message):
    with pytest.raises(ValueError, match=message):
        corpus.documents(INVENTED, sizes, 2)


def test_a_negative_count_is_named(snippets):
    for make in (lambda: corpus.documents(INVENTED, (1,), -2), lambda: corpus.held_out(-2)):
        with pytest.raises(ValueError, match="count is -2, expected 0 or more"):
            make()


def test_the_corpus_needs_no_model():
    code = "import sys; from helpers.data import corpus; print('torch' in sys.modules)"
    code += "; print(any(name.startswith('helpers.model') for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.split() == ["False", "False"], done.stderr
