"""Checks of the chapter on six layers: the truth is torch's automatic differentiation."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from helpers.checks.base import deviation, largest, statement
from helpers.explainers import depth, gradients
from helpers.explainers.explanation import Explanation
from helpers.model.adapters import heads_from_torch
from helpers.model.deep import DeepClassifier
from helpers.model.deep_reading import DeepReading
from helpers.model.reading import Array, Heads

Formula = Callable[[Heads, Array, Array], Array]
PATHS = (lambda reading: depth.attention(reading, 1), depth.rollout, depth.flow)


def arriving(model: DeepClassifier, reading: DeepReading, layer: int) -> tuple[Heads, Array]:
    """The heads of a layer, and ∂f/∂(output of each head) for each token, (K, T, d_out)."""
    module, (K, d_out) = model.layers[layer].attention, (model.sizes.heads, model.sizes.d_out)
    heads = heads_from_torch(module, nn.Linear(module.embed_dim, 1).double())
    weight = module.out_proj.weight.detach().numpy().reshape(-1, K, d_out)
    found = np.einsum("td,dko->kto", reading.between_gradients[layer], weight)
    return heads, np.concatenate([found, np.zeros_like(found[..., :1])], axis=2)  # its constant


@torch.no_grad()
def entering(model: DeepClassifier, reading: DeepReading, layer: int) -> tuple[Array, Array]:
    """LayerNorm of what enters a layer, (T, d_e), and its Jacobian at each token (T, d_e, d_e)."""
    norm, h = model.layers[layer].norm1, reading.states[layer]
    return norm(torch.from_numpy(h)).numpy(), depth.norm_jacobian(h, norm.weight.numpy(), norm.eps)


@statement(
    "thm-layer-gradient", "the gradient formula, with the gradient that arrives", "this book", 1e-10
)
def every_layer(
    model: DeepClassifier, text: str, formula: Formula = depth.attention_gradient
) -> float:
    """J^T `formula` against the automatic gradient of each layer's attention, residual left out."""
    reading, errors = model.read(text), []
    for layer in range(len(reading.attention)):
        x, J = entering(model, reading, layer)
        heads, given = arriving(model, reading, layer)
        found = np.einsum("tde,td->te", J, formula(heads, x, given))
        truth = depth.layer_gradient(reading, layer)
        errors.append(deviation(found, truth) / min(1.0, float(np.abs(truth).max())))
    return largest(*errors)


@statement(
    "cor-top-layer", "the paper's formula for the words, in the last layer", "this book", 1e-10
)
def top_layer(
    model: DeepClassifier, text: str, rows: Callable[..., Array] = gradients.gradient
) -> float:
    """J^T `rows` of the last layer alone against ∂f/∂(what enters it), for each word."""
    reading = model.read(text)
    J = entering(model, reading, -1)[1]
    found = np.einsum("tde,td->te", J, rows(model.top(text)))[1:]
    truth = reading.gradients[-1][1:]
    return deviation(found, truth) / min(1.0, float(np.abs(truth).max()))


@statement("prop-mean-gradient", "the mean of a gradient's coordinates is zero", "this book", 1e-10)
def mean_gradient(
    reading: DeepReading, summary: Callable[[Array], Array] = lambda rows: rows.mean(axis=-1)
) -> float:
    """`summary` (L, T, d_e) → (L, T) of the automatic gradients, over the largest coordinate."""
    return float(np.abs(summary(reading.gradients)).max() / np.abs(reading.gradients).max())


def mirrored(model: DeepClassifier) -> DeepClassifier:
    """The model whose read-out has the other sign: f becomes -f."""
    other = copy.deepcopy(model)
    with torch.no_grad():
        for value in other.readout.parameters():
            value.neg_()
    return other


@statement("prop-deep-signs", "paths of attention do not see the sign of f", "this book", 0.0)
def sign_blind(
    model: DeepClassifier,
    text: str,
    paths: tuple[Callable[[DeepReading], Explanation], ...] = PATHS,
    mirror: Callable[[DeepClassifier], DeepClassifier] = mirrored,
) -> float:
    """`mirror` must turn f and its gradients round, and leave the scores of all `paths`."""
    one, other = model.read(text), mirror(model).read(text)
    turned = deviation(other.gradients, -one.gradients), abs(one.output + other.output)
    return largest(*turned, *(deviation(p(other).scores, p(one).scores) for p in paths))


def column(reading: DeepReading) -> Array:
    """min(1, Σ_s (A + I)_st / 2) of the first layer, (T,)."""
    steps = (reading.attention[0].mean(axis=0) + np.eye(len(reading.tokens))) / 2
    return np.minimum(1, steps.sum(axis=0))


@statement("prop-flow-bound", "flow is at most what the first layer lets in", "this book", 1e-5)
def flow_bound(reading: DeepReading, bound: Callable[[DeepReading], Array] = column) -> float:
    """By how much attention flow exceeds `bound` (T,)."""
    return float(np.maximum(depth.flow(reading).scores - bound(reading), 0).max())
