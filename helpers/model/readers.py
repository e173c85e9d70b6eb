"""Quick fits of small models of a reader's own, in float64, so that all processors agree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from helpers.data.bags import Bag
from helpers.model.threads import one_thread

STEPS, RATE, DECAY = 120, 0.02, 0.01  # full batches; not tuned beyond a few tries
RIDGE = 0.1


def fit_bags(model: nn.Module, bags: Sequence[Bag]) -> None:
    """Train `model`, images (n, d, 64) to n logits, in place to tell which bags are positive.

    It is made float64; bags have one size. Cross-entropy by Adam, one thread, seconds.
    """
    model.double()
    images = torch.tensor(np.array([bag.images for bag in bags]))
    targets = torch.tensor([float(bag.positive) for bag in bags], dtype=torch.float64)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, weight_decay=DECAY)
    with one_thread():
        for _ in range(STEPS):
            loss = nn.functional.binary_cross_entropy_with_logits(model(images), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


@torch.no_grad()
def fit_readout(readout: nn.Linear, pooled: Tensor, positive: Sequence[bool]) -> None:
    """Set a `readout` of one output by least squares: +1 for `positive` rows of (n, width), or -1.

    A small ridge penalty makes the solution unique; the bias has it, too.
    """
    design = torch.cat([pooled, torch.ones(len(pooled), 1)], dim=1).double()
    targets = torch.tensor([1.0 if side else -1.0 for side in positive], dtype=torch.float64)
    gram = design.T @ design + RIDGE * torch.eye(design.shape[1], dtype=torch.float64)
    found = torch.linalg.solve(gram, design.T @ targets)
    readout.weight[0], readout.bias[0] = found[:-1], found[-1]
