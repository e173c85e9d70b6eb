"""The statements of Part 1: what the model is, and what it does not depend on.

The truth is written from the definition, in torch and mpmath; it shares no code with `helpers`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import mpmath
import numpy as np
import torch

from helpers.checks.base import statement
from helpers.data.words import CLS_ID, UNK_ID, tokenize
from helpers.model.classifier import AttentionClassifier
from helpers.model.reading import Array, Reading, softmax

SOURCE = "Lopardo et al. (2024), Section 2"
OURS = "this book"
Output = Callable[[Reading], float]


def by_definition(reading: Reading) -> float:
    """f, head by head and token by token, with one query and a vector for each key and value."""
    e = torch.from_numpy(reading.embeddings)
    W_q, W_k, W_v, W_l, b_q, b_k, b_v = _weights(reading)
    outputs = []
    for i in range(len(W_l)):
        query = W_q[i] @ e[0] + b_q[i]
        logits = torch.stack([query @ (W_k[i] @ e_t + b_k[i]) for e_t in e]) / math.sqrt(len(query))
        values = torch.stack([W_v[i] @ e_t + b_v[i] for e_t in e])
        outputs.append(W_l[i] @ (torch.softmax(logits, 0) @ values))
    return float(torch.stack(outputs).mean())


def full_attention(reading: Reading) -> tuple[Array, float]:
    """All T rows of attention (K, T, T), as torch computes them, and the read-out of row 0."""
    e = torch.from_numpy(reading.embeddings)
    W_q, W_k, W_v, W_l, b_q, b_k, b_v = _weights(reading)
    queries, keys, values = (
        e @ W.mT + b[:, None, :] for W, b in ((W_q, b_q), (W_k, b_k), (W_v, b_v))
    )
    weights = torch.softmax(queries @ keys.mT / math.sqrt(keys.shape[-1]), dim=-1)
    rows = weights @ values
    return weights.numpy(), float((rows[:, 0] * W_l).sum(dim=-1).mean())


def _weights(reading: Reading) -> list[torch.Tensor]:
    names = ("W_q", "W_k", "W_v", "W_l", "b_q", "b_k", "b_v")
    return [torch.tensor(getattr(reading.heads, name)) for name in names]


def output(reading: Reading) -> float:
    """f(x) as `helpers` computes it."""
    return reading.output


@statement("def-model", "f is what its definition says", SOURCE, 1e-12)
def model(reading: Reading, formula: Output = output) -> float:
    """`formula` against the definition in torch, relative to the largest projected value."""
    return abs(formula(reading) - by_definition(reading)) / _size(reading)


@statement("prop-one-row", "the [CLS] row gives what all T rows give", SOURCE, 1e-12)
def one_row(reading: Reading, formula: Output = output) -> float:
    """One row of attention and its output against the full T x T computation."""
    weights, f = full_attention(reading)
    row = np.abs(weights[:, 0] - reading.attention).max()
    return float(np.max([row, abs(formula(reading) - f) / _size(reading)]))  # NaN stays NaN


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
    return abs(formula(other) - by_definition(reading)) / _size(reading)


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
        errors.append(abs(f - by_definition(reading)) / _size(reading))
    return float(np.max(errors))


def _size(reading: Reading) -> float:
    """What errors of f are relative to: the largest projected value, but at least one."""
    return max(1.0, float(np.abs(reading.values).max()))
