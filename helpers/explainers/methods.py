"""The registry of explanations: each of this book once. A new one is a function and an entry."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from helpers.explainers import attention, gradients, integrated, lime, occlusion, shapley
from helpers.explainers.explanation import Explanation
from helpers.games import Game
from helpers.model.reading import Reading

PAPER = "Lopardo et al. (2024), Section"


@dataclass(frozen=True)
class Method:
    """One explanation: `function` takes a `Reading` and scores its tokens, or its distinct words.

    `short` is its name in tables. If not `signed`, no score is negative. `total` is what the scores
    of all tokens or words, with `Explanation.padding`, add up to; empty if that is no fixed number.
    `of_paper`: the paper compares it, in its Figure 1. `chapter` is a page below ``book/``, or
    empty as long as there is none. `sampled` does the same for a black box, a `Game`, by
    outputs alone; None where the method needs to see one layer of attention.
    """

    key: str
    name: str
    short: str
    function: Callable[[Reading], Explanation]
    signed: bool
    total: str
    source: str
    chapter: str
    of_paper: bool = False
    sampled: Callable[[Game], Explanation] | None = None


_ALL = (
    Method(
        "attention-average", "average attention", "α-avg", attention.average,
        signed=False, total="1", source=f"{PAPER} 3",
        chapter="attention/attention_weights", of_paper=True,
    ),
    Method(
        "attention-maximum", "maximal attention", "α-max", attention.maximum,
        signed=False, total="", source=f"{PAPER} 3",
        chapter="attention/attention_weights", of_paper=True,
    ),
    Method(
        "gradient-mean", "mean of the gradient", "G-avg", gradients.mean,
        signed=True, total="", source=f"{PAPER} 4",
        chapter="gradients/gradient_meets_attention", of_paper=True,
    ),
    Method(
        "gradient-l1", "1-norm of the gradient", "G-l1", gradients.l1,
        signed=False, total="", source=f"{PAPER} 4",
        chapter="gradients/gradient_meets_attention", of_paper=True,
    ),
    Method(
        "gradient-l2", "2-norm of the gradient", "G-l2", gradients.l2,
        signed=False, total="", source=f"{PAPER} 4",
        chapter="gradients/gradient_meets_attention", of_paper=True,
    ),
    Method(
        "gradient-times-input", "gradient times input", "G×I", gradients.times_input,
        signed=True, total="", source=f"{PAPER} 4",
        chapter="gradients/gradient_times_input", of_paper=True,
    ),
    Method(
        "contributions", "contributions", "contributions", attention.contributions,
        signed=True, total="f(x)", source="this book",
        chapter="attention/attention_weights",
    ),
    Method(
        "integrated-gradients", "integrated gradients", "IG", integrated.gradients,
        signed=True, total="f(x) - f(all [UNK])", source="Sundararajan et al. (2017)",
        chapter="gradients/integrated_gradients",
    ),
    Method(
        "lime", "LIME without sampling", "exact LIME", lime.exact,
        signed=True, total="", source="Ribeiro et al. (2016); its limit by this book",
        chapter="lime/exact_lime", sampled=lime.sampled,
    ),
    Method(
        "mean-field-lime", "mean-field law of LIME", "mean-field LIME", lime.mean_field,
        signed=True, total="", source="this book", chapter="lime/exact_lime",
    ),
    Method(
        "shapley", "Shapley values", "Shapley", shapley.exact,
        signed=True, total="f(x) - f(all [UNK])", source="Shapley (1953)",
        chapter="shapley/exact_shapley", sampled=shapley.sampled,
    ),
    Method(
        "banzhaf", "Banzhaf values", "Banzhaf", occlusion.banzhaf,
        signed=True, total="", source="Banzhaf (1965)", chapter="shapley/one_curve_per_word",
    ),
    Method(
        "leave-one-out", "leave-one-out", "LOO", occlusion.leave_one_out,
        signed=True, total="", source="Li et al. (2016)",
        chapter="evaluation/seven_explanations", sampled=occlusion.asked,
    ),
)  # fmt: skip

METHODS = {method.key: method for method in _ALL}
SAMPLED = tuple(method.key for method in _ALL if method.sampled)  # what a black box can be asked

CHAPTER = (
    *(method.key for method in _ALL if method.of_paper),
    *("contributions", "integrated-gradients", "lime"),
)  # what the chapter on seven explanations compares; it adds the package's LIME


def find(key: str, among: Mapping[str, Method] = METHODS) -> Method:
    """The method of that key. Raises `ValueError`, with the nearest key, if there is none."""
    if isinstance(key, str) and key in among:
        return among[key]
    near = difflib.get_close_matches(str(key), among, n=1)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"there is no method {key!r}{meant} (the keys are {', '.join(among)})")
