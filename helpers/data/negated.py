"""Negated phrases: a negator and the word that it negates, with what stands between them."""

from __future__ import annotations

from collections.abc import Iterable

from helpers.data.reviews import Review
from helpers.data.words import Vocabulary, tokenize

# What the tokenizer leaves of "isn't" and "can't" ends in "t".
NEGATORS = {
    *("not", "never", "no", "hardly", "barely", "scarcely", "nor", "neither", "without", "cannot"),
    "t",
}
BETWEEN = {
    *("a", "an", "the", "so", "very", "that", "all", "as", "quite", "too", "be", "been", "to"),
    *("of", "at", "much", "any", "it", "is"),
}


def phrases(snippets: Iterable[Review], vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    """The different negated phrases of `snippets` in their order, such as ``not a good``, as words.

    A phrase is a negator, any words of `BETWEEN`, and the first other word, if the model knows it
    and it is no negator itself. A rule without grammar: it finds "not only", too.
    """
    found: dict[tuple[str, ...], None] = {}
    for snippet in snippets:
        words = tokenize(snippet.text)
        for start in (k for k, word in enumerate(words) if word in NEGATORS):
            end = start + 1
            while end < len(words) and words[end] in BETWEEN:
                end += 1
            if end < len(words) and words[end] in vocabulary.ids and words[end] not in NEGATORS:
                found[tuple(words[start : end + 1])] = None
    return list(found)
