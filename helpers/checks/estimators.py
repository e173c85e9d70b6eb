"""Shapley estimators of other packages, each asked for as much as a budget of evaluations allows.

They need shap, shapiq and captum, which the book's tests install.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import islice

import numpy as np

from helpers.data.corpus import held_out
from helpers.data.words import tokenize
from helpers.explainers import shapley
from helpers.games import Game
from helpers.model.reading import Array

Estimator = Callable[[Game, int, int], Array]
SNIPPETS = {20: 1, 50: 3, 100: 6, 200: 22}  # in a document that may have this many distinct words
READ = 255  # words that the classifier reads
REPEATED = 175  # distinct words up to which documents are as they are


class Counted:
    """A game that counts in `evaluations` of how many masks it was asked."""

    def __init__(self, game: Game) -> None:
        self.game, self.labels, self.text, self.evaluations = game, game.labels, game.text, 0

    def value(self, z: Array) -> Array:
        """The game's outputs for masks (n, d) or (d,) of any type, (n,) float64."""
        z = np.atleast_2d(np.asarray(z, dtype=np.float64))
        self.evaluations += len(z)
        return self.game.value(z)


@cache
def texts(words: int, count: int) -> tuple[str, ...]:
    """The first `count` held-out documents of exactly so many distinct words, a key of SNIPPETS.

    They are cut after the last word that the classifier reads. Documents of that length have no
    more than some 190 distinct words; for more than `REPEATED`, longer documents are taken, each
    word at its first place only. Raises `ValueError` for too few.
    """
    made = (tokenize(x.text) for x in held_out(2000, sizes=(SNIPPETS[words],)))
    if words > REPEATED:
        made = (list(dict.fromkeys(text))[:words] for text in made)
    made = (text[:READ] for text in made)
    found = list(islice((" ".join(text) for text in made if len(set(text)) == words), count))
    if len(found) < count:
        raise ValueError(f"only {len(found)} of {count} documents have {words} distinct words")
    return tuple(found)


def relative_error(scores: Array, exact: Array) -> float:
    """|φ^ - φ| / |φ|, Euclidean; NaN if a score is."""
    return float(np.linalg.norm(scores - exact) / np.linalg.norm(exact))


def run(name: str, game: Game, budget: int, seed: int) -> tuple[Array, int]:
    """Scores (d,) of an estimator of the table `ESTIMATORS`, and the evaluations it made."""
    counted = Counted(game)
    return np.asarray(ESTIMATORS[name](counted, budget, seed), float), counted.evaluations


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Within, NumPy's global generator starts at `seed`; after, it is as it was."""
    state = np.random.get_state()
    np.random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(state)


def _ours(game: Game, budget: int, seed: int) -> Array:
    return shapley.sampled(game, budget, seed).scores


def _shap_permutation(game: Game, budget: int, seed: int) -> Array:
    import shap

    d = len(game.labels)
    with _seeded(seed):
        explainer = shap.PermutationExplainer(game.value, np.zeros((1, d)), seed=seed)
        return explainer(np.ones((1, d)), max_evals=budget, silent=True).values[0]


def _shap_kernel(game: Game, budget: int, seed: int, l1_reg: str | bool = False) -> Array:
    import shap

    d = len(game.labels)
    with _seeded(seed):
        explainer = shap.KernelExplainer(game.value, np.zeros((1, d)))
        settings = {"nsamples": budget - 2, "l1_reg": l1_reg, "silent": True}
        return explainer.shap_values(np.ones((1, d)), **settings)[0]


def _shap_kernel_default(game: Game, budget: int, seed: int) -> Array:
    return _shap_kernel(game, budget, seed, "num_features(10)")


def _shap_sampling(game: Game, budget: int, seed: int) -> Array:
    import shap

    d, pairs = len(game.labels), (budget - 2) // 2
    with _seeded(seed):
        explainer = shap.SamplingExplainer(game.value, np.zeros((1, d)))
        return explainer.shap_values(np.ones((1, d)), nsamples=pairs, silent=True)[0]


def _of_shapiq(name: str, **settings: bool) -> Estimator:
    def estimate(game: Game, budget: int, seed: int) -> Array:
        import shapiq

        estimator = getattr(shapiq, name)(n=len(game.labels), random_state=seed, **settings)
        return estimator.approximate(budget, game.value).get_n_order_values(1)

    return estimate


def _of_captum(name: str, samples: Callable[[int, int], int]) -> Estimator:
    def estimate(game: Game, budget: int, seed: int) -> Array:
        import captum.attr
        import torch

        def forward(z: torch.Tensor) -> torch.Tensor:
            return torch.from_numpy(game.value(z.numpy()))

        d = len(game.labels)
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            found = getattr(captum.attr, name)(forward).attribute(
                torch.ones(1, d), n_samples=samples(budget, d), perturbations_per_eval=1000
            )
        return found.numpy()[0]

    return estimate


ESTIMATORS: dict[str, Estimator] = {
    "shapley.sampled": _ours,
    "shap Permutation": _shap_permutation,
    "shap Kernel": _shap_kernel,
    "shap Kernel, default": _shap_kernel_default,
    "shap Sampling": _shap_sampling,
    "shapiq KernelSHAP": _of_shapiq("KernelSHAP"),
    "shapiq KernelSHAP, paired": _of_shapiq("KernelSHAP", pairing_trick=True),
    "shapiq PermutationSamplingSV": _of_shapiq("PermutationSamplingSV"),
    "shapiq UnbiasedKernelSHAP": _of_shapiq("UnbiasedKernelSHAP"),
    "shapiq SVARM": _of_shapiq("SVARM"),
    "captum ShapleyValueSampling": _of_captum("ShapleyValueSampling", lambda n, d: (n - 1) // d),
    "captum KernelShap": _of_captum("KernelShap", lambda n, d: n),
}
