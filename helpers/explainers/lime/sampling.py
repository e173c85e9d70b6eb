"""LIME by sampling: one vectorised pass with error bars, and the `lime` package itself."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import norm

from helpers.data.words import tokenize
from helpers.explainers.explanation import Explanation
from helpers.explainers.lime.sizes import BANDWIDTH, gram_inverse, positive_bandwidth, size_law
from helpers.games import Game, any_game
from helpers.model.reading import Array, Reading, finite

LEVERAGE = 1 / 3  # the most that one sample may be expected to decide of its own fitted value


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
    distance = 1 - np.sqrt(z.mean(axis=1))
    return np.exp(-((distance / positive_bandwidth(bandwidth)) ** 2) / 2)


def fewest_samples(d: int, bandwidth: float = BANDWIDTH) -> int:
    """How many samples it takes for standard errors of `d` coefficients that can be believed.

    A sample that decides its own fitted value has no residual to learn from. Its leverage is about
    h / (1 + h), with h = π x^T A^-1 x / n, x = (1, z) and A LIME's `gram_matrix`; h depends on the
    number of kept words only. With this many samples no leverage is expected above 1/3, and 95 %
    intervals hold the limit in more than four of five runs; with more, in 95 %.
    With one word or two LIME's line goes through all texts that can be drawn, and leverage does
    not matter: 3 and 5 samples can be enough, one spare for the factor n / (n - d - 1).
    Raises `ValueError` if the bandwidth leaves weight on one size of text only.
    """
    if d <= 2:
        if d == 2:
            size_law(d, bandwidth)
        return 2 * d + 1
    inverse, m = gram_inverse(d, bandwidth), np.arange(d + 1)
    form = inverse[0, 0] + 2 * m * inverse[0, 1] + m * inverse[1, 1] + m * (m - 1) * inverse[1, 2]
    weight = np.exp(-(((1 - np.sqrt(m / d)) / bandwidth) ** 2) / 2)
    most = (1 - LEVERAGE) / LEVERAGE * (weight * form).max()
    return math.ceil(most * (1 - 1e-9))  # it can be whole: 14 for d = 3 and ν = ∞


def sampled(
    game: Game | Reading,
    n: int = 5000,
    seed: int = 0,
    bandwidth: float = BANDWIDTH,
    alpha: float = 0.0,
) -> Explanation:
    """LIME from `n` sampled masks, with a standard error for every coefficient.

    Weighted least squares with an unpenalised intercept and the ridge penalty `alpha`, which is 1
    in the package. The errors are the sandwich of White (1980): residuals need not have one
    variance, nor f be linear. They can be believed only if no sample decides its own fitted value:
    raises `ValueError` if `n` is below `fewest_samples`, or the masks of this seed do not determine
    the coefficients; and `TypeError` for what is neither a `Reading` nor a game.

    The first of LIME's samples is no draw but the text itself, which the limit does not know. With
    three words or more it moves a coefficient by O(1/n), and errors are O(1/sqrt(n)). With two, the
    limit's line goes through all three texts that are drawn: nothing is random, and this one row
    is the whole error, which no interval can measure. So it is left out. For one word and for two
    the scores are then the limit, whatever the weights, and the standard errors zero but for
    rounding, unless there is a penalty.
    """
    game = any_game(game)
    d, n = len(game.labels), whole(n, fewest=1)
    if not alpha >= 0:
        raise ValueError(f"alpha is the weight of a penalty and not negative, not {alpha!r}")
    fewest = fewest_samples(d, positive_bandwidth(bandwidth))
    if n < fewest:
        raise ValueError(
            f"n = {n} samples cannot give {d} coefficients with errors to be believed at "
            f"bandwidth {bandwidth}: at least {fewest} can, or a larger bandwidth"
        )
    z = draw_masks(d, n, seed)
    z = z[1:] if d == 2 else z
    bandwidth = np.inf if d <= 2 and not alpha else bandwidth
    beta, covariance, leverage = _fit(z, game.value(z), bandwidth, alpha)
    determined = leverage.max() <= 0.99 if d > 2 else len(np.unique(z, axis=0)) > d
    if not determined:
        raise ValueError(
            f"the masks of seed {seed} do not determine the coefficients: one of them alone "
            f"decides a direction, or none; use more than n = {n} samples, or another seed"
        )
    errors, method = np.sqrt(np.diag(covariance)[1:]), f"sampled LIME, n = {n}"
    return Explanation(
        game.labels, beta[1:], method, game.text, 0.0, float(beta[0]), errors, samples=n
    )


def samples_needed(explanation: Explanation, share: float = 0.05, power: float = 0.8) -> int:
    """How many samples LIME needs to tell signs, from the standard errors of one run alone.

    Told are the signs of all words whose coefficient is at least δ, `share` of the largest score of
    this run: the 95 % interval of a new run excludes zero, on the right side, with probability
    `power` or more. A run of n samples has standard errors of about τ / sqrt(n - d - 1), with τ
    from this run, so that

        n = d + 1 + ((z_0.975 + z_power) τ / δ)²,    τ the largest of all words,

    and at least `fewest_samples`. δ must not be a word's own score: a score that one run leaves in
    doubt is as likely too large as too small, and the power is then below what is promised.
    Raises `TypeError` for what is no `Explanation`, and `ValueError` if it was not sampled, if no
    score is clear of zero, or for a share or a power out of range.
    """
    if not isinstance(explanation, Explanation):
        raise TypeError(
            f"samples_needed takes a run of LIME, not {type(explanation).__name__}: "
            "call lime.samples_needed(lime.sampled(game, n=1000))"
        )
    if explanation.standard_errors is None or explanation.samples is None:
        raise ValueError(
            f"{explanation.method} has no standard errors of a sample: "
            "call lime.sampled(game, n=1000) for a first run"
        )
    if not 0 < share <= 1:
        raise ValueError(
            f"share is a part of the largest score, above 0 and at most 1, not {share}"
        )
    if not 0.5 <= power < 1:
        raise ValueError(f"power is a probability of at least 0.5 and below 1, not {power}")
    d, n = len(explanation.scores), explanation.samples
    sizes, errors = np.abs(explanation.scores), explanation.standard_errors
    quantile = float(norm.ppf(0.975))
    if not (sizes > quantile * errors).any():
        raise ValueError(
            f"no score of {explanation.method} is clear of zero: call lime.sampled(game, n={4 * n})"
        )
    ratio = (quantile + norm.ppf(power)) * errors.max() / (share * sizes.max())
    return max(fewest_samples(d), d + 1 + math.ceil((n - d - 1) * ratio**2))


def fit(z: Array, f: Array, bandwidth: float, alpha: float) -> tuple[Array, Array]:
    """Intercept and coefficients (d + 1,) of outputs f (n,) on masks z (n, d); their covariance.

    Minimises Σ π (f - β_0 - <β, z>)² + `alpha` |β|², with LIME's weights π and a free intercept.
    """
    return _fit(z, f, bandwidth, alpha)[:2]


def _fit(z: Array, f: Array, bandwidth: float, alpha: float) -> tuple[Array, Array, Array]:
    """`fit`, and the leverage of each sample (n,): how much of its fitted value is its output."""
    n, d = z.shape
    design, weights = np.column_stack([np.ones(n), z]), kernel(z, bandwidth)
    penalty = np.diag(np.r_[0.0, np.full(d, alpha)])
    bread = np.linalg.pinv(design.T @ (weights[:, None] * design) + penalty, hermitian=True)
    beta = bread @ (design.T @ (weights * f))
    pull = (design @ bread) * weights[:, None]  # of f on β
    moved = pull * (f - design @ beta)[:, None]
    return beta, moved.T @ moved * n / (n - d - 1), (pull * design).sum(axis=1)


def package(
    predict: Callable[[Sequence[str]], Array],
    text: str,
    n: int = 5000,
    seed: int = 0,
    num_features: int | None = None,
    bow: bool = True,
) -> Explanation:
    """What the `lime` package says of ``predict(texts) -> (n,)`` on the lower-case text.

    `predict` is ``classifier.predict`` or any black box; ``classifier.logits`` stands for the same
    classifier's ``predict``, because LIME makes texts without a known word.
    All features unless `num_features` is given; words that it leaves out have the score 0.
    ``bow=True`` deletes words, the package's default; ``bow=False`` replaces positions in place.
    Raises `ValueError` if the text has no word, or `predict` returns another shape.
    """
    from lime.lime_text import LimeTextExplainer  # takes a second to import, and only this needs it

    words = tuple(tokenize(text))
    if not words:
        raise ValueError(f"the text {text[:80]!r} has no word to explain")
    if getattr(predict, "__name__", "") == "logits" and hasattr(predict, "__self__"):
        predict = predict.__self__.predict
    explainer = LimeTextExplainer(
        bow=bow, random_state=seed, feature_selection="auto" if num_features else "none"
    )

    def columns(texts: Sequence[str]) -> Array:
        logits = finite("the output of predict", predict(texts), (len(texts),))
        return np.stack([-logits, logits], axis=1)

    labels = tuple(dict.fromkeys(words)) if bow else words
    found = explainer.explain_instance(
        " ".join(words), columns, num_features=num_features or len(labels), num_samples=whole(n, 2)
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


def whole(n: int, fewest: int) -> int:
    """The number of samples as an int; `TypeError` if it is not whole, `ValueError` if too few."""
    try:
        number = operator.index(n)
    except TypeError:
        raise TypeError(f"n is a whole number of samples, not {n!r}") from None
    if number < fewest:
        raise ValueError(f"n is a number of samples of at least {fewest}, not {n}")
    return number
