"""LIME by a recursion over the sizes of subsets, with its own quadrature: a truth, and slow."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch

from helpers.checks.oracles import ARRAYS
from helpers.games import PerturbationGame
from helpers.model.reading import Array


def recursion(game: PerturbationGame, bandwidth: float) -> Array:
    """β^∞ by a recursion over words, which keeps the mean over the subsets of each size.

    For each node u it carries the means of exp(-u D) and of N exp(-u D) over the masks of m words.
    Every kept word has a factor of one, and the derivative with respect to it is E[π z_j f].
    """
    K, d = game.kept_weight.shape
    omega = np.exp(-(((1 - np.sqrt(np.arange(d + 1) / d)) / bandwidth) ** 2) / 2)
    omega[d] = 0.0
    omega = torch.from_numpy(omega / omega.sum())
    by_size, moment = torch.zeros(d + 1).double(), torch.zeros(d).double()
    for head in range(K):
        arrays = [torch.tensor(getattr(game, name)[head]) for name in ARRAYS]
        for u, w in panels(*bounds(arrays)):
            factor = torch.ones(d, dtype=torch.float64, requires_grad=True)
            means = w @ subset_means(arrays, u, factor) / K
            (means @ omega).backward()
            by_size, moment = by_size + means.detach(), moment + factor.grad
    missing = torch.arange(d - 1.0, -2.0, -1.0).double()
    centred = (missing * omega).sum() - missing
    slope = (omega * centred) @ by_size / (omega @ centred**2)
    gap = omega @ (torch.arange(d + 1.0) * torch.arange(d, -1.0, -1.0)).double() / (d * (d - 1))
    return (slope + (moment - moment.mean()) / gap).numpy()


def bounds(arrays: Sequence[torch.Tensor]) -> tuple[float, float]:
    """The smallest and the largest D of one head."""
    kept, _, masked, _, rest, _ = arrays
    low, high = torch.minimum(kept, masked), torch.maximum(kept, masked)
    return float(rest + low.sum()), float(rest + high.sum())


def panels(low: float, high: float) -> zip:
    """Nodes and weights for 1/D = ∫ exp(-u D) du: on [0, 1/high], then panels of log u."""
    x, w = np.polynomial.legendre.leggauss(16)
    end = math.log(45 * high / low)
    edges = np.linspace(0, end, math.ceil(end) + 1)
    half, middle = np.diff(edges)[:, None] / 2, (edges[1:] + edges[:-1])[:, None] / 2
    u = np.vstack([(x + 1) / 2, np.exp(middle + half * x)])
    weights = np.vstack([w / 2, u[1:] * half * w])
    return zip(torch.from_numpy(u / high), torch.from_numpy(weights / high))


def subset_means(
    arrays: Sequence[torch.Tensor], u: torch.Tensor, factor: torch.Tensor
) -> torch.Tensor:
    """The mean of N exp(-u D) over the masks of m words, for all nodes and m: (nodes, d + 1)."""
    kept, kept_value, masked, masked_value, rest, rest_value = arrays
    x, y = torch.exp(-u[:, None] * kept) * factor, torch.exp(-u[:, None] * masked)
    plain = torch.exp(-u * rest)[:, None]
    times = rest_value * plain
    for j in range(len(kept)):
        kept_share = torch.arange(1, j + 2).double() / (j + 1)
        on, off = kept_share * x[:, j, None], kept_share.flip(0) * y[:, j, None]
        times = _grow(on * (times + kept_value[j] * plain), off * (times + masked_value[j] * plain))
        plain = _grow(on * plain, off * plain)
    return times


def _grow(kept: torch.Tensor, masked: torch.Tensor) -> torch.Tensor:
    """One more word: masks that keep it have one more word than before, the others as many."""
    pad = torch.nn.functional.pad
    return pad(kept, (1, 0)) + pad(masked, (0, 1))
