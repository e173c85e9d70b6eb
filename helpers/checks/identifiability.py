"""Statements of Part 2 on other attention with the same output: dimension, adversary, permutations.

The truth is a null space, enumeration, linear programmes or automatic differentiation; beside them
is the gradient search of Jain and Wallace (2019), for comparison.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import torch
from scipy import optimize
from scipy.linalg import null_space
from scipy.special import rel_entr

from helpers.checks.base import largest, statement
from helpers.evaluation import identifiability
from helpers.model.reading import Array, Reading

OURS = "this book"


@statement("thm-freedom", "the dimension of the attention that gives one output", OURS, 1e-9)
def freedom(
    reading: Reading, formula: Callable[[Reading], tuple[Array, Array]] = identifiability.freedom
) -> float:
    """`formula` against null spaces; then α is moved along each of their directions, inside."""
    heads, worst = reading.heads, 0.0
    for i, (whole, scalar) in enumerate(zip(*formula(reading), strict=True)):
        v = reading.embeddings @ heads.W_v[i].T + heads.b_v[i]
        for vectors, dimension in ((v, whole), (v @ heads.W_l[i][:, None], scalar)):
            directions = null_space(np.column_stack([vectors, np.ones(len(v))]).T)
            if directions.shape[1] != dimension:
                return math.inf
            alpha = reading.attention[i][:, None]
            moved = alpha + alpha.min() * directions / np.abs(directions).max(initial=1e-300)
            gap = np.abs(vectors.T @ (moved - alpha)).max(initial=0.0)
            worst = largest(worst, gap, -moved.min(initial=0.0))
    return worst


@statement("prop-one-key", "how a head's output moves with its key vector", OURS, 1e-11)
def one_key(
    reading: Reading, formula: Callable[[Reading], Array] = identifiability.key_slopes
) -> float:
    """`formula` against automatic differentiation, relative to the largest slope."""
    e = torch.from_numpy(reading.embeddings)
    key = torch.tensor(reading.key_directions, requires_grad=True)
    values = torch.tensor(reading.values)
    (torch.softmax(key @ e.T, dim=1) * values).sum().backward()
    truth = key.grad.numpy()
    return float(np.abs(formula(reading) - truth).max() / max(1.0, np.abs(truth).max()))


@statement("thm-adversary", "no attention in the bounds is farther away", OURS, 1e-8)
def adversary(
    alpha: Array,
    u: Array,
    low: float,
    high: float,
    distance: identifiability.Distance = "Jensen-Shannon",
    formula: Callable[..., identifiability.Adversary] = identifiability.farthest,
) -> float:
    """`formula` against all vertices, found by solving T equations for each; T at most about 7.

    For the total variation also against 2^T linear programmes. The weights are checked, too.
    """
    found, corners = formula(alpha, u, low, high, distance), vertices(u, low, high)
    if distance == "total variation":
        truth = [np.abs(corners - alpha).sum(axis=1).max() / 2, by_programmes(alpha, u, low, high)]
        own = np.abs(found.weights - alpha).sum() / 2
    else:
        truth, own = [_entropies(alpha, corners).max()], float(_entropies(alpha, found.weights))
    outside = largest(low - u @ found.weights, u @ found.weights - high, -found.weights.min())
    errors = [abs(found.distance - value) for value in [*truth, own]]
    return largest(*errors, outside, abs(found.weights.sum() - 1))


@statement("prop-needed-token", "the weight that a token keeps, and the limit it sets", OURS, 1e-8)
def needed_token(
    u: Array, f: float, alpha: Array, formula: Callable[..., Array] = identifiability.needed
) -> float:
    """`formula` against a linear programme for each token; T at most about 7.

    `alpha` has the output `f`. No vertex may be farther from it than the weights allow.
    """
    least, equations = formula(u, f), np.stack([np.ones(len(u)), u])
    programmes = [
        optimize.linprog(row, A_eq=equations, b_eq=[1.0, f]).fun for row in np.eye(len(u))
    ]
    corners, room = vertices(u, f, f), 1 - least.max()
    variation = np.abs(corners - alpha).sum(axis=1).max() / 2
    divergence = _entropies(alpha, corners).max()
    beyond = largest(variation - room, divergence - room * math.log(2), 0.0)
    return largest(np.abs(least - programmes).max(), beyond)


def _entropies(alpha: Array, other: Array) -> Array:
    """Jensen-Shannon divergence as SciPy's relative entropies to the middle."""
    middle = (alpha + other) / 2
    return (rel_entr(alpha, middle) + rel_entr(other, middle)).sum(axis=-1) / 2


