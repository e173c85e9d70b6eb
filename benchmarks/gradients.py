"""Gradients and the forward pass against torch, captum and full attention."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from captum.attr import IntegratedGradients, Saliency

from benchmarks.timing import compare, fastest
from helpers import load_classifier
from helpers.checks import oracles
from helpers.data.corpus import held_out
from helpers.explainers import gradients, integrated
from helpers.model.classifier import AttentionClassifier

DOCUMENTS, REPEATS = 64, 41


def full_attention(classifier: AttentionClassifier, ids: torch.Tensor) -> torch.Tensor:
    """Logits (n,) by the design that computes every row of attention and keeps the first."""
    e = (classifier.W_e[ids] + classifier.W_p).detach()
    return oracles.full_attention(classifier.heads(), e)


def automatic(classifier: AttentionClassifier, e: torch.Tensor) -> np.ndarray:
    """The gradients of documents' logits in their embeddings `e` (n, T_max, d_e), same shape."""
    e = e.detach().requires_grad_()
    return torch.autograd.grad(classifier.from_embeddings(e).sum(), e)[0].numpy()


def run() -> dict[str, dict]:
    """Closed form against torch and captum, and the forward pass against full attention."""
    classifier = load_classifier()
    texts = [document.text for document in held_out(DOCUMENTS, sizes=(1, 2, 4, 8))]
    text, reading = texts[4], classifier.read(texts[4])
    e, masked = torch.tensor(np.stack([reading.embeddings, reading.masked_embeddings]))[:, None]
    unread = iter([replace(reading) for _ in range(500)])  # nothing is computed yet

    def embed(texts: list[str]) -> torch.Tensor:
        return classifier.W_e[classifier.encode(texts)] + classifier.W_p

    def closed(texts: list[str]) -> np.ndarray:
        return np.stack([gradients.gradient(x) for x in classifier.read_many(texts)])

    error = np.abs(closed(texts) - automatic(classifier, embed(texts))).max()
    results = {
        "Gradient of one document, from its text": compare(
            lambda: gradients.gradient(classifier.read(text)),
            lambda: automatic(classifier, embed([text])),
            REPEATS,
        ),
        "Gradient of one document, from its embeddings": compare(
            lambda: gradients.gradient(next(unread)), lambda: automatic(classifier, e), REPEATS
        ),
        f"Gradients of {DOCUMENTS} documents, from their texts": compare(
            lambda: closed(texts), lambda: automatic(classifier, embed(texts)), 9
        ),
    }
    for figures in results.values():
        figures |= {
            "ours": "closed form in NumPy",
            "peer": "torch autograd through the same model",
            "note": f"largest difference {error:.0e}, both in double precision",
        }

    saliency = Saliency(classifier.from_embeddings)
    results["Gradient of one document, against captum"] = {
        "ours": "closed form in NumPy",
        "peer": "captum.attr.Saliency",
        **compare(
            lambda: gradients.gradient(next(unread)),
            lambda: saliency.attribute(e.clone().requires_grad_(), abs=False).numpy(),
            REPEATS,
        ),
    }

    captum = IntegratedGradients(classifier.from_embeddings)

    def fifty_steps() -> np.ndarray:
        return captum.attribute(e, masked)[0].sum(dim=1).numpy()

    truth = integrated.scores(reading, 64)
    ours = np.abs(integrated.gradients(reading).scores - truth[: reading.length]).max()
    results["Integrated gradients of one document"] = {
        "ours": "one-dimensional closed form, nodes by the bound",
        "peer": "captum.attr.IntegratedGradients, 50 steps",
        "note": f"errors {ours:.0e} and {np.abs(fifty_steps() - truth).max():.0e}",
        **compare(lambda: integrated.gradients(next(unread)), fifty_steps, 21),
    }

    for name, model in (("double", classifier), ("single", load_classifier().float())):
        ids = model.encode(texts)
        apart = (model(ids) - full_attention(model, ids)).abs().max().item()
        results[f"Forward pass of {DOCUMENTS} documents of 256 tokens, {name} precision"] = {
            "ours": "one row of attention, from two tables",
            "peer": "all T × T attention, first row kept",
            "target": 5,
            "note": f"largest difference {apart:.0e}",
            **compare(lambda: model(ids), lambda: full_attention(model, ids), 9),  # noqa: B023
        }

    array = reading.embeddings
    both = np.concatenate([reading.key_directions, reading.value_directions])
    slopes = gradients.logit_slopes(reading)
    weights = np.concatenate([slopes, reading.attention])
    products = fastest(lambda: (both @ array.T, weights.T @ both, slopes @ array))
    once = fastest(array.sum)
    floor = compare(lambda: gradients.gradient(next(unread)), array.sum, REPEATS)
    results["Gradient of one document, against its floor"] = {
        "ours": "closed form in NumPy",
        "peer": "one pass over the embeddings (their sum)",
        "note": (
            f"one pass takes {once * 1e6:.0f} µs, the formula's three products of matrices "
            f"{products * 1e6:.0f} µs; the rest is small work around them"
        ),
        "floor_s": once,
        "products_s": products,
        **floor,
    }
    return results
