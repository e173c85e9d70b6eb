"""LIME without sampling, approximately: the paper's rule, the centred rule, the mean field."""

from __future__ import annotations

import numpy as np

from helpers.explainers.explanation import Explanation
from helpers.explainers.lime.sizes import (
    BANDWIDTH,
    coefficients,
    positive_bandwidth,
    size_law,
    size_weights,
)
from helpers.games import PerturbationGame, as_game
from helpers.games.game import ratio
from helpers.model.reading import Array, Reading


def paper_approximation(
    game: PerturbationGame | Reading, constant: float | Array = 1.5
) -> Explanation:
    """The paper's Eq. (19), as its released code computes it: 3/2 mean_i Σ_t (α_t u_t - α~_t h_t).

    α is the attention on the text, α~ that on the all-``[UNK]`` document. `constant` replaces 3/2:
    one number, or one for each head, (K,).
    """
    game = as_game(game)
    full = (game.kept_weight.sum(axis=1) + game.rest_weight)[:, None]
    empty = (game.masked_weight.sum(axis=1) + game.rest_weight)[:, None]
    factor = np.broadcast_to(np.asarray(constant, dtype=np.float64), game.rest_weight.shape)
    change = game.kept_value / full - ratio(game.masked_value, empty)
    scores = (factor[:, None] * change).mean(axis=0)
    name = f"{constant:g}" if np.ndim(constant) == 0 else "c(r)"
    return Explanation(game.labels, scores, f"{name} × (α u - α~ h)", game.text)


def centred_rule(
    game: PerturbationGame | Reading,
    constant: float | Array | str = "c(r)",
    bandwidth: float = BANDWIDTH,
) -> Explanation:
    """LIME meets the gradient: β_j ≈ mean_i c_i (b_j - a_j f_i) / D_i(1), f_i the head's output.

    (b_j - a_j f_i) / D_i(1) is the derivative of the head's output with respect to the mask of word
    j, at the text. `constant` is ``"c(r)"``, the `large_d_constant` of each head and `bandwidth`;
    one number, such as the paper's 3/2; or one for each head, (K,). 1 gives the gradient itself.
    Raises `ValueError` for a constant that is none of these.
    """
    game = as_game(game)
    if isinstance(constant, str) and constant != "c(r)":
        raise ValueError(f'constant is a number, one for each head, or "c(r)"; not {constant!r}')
    name = f"{constant:g}" if isinstance(constant, (int, float)) else "c(r)"
    if isinstance(constant, str):
        constant = large_d_constant(game.surviving_mass, bandwidth)
    factor = np.asarray(constant, dtype=np.float64)
    if factor.shape not in ((), game.rest_weight.shape) or not np.isfinite(factor).all():
        K = len(game.rest_weight)
        raise ValueError(f"constant is a finite number, or one for each of the {K} heads")
    full = (game.kept_weight.sum(axis=1) + game.rest_weight)[:, None]
    f = game.head_values(np.ones(len(game.labels)))[:, None]
    scores = (factor[..., None] * (game.b - game.a * f) / full).mean(axis=0)
    return Explanation(game.labels, scores, f"{name} × ∂f/∂z", game.text)


def large_d_constant(r: Array, bandwidth: float = np.inf) -> Array:
    """c(r) = ∫ w(p) / (r + (1 - r) p) dp, w ∝ p (1 - p) exp(-(1 - sqrt(p))² / (2 ν²)), for r >= 0.

    The constant that replaces 3/2 for many words of one weight, where `r` is the share of attention
    mass that survives masking every word. For ν = ∞, w = 6 p (1 - p) and
    c(r) = 3 (r² - 2 r log r - 1) / (r - 1)³. By the trapezoidal rule in log(p / (1 - p)): the pole
    of the integrand stays π away from the path for every r, so the relative error is of rounding.
    """
    r = np.asarray(r, dtype=np.float64)
    if not (r >= 0).all():
        raise ValueError("r = D(0) / D(1) is not negative")
    bandwidth = positive_bandwidth(bandwidth)
    x = np.arange(-40.0, 40.0, 0.05)
    p, rest = 1 / (1 + np.exp(-x)), 1 / (1 + np.exp(x))
    distance = rest / (1 + np.sqrt(p))
    w = (p * rest) ** 2 * np.exp(-((distance / bandwidth) ** 2) / 2)
    return (w / (r[..., None] * rest + p)).sum(axis=-1) / w.sum()


def mean_field(
    game: PerturbationGame | Reading, bandwidth: float = BANDWIDTH, leave_one_out: bool = False
) -> Explanation:
    """Mean-field law: β^∞ with each mean of N/D replaced by the mean of N over the mean of D.

    The coefficients differ as Σ_m w_m (b_j / D - a_j N / D²) does, with D and N the means over the
    texts that keep m of the d words and w_m ∝ ω_m m (d - m); their mean is the slope of N / D on m.
    `leave_one_out` keeps word j's own weight exact: the means over the texts that keep j, less
    those over the texts that do not. Exact where all words have one weight, and for d = 1.
    """
    name = "mean-field LIME, leave-one-out" if leave_one_out else "mean-field LIME"
    game = as_game(game)
    d = len(game.labels)
    if d == 1:
        size_weights(d, bandwidth)  # a bad bandwidth is an error here, too
        change = game.value(np.ones((1, 1))) - game.value(np.zeros((1, 1)))
        return Explanation(game.labels, change, name, game.text)
    weights, deviation, spread = size_law(d, bandwidth)
    share = np.arange(d + 1)[:, None] / d
    w = (weights[:, None] * share * (1 - share))[:, 0]
    if leave_one_out:
        kept = _given(game, game.kept_weight, game.kept_value, (share * d - 1) / (d - 1))
        masked = _given(game, game.masked_weight, game.masked_value, share * d / (d - 1))
        moments = w @ (kept - masked)
        average = (share * kept + (1 - share) * masked).mean(axis=1)
    else:
        D = game.rest_weight + share * game.kept_weight.sum(axis=1)
        D += (1 - share) * game.masked_weight.sum(axis=1)
        N = game.rest_value + share * game.kept_value.sum(axis=1)
        N += (1 - share) * game.masked_value.sum(axis=1)
        one, quotient = ratio(np.ones_like(D), D), ratio(N, D)
        moments, spread = (w @ one) @ game.b - (w @ (quotient * one)) @ game.a, w.sum() * len(N[0])
        average = quotient.mean(axis=1)
    slope = (weights * deviation) @ average / (weights @ deviation**2)
    return Explanation(game.labels, coefficients(slope, moments, spread), name, game.text)


def _given(game: PerturbationGame, weight: Array, value: Array, share: Array) -> Array:
    """mean_i N_j / D_j, (sizes, d): j has `weight`, `value` (K, d); a `share` of others is kept."""
    d = len(game.labels)
    others, share = np.ones((d, d)) - np.eye(d), np.clip(share, 0.0, 1.0)[:, :, None]
    D = share * (game.kept_weight @ others) + (1 - share) * (game.masked_weight @ others)
    N = share * (game.kept_value @ others) + (1 - share) * (game.masked_value @ others)
    D += game.rest_weight[:, None] + weight
    N += game.rest_value[:, None] + value
    return ratio(N, D).mean(axis=1)
