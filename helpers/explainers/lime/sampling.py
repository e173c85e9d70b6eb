"""LIME by sampling: one vectorised pass with error bars, and the `lime` package itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from helpers.data.words import tokenize
from helpers.explainers.explanation import Explanation
from helpers.games import Game
from helpers.model.reading import Array


def draw_masks(d: int, n: int, seed: int) -> Array:
    """`n` masks as `lime` draws them, (n, d) of zeros and ones: row 0 keeps all words."""
    draw = np.random.default_rng(seed)
    removed = draw.integers(1, d + 1, size=n)
    removed[0] = 0
    noise = draw.random((n, d))
    ordered = np.column_stack([np.sort(noise, axis=1), np.full(n, np.inf)])
    return (noise >= np.take_along_axis(ordered, removed[:, None], axis=1)).astype(np.float64)


def kernel(z: Array, bandwidth: float) -> Array:
    """LIME's weight of masks (n, d): exp(-(1 - sqrt(share kept))² / (2 ν²)), `bandwidth` ν > 0."""
    if not bandwidth > 0:
        raise ValueError(f"bandwidth is a positive number or infinity, not {bandwidth}")
    return np.exp(-(((1 - np.sqrt(z.mean(axis=1))) / bandwidth) ** 2) / 2)


def sampled(
    game: Game, n: int = 5000, seed: int = 0, bandwidth: float = 0.25, alpha: float = 0.0
) -> Explanation:
    """LIME from `n` sampled masks, with a standard error for every coefficient.

    Weighted least squares with an unpenalised intercept and the ridge penalty `alpha`, which is 1
    in the package. The errors are the sandwich of White (1980): residuals need not have one
    variance, nor f be linear.
    Raises `ValueError` if `n` leaves no degree of freedom.
    """
    d = len(game.labels)
    if n <= d + 1:
        raise ValueError(
            f"n = {n} samples cannot give {d} coefficients, an intercept and their errors: use more"
        )
    z = draw_masks(d, n, seed)
    beta, covariance = fit(z, game.value(z), bandwidth, alpha)
    errors = np.sqrt(np.diag(covariance)[1:])
    return Explanation(
        game.labels, beta[1:], f"sampled LIME, n = {n}", game.text, 0.0, float(beta[0]), errors
    )


def fit(z: Array, f: Array, bandwidth: float, alpha: float) -> tuple[Array, Array]:
    """Intercept and coefficients (d + 1,) of outputs f (n,) on masks z (n, d); their covariance.

    Minimises Σ π (f - β_0 - <β, z>)² + `alpha` |β|², with LIME's weights π and a free intercept.
    """
    n, d = z.shape
    design, weights = np.column_stack([np.ones(n), z]), kernel(z, bandwidth)
    penalty = np.diag(np.r_[0.0, np.full(d, alpha)])
    bread = np.linalg.pinv(design.T @ (weights[:, None] * design) + penalty, hermitian=True)
    beta = bread @ (design.T @ (weights * f))
    scatter = design * (weights * (f - design @ beta))[:, None]
    return beta, bread @ (scatter.T @ scatter) @ bread * n / (n - d - 1)


def package(
    predict: Callable[[Sequence[str]], Array],
    text: str,
    n: int = 5000,
    seed: int = 0,
    num_features: int | None = None,
    bow: bool = True,
) -> Explanation:
    """What the `lime` package says of ``predict(texts) -> (n,)`` on the lower-case text.

    All features unless `num_features` is given; words that it leaves out have the score 0.
    ``bow=True`` deletes words, the package's default; ``bow=False`` replaces positions in place.
    """
    from lime.lime_text import LimeTextExplainer  # takes a second to import, and only this needs it

    words = tuple(tokenize(text))
    explainer = LimeTextExplainer(
        bow=bow, random_state=seed, feature_selection="auto" if num_features else "none"
    )

    def columns(texts: Sequence[str]) -> Array:
        logits = np.asarray(predict(texts))
        return np.stack([-logits, logits], axis=1)

    labels = tuple(dict.fromkeys(words)) if bow else words
    found = explainer.explain_instance(
        " ".join(words), columns, num_features=num_features or len(labels), num_samples=n
    )
    scores = np.zeros(len(labels))
    for index, score in found.as_map()[1]:
        scores[index] = score
    return Explanation(
        labels,
        scores,
        f"lime {'' if bow else 'in place '}(n = {n})",
        words,
        0.0,
        float(found.intercept[1]),
    )
