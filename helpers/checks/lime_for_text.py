"""Checks of the chapter on LIME for text: least squares on all masks, and the `lime` package."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from helpers.checks.base import largest, statement
from helpers.checks.oracles import all_masks, enumerated, regression
from helpers.explainers import lime
from helpers.explainers.explanation import Explanation
from helpers.explainers.lime.sampling import fit, kernel
from helpers.explainers.lime.sizes import gram_inverse, moments
from helpers.games import PerturbationGame
from helpers.model.reading import Array

Method = Callable[..., Explanation]


def relative(found: Array, truth: Array) -> float:
    """Largest difference, over the largest absolute value of the truth."""
    return float(np.abs(found - truth).max() / max(np.abs(truth).max(), 1e-300))


def apart_and_together(d: int, bandwidth: float = 0.25) -> tuple[float, float]:
    """κ and v of `d` words: one of two words is kept and not the other; covariance of two words.

    Both are means over LIME's masks, whose weights are divided by their mean.
    """
    zero, one, two = moments(d, bandwidth)
    return (one - two) / zero, two / zero - (one / zero) ** 2


def share_handed_on(d: int, kept: int, bandwidth: float = 0.25, penalty: float = 0.0) -> float:
    """λ = v / (κ + a + q v) of a regression on `kept` = q of `d` words with ridge penalty a."""
    apart, together = apart_and_together(d, bandwidth)
    return together / (apart + penalty + kept * together)


def kept_words(z: Array, f: Array, weights: Array, number: int) -> Array:
    """The `number` words (k,) that the `lime` package keeps, by its rule "auto", in index order.

    Up to six: one by one, the word with which the weighted plain regression leaves the least; more:
    those with the largest coefficients in a ridge regression on all words, with penalty 0.01.
    """

    def unexplained(words: list[int]) -> float:
        beta = regression(z[:, words], f, weights, 0.0)
        return float(weights @ (f - beta[0] - z[:, words] @ beta[1:]) ** 2)

    if number > 6:
        scores = np.abs(regression(z, f, weights, 0.01)[1:])
        return np.sort(np.argsort(-scores, kind="stable")[:number])
    chosen: list[int] = []
    for _ in range(min(number, z.shape[1])):
        rest = [j for j in range(z.shape[1]) if j not in chosen]
        chosen.append(min(rest, key=lambda j: unexplained([*chosen, j])))
    return np.sort(chosen)


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


def centred_limit(products: Array, mean: float, d: int, bandwidth: float) -> Array:
    """β^∞ (d,) from the weighted means of f z_j (d,) and of f: (C_j - λ Σ C_k) / κ."""
    zero, one, _ = moments(d, bandwidth)
    C = products - one / zero * mean
    apart, _ = apart_and_together(d, bandwidth)
    return (C - share_handed_on(d, d, bandwidth) * C.sum()) / apart


@statement(
    "thm-lime-limit",
    "the limit of LIME is the closed form",
    "Mardaoui and Garreau (2021)",
    1e-9,
)
def lime_limit(
    d: int,
    bandwidth: float = 0.25,
    seed: int = 0,
    formula: Callable = gram_inverse,
    centred: Callable = centred_limit,
) -> float:
    """The inverse `formula` (d, bandwidth) times the moments of a random f of `d` words.

    And `centred` (means of f z_j, mean of f, d, bandwidth); both against least squares.
    """
    f = np.random.default_rng(seed).normal(size=2**d)
    z, weights = all_masks(d, bandwidth)
    right = np.column_stack([np.ones(len(z)), z]).T @ (weights * f)
    truth = enumerated(f, d, bandwidth)
    mean = right / weights.sum()
    return largest(
        relative((formula(d, bandwidth) @ right)[1:], truth),
        relative(centred(mean[1:], mean[0], d, bandwidth), truth),
    )


@statement(
    "thm-lime-shift",
    "words left out hand their sum on, in equal parts",
    "this book",
    1e-9,
)
def lime_shift(
    d: int,
    kept: int,
    bandwidth: float = 0.25,
    seed: int = 0,
    penalty: float = 0.0,
    formula: Callable = share_handed_on,
    law: Callable = all_masks,
) -> float:
    """A random f of `d` words, and `kept` of them drawn at random: least squares on all masks.

    `formula` is λ (d, kept, bandwidth, penalty). `law` (d, bandwidth) gives the masks and their
    weights, to be divided by their sum; it must treat all words alike.
    """
    draw = np.random.default_rng(seed)
    z, weights = law(d, bandwidth)
    f, weights = draw.normal(size=len(z)), weights / weights.sum()
    words = draw.permutation(d)
    stay, gone = words[:kept], words[kept:]
    every = regression(z, f, weights, penalty)[1:]
    some = regression(z[:, stay], f, weights, penalty)[1:]
    shift = formula(d, kept, bandwidth, penalty) * every[gone].sum()
    return relative(every[stay] + shift, some)


@statement(
    "def-lime-for-text",
    "the lime package does what the recipe says on the texts that it asks for",
    "Ribeiro et al. (2016), as in lime 0.2.0.1",
    1e-9,
)
def lime_package(
    predict: Callable[[Sequence[str]], Array],
    words: Sequence[str],
    n: int = 500,
    seed: int = 0,
    formula: Callable = fit,
    rule: Callable = kept_words,
) -> float:
    """The recipe on the masks read off the package's own texts; the `words` differ from another.

    `formula` (z, f, ν, α) fits all words; `rule` (z, f, weights, number) chooses three of them,
    and seven.
    """
    from lime.lime_text import LimeTextExplainer

    errors = []
    for number in (None, 3, 7):
        asked: list[str] = []

        def record(texts: Sequence[str], asked: list[str] = asked) -> Array:
            asked.extend(texts)
            f = np.asarray(predict(texts))
            return np.stack([-f, f], axis=1)

        explainer = LimeTextExplainer(
            random_state=seed, feature_selection="auto" if number else "none"
        )
        found = explainer.explain_instance(
            " ".join(words), record, num_samples=n, num_features=number or len(words)
        )
        theirs = np.zeros(len(words))
        for j, score in found.as_map()[1]:
            theirs[j] = score
        z = np.array([[float(word in text.split()) for word in words] for text in asked])
        f, weights, ours = np.asarray(predict(asked)), kernel(z, 0.25), np.zeros(len(words))
        if number:
            on = rule(z, f, weights, number)
            beta = regression(z[:, on], f, weights, 1.0)
        else:
            on = np.arange(len(words))
            beta = formula(z, f, 0.25, 1.0)[0]
        ours[on] = beta[1:]
        errors.append(relative(np.r_[beta[0], ours], np.r_[found.intercept[1], theirs]))
    return largest(*errors)


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
