"""The statements of Part 1: what the model is, and what it does not depend on.

The truths of `helpers.checks.oracles` are written from the definition; softmax is mpmath's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import mpmath
import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from helpers.checks.base import largest, statement
from helpers.checks.oracles import attention_rows, by_definition, full_attention, value_scale
from helpers.data.words import CLS_ID, UNK_ID, tokenize
from helpers.explainers import attention
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


@statement("prop-leaving-out", "what leaving a token out does to f", OURS, 1e-12)
def leaving_out(
    reading: Reading, formula: Callable[[Reading], Array] = attention.leaving_out
) -> float:
    """`formula` (K, T), averaged over heads, against f without each word, or one of the padding."""
    f, gains, errors = by_definition(reading), formula(reading).mean(axis=0), []
    for t in range(1, min(reading.length + 1, len(reading.tokens))):
        fewer = replace(
            reading,
            tokens=reading.tokens[:t] + reading.tokens[t + 1 :],
            length=reading.length - (t < reading.length),
            embeddings=np.delete(reading.embeddings, t, axis=0),
            masked_embeddings=np.delete(reading.masked_embeddings, t, axis=0),
        )
        errors.append(abs(by_definition(fewer) - f - gains[t]) / value_scale(reading))
    return largest(*errors)


@statement("prop-shift", "adding a constant to all logits leaves attention unchanged", OURS, 1e-12)
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


def multiplications(n: int, T: int, D: int, K: int, d_e: int, d_att: int, d_out: int) -> dict:
    """Multiplications for `n` documents of `T` tokens, of `D` known words, by each form of f.

    Those of the sums over products; dividing by the square root of d_att is not one of them.
    Numbers or SymPy symbols.
    """
    all_queries = T * d_e * d_att
    keys_and_values = T * d_e * (d_att + d_out)
    row = T * (d_att + d_out)  # of attention: its logits, and the mean of the values
    directions = d_e * (d_att + d_out)
    return {
        "all rows": n * K * (all_queries + keys_and_values + T * row + d_out),
        "one row": n * K * (d_e * d_att + keys_and_values + row + d_out),
        "two directions": K * d_e * d_out + n * K * (2 * d_e * d_att + 2 * T * d_e + T),
        "two tables": K * (directions + d_e * d_att + 2 * (D + T) * d_e) + n * K * T,
    }


@statement("prop-costs", "multiplications, counted by torch", OURS, 0.0)
def costs(
    classifier: AttentionClassifier,
    texts: Sequence[str],
    formula: Callable[..., dict] = multiplications,
) -> float:
    """The largest difference between `formula` and what torch counts while each form runs."""
    ids, heads = classifier.encode(texts), classifier.heads()
    e = classifier.W_e[ids] + classifier.W_p
    forms = {
        "all rows": lambda: full_attention(heads, e),
        "one row": lambda: full_attention(heads, e, e[:, :1]),
        "two directions": lambda: classifier.from_embeddings(e),
        "two tables": lambda: classifier(ids),
    }
    sizes = classifier.sizes
    claimed = formula(
        *(*ids.shape, len(classifier.vocabulary), sizes.heads),
        *(sizes.d_e, sizes.d_att, sizes.d_out),
    )
    return largest(*(abs(counted(run) - claimed[name]) for name, run in forms.items()))


def counted(run: Callable[[], object]) -> int:
    """Multiplications while `run` runs, by torch's counter, which takes one for two operations.

    By itself it counts products of matrices only.
    """
    aten = torch.ops.aten
    others = {
        aten.dot: lambda a, b, **_: 2 * a[0],
        aten.mv: lambda a, b, **_: 2 * a[0] * a[1],
        aten.mul: lambda *_, out_shape, **__: 2 * out_shape.numel(),
    }
    with FlopCounterMode(display=False, custom_mapping=others) as counter:
        run()
    return counter.get_total_flops() // 2
