"""The whole model as one table: of each word and head, how loudly it calls and what it then says.

A logit is l(w) + m_t and a projected value u(w) + n_t: a part of the word and one of the place,
because keys and values are linear and [CLS], whose query all share, stands at place 0 of every
document. Without the places a document is a bag, and the model is the table alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, sparse
from scipy.special import logsumexp

from helpers.data.kinds import wrong_kind
from helpers.data.words import CLS_ID, UNK_ID, Vocabulary, tokenize
from helpers.model.reading import Array, finite, softmax

if TYPE_CHECKING:
    from helpers.model.classifier import AttentionClassifier

PAD = "[PAD]"
LBFGS = {"maxiter": 50, "maxcor": 20}  # 200 steps carry rounding into the second digit


@dataclass(frozen=True)
class Table:
    """Of each of D `words` and K heads, its logit and its projected value: two arrays (K, D)."""

    words: tuple[str, ...]
    logits: Array
    values: Array

    def __post_init__(self) -> None:
        shape = (None, len(self.words))
        object.__setattr__(self, "logits", finite("logits", self.logits, shape))
        object.__setattr__(self, "values", finite("values", self.values, self.logits.shape))

    @property
    def weights(self) -> Array:
        """g = exp(l), each head's relative to its largest, (K, D)."""
        return np.exp(self.logits - self.logits.max(axis=1, keepdims=True))

    def outputs(self, bags: Array) -> Array:
        """f of `bags` (n, D), how often each word stands in a document, dense or sparse: (n,)."""
        g = self.weights
        return ((bags @ (g * self.values).T) / (bags @ g.T)).mean(axis=1)

    def averaged(self) -> Table:
        """The table of one head that has the heads' mean logits and mean values."""
        return Table(self.words, *(x.mean(axis=0)[None] for x in (self.logits, self.values)))


@dataclass(frozen=True)
class Parts:
    """Word parts (K, D) and place parts (K, T_max) of all logits and of all projected values."""

    word_logits: Array
    word_values: Array
    place_logits: Array
    place_values: Array

    def outputs(self, ids: Array) -> Array:
        """f of documents, ids of tokens (n, T_max), with [CLS] first and padding last: (n,)."""
        logits = self.word_logits[:, ids] + self.place_logits[:, None]
        values = self.word_values[:, ids] + self.place_values[:, None]
        return (softmax(logits) * values).sum(axis=-1).mean(axis=0)


def parts(classifier: AttentionClassifier) -> Parts:
    """The parts of a classifier of one layer: 2 K (D + T_max) numbers that are the whole model."""
    if not hasattr(classifier, "directions"):
        raise wrong_kind("parts is for a classifier", classifier, "call parts(load_classifier())")
    e_0 = classifier.W_e[CLS_ID] + classifier.W_p[0]
    key, value = (x.detach().double().numpy() for x in classifier.directions(e_0))
    words, places = (x.detach().double().numpy().T for x in (classifier.W_e, classifier.W_p))
    return Parts(key @ words, value @ words, key @ places, value @ places)


def word_table(classifier: AttentionClassifier, texts: Sequence[str]) -> Table:
    """The model without places: the vocabulary's words, and after them the padding, ``[PAD]``.

    Every word stands at the average of the places where words of `texts` stand. A padding token
    has the mean weight of all places, and its value is their weighted mean; its logit is 0 in each
    head, so that exp(l) says how many padding tokens a word outweighs. [CLS] keeps its place.
    """
    found, places = parts(classifier), classifier.sizes.T_max - 1
    lengths = np.array([min(len(tokenize(x)), places) for x in texts])
    stand = (lengths[:, None] > np.arange(places)).sum(axis=0) / lengths.sum()

    def placed(word: Array, place: Array) -> Array:
        mean = word + (place[:, 1:] @ stand)[:, None]
        mean[:, CLS_ID] = word[:, CLS_ID] + place[:, 0]
        return mean

    m, n = found.place_logits, found.place_values
    pad = found.word_logits[:, UNK_ID] + logsumexp(m[:, 1:], axis=1) - np.log(places)
    said = found.word_values[:, UNK_ID] + (softmax(m[:, 1:]) * n[:, 1:]).sum(axis=1)
    logits = np.column_stack([placed(found.word_logits, m) - pad[:, None], np.zeros(len(pad))])
    values = np.column_stack([placed(found.word_values, n), said])
    return Table((*classifier.vocabulary.words, PAD), logits, values)


