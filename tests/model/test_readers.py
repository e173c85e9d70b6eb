"""The quick fits: they learn, and least squares is what it says."""

import numpy as np
import torch
from torch import nn

from helpers.data.bags import digit_bags
from helpers.model.readers import RIDGE, fit_bags, fit_readout


class Mean(nn.Module):
    """The mean of the instances' logits."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(64, 1)

    def forward(self, images):
        return self.linear(images)[..., 0].mean(-1)


def test_bags_of_nines_are_learnt():
    torch.manual_seed(0)
    model, bags = Mean(), digit_bags(60, (0, 5), size=5)
    fit_bags(model, bags)
    found = model(torch.tensor(np.array([bag.images for bag in bags]))) > 0
    assert np.mean(found.numpy() == [bag.positive for bag in bags]) > 0.95


def test_readout_is_where_the_gradient_vanishes():
    draw = np.random.default_rng(0)
    pooled, positive = torch.tensor(draw.normal(size=(40, 3))), draw.random(40) > 0.5
    readout = nn.Linear(3, 1).double()
    fit_readout(readout, pooled, positive.tolist())
    gap = readout(pooled)[:, 0] - torch.tensor(2.0 * positive - 1)
    loss = (gap**2).sum() + RIDGE * sum((p**2).sum() for p in readout.parameters())
    loss.backward()
    assert all(p.grad.abs().max() < 1e-10 for p in readout.parameters())
