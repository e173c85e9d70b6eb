"""Several layers: rollout by hand, flow by linear programming, the gradient by torch."""

import numpy as np
import pytest
import torch
from scipy.optimize import linprog

from helpers import explain, games
from helpers.checks import examples
from helpers.evaluation import depth as evaluation
from helpers.explainers import depth, gradients, lime, methods, occlusion
from helpers.explainers.explanation import by_word
from helpers.games import word_game
from helpers.model.adapters import heads_from_torch
from tests.model.test_deep import TEXT, random_model

MODEL = random_model()
READING = MODEL.read(TEXT)
SHORT = MODEL.read("not a good film")


def flow_by_linear_program(reading, token):
    """The largest flow from [CLS] at the top to `token` at the bottom, as a linear program."""
    steps = (reading.attention.mean(axis=1) + np.eye(len(reading.tokens))) / 2
    L, T, _ = steps.shape
    arcs = [
        ((l + 1, s), (l, t), steps[l, s, t]) for l in range(L) for s in range(T) for t in range(T)
    ]
    inner = [(l, t) for l in range(L) for t in range(T) if (l, t) != (0, token)]
    balance = [[(end == x) - (start == x) for start, end, _ in arcs] for x in inner]
    only = [[start == (L, s) for start, *_ in arcs] for s in range(1, T)]  # nothing from others
    gain = [-float(end == (0, token)) for _, end, _ in arcs]
    found = linprog(
        gain, A_eq=np.array(balance + only, float), b_eq=np.zeros(len(balance) + T - 1),
        bounds=[(0, capacity) for *_, capacity in arcs],
    )  # fmt: skip
    return -found.fun


def test_flow_is_that_of_a_linear_program():
    found = depth.flow(SHORT).scores
    truth = [flow_by_linear_program(SHORT, t) for t in range(len(SHORT.tokens))]
    np.testing.assert_allclose(found, truth, atol=1e-5)
    assert found.min() < 0.99


def test_rollout_is_the_sum_over_all_paths():
    A = (SHORT.attention.mean(axis=1) + np.eye(5)) / 2
    truth = np.zeros(5)
    for middle in range(5):
        for end in range(5):
            truth[end] += A[1][0, middle] * A[0][middle, end]
    found = depth.rollout(SHORT)
    np.testing.assert_allclose(found.scores, truth, atol=1e-12)
    assert found.scores.sum() == pytest.approx(1)


def test_attention_of_a_layer_is_the_row_of_cls():
    for layer in (1, 2):
        found = depth.attention(READING, layer)
        np.testing.assert_allclose(found.scores, READING.attention[layer - 1, :, 0].mean(axis=0))
        assert found.method == f"attention of layer {layer}"
    with pytest.raises(ValueError, match="layer is 3, expected 1 to 2"):
        depth.attention(READING, 3)


def test_summaries_of_the_gradient():
    rows = READING.gradients[0]
    for found, truth in {
        depth.l1: np.abs(rows).sum(axis=1),
        depth.l2: np.sqrt((rows**2).sum(axis=1)),
        depth.times_input: np.einsum("td,td->t", rows, READING.states[0]),
    }.items():  # fmt: skip
        np.testing.assert_allclose(found(READING).scores, truth, atol=1e-12)


def test_integrated_gradients_are_complete_and_a_masked_word_has_none():
    found = depth.integrated(MODEL, f"{TEXT} xyz", nodes=64)
    masked = " ".join(["xyz"] * (len(TEXT.split()) + 1))
    gap = MODEL.predict([f"{TEXT} xyz"])[0] - MODEL.predict([masked])[0]
    assert found.scores.sum() == pytest.approx(gap, abs=1e-4) and abs(gap) > 0.1
    assert found.scores[-1] == 0 == found.scores[0]


@pytest.mark.parametrize("layer", [0, 1])
def test_the_papers_formula_with_the_gradient_that_arrives(layer):
    module = MODEL.layers[layer]
    heads = heads_from_torch(module.attention, torch.nn.Linear(8, 1).double())
    out = module.attention.out_proj.weight.detach().numpy().reshape(8, 2, 4)
    arriving = np.einsum("td,dko->kto", READING.between_gradients[layer], out)
    arriving = np.concatenate([arriving, np.zeros_like(arriving[..., :1])], axis=2)
    x = module.norm1(torch.from_numpy(READING.states[layer])).detach().numpy()
    found = depth.attention_gradient(heads, x, arriving)
    J = depth.norm_jacobian(READING.states[layer], module.norm1.weight.detach().numpy())
    truth = depth.layer_gradient(READING, layer)
    np.testing.assert_allclose(np.einsum("tde,td->te", J, found), truth, atol=1e-10)
    assert np.abs(truth).max() > 1e-3


