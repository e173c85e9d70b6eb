"""Which few explanations to show for a whole model: SP-LIME's pick, and the best pick there is.

SP-LIME (Ribeiro et al., 2016, Section 4) asks for B explanations whose words together have the
largest importance. That is the problem of maximum coverage: NP-hard, though a mixed-integer linear
program solves it here, and greedy picks reach 1 - (1 - 1/B)^B of it (Nemhauser et al., 1978).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from helpers.data.kinds import list_of, whole
from helpers.evaluation.quiet import silence
from helpers.explainers.explanation import Explanation
from helpers.model.reading import Array, finite

TIE = 1e-9  # of the largest gain: gains that are as near are equal, and the first document wins


@dataclass(frozen=True)
class Cover:
    """What n explanations show: `shown` (n, d) says which of the words each of n explanations has.

    `importance` (d,) of a word is I_j = sqrt(Σ_i |W_ij|), with its scores W (n, d).
    """

    shown: Array
    importance: Array

    @property
    def total(self) -> float:
        """The importance of all words together: what all n explanations cover."""
        return float(self.importance[self.shown.any(axis=0)].sum())

    def value(self, picks: Sequence[int]) -> float:
        """c(V), the importance of the words that the explanations `picks` show."""
        return float(self.importance[self.shown[list(picks)].any(axis=0)].sum())

    def gains(self, picks: Sequence[int]) -> Array:
        """What each of the n explanations would add to `picks`, (n,)."""
        left = ~self.shown[list(picks)].any(axis=0)
        return self.shown @ (self.importance * left)


def cover_of_scores(W: Array) -> Cover:
    """The cover of scores (n, d): a word is shown by an explanation where its score is not zero."""
    W = np.abs(finite("W", W, (None, None)))
    return Cover(W > 0, np.sqrt(W.sum(axis=0)))


def cover_of_explanations(explanations: Sequence[Explanation], features: int = 10) -> Cover:
    """The cover of the `features` largest scores of each, as many as `lime` keeps by default.

    Its words are those that some explanation keeps, in the order of the alphabet.
    """
    list_of(Explanation, "explanations", explanations, "call lime.exact_many(readings)")
    kept = [x.top(whole("features", features, 1)) for x in explanations]
    place = {word: j for j, word in enumerate(sorted(set().union(*kept)))}
    W = np.zeros((len(kept), len(place)))
    for row, explanation, words in zip(W, explanations, kept):
        row[[place[word] for word in words]] = [explanation.as_dict()[word] for word in words]
    return cover_of_scores(W)


def greedy(cover: Cover, budget: int) -> list[int]:
    """SP-LIME's picks: `budget` times the explanation that adds most; the first wins a tie."""
    budget = whole("budget", budget, 1, len(cover.shown))
    picks: list[int] = []
    for _ in range(budget):
        gains = cover.gains(picks)
        gains[picks] = -1.0
        picks.append(int(np.argmax(gains >= gains.max() - TIE * cover.total)))
    return picks


def bound(cover: Cover, picks: Sequence[int], budget: int) -> float:
    """A number that no `budget` explanations exceed: the least of c(V) + the B largest gains over
    V = the first 0, 1, 2, ... of `picks`.

    Whatever a pick adds to the best, it adds no less to V, for coverage is submodular.
    """
    starts = [list(picks[:n]) for n in range(len(picks) + 1)]
    most = [cover.value(V) + float(np.sort(cover.gains(V))[-budget:].sum()) for V in starts]
    return min(*most, cover.total)


def best(cover: Cover, budget: int) -> tuple[list[int], float]:
    """The best picks, and what they cover; HiGHS proves that no others cover more.

    maximise Σ_j I_j y_j,  y_j <= Σ_{i shows j} x_i,  Σ_i x_i <= B,  x_i in {0, 1},  0 <= y_j <= 1.
    Raises `RuntimeError` if the solver gives up before the proof.
    """
    n, d = cover.shown.shape
    budget = whole("budget", budget, 1, n)
    covers = sparse.hstack([-sparse.csr_array(cover.shown.T.astype(float)), sparse.eye_array(d)])
    count = np.concatenate([np.ones(n), np.zeros(d)])
    cost = -np.concatenate([np.zeros(n), cover.importance])
    rules = LinearConstraint(covers, -np.inf, 0), LinearConstraint(count[None], -np.inf, budget)
    exactly = {"mip_rel_gap": 0.0}
    with silence():
        found = milp(
            cost, constraints=rules, integrality=count, bounds=Bounds(0, 1), options=exactly
        )
    if found.status != 0:
        raise RuntimeError(f"no proved optimum: {found.message}; try a smaller budget")
    picks = [int(i) for i in np.flatnonzero(found.x[:n] > 0.5)]
    return picks, cover.value(picks)
