"""Six layers: our forward pass against torch's own encoder with the same weights."""

from __future__ import annotations

import os
import resource
import tracemalloc

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.timing import compare
from helpers.data.corpus import held_out
from helpers.model.deep import DeepClassifier, load_deep, padded

DOCUMENTS = 256


def torch_encoder(model: DeepClassifier) -> nn.TransformerEncoder:
    """`nn.TransformerEncoder` with the weights of `model`; its last norm is the read-out's."""
    sizes, stack = model.sizes, model.stack
    layer = nn.TransformerEncoderLayer(
        sizes.d_e, sizes.heads, stack.feed_forward, 0.0, nn.functional.gelu,
        batch_first=True, norm_first=True,
    )  # fmt: skip
    encoder = nn.TransformerEncoder(layer, stack.layers, model.norm, enable_nested_tensor=False)
    names = {"self_attn": "attention", "linear1": "mlp.0", "linear2": "mlp.3"}
    for theirs, ours in zip(encoder.layers, model.layers):
        given = ours.state_dict()
        for name in list(theirs.state_dict()):
            for old, new in names.items():
                if name.startswith(f"{old}."):
                    given[name] = given.pop(name.replace(old, new, 1))
        theirs.load_state_dict(given)
    return encoder.to(model.words.weight.dtype).eval()


def through_torch(model: DeepClassifier, encoder: nn.TransformerEncoder, ids: Tensor) -> Tensor:
    """Logits (n,) by torch's encoder."""
    return model.readout(encoder(model.embed(ids), src_key_padding_mask=ids < 0)[:, 0])[:, 0]


@torch.no_grad()
def run() -> dict[str, dict]:
    """Documents per second, in single precision, and what a document and the weights take."""
    model = load_deep().float()
    encoder = torch_encoder(model)
    texts = [review.text for review in held_out(DOCUMENTS)]
    ids = padded(model.encode(texts))
    apart = (model(ids) - through_torch(model, encoder, ids)).abs().max().item()
    found = compare(lambda: model(ids), lambda: through_torch(model, encoder, ids), 7)
    tracemalloc.start()
    model.predict(texts)
    python_mb = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    weights = sum(value.numel() for value in model.parameters())
    return {
        f"Forward pass of {DOCUMENTS} snippets in six layers, single precision": {
            "ours": "six layers that can return their attention",
            "peer": "nn.TransformerEncoder of torch, same weights",
            "note": (
                f"{DOCUMENTS / found['ours_s']:.0f} documents a second; "
                f"{weights / 1e6:.2f} million weights; largest difference {apart:.0e}"
            ),
            "documents_per_second": DOCUMENTS / found["ours_s"],
            "memory_mb": python_mb,
            "most_of_the_process_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
            "words": float(np.mean([len(row) for row in model.encode(texts)])),
            "threads": float(os.environ.get("OMP_NUM_THREADS", torch.get_num_threads())),
            **found,
        }
    }
