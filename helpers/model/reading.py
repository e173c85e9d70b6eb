"""What one document looks like inside the model."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np

from helpers.data.kinds import instead, list_of, shown, whole, wrong_kind

Array = np.ndarray
Rest, Result = ParamSpec("Rest"), TypeVar("Result")


def finite(name: str, value: object, shape: tuple[int | None, ...] | None = None) -> Array:
    """`value` as a float64 array of that shape, or a `ValueError`; None is any length or shape.

    `TypeError` if it is not made of numbers, or is a torch tensor that NumPy cannot read.
    """
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "biuf" and any(
            x is None or isinstance(x, str) for x in array.flat
        ):
            raise TypeError
        array = np.asarray(array, dtype=np.float64)
    except (ValueError, TypeError, RuntimeError):  # ragged lists; tensors with a gradient
        advice = "give np.array(numbers), or of a torch tensor tensor.detach().cpu().numpy()"
        raise wrong_kind(f"{name} is an array of numbers", value, advice) from None
    if shape is not None and not _fits(array.shape, shape):
        wanted = ", ".join("any" if n is None else str(n) for n in shape)
        raise ValueError(f"{name} has shape {array.shape}, expected ({wanted})")
    if not np.isfinite(array).all():
        raise ValueError(
            f"{name} holds NaN or infinity: check the weights or the numbers it was made from"
        )
    return array


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(w in (None, n) for n, w in zip(shape, wanted))


@dataclass(frozen=True)
class Heads:
    """Weights of K heads: `W_q`, `W_k` (K, d_att, d_e), `W_v` (K, d_out, d_e), `W_l` (K, d_out).

    The biases `b_q`, `b_k` (K, d_att) and `b_v` (K, d_out) are zero in the paper's model.
    """

    W_q: Array
    W_k: Array
    W_v: Array
    W_l: Array
    b_q: Array | None = None
    b_k: Array | None = None
    b_v: Array | None = None

    def __post_init__(self) -> None:
        K, d_att, d_e = finite("W_q", self.W_q, (None, None, None)).shape
        d_out = finite("W_l", self.W_l, (K, None)).shape[1]
        if min(K, d_att, d_e, d_out) < 1:
            raise ValueError(
                f"the weights of {K} heads have d_att = {d_att}, d_e = {d_e}, d_out = {d_out}: "
                "each of these must be at least 1"
            )
        shapes = {
            "W_q": (K, d_att, d_e),
            "W_k": (K, d_att, d_e),
            "W_v": (K, d_out, d_e),
            "W_l": (K, d_out),
        }
        biases = {"b_q": (K, d_att), "b_k": (K, d_att), "b_v": (K, d_out)}
        for name, shape in (shapes | biases).items():
            given = getattr(self, name)
            value = np.zeros(shape) if given is None and name in biases else given
            object.__setattr__(self, name, finite(name, value, shape))

    def __repr__(self) -> str:
        K, d_att, d_e = self.W_q.shape
        biases = " and biases" if any(b.any() for b in (self.b_q, self.b_k, self.b_v)) else ""
        return f"<Heads: K = {K}, d_e = {d_e}, d_att = {d_att}, d_out = {len(self.W_l[0])}{biases}>"

    @property
    def scale(self) -> float:
        """The square root of d_att, by which logits are divided."""
        return math.sqrt(self.W_q.shape[1])


@dataclass(frozen=True)
class Reading:
    """One document inside the model, all arrays float64: T_max tokens, `length` of them the text's.

    `tokens` starts with ``[CLS]``; `embeddings` (T_max, d_e) include the positions;
    `masked_embeddings` are those of the same positions holding ``[UNK]`` (``[CLS]`` stays).
    What follows from them is computed once, when asked for: queries, keys, logits, attention, ...
    """

    tokens: tuple[str, ...]
    length: int
    embeddings: Array
    masked_embeddings: Array
    heads: Heads

    def __post_init__(self) -> None:
        tokens = tuple(list_of(str, "tokens", self.tokens, "give ('[CLS]', *tokenize(text))"))
        object.__setattr__(self, "tokens", tokens)
        if not isinstance(self.heads, Heads):
            raise wrong_kind("heads is a Heads", self.heads, "call classifier.heads()")
        shape = (len(self.tokens), self.heads.W_q.shape[2])
        object.__setattr__(self, "embeddings", finite("embeddings", self.embeddings, shape))
        object.__setattr__(
            self, "masked_embeddings", finite("masked_embeddings", self.masked_embeddings, shape)
        )
        whole("length, [CLS] included,", self.length, 1, len(self.tokens))

    def __repr__(self) -> str:
        text = shown(" ".join(self.text))
        sizes = f"T = {self.length}, T_max = {len(self.tokens)}, K = {len(self.heads.W_l)}"
        return f"<Reading of {text}: {sizes}, output {self.output:+.3f}>"

    @property
    def text(self) -> tuple[str, ...]:
        """The tokens of the text, ``[CLS]`` first, without the padding."""
        return self.tokens[: self.length]

    @cached_property
    def queries(self) -> Array:
        """q = W_q e_0, the query of [CLS], (K, d_att)."""
        return self.heads.W_q @ self.embeddings[0] + self.heads.b_q

    @cached_property
    def keys(self) -> Array:
        """k_t = W_k e_t, (K, T_max, d_att)."""
        return self.embeddings @ self.heads.W_k.transpose(0, 2, 1) + self.heads.b_k[:, None]

    @cached_property
    def key_directions(self) -> Array:
        """``key = W_k^T q / sqrt(d_att)``, (K, d_e): the gradient of a logit with regard to e_t."""
        return (self.queries[:, None] @ self.heads.W_k)[:, 0] / self.heads.scale

    @cached_property
    def value_directions(self) -> Array:
        """``val = W_v^T W_l``, (K, d_e): the gradient of a projected value with respect to e_t."""
        return (self.heads.W_l[:, None] @ self.heads.W_v)[:, 0]

    @cached_property
    def logits(self) -> Array:
        """l_t = <q, k_t> / sqrt(d_att), (K, T_max)."""
        return self._logits(self.embeddings)

    @cached_property
    def values(self) -> Array:
        """The projected values u_t = <W_l, v_t>, (K, T_max)."""
        return self._values(self.embeddings)

    @cached_property
    def masked_logits(self) -> Array:
        """The logits of the same positions holding ``[UNK]``, (K, T_max)."""
        return self._logits(self.masked_embeddings)

    @cached_property
    def masked_values(self) -> Array:
        """The projected values h_t of the same positions holding ``[UNK]``, (K, T_max)."""
        return self._values(self.masked_embeddings)

    @cached_property
    def attention(self) -> Array:
        """α_t = exp(l_t) / Σ_s exp(l_s), (K, T_max); rows sum to one."""
        return softmax(self.logits)

    @cached_property
    def masked_attention(self) -> Array:
        """Attention on the all-``[UNK]`` document, (K, T_max)."""
        return softmax(self.masked_logits)

    @cached_property
    def head_outputs(self) -> Array:
        """f_i = Σ_t α_t u_t of each head, (K,)."""
        return (self.attention * self.values).sum(axis=1)

    @property
    def output(self) -> float:
        """f(x), the mean of the heads' outputs: a logit."""
        return float(self.head_outputs.mean())

    def _logits(self, embeddings: Array) -> Array:
        constant = np.einsum("ka,ka->k", self.queries, self.heads.b_k) / self.heads.scale
        return self.key_directions @ embeddings.T + constant[:, None]

    def _values(self, embeddings: Array) -> Array:
        constant = np.einsum("ko,ko->k", self.heads.W_l, self.heads.b_v)
        return self.value_directions @ embeddings.T + constant[:, None]


