"""Rewordings that a reader would hardly notice, and how far explanations move under them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache

import numpy as np

from helpers.data.words import tokenize
from helpers.evaluation.agreement import rank_correlation
from helpers.explainers import methods
from helpers.explainers.explanation import by_word
from helpers.explainers.ties import largest
from helpers.games import PerturbationGame, as_game
from helpers.model.reading import Array, Reading

# Of scikit-learn's list without what negates, and without words that say something of a film.
NEGATIONS = {
    *("cannot", "cant", "couldnt", "hasnt", "neither", "never", "no", "nobody", "none", "nor"),
    *("not", "nothing", "nowhere", "without"),
}
MEANING = {
    *("bill", "cry", "describe", "detail", "empty", "fill", "fire", "full", "interest", "mill"),
    *("serious", "sincere", "system", "thick", "thin", "top", "well"),
}
HOLE = "unkwordz"  # a word that no vocabulary has: the model reads it as [UNK]


@cache
def stop_words() -> frozenset[str]:
    """Scikit-learn's English stop words without `NEGATIONS` and `MEANING`."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS  # half a second to import

    return frozenset(ENGLISH_STOP_WORDS - NEGATIONS - MEANING)


def rewordable(texts: Iterable[str], content: int = 5, stop: int = 2) -> list[str]:
    """Those of `texts` with at least so many different content words, and so many stop words."""
    split = [(text, tokenize(text)) for text in texts]
    return [
        text
        for text, words in split
        if len({*words} - stop_words()) >= content and sum(w in stop_words() for w in words) >= stop
    ]


def repeated(text: str, seed: int = 0) -> str:
    """Each stop word twice."""
    return " ".join(w for word in tokenize(text) for w in [word] * (1 + (word in stop_words())))


def dropped(text: str, seed: int = 0) -> str:
    """No stop word."""
    return " ".join(word for word in tokenize(text) if word not in stop_words())


def reordered(text: str, seed: int = 0) -> str:
    """The stop words in another order, in the places of stop words."""
    words = tokenize(text)
    places = [t for t, word in enumerate(words) if word in stop_words()]
    for t, word in zip(places, np.random.default_rng(seed).permutation([words[t] for t in places])):
        words[t] = str(word)
    return " ".join(words)


def masked(text: str, seed: int = 0) -> str:
    """A hole in the place of each stop word, so that no other word moves."""
    return " ".join(HOLE if word in stop_words() else word for word in tokenize(text))


REWORDINGS: dict[str, Callable[[str, int], str]] = {
    "repeat": repeated,
    "reorder": reordered,
    "drop": dropped,
    "mask": masked,
}


def word_scores(key: str, reading: Reading) -> Array:
    """The scores of the method of that `key` for the distinct words of a text, (d,)."""
    found = methods.find(key).function(reading)
    return (by_word(found) if found.labels == reading.text else found).scores


def content_scores(key: str, reading: Reading) -> Array:
    """The same of the words that are no stop words and no holes, in their order.

    It is the same list of words for a text and all of its rewordings. A text of stop words only
    has none.
    """
    words = tuple(dict.fromkeys(reading.text[1:]))
    stay = [word not in stop_words() and word != HOLE for word in words]
    return word_scores(key, reading)[stay]


def similarity(before: Array, after: Array, top: int = 3) -> tuple[float, float, float]:
    """Kendall's τ-b, the share of the `top` words that stay so, and the cosine; all 1 if equal.

    `before` and `after` (d,) are scores of the same words. The top words are those of largest
    absolute score, the first of equal ones. NaN where there is no order or no length.
    """
    count = min(top, len(before))
    both = set(largest(before, count).tolist()) & set(largest(after, count).tolist())
    length = float(np.linalg.norm(before) * np.linalg.norm(after))
    cosine = float(before @ after) / length if length else float("nan")
    return rank_correlation(before, after), len(both) / count, cosine


def without(game: PerturbationGame | Reading, gone: Array) -> PerturbationGame:
    """The game in which the words at the places `gone` (d,), True or False, are masked for good.

    Raises `ValueError` if no word is left.
    """
    game, gone = as_game(game), np.asarray(gone, dtype=bool)
    if gone.all():
        raise ValueError("no word is left to play: keep at least one")
    names = ("kept_weight", "kept_value", "masked_weight", "masked_value")
    stay = {name: getattr(game, name)[:, ~gone] for name in names}
    labels = tuple(np.array(game.labels, dtype=object)[~gone])
    rest = {
        f"rest_{kind}": getattr(game, f"rest_{kind}")
        + getattr(game, f"masked_{kind}")[:, gone].sum(axis=1)
        for kind in ("weight", "value")
    }
    return replace(game, labels=labels, text=labels, **stay, **rest)


def factors(game: PerturbationGame | Reading, gone: Array) -> Array:
    """D / D' of each head (K,): what the attention of all that stays is multiplied by.

    D' is D with the words at the places `gone` (d,) masked, both with all other words kept.
    """
    game, gone = as_game(game), np.asarray(gone, dtype=bool)
    D = game.rest_weight + game.kept_weight.sum(axis=1)
    return D / (D - game.a[:, gone].sum(axis=1))


def reach(game: PerturbationGame | Reading, gone: Array, chance: float = 0.5) -> Array:
    """The most that Shapley or Banzhaf values of the words that stay can move, (stay,). O(K d).

    It is when the words at the places `gone` (d,) are masked for good. With `chance` 1 it holds for
    leave-one-out. In one head with values in a range R, weights g of kept and g~ of masked words,
    a = g - g~, and D_min the least total weight, it is

        R (chance ρ_S s_j + ρ_j σ),  ρ = Σ |a| / D_min,  s_j = x / (D_min - y + x),
        σ = chance X / (D_min - Y + chance X)

    with x and y the larger and the smaller of the two weights of j, X and Y their sums over what is
    gone. Several heads are averaged.
    """
    game, gone = as_game(game), np.asarray(gone, dtype=bool)
    weights = np.column_stack([game.kept_weight, game.masked_weight, game.rest_weight])
    values = np.column_stack([game.kept_value, game.masked_value, game.rest_value])
    heard = weights > 0
    u = np.divide(values, weights, out=np.zeros_like(values), where=heard)
    width = np.where(heard, u, -np.inf).max(axis=1) - np.where(heard, u, np.inf).min(axis=1)
    least = game.bounds[0][:, None]
    moved = np.abs(game.a) / least
    x = np.maximum(game.kept_weight, game.masked_weight)
    y = np.minimum(game.kept_weight, game.masked_weight)
    X, Y = (part[:, gone].sum(axis=1, keepdims=True) for part in (x, y))
    share, group = x / (least - y + x), chance * X / (least - Y + chance * X)
    one = chance * moved[:, gone].sum(axis=1, keepdims=True) * share + moved * group
    return (width[:, None] * one).mean(axis=0)[~gone]