def vertices(u: Array, low: float, high: float) -> Array:
    """All vertices (n, T) of {α' in the simplex, low <= u·α' <= high}, whatever they look like."""
    T = len(u)
    walls, sides = np.vstack([np.eye(T), u, u]), np.concatenate([np.zeros(T), [low, high]])
    chosen = [c for c in itertools.combinations(range(T + 2), T - 1) if not {T, T + 1} <= {*c}]
    systems = np.array([np.vstack([walls[list(c)], np.ones(T)]) for c in chosen])
    right = np.array([[*sides[list(c)], 1.0] for c in chosen])
    regular = np.abs(np.linalg.det(systems)) > 1e-12
    points = np.linalg.solve(systems[regular], right[regular][..., None])[..., 0]
    output = points @ u
    inside = (points.min(axis=1) > -1e-10) & (output > low - 1e-10) & (output < high + 1e-10)
    return np.maximum(points[inside], 0.0)


def by_programmes(alpha: Array, u: Array, low: float, high: float) -> float:
    """The largest total variation: a linear programme for each pattern of signs of α' - α."""
    best = -math.inf
    for signs in itertools.product((-1.0, 1.0), repeat=len(u)):
        found = optimize.linprog(
            -np.array(signs) / 2, np.stack([u, -u]), [high, -low], np.ones((1, len(u))), [1.0]
        )
        if found.success:
            best = max(best, float(-found.fun - np.array(signs) @ alpha / 2))
    return best


def gradient_search(
    alpha: Array, u: Array, seed: int = 0, steps: int = 500, rate: float = 0.01
) -> tuple[Array, Array]:
    """Adversarial attention as Jain and Wallace (2019) search for it; n documents at once.

    `alpha` and `u` are (n, T), the output is the probability sigmoid(Σ α u). Five candidates start
    at uniform logits with noise N(0, 9); Adam (amsgrad, as in their code) raises the Jensen-Shannon
    divergence from α and between candidates, with the penalty 500 ReLU(|Δ probability| - 0.01).
    Returns the candidates' attention (n, 5, T) and |Δ probability| (n, 5).
    """
    draw = np.random.default_rng(seed)
    start = draw.normal(scale=3.0, size=(len(u), 5, u.shape[1]))
    logits = torch.tensor(start, requires_grad=True)
    true, values = torch.from_numpy(alpha)[:, None], torch.from_numpy(u)[:, None]
    p = torch.sigmoid((true * values).sum(-1))
    optimizer = torch.optim.Adam([logits], lr=rate, amsgrad=True)
    for _ in range(steps):
        tried = torch.softmax(logits, dim=-1)
        moved = (torch.sigmoid((tried * values).sum(-1)) - p).abs()
        apart = _divergence(tried[:, :, None], tried[:, None]).mean(dim=(1, 2))
        loss = 500 * torch.relu(moved - 0.01) - _divergence(tried, true)
        optimizer.zero_grad()
        (loss.sum() - apart.sum()).backward()
        optimizer.step()
    tried = torch.softmax(logits.detach(), dim=-1)
    return tried.numpy(), (torch.sigmoid((tried * values).sum(-1)) - p).abs().numpy()


def _divergence(one: torch.Tensor, two: torch.Tensor) -> torch.Tensor:
    """Jensen-Shannon divergence of attention rows along the last axis."""
    middle = torch.log((one + two) / 2)
    halves = (torch.special.xlogy(a, a) - a * middle for a in (one, two))
    return sum(half.sum(-1) for half in halves) / 2


@statement(
    "thm-permutation", "mean and variance of the output when attention is permuted", OURS, 1e-10
)
def permutation(
    reading: Reading,
    formula: Callable[[Reading], tuple[float, float]] = identifiability.permutation_moments,
) -> float:
    """`formula` against all T! permutations of each head, for T at most about 7."""
    means, variances = [], []
    for alpha, u in zip(reading.attention, reading.values, strict=True):
        outputs = [alpha[list(order)] @ u for order in itertools.permutations(range(len(u)))]
        means.append(np.mean(outputs))
        variances.append(np.var(outputs))
    mean, variance = formula(reading)
    errors = abs(mean - np.mean(means)), abs(variance - np.mean(variances) / len(means))
    return largest(*errors) / max(1.0, float(np.abs(reading.values).max()) ** 2)


@statement(
    "cor-permutation-sample",
    "permuted outputs have the closed mean and variance",
    OURS,
    4,
    "standard errors",
)
def permutation_sample(
    reading: Reading,
    n: int = 10_000,
    seed: int = 0,
    formula: Callable[[Reading], tuple[float, float]] = identifiability.permutation_moments,
) -> float:
    """The larger |z| of mean and variance of `n` permuted outputs, in standard errors."""
    outputs, (mean, variance) = permuted_outputs(reading, n, seed), formula(reading)
    squares = (outputs - mean) ** 2
    z_mean = (outputs.mean() - mean) / (outputs.std() / math.sqrt(n))
    return largest(abs(z_mean), abs(squares.mean() - variance) / (squares.std() / math.sqrt(n)))


def permuted_outputs(reading: Reading, n: int, seed: int = 0) -> Array:
    """f for `n` random permutations of every head's attention, (n,)."""
    draw = np.random.default_rng(seed)
    outputs = np.zeros(n)
    for alpha, u in zip(reading.attention, reading.values, strict=True):
        outputs += draw.permuted(np.tile(alpha, (n, 1)), axis=1) @ u / len(reading.values)
    return outputs
