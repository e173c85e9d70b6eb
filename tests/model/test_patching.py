"""Patched runs of six layers: the model itself where nothing is patched, torch's own attention."""

import numpy as np
import pytest
import torch

from helpers.data.words import Vocabulary
from helpers.model.deep import DeepClassifier, Stack
from helpers.model.patching import deep_effects, head_outputs, run
from helpers.model.weights import Sizes

WORDS = Vocabulary(("[UNK]", "[CLS]", "good", "bad", "film", "a"))


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    sizes = Sizes(heads=3, d_e=12, d_att=4, d_out=4, T_max=8)
    made = DeepClassifier(WORDS, sizes, Stack(layers=2, feed_forward=7)).double()
    for value in made.parameters():
        value.data += 0.3 * torch.randn_like(value)
    return made.requires_grad_(False).eval()


def ids(model, text):
    return torch.from_numpy(np.array(model.encode([text])))


def test_an_unpatched_run_is_the_model(model):
    at = ids(model, "a good film")
    f, added = run(model, model.embed(at))
    torch.testing.assert_close(f, model(at))
    assert added.shape == (2, 1, 3, 4, 12)


def test_heads_add_up_to_torch_s_attention(model):
    x = torch.randn(2, 5, 12, dtype=torch.float64)
    layer = model.layers[0].attention
    found = head_outputs(layer, x).sum(dim=1) + layer.out_proj.bias
    torch.testing.assert_close(found, layer(x, x, x)[0])


@pytest.mark.parametrize("layer", [0, 1])
def test_heads_are_patched_as_by_hooks(model, layer):
    """The truth is the model itself, to whose attention a hook adds the difference."""
    here, there = ids(model, "a good film"), ids(model, "a bad film")
    given, own = (run(model, model.embed(at))[1][layer] for at in (there, here))
    found = deep_effects(model, "a good film", "a bad film")

    def effect(change):
        hook = model.layers[layer].attention.register_forward_hook(
            lambda module, inputs, out: (out[0] + change, out[1])
        )
        patched = float(model(here))
        hook.remove()
        return patched - float(model(here))

    for k in range(3):
        expected = effect(given[:, k] - own[:, k])
        assert found.heads[layer, k] == pytest.approx(expected, abs=1e-12) and abs(expected) > 1e-4
    assert found.layers[layer] == pytest.approx(effect((given - own).sum(dim=1)), abs=1e-12)
    assert found.total == pytest.approx(float(model(there) - model(here)), abs=1e-12)


def test_all_heads_of_a_layer_that_is_all_there_is():
    """One layer, read at [CLS] with the same word there: its heads carry the whole effect."""
    torch.manual_seed(1)
    sizes = Sizes(heads=3, d_e=12, d_att=4, d_out=4, T_max=8)
    one = DeepClassifier(WORDS, sizes, Stack(layers=1, feed_forward=7)).double()
    one = one.requires_grad_(False).eval()
    found = deep_effects(one, "a good film", "a bad film")
    assert found.layers[0] == pytest.approx(found.total, abs=1e-12) and abs(found.total) > 1e-3


def test_texts_of_different_lengths(model):
    with pytest.raises(ValueError, match="two of one length"):
        deep_effects(model, "a good film", "a film")
