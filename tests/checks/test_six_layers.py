"""Six layers: each statement holds on random models, and fails when it is broken."""

import json

import numpy as np
import pytest
import torch

from benchmarks import padding, six_layers, six_layers_corpus
from helpers import experiments, load_classifier
from helpers.checks import CheckFailed
from helpers.checks import six_layers as checks
from helpers.data.corpus import split
from helpers.data.reviews import load_products, load_snippets
from helpers.data.words import UNK_ID, Vocabulary, tokenize
from helpers.evaluation import depth as evaluation
from helpers.explainers import depth, gradients
from helpers.model.deep import load_deep
from tests.model.test_deep import SMALL, TEXT, TWO, random_model

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


# ---- padding, the corpus runner, products


def test_padding_with_unk_is_attended_to():
    torch.manual_seed(0)
    model = padding.PaddedClassifier(Vocabulary.build([TEXT], 1), SMALL, TWO).double().eval()
    (ids,) = model.encode([TEXT])
    filled = torch.full((1, SMALL.T_max), UNK_ID)
    filled[0, : len(ids)] = torch.from_numpy(ids)
    with torch.no_grad():
        truth = float(model.from_embeddings(model.embed(filled))[0])
        masked = float(model.from_embeddings(model.embed(torch.from_numpy(ids)[None]))[0])
    assert model.predict([TEXT, "a"])[0] == pytest.approx(truth, abs=1e-12)
    assert model.predict([TEXT])[0] == pytest.approx(truth, abs=1e-12)
    assert abs(truth - masked) > 1e-6


def test_the_record_of_padding_is_of_pairs():
    runs = padding.made()
    assert [(r["seed"], r["padding"]) for r in runs] == sorted(
        (seed, name) for seed in {r["seed"] for r in runs} for name in padding.VARIANTS
    )
    count = len(split(load_snippets())["validation"])
    for run in runs:
        right = np.array(list(run["right"]), dtype=float)
        assert len(right) == count and len(run["curve"]) == padding.EPOCHS
        assert run["curve"][run["best epoch"] - 1] == max(run["curve"])
        assert right.mean() == pytest.approx(max(run["curve"]), abs=0.005)  # weights in float16


def test_padding_is_trained_in_pairs_and_kept(tmp_path, monkeypatch):
    def quick(variant, seed):
        asked.append((variant, seed))
        return {"padding": variant, "seed": seed}

    asked = []
    monkeypatch.setattr(padding, "trained", quick)
    for seeds in (["1"], ["0", "1"]):
        padding.main(["--seeds", *seeds, "--out", str(tmp_path / "x.json")])
    assert asked == [("masked", 1), ("[UNK]", 1), ("masked", 0), ("[UNK]", 0)]
    assert [run["seed"] for run in padding.made(tmp_path / "x.json")] == [0, 0, 1, 1]


def test_a_part_of_the_run_is_made_again(tmp_path):
    kept = json.loads(six_layers_corpus.TARGET.read_text("utf8"))
    test = split(load_snippets())["test"]
    assert kept["places"] == [k * len(test) // six_layers_corpus.COUNT for k in range(100)]
    n = min(range(100), key=lambda k: len(test[kept["places"][k]].text))
    keys = ("attention-last", "rollout", "integrated-gradients", "leave-one-out")
    chosen = [test[kept["places"][n]]]
    experiments.run(experiments.Settings(chosen, tmp_path, keys, jobs=1, model="six-layers"))
    found = experiments.load(tmp_path)
    places = [kept["methods"].index(key) for key in keys]
    for name in ("deletion_gain", "insertion_gain"):
        np.testing.assert_allclose(found[name], np.array(kept[name])[n, places], rtol=1e-3)
    assert found["chance_error"][0] == pytest.approx(kept["chance_error"][n], rel=1e-3)


def test_sentences_about_products_are_rated_and_spread():
    found = load_products()
    assert len(found) == 3708 and found[0].text.startswith("troubleshooting ad-2500")
    assert {review.identifier for review in load_snippets()} != {r.identifier for r in found}
    texts, kept = evaluation.product_texts(6), {review.text: n for n, review in enumerate(found)}
    places = [kept[text] for text in texts]
    assert places == sorted(places) and places[-1] > 2800
    assert all(len(set(tokenize(text))) >= evaluation.FEWEST for text in texts)
    record = json.loads(six_layers.PRODUCTS.read_text("utf8"))
    assert len(record) == six_layers.FEW
    for row, text in zip(record, evaluation.product_texts(six_layers.FEW), strict=True):
        assert row["words"] == len(set(tokenize(text)))
