"""Six layers: each statement holds on random models, and fails when it is broken."""

import json

import numpy as np
import pytest

from benchmarks import six_layers
from helpers import load_classifier
from helpers.checks import CheckFailed
from helpers.checks import six_layers as checks
from helpers.data.words import tokenize
from helpers.evaluation import depth as evaluation
from helpers.explainers import depth, gradients
from helpers.model.deep import load_deep
from tests.model.test_deep import TEXT, random_model

MODELS = [random_model(seed, scale=scale) for seed in range(3) for scale in (1.0, 3.0)]
MODEL = MODELS[1]
RECORD = json.loads(six_layers.TARGET.read_text("utf8"))


@pytest.mark.parametrize("model", MODELS)
def test_statements_hold_on_random_models(model):
    for check in (checks.every_layer, checks.top_layer, checks.sign_blind):
        check(model, TEXT)
    checks.flow_bound(model.read(TEXT))
    checks.mean_gradient(model.read(TEXT))


def test_another_summary_of_the_gradient_is_not_zero():
    with pytest.raises(CheckFailed):
        checks.mean_gradient(MODEL.read(TEXT), lambda rows: rows[..., 1:].mean(axis=-1))


def test_one_query_is_not_enough_below_the_top():
    def only_cls(heads, x, given):
        first = np.zeros_like(given)
        first[:, 0] = given[:, 0]
        return depth.attention_gradient(heads, x, first)

    with pytest.raises(CheckFailed):
        checks.every_layer(MODEL, TEXT, only_cls)


def test_uncentred_values_are_noticed():
    def uncentred(top):
        alpha = top.attention
        slopes = (alpha * top.values).T
        return (alpha.T @ top.value_directions + slopes @ top.key_directions) / len(alpha)

    with pytest.raises(CheckFailed):
        checks.top_layer(MODEL, TEXT, uncentred)


def test_a_model_of_one_sign_only_is_noticed():
    with pytest.raises(CheckFailed):
        checks.sign_blind(MODEL, TEXT, mirror=lambda model: model)
    with pytest.raises(CheckFailed):
        checks.sign_blind(MODEL, TEXT, paths=(depth.times_input,))


def test_half_of_what_the_first_layer_lets_in_is_exceeded():
    reading = MODELS[0].read(TEXT)
    with pytest.raises(CheckFailed):
        checks.flow_bound(reading, lambda x: 0.9 * checks.column(x))
    with pytest.raises(CheckFailed):
        checks.flow_bound(reading, lambda x: checks.column(x) - 0.01)


def test_the_bound_is_not_always_reached():
    """If [CLS] attends to itself alone in the last layer, only its own row of the first counts."""
    reading = MODEL.read("not a good film")
    A = reading.attention.copy()
    A[1, :, 0] = np.eye(5)[0]
    bent = type(reading)(**{**vars(reading), "attention": A})
    found, bound = depth.flow(bent).scores, checks.column(bent)
    np.testing.assert_allclose(found[1:], A[0, :, 0, 1:].mean(axis=0) / 2, atol=1e-6)
    assert (bound[1:] - found[1:]).min() > 0.1


def test_the_gradients_of_the_words_span_two_dimensions_a_head_at_the_top():
    model = load_deep()
    text = evaluation.texts(6)[1]
    rows = gradients.gradient(model.top(text))[1:]
    assert np.linalg.matrix_rank(rows, tol=1e-9) <= 12 < len(rows)
    below = model.read(text).gradients[0][1:]
    assert np.linalg.matrix_rank(below, tol=1e-9) == len(below)


# ---- the record


def test_the_record_is_of_the_documents_that_it_names():
    texts = evaluation.texts()
    assert len(RECORD) == len(texts) == evaluation.COUNT
    for row, text in zip(RECORD, texts):
        assert row["words"] == len(set(tokenize(text))) == len(row["lime"]) == len(row["errors"])
        assert row["n"] >= 500


def test_a_part_of_the_record_is_measured_again():
    one, deep = load_classifier(), load_deep()
    texts = evaluation.texts()
    place = min(range(20), key=lambda k: RECORD[k]["words"] * RECORD[k]["n"])
    found, kept = evaluation.measured(one, deep, texts[place]), RECORD[place]
    assert found["n"] == pytest.approx(kept["n"], abs=2)
    np.testing.assert_allclose(found["lime"], kept["lime"], atol=3 * max(kept["errors"]))
    for model in ("six", "one"):
        for table in ("tau", "signs"):
            for name, value in kept[model][table].items():
                assert found[model][table][name] == pytest.approx(value, abs=0.12), name
        for name, value in kept[model]["error"].items():
            assert found[model]["error"][name] == pytest.approx(value, rel=0.05, abs=0.02), name


def test_texts_of_ones_own_can_be_measured(tmp_path, capsys):
    mine = tmp_path / "mine.txt"
    mine.write_text("a dull film with a bad cast\n", "utf8")
    six_layers.main(["--texts", str(mine), "--out", str(tmp_path / "x.json")])
    (row,) = json.loads((tmp_path / "x.json").read_text("utf8"))
    assert row["words"] == 6 and "attention flow" in row["six"]["tau"]
