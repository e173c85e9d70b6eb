"""All measures of one document: a row for each method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from helpers.data.reviews import Marked, Review
from helpers.evaluation import plausibility
from helpers.evaluation.agreement import rank_correlations, sign_agreements
from helpers.experiments import masking
from helpers.experiments.inside import ONE, SIX, Inside, method_of
from helpers.explainers.comparison import of_words
from helpers.explainers.explanation import Explanation
from helpers.explainers.methods import Method
from helpers.games import Game, word_game
from helpers.model.reading import Array, Reading

REFERENCES = ("lime", "shapley", "leave-one-out")
_NAMES = {"lime": "LIME", "shapley": "Shapley values", "leave_one_out": "leave-one-out"}
NOISE = 1e-6  # a smaller gap is rounding, or the tolerance of integrated gradients


@dataclass(frozen=True)
class Measure:
    """A column of the results: its `name`, and what it is in some words."""

    name: str
    meaning: str


MEASURES = (
    Measure("deletion", "mean logit of the predicted class as words are masked, best first"),
    Measure("insertion", "the same as words are put back, best first"),
    Measure("deletion_gain", "by how much deletion is lower than by chance"),
    Measure("insertion_gain", "by how much insertion is higher than by chance"),
    Measure("chance_error", "standard error of chance, if it is sampled, as for six layers"),
    Measure("noise", "standard error of the scores, if they are sampled, as a share of their size"),
    Measure("comprehensiveness", "ERASER: probability lost without the best words"),
    Measure("sufficiency", "ERASER: probability lost with only the best words; less is better"),
    *(Measure(f"tau_{name}", f"Kendall's τ-b with {said}") for name, said in _NAMES.items()),
    *(Measure(f"signs_{name}", f"share of signs as in {said}") for name, said in _NAMES.items()),
    Measure("tau_valence", "Kendall's τ-b with people's valence of words"),
    Measure("signs_valence", "share of signs as in people's valence of words"),
    Measure("signs_praise", "the same if every word were called praise"),
    Measure("auroc", "AUROC of the words that people marked, by scores for the predicted class"),
    Measure("token_f1", "F1 of the five highest words against the marked ones"),
    Measure("gap", "how far the sum of all scores misses its aim, from 0 to 1"),
)


def measured(
    reading: Reading | Inside, review: Review, keys: tuple[str, ...], lexicon: Mapping[str, float]
) -> list[dict]:
    """Rows of plain numbers, one for each of the methods `keys`; NaN for what is not defined."""
    deep = isinstance(reading, Inside)
    game = reading.game if deep else word_game(reading)
    chosen = [method_of(SIX if deep else ONE, key) for key in keys]
    found = [method.function(reading) for method in chosen]
    totals = [explanation.scores.sum() + explanation.padding for explanation in found]
    scores = np.array([of_words(explanation).scores for explanation in found])
    f, none = reading.output, float(game.value(np.zeros((1, len(game.labels))))[0])
    about = {
        "words": reading.length - 1, "distinct": len(game.labels), "output": f,
        "correct": float((f > 0) == review.positive),
    }  # fmt: skip
    columns = {
        **masking.measured(game, chosen, scores),
        **_references(chosen, scores),
        **_valence(chosen, scores, game, lexicon),
        **(_rationale(chosen, scores, reading, review) if isinstance(review, Marked) else {}),
        "gap": [_gap(m, t, f, none) for m, t in zip(chosen, totals)],
        "noise": [_noise(explanation) for explanation in found],
    }
    return [
        {"method": key} | about | {name: float(values[m]) for name, values in columns.items()}
        for m, key in enumerate(keys)
    ]


def _references(chosen: list[Method], scores: Array) -> dict[str, Array]:
    """Agreement with each reference that is among the methods, (M,) each.

    A method without signs is compared with the sizes of the reference's scores.
    """
    keys = [method.key for method in chosen]
    places = [keys.index(k) if k in keys else 0 for k in REFERENCES]
    tau, signs = _agreement(chosen, scores, scores[places])
    there = np.array([1.0 if key in keys else np.nan for key in REFERENCES])
    columns = zip(_NAMES, (tau * there).T, (signs * there).T)
    return {f"{kind}_{n}": v for n, t, s in columns for kind, v in (("tau", t), ("signs", s))}


def _valence(
    chosen: list[Method], scores: Array, game: Game, lexicon: Mapping[str, float]
) -> dict[str, Array]:
    """Agreement with people's valence, over the words that have one, (M,) each."""
    place = [j for j, word in enumerate(game.labels) if word in lexicon]
    names = ("valence_words", "tau_valence", "signs_valence", "signs_praise")
    if not place:
        return {name: np.full(len(chosen), np.nan) for name in names} | {
            "valence_words": np.zeros(len(chosen))
        }
    valence = np.array([[lexicon[game.labels[j]] for j in place]])
    tau, signs = _agreement(chosen, scores[:, place], valence)
    count, praise = (np.full(len(chosen), x) for x in (float(len(place)), np.mean(valence > 0)))
    return dict(zip(names, (count, tau[:, 0], signs[:, 0], praise)))


def _rationale(
    chosen: list[Method], scores: Array, reading: Reading | Inside, review: Marked
) -> dict[str, list[float]]:
    """How well scores for the predicted class find the words that people marked, (M,) each."""
    marked = plausibility.marked_labels(reading.text[1:], review.rationale)
    rows = [
        plausibility.towards(row, method.signed, reading.output)
        for method, row in zip(chosen, scores)
    ]
    return {
        "auroc": [plausibility.auroc(row, marked) for row in rows],
        "token_f1": [plausibility.token_f1(row, marked) for row in rows],
    }


def _agreement(chosen: list[Method], scores: Array, others: Array) -> tuple[Array, Array]:
    """τ-b and shares of equal signs of `scores` (M, d) with `others` (R, d), (M, R) each."""
    M, R = len(scores), len(others)
    signed = np.array([method.signed for method in chosen])[:, None]
    rows = np.vstack([scores, others, np.abs(others)])
    tau = rank_correlations(rows)[:M, M:]
    signs = sign_agreements(rows[: M + R])[:M, M:]
    return np.where(signed, tau[:, :R], tau[:, R:]), np.where(signed, signs, np.nan)


def _noise(explanation: Explanation) -> float:
    """Root mean squares: of the standard errors over that of the scores; NaN without errors."""
    if explanation.standard_errors is None or not explanation.scores.any():
        return np.nan
    return float(np.linalg.norm(explanation.standard_errors) / np.linalg.norm(explanation.scores))


def _gap(method: Method, total: float, f: float, none: float) -> float:
    """|sum - aim| / (|sum| + |aim|), from 0 to 1; the aim is the registry's, of G×I f(x)."""
    aims = {"1": 1.0, "f(x)": f, "f(x) - f(all [UNK])": f - none}
    aim = f if method.key == "gradient-times-input" else aims.get(method.total, np.nan)
    gap = abs(total - aim) / max(abs(total) + abs(aim), NOISE)
    return 0.0 if gap < NOISE else gap
