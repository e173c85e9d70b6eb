"""The statements of Part 1: what the model is, and what it does not depend on.

The truths of `helpers.checks.oracles` are written from the definition; softmax is mpmath's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import mpmath
import numpy as np
import torch

from helpers.checks.base import largest, statement
from helpers.checks.oracles import attention_rows, by_definition, full_attention, value_scale
from helpers.data.words import CLS_ID, UNK_ID, tokenize
from helpers.model.classifier import AttentionClassifier
from helpers.model.reading import Array, Reading, softmax

SOURCE = "Lopardo et al. (2024), Section 2"
OURS = "this book"
Output = Callable[[Reading], float]


def output(reading: Reading) -> float:
    """f(x) as `helpers` computes it."""
    return reading.output


@statement("def-model", "f is what its definition says", SOURCE, 1e-12)
def model(reading: Reading, formula: Output = output) -> float:
    """`formula` against the definition, relative to the largest projected value."""
    return abs(formula(reading) - by_definition(reading)) / value_scale(reading)


@statement("prop-one-row", "the [CLS] row gives what all T rows give", SOURCE, 1e-12)
def one_row(reading: Reading, formula: Output = output) -> float:
    """One row of attention and its output against the full T x T computation."""
    f = full_attention(reading.heads, torch.from_numpy(reading.embeddings)).item()
    row = float(np.abs(attention_rows(reading)[:, 0] - reading.attention).max())
    return largest(row, abs(formula(reading) - f) / value_scale(reading))


@statement("prop-shift", "adding a constant to all logits leaves attention", OURS, 1e-12)
def shift(logits: Array, constant: float, formula: Callable[[Array], Array] = softmax) -> float:
    """`formula` of shifted logits (T,) against softmax of the logits themselves, with 40 digits."""
    with mpmath.workdps(40):
        weights = [mpmath.exp(mpmath.mpf(float(x))) for x in logits]
        exact = np.array([float(w / mpmath.fsum(weights)) for w in weights])
    return float(np.abs(formula(np.asarray(logits) + constant) - exact).max())


@statement("prop-permutation", "without positions, the order of the words is not seen", OURS, 1e-12)
def permutation(reading: Reading, other: Reading, formula: Output = output) -> float:
    """`formula` of `other`, the tokens of `reading` in another order, against f of `reading`."""
    if sorted(reading.tokens[1:]) != sorted(other.tokens[1:]):
        raise ValueError("the second document does not have the tokens of the first")
    return abs(formula(other) - by_definition(reading)) / value_scale(reading)


@statement("prop-tables", "two lookup tables give what T embeddings give", OURS, 1e-12)
def tables(
    classifier: AttentionClassifier,
    texts: Sequence[str],
    formula: Callable[[torch.Tensor], torch.Tensor] | None = None,
) -> float:
    """`AttentionClassifier.forward` (or `formula`) on ids against the definition on embeddings."""
    W_e, W_p = classifier.W_e.detach().double(), classifier.W_p.double()
    errors = []
    for text in texts:
        words = [classifier.vocabulary.ids.get(word, UNK_ID) for word in tokenize(text)]
        ids = torch.full((len(W_p),), UNK_ID)
        ids[: len(words) + 1] = torch.tensor([CLS_ID, *words])
        e = (W_e[ids] + W_p).numpy()
        reading = Reading(("",) * len(e), len(e), e, e, classifier.heads())
        f = float((formula or classifier)(ids[None]).detach()[0])
        errors.append(abs(f - by_definition(reading)) / value_scale(reading))
    return largest(*errors)
