"""What a score owes to the model as a function, and what to the coordinates that store it."""

from __future__ import annotations

import numpy as np

from helpers.explainers import gradients
from helpers.explainers.explanation import Explanation, by_word, token_explanation
from helpers.explainers.methods import Method
from helpers.model import variants
from helpers.model.reading import Array, Reading, takes_reading

UNSIGNED, STORED, ANY_STORAGE = "no sign", "axes or origin", "signed, any storage"
FAMILIES = (UNSIGNED, STORED, ANY_STORAGE)


@takes_reading
def word_part(reading: Reading) -> Explanation:
    """⟨e_t - ẽ_t, ∇_{e_t} f⟩ of each word: gradient times what the word adds to [UNK].

    The rest of G×I, ⟨ẽ_t, ∇_{e_t} f⟩, multiplies the gradient by [UNK] in the word's place.
    """
    added = reading.embeddings - reading.masked_embeddings
    scores = (gradients.gradient(reading) * added).sum(axis=1)
    return by_word(token_explanation(reading, scores, "G×Δe"))


@takes_reading
def word_gradients(reading: Reading) -> Array:
    """The gradients added up over the positions of each distinct word, (words, d_e)."""
    tokens = reading.text[1:]
    place = {word: j for j, word in enumerate(dict.fromkeys(tokens))}
    found = np.zeros((len(place), reading.embeddings.shape[1]))
    rows = gradients.gradient(reading)[1 : reading.length]
    np.add.at(found, [place[token] for token in tokens], rows)
    return found


@takes_reading
def middle_of_places(reading: Reading) -> Array:
    """The mean of [UNK]'s embeddings over all places, (d_e,): the same for every document."""
    return reading.masked_embeddings[1:].mean(axis=0)


@takes_reading
def stored_otherwise(reading: Reading) -> Reading:
    """The same document and function: the diagonal of the axes reversed, the origin moved.

    The new origin lies in the direction of `middle_of_places`, four times as far away.
    """
    diagonal = np.ones(reading.embeddings.shape[1])
    moved = variants.moved_origin(reading, -4 * middle_of_places(reading))
    return variants.in_basis(moved, variants.reflection(diagonal, -diagonal))


def family(method: Method, reading: Reading) -> str:
    """One of `FAMILIES`: whether the method has no sign, or changes if the model is only stored
    otherwise, or neither; the second is tried on `reading`."""
    if not method.signed:
        return UNSIGNED
    here, there = (method.function(r).scores for r in (reading, stored_otherwise(reading)))
    same = np.abs(there - here).max() <= 1e-6 * np.abs(here).max()
    return ANY_STORAGE if same else STORED