def bags(texts: Sequence[str], vocabulary: Vocabulary, T_max: int) -> sparse.csr_array:
    """How often each word, and last the padding, stands in each text, (n, D + 1)."""
    ids = np.array([vocabulary.encode(tokenize(x), T_max) for x in texts])
    lengths = np.array([1 + len(tokenize(x)) for x in texts])
    ids[np.arange(T_max) >= lengths[:, None]] = len(vocabulary)
    cells = np.repeat(np.arange(len(ids)), T_max), ids.ravel()
    shape = len(ids), len(vocabulary) + 1
    return sparse.coo_array((np.ones(ids.size), cells), shape).tocsr()


def recovered(f: Callable[[Array], Array], words: Sequence[str], size: int = 2) -> Table:
    """The table of one head from the outputs `f` of 2 D - 1 bags of `size` words, exactly.

    A bag of one word only says its value. A bag of two words with different values says how often
    one outweighs the other: g_w / g_r = (n_r / n_w) (f - u_r) / (u_w - f). Each word is weighed
    against the lowest or the highest value, whichever is farther. The first logit is 0.
    Raises `ValueError` if all values are equal, because no output then depends on a logit.
    """
    D = len(words)
    values = np.asarray(f(size * np.eye(D)), dtype=np.float64)
    low, high = int(values.argmin()), int(values.argmax())
    if values[high] - values[low] <= 1e-12 * np.abs(values).max():
        raise ValueError("all values are equal: no query can tell the logits of such a table")
    far = np.where(values - values[low] > values[high] - values, low, high)
    far[low], far[high] = low, low  # all logits are first relative to the lowest
    several, alone = size - size // 2, size // 2
    pairs = [w for w in range(D) if w != low]
    mixed = alone * np.eye(D)[pairs] + several * np.eye(D)[far[pairs]]
    f_pairs, u, u_far = np.asarray(f(mixed)), values[pairs], values[far[pairs]]
    logits = np.zeros(D)
    logits[pairs] = np.log(several / alone * (f_pairs - u_far) / (u - f_pairs))
    logits[(far == high) & (np.arange(D) != high)] += logits[high]
    return Table(tuple(words), (logits - logits[0])[None], values[None])


def fit_one_head(counts: sparse.csr_array, outputs: Array, penalty: float, start: Table) -> Table:
    """SLALOM of a whole vocabulary: the one head that fits `outputs` (n,) of bags (n, D) best.

    Least squares with `penalty` on the squared distance from `start`, a table of one head, by
    50 steps of L-BFGS. (Leemann et al., 2025, fit one such model to each document.)
    """
    D, origin = len(start.words), np.concatenate([start.logits[0], start.values[0]])

    def loss(x: Array) -> tuple[float, Array]:
        g, u = np.exp(x[:D]), x[D:]
        weight = counts @ g
        found = counts @ (g * u) / weight
        error, moved = found - outputs, x - origin
        back, back_found = (counts.T @ (error * y / weight) for y in (1.0, found))
        slope = np.concatenate([g * (u * back - back_found), g * back])
        return float(error @ error + penalty * moved @ moved) / 2, slope + penalty * moved

    found = optimize.minimize(loss, origin, jac=True, method="L-BFGS-B", options=LBFGS)
    return Table(start.words, found.x[None, :D], found.x[None, D:])
