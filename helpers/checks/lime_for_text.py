"""Checks of the chapter on LIME for text: least squares on all masks, and the `lime` package."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from helpers.checks.base import statement
from helpers.checks.oracles import all_masks, enumerated
from helpers.explainers import lime
from helpers.explainers.explanation import Explanation
from helpers.explainers.lime.sampling import fit
from helpers.explainers.lime.sizes import gram_inverse, moments
from helpers.games import PerturbationGame
from helpers.model.reading import Array

Method = Callable[..., Explanation]


def relative(found: Array, truth: Array) -> float:
    """Largest difference, over the largest absolute value of the truth."""
    return float(np.abs(found - truth).max() / max(np.abs(truth).max(), 1e-300))


@statement(
    "prop-lime-moments",
    "moments of LIME's masks are those of all masks",
    "Mardaoui and Garreau (2021)",
    1e-14,
)
def lime_moments(d: int, bandwidth: float = 0.25, formula: Callable = moments) -> float:
    """α_0, α_1, α_2 of `formula` (d, bandwidth) against sums over all masks of `d` > 1 words."""
    z, weights = all_masks(d, bandwidth)
    truth = weights.sum(), weights @ z[:, 0], weights @ (z[:, 0] * z[:, 1])
    return float(np.abs(np.subtract(formula(d, bandwidth), truth)).max())


@statement(
    "thm-lime-limit",
    "the limit of LIME is the closed form",
    "Mardaoui and Garreau (2021)",
    1e-9,
)
def lime_limit(
    d: int, bandwidth: float = 0.25, seed: int = 0, formula: Callable = gram_inverse
) -> float:
    """The inverse `formula` (d, bandwidth) times the moments of a random f of `d` words."""
    f = np.random.default_rng(seed).normal(size=2**d)
    z, weights = all_masks(d, bandwidth)
    right = np.column_stack([np.ones(len(z)), z]).T @ (weights * f)
    return relative((formula(d, bandwidth) @ right)[1:], enumerated(f, d, bandwidth))


@statement(
    "def-lime-for-text",
    "the lime package fits a ridge regression on the texts that it asks for",
    "Ribeiro et al. (2016), as in lime 0.2.0.1",
    1e-9,
)
def lime_package(
    predict: Callable[[Sequence[str]], Array],
    words: Sequence[str],
    n: int = 500,
    seed: int = 0,
    formula: Callable = fit,
) -> float:
    """`formula` (z, f, ν, α) on the masks read off the package's own texts; `words` differ."""
    from lime.lime_text import LimeTextExplainer

    asked: list[str] = []

    def record(texts: Sequence[str]) -> Array:
        asked.extend(texts)
        f = np.asarray(predict(texts))
        return np.stack([-f, f], axis=1)

    explainer = LimeTextExplainer(random_state=seed, feature_selection="none")
    found = explainer.explain_instance(" ".join(words), record, num_samples=n)
    theirs = [score for _, score in sorted(found.as_map()[1])]
    z = np.array([[float(word in text.split()) for word in words] for text in asked])
    beta = formula(z, np.asarray(predict(asked)), 0.25, 1.0)[0]
    return relative(beta, np.r_[found.intercept[1], theirs])


@statement(
    "prop-lime-linear",
    "LIME of a model is the mean of the LIMEs of its heads",
    "this book",
    1e-9,
)
def lime_linear(
    game: PerturbationGame, bandwidth: float = 0.25, formula: Method = lime.exact
) -> float:
    """`formula` (game, bandwidth) against least squares on all masks, head by head."""
    d = len(game.labels)
    heads = game.head_values(all_masks(d, bandwidth)[0])
    truth = np.mean([enumerated(f, d, bandwidth) for f in heads.T], axis=0)
    return relative(formula(game, bandwidth).scores, truth)


@statement(
    "prop-lime-additive",
    "LIME of an additive model is its coefficients",
    "Mardaoui and Garreau (2021)",
    1e-9,
)
def lime_additive(
    coefficients: Array, bandwidth: float = 0.25, formula: Method = lime.exact
) -> float:
    """A game whose masking moves no attention: f(z) = 0.2 + Σ coefficients_j z_j exactly."""
    b = np.asarray(coefficients, dtype=np.float64)[None]
    names, ones = tuple(f"w{j}" for j in range(b.size)), np.ones_like(b)
    rest = np.ones(1)
    total = b.size + 1
    game = PerturbationGame(names, names, ones, total * b, ones, 0 * b, rest, 0.2 * total * rest)
    return relative(formula(game, bandwidth).scores, b[0])