def test_with_one_query_it_is_the_gradient_of_one_layer():
    reading = examples.random_reading(3, T=6, K=2, biases=True)
    arriving = np.zeros((2, 6, reading.heads.W_v.shape[1]))
    arriving[:, 0] = reading.heads.W_l / 2
    found = depth.attention_gradient(reading.heads, reading.embeddings, arriving)
    np.testing.assert_allclose(found, gradients.gradient(reading), atol=1e-12)


def test_the_jacobian_of_a_norm():
    draw = np.random.default_rng(0)
    h, weight = draw.normal(size=(3, 5)), draw.normal(size=5)
    norm = torch.nn.LayerNorm(5).double()
    norm.weight.data = torch.from_numpy(weight)
    for row, found in zip(h, depth.norm_jacobian(h, weight)):
        truth = torch.autograd.functional.jacobian(norm, torch.from_numpy(row))
        np.testing.assert_allclose(found, truth, atol=1e-12)


# ---- what a black box is asked


def test_leave_one_out_of_a_black_box_is_that_of_one_layer():
    game = word_game(examples.random_reading(1, T=7))
    np.testing.assert_allclose(
        occlusion.asked(game).scores, occlusion.leave_one_out(game).scores, atol=1e-12
    )


GAME = games.text_game(MODEL.predict, TEXT)


@pytest.mark.parametrize("key", methods.SAMPLED)
def test_a_black_box_is_explained_by_its_outputs(key):
    found = explain(GAME, key)
    assert found.labels == GAME.labels and found.method != ""
    np.testing.assert_array_equal(found.scores, methods.find(key).sampled(GAME).scores)
    assert (found.standard_errors is None) == (key == "leave-one-out")


def test_all_that_a_black_box_can_be_asked_is_compared():
    table = explain(GAME)
    assert table.words == GAME.labels and len(table.methods) == len(methods.SAMPLED)
    assert table.output == pytest.approx(MODEL.predict([TEXT])[0])
    assert "leave-one-out" in repr(table)


@pytest.mark.parametrize("key", [k for k in methods.METHODS if k not in methods.SAMPLED])
def test_a_closed_form_refuses_a_black_box_and_says_why(key):
    with pytest.raises(TypeError, match=rf"{key} is a closed form of one layer.*call explain\(ga"):
        explain(GAME, key)


def test_an_unknown_key_is_told_for_a_black_box_too():
    with pytest.raises(ValueError, match="did you mean 'lime'"):
        explain(GAME, "lme")


@pytest.mark.parametrize("call", [explain, gradients.l1, lime.exact, games.as_game])
def test_several_layers_refuse_what_is_exact_for_one_and_name_the_call(call):
    with pytest.raises(TypeError, match=r"several layers have no closed form.*explain\(game, 'lim"):
        call(READING)


@pytest.mark.parametrize("call", [depth.rollout, depth.flow, depth.l1])
def test_one_layer_refuses_what_is_for_several(call):
    reading = examples.random_reading(1, T=7)
    with pytest.raises(TypeError, match=r"several layers is wanted, not Reading: call load_deep"):
        call(reading)
    with pytest.raises(TypeError, match="classifier has several layers, not Reading: call load"):
        depth.integrated(reading, TEXT)


# ---- both models side by side


def test_runs_of_lime_ask_for_samples_by_their_error_bars():
    game = games.text_game(MODEL.predict, TEXT)
    one, other = evaluation.lime_runs(game)
    needed = lime.samples_needed(lime.sampled(game, n=500, seed=0), share=evaluation.SHARE)
    assert one.samples == other.samples == np.clip(needed, 500, evaluation.MOST)
    assert not np.array_equal(one.scores, other.scores)


def test_a_game_without_effects_takes_the_most_samples():
    game = games.text_game(lambda texts: np.zeros(len(texts)), "a fine film")
    assert evaluation.lime_runs(game)[0].samples == evaluation.MOST


def test_both_tables_score_the_same_words():
    inside = evaluation.inside(MODEL, TEXT)
    labels = tuple(dict.fromkeys(TEXT.split()))
    assert all(len(row) == len(labels) for row in inside.values())
    assert len(inside) == 2 + 7
    np.testing.assert_array_equal(inside["G-l1"], by_word(depth.l1(READING)).scores)
    reading = examples.random_reading(1, T=7)
    outside = evaluation.one_layer(reading)
    assert set(outside) - set(inside) == {"attention", "G-avg"}
    assert len(evaluation.layer_rules(reading)) == 3
