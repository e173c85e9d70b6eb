"""What is measured of the methods that one may report: one row a method, on the same documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from helpers.evaluation import ceilings, faithfulness
from helpers.evaluation.agreement import Interval, mean_interval, sign_agreement
from helpers.explainers import comparison, methods
from helpers.games import word_game
from helpers.model.reading import Array, Reading

LENT, TAKEN = "α-avg, sign lent", "Shapley, sign taken"
MOST = 16  # words, so that the best possible is found by looking at all masks, and quickly
NAMES = (*(method.short for method in methods.METHODS.values()), LENT, TAKEN)
SIGNED = (*(method.signed for method in methods.METHODS.values()), True, False)


def orders(reading: Reading) -> dict[str, Array]:
    """An order of the words for each method of the registry, most supportive first.

    Two more say what a sign is worth: average attention with the sign of leave-one-out, and
    Shapley values without theirs.
    """
    scores = _scores(comparison.explain(reading))
    return {
        name: faithfulness.ranking(row, signed, reading.output)
        for (name, row), signed in zip(scores.items(), SIGNED)
    }


def ways(reading: Reading) -> dict[str, tuple[float, float]]:
    """Deletion and insertion of each method, as shares of the way from chance to the best.

    Above `MOST` words the best is replaced by a bound, and a score above 0 is proved from below.
    """
    game = word_game(reading)
    scale = (ceilings.scale if len(game.labels) <= MOST else ceilings.bounded)(game)
    made = orders(reading).items()
    return {name: (scale.deletion(order), scale.insertion(order)) for name, order in made}


@dataclass(frozen=True)
class Evidence:
    """Columns over documents and `NAMES`, (n, M) each; NaN where a measure is not defined.

    `deletion` and `insertion` are shares of the way from chance to the best; `signs` is the share
    of words whose sign is that of masking them alone, `people` the same with people's valence, and
    `praise` (n,) what calling every word praise would reach of it.
    """

    deletion: Array
    insertion: Array
    signs: Array
    people: Array
    praise: Array

    def mean(self, column: str, name: str) -> Interval:
        """The mean of a column over documents, with a 95 % bootstrap interval."""
        return mean_interval(getattr(self, column)[:, NAMES.index(name)])

    def below_chance(self, name: str) -> Interval:
        """The share of documents whose deletion is worse than chance; Clopper and Pearson's."""
        values = self.deletion[:, NAMES.index(name)]
        return share(values[~np.isnan(values)] < -1e-9)


def share(hits: Array) -> Interval:
    """The share of hits (n,) with Clopper and Pearson's interval of 95 %, which has room at 0."""
    found = binomtest(int(np.sum(hits)), len(hits)).proportion_ci()
    return Interval(float(np.mean(hits)), float(found.low), float(found.high))


def measured(readings: Sequence[Reading], lexicon: Mapping[str, float]) -> Evidence:
    """The evidence on some documents of at most `MOST` distinct words."""
    both = np.array([list(ways(reading).values()) for reading in readings])
    signs, people, praise = zip(*(_signs(reading, lexicon) for reading in readings))
    columns = (both[:, :, 0], both[:, :, 1], signs, people, praise)
    return Evidence(*(np.array(column, dtype=np.float64) for column in columns))


def _scores(found: comparison.Comparison) -> dict[str, Array]:
    """Scores of the words by each of `NAMES`."""
    scores = {method.short: found.row(method.short) for method in methods.METHODS.values()}
    scores[LENT] = scores["α-avg"] * np.sign(scores["LOO"])
    scores[TAKEN] = np.abs(scores["Shapley"])
    return scores


def _signs(
    reading: Reading, lexicon: Mapping[str, float]
) -> tuple[list[float], list[float], float]:
    """Shares of signs as in leave-one-out, and as in the lexicon, per method; that of praise."""
    found = comparison.explain(reading)
    scores = _scores(found)
    place = [j for j, word in enumerate(found.words) if word in lexicon]
    valence = np.array([lexicon[found.words[j]] for j in place])
    alone = [sign_agreement(row, found.row("LOO")) for row in scores.values()]
    agree = [sign_agreement(row[place], valence) if place else np.nan for row in scores.values()]
    signed = np.array(SIGNED)
    return (
        np.where(signed, alone, np.nan).tolist(),
        np.where(signed, agree, np.nan).tolist(),
        float(np.mean(valence > 0)) if place else np.nan,
    )
