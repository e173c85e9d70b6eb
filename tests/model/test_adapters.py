"""A torch attention layer as a Reading, against torch alone."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from helpers import games
from helpers.checks import CheckFailed, oracles
from helpers.checks import your_own_attention as checks
from helpers.explainers import attention, gradients, lime, shapley
from helpers.model.adapters import from_torch, heads_from_torch

QUICK = settings(max_examples=40, deadline=None)
SIZES = (st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 6), st.booleans())


@given(*SIZES, st.integers(2, 6))
@QUICK
def test_all_masked_documents_against_torch(seed, K, width, biases, T):
    layer, readout = checks.random_layer(seed, K, width, biases)
    checks.folding(layer, readout, *checks.random_rows(seed, T, K * width))


@given(*SIZES)
@QUICK
def test_explanations_against_enumeration_through_torch(seed, K, width, biases):
    layer, readout = checks.random_layer(seed, K, width, biases)
    one, other = checks.random_rows(seed, 5, K * width)
    outputs = {}
    for z in oracles.every_mask(4).astype(int).tolist():
        rows = np.where(np.array([1, *z])[:, None] == 1, one, other)
        outputs[tuple(z)] = checks.by_torch(layer, readout, rows)[0]
    game = games.position_game(from_torch(layer, readout, one, other))
    size = max(map(abs, outputs.values()))
    truth = oracles.least_squares(outputs, oracles.lime_weights(4, 0.25))
    np.testing.assert_allclose(lime.exact(game).scores, truth, atol=1e-12 * size)
    truth = oracles.enumerated_shapley(outputs)
    np.testing.assert_allclose(shapley.exact(game).scores, truth, atol=1e-12 * size)


def test_a_word_that_comes_twice_is_masked_at_both_places():
    layer, readout = checks.random_layer(0)
    one, other = checks.random_rows(0, 4, 6)
    reading = from_torch(layer, readout, one, other, tokens=["[CLS]", "so", "good", "so"])
    game = games.word_game(reading)
    assert game.labels == ("so", "good")
    rows = np.where(np.array([1, 0, 1, 0])[:, None] == 1, one, other)
    truth = checks.by_torch(layer, readout, rows)[0]
    assert game.value([0, 1]) == pytest.approx(truth, abs=1e-12)


def test_gradient_against_autograd():
    layer, readout = checks.random_layer(3)
    one, other = checks.random_rows(3, 5, 6)
    rows = torch.tensor(one)[:, None].requires_grad_()
    double = copy.deepcopy(layer).double()
    output = copy.deepcopy(readout).double()(double(rows[:1], rows, rows)[0])
    truth = torch.autograd.grad(output.sum(), rows)[0][:, 0]
    found = gradients.gradient(from_torch(layer, readout, one, other))
    np.testing.assert_allclose(found, truth, atol=1e-12)


def test_the_modules_stay_as_they_are_and_tensors_are_welcome():
    layer, readout = checks.random_layer(1)
    before = copy.deepcopy(layer.state_dict())
    layer.train()
    rows = torch.randn(4, 6, requires_grad=True)
    from_torch(layer, readout, rows, rows.detach())
    assert layer.training and layer.in_proj_weight.dtype == torch.float32
    assert all(torch.equal(before[name], value) for name, value in layer.state_dict().items())


def test_dropout_and_the_order_of_axes_do_not_matter():
    layer, readout = checks.random_layer(2)
    other = nn.MultiheadAttention(6, 2, dropout=0.5, batch_first=True)
    other.load_state_dict(layer.state_dict())
    one, two = (heads_from_torch(module, readout) for module in (layer, other))
    assert all(np.array_equal(getattr(one, n), getattr(two, n)) for n in ("W_q", "W_v", "W_l"))


def test_one_output_of_several():
    layer, _ = checks.random_layer(4)
    readout, rows = nn.Linear(6, 3), checks.random_rows(4, 5, 6)
    single = nn.Linear(6, 1)
    single.load_state_dict({"weight": readout.weight[2:], "bias": readout.bias[2:]})
    found = from_torch(layer, readout, *rows, output=2)
    assert found.output == from_torch(layer, single, *rows).output
    with pytest.raises(ValueError, match="output=0 to output=2"):
        from_torch(layer, readout, *rows)
    for wrong in (-1, 3):
        with pytest.raises(ValueError, match="expected 0 to 2"):
            from_torch(layer, readout, *rows, output=wrong)


def test_the_constant_is_shared_out_by_attention():
    layer, readout = checks.random_layer(5)
    rows = checks.random_rows(5, 5, 6)
    bare, bias = copy.deepcopy(readout), float(readout.bias.detach())
    bare.bias.data.zero_()
    with_it, without = (from_torch(layer, r, *rows) for r in (readout, bare))
    gap = attention.contributions(with_it).scores - attention.contributions(without).scores
    np.testing.assert_allclose(gap, bias * attention.average(with_it).scores, atol=1e-12)
    one, two = (shapley.exact(reading).scores for reading in (with_it, without))
    np.testing.assert_allclose(one, two, atol=1e-12)


def test_padding_is_never_masked():
    layer, readout = checks.random_layer(6)
    reading = from_torch(layer, readout, *checks.random_rows(6, 6, 6), length=4)
    assert reading.text == ("[CLS]", "token 1", "token 2", "token 3")
    assert len(games.position_game(reading).labels) == 3


LAYER, READOUT = checks.random_layer(0)
ROWS = checks.random_rows(0, 4, 6)
BAD = {
    "several layers": (TypeError, "TransformerEncoder,.*residual", {
        "attention": nn.TransformerEncoder(
            nn.TransformerEncoderLayer(6, 2), 2, enable_nested_tensor=False)}),
    "a whole layer": (TypeError, "layer.self_attn alone", {
        "attention": nn.TransformerEncoderLayer(6, 2)}),
    "no read-out": (TypeError, "readout is a Sequential", {"readout": nn.Sequential(READOUT)}),
    "bias_kv": (ValueError, "add_bias_kv", {
        "attention": nn.MultiheadAttention(6, 2, add_bias_kv=True)}),
    "zero_attn": (ValueError, "add_zero_attn", {
        "attention": nn.MultiheadAttention(6, 2, add_zero_attn=True)}),
    "kdim": (ValueError, "kdim 3", {"attention": nn.MultiheadAttention(6, 2, kdim=3, vdim=3)}),
    "width": (ValueError, "takes 5 numbers, the layer gives 6", {"readout": nn.Linear(5, 1)}),
    "batch": (ValueError, r"expected \(T, 6\)", {"embeddings": ROWS[0][None]}),
    "rows": (ValueError, "unequal", {"embeddings": ROWS[0][:3]}),
    "query": (ValueError, "depend on the words", {"embeddings": ROWS[0] + 1}),
    "tokens": (ValueError, "3 tokens for 4 rows", {"tokens": "abc"}),
    "length": (ValueError, "expected 1 to 4", {"length": 5}),
    "NaN": (ValueError, "NaN", {"embeddings": np.vstack([ROWS[0][:3], np.full(6, np.nan)])}),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_covered_is_said(name):
    kind, message, change = BAD[name]
    given = {
        "attention": LAYER,
        "readout": READOUT,
        "embeddings": ROWS[0],
        "masked_embeddings": ROWS[1],
    }
    with pytest.raises(kind, match=message):
        from_torch(**given | change)


def test_a_wrong_fold_is_caught():
    def fold(scale=1.0, constant=True):
        def made(layer, readout, *rows):
            readout = copy.deepcopy(readout)
            readout.weight.data *= scale
            readout.bias.data *= constant
            return from_torch(layer, readout, *rows)

        return made

    for wrong in (fold(scale=0.5), fold(constant=False)):
        with pytest.raises(CheckFailed):
            checks.folding(LAYER, READOUT, *ROWS, fold=wrong)