def takes_reading(
    function: Callable[Concatenate[Reading, Rest], Result],
) -> Callable[Concatenate[Reading, Rest], Result]:
    """For functions whose first argument is a `Reading`: anything else is a `TypeError`.

    Its message names the call to make, with the function's own name.
    """
    name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"

    @wraps(function)
    def checked(reading: Reading, *args: Rest.args, **settings: Rest.kwargs) -> Result:
        if not isinstance(reading, Reading):
            call = f"call {name}(classifier.read(text))"
            raise wrong_kind(f"{name} is for a Reading", reading, instead(reading, call))
        return function(reading, *args, **settings)

    return checked


def softmax(logits: Array) -> Array:
    """Softmax along the last axis."""
    if not isinstance(logits, np.ndarray):
        raise wrong_kind("logits is an array", logits, "call softmax(np.array(logits))")
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def micro_example() -> Reading:
    """The document ``[CLS] not good`` in a model of one head with d_e = 2 and d_att = d_out = 1.

    Every weight is a whole number: a logit is the first coordinate of an embedding, a projected
    value the second. [CLS] is (1, 0), not is (0, -1), good is (1, 2) and [UNK] is (0, 0).
    """
    first, second = np.array([[[1.0, 0.0]]]), np.array([[[0.0, 1.0]]])
    return Reading(
        tokens=("[CLS]", "not", "good"),
        length=3,
        embeddings=np.array([[1.0, 0.0], [0.0, -1.0], [1.0, 2.0]]),
        masked_embeddings=np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]),
        heads=Heads(first, first, second, np.ones((1, 1))),
    )
