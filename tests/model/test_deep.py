"""Six layers: torch's own encoder agrees; reading, gradients, padding; files; training."""

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks.deep import through_torch, torch_encoder
from helpers.data import corpus
from helpers.data.words import CLS_ID, UNK_ID, TextError, Vocabulary
from helpers.model import deep_training, training
from helpers.model.adapters import heads_from_torch
from helpers.model.deep import (
    PAD,
    SHIPPED_DEEP,
    DeepClassifier,
    Stack,
    load_deep,
    padded,
)
from helpers.model.deep_reading import DeepReading
from helpers.model.deep_training import Recipe
from helpers.model.weights import Sizes, WeightsError, load_card
from tests.documents import INVENTED

SMALL, TWO = Sizes(heads=2, d_e=8, d_att=4, d_out=4, T_max=32), Stack(2, 12)
QUICK = Recipe(epochs=5, batch=8, learning_rate=0.02, dropout=0.0, embedding_dropout=0.0,
               averaging=0.8, single=0.9)  # fmt: skip
TEXT = "a fine film not good at all but a dull one"


def random_model(seed=0, sizes=SMALL, stack=TWO, scale=2.0):
    torch.manual_seed(seed)
    model = DeepClassifier(Vocabulary.build([TEXT], 1), sizes, stack).double().eval()
    with torch.no_grad():
        for value in model.parameters():
            value.copy_(torch.randn(value.shape) * scale / np.sqrt(max(value.shape)))
    return model


@pytest.fixture(scope="module")
def shipped():
    return load_deep()


# ---- the forward pass


@pytest.mark.parametrize("seed", range(3))
def test_torchs_own_encoder_gives_the_same_logits(seed):
    model = random_model(seed)
    ids = padded(model.encode([TEXT, "good", "dull xyz film"]))
    with torch.no_grad():
        theirs = through_torch(model, torch_encoder(model), ids)
        np.testing.assert_allclose(model(ids), theirs, atol=1e-12)
    assert theirs.std() > 0.05


def test_the_batch_does_not_matter():
    model = random_model()
    texts = ["good", TEXT, "", "dull film"]
    np.testing.assert_allclose(
        model.predict(texts), [model.predict([text])[0] for text in texts], atol=1e-12
    )
    assert len(set(model.predict(texts).round(6))) == 4


def test_an_unknown_word_is_a_masked_one_but_not_a_missing_one():
    model = random_model()
    one, other, shorter = model.predict(["good unkwordz film", "good xyz film", "good film"])
    assert one == other != shorter


def test_order_matters():
    one, other = random_model().predict(["not good dull", "dull not good"])
    assert abs(one - other) > 1e-3


def test_what_is_read():
    model = random_model()
    reading = model.read(TEXT)
    T = 1 + len(TEXT.split())
    assert reading.attention.shape == (2, 2, T, T) and reading.tokens[:3] == ("[CLS]", "a", "fine")
    np.testing.assert_allclose(reading.attention.sum(axis=-1), 1, atol=1e-12)
    assert reading.output == pytest.approx(model.predict([TEXT])[0], abs=1e-12)
    assert f"{T} tokens, 2 layers of 2 heads" in repr(reading)
    np.testing.assert_allclose(reading.states[0], model.embeddings(TEXT)[0], atol=1e-12)


def test_gradients_against_differences():
    model, step = random_model(), 1e-5
    reading = model.read(TEXT)
    e, draw = model.embeddings(TEXT)[0], np.random.default_rng(0)
    for _ in range(3):
        way = draw.normal(size=e.shape)
        f, slopes = model.slopes(np.stack([e + step * way, e - step * way, e]))
        assert (f[0] - f[1]) / (2 * step) == pytest.approx((slopes[2] * way).sum(), rel=1e-6)
        np.testing.assert_allclose(slopes[2], reading.gradients[0], atol=1e-12)


def test_embeddings_without_the_words_are_those_of_a_masked_text():
    model = random_model()
    masked = model.embeddings("good film")[1]
    np.testing.assert_array_equal(masked, model.embeddings("xyz xyz")[0])
    assert (masked[0] == model.embeddings("good film")[0][0]).all()


def test_the_last_layer_alone_is_a_layer_of_one_query():
    model = random_model()
    reading, top = model.read(TEXT), model.top(TEXT)
    np.testing.assert_allclose(top.attention, reading.attention[-1][:, 0], atol=1e-12)
    assert top.tokens == reading.tokens
    layer = model.layers[-1]
    mixed = (reading.between - reading.states)[-1][0]
    assert top.output == pytest.approx(reading.between_gradients[-1][0] @ mixed, abs=1e-12)
    heads = heads_from_torch(layer.attention, torch.nn.Linear(8, 1).double())
    np.testing.assert_array_equal(heads.W_k, top.heads.W_k)


def test_what_cannot_be_read():
    model = random_model()
    with pytest.raises(TextError, match="none of the words"):
        model.read("xyz")
    with pytest.raises(TypeError, match=r"a text is a str, not list.*call classifier\.read"):
        model.read(["good"])
    with pytest.raises(TypeError, match="texts is a list of str"):
        model.predict("good")
    with pytest.raises(TypeError, match="vocabulary is a Vocabulary"):
        DeepClassifier(None)
    with pytest.raises(ValueError, match="d_att = d_out = d_e / heads"):
        DeepClassifier(model.vocabulary, Sizes(2, 8, 4, 8))
    with pytest.raises(ValueError, match="layers is 0"):
        Stack(layers=0)


def test_a_reading_checks_its_shapes():
    given = vars(random_model().read("good film"))
    for name in ("states", "between", "gradients", "between_gradients", "attention"):
        with pytest.raises(ValueError, match=rf"{name} has shape|between has shape"):
            DeepReading(**{**given, name: given[name][..., :-1]})


def test_a_long_text_is_cut_with_a_warning():
    model = random_model()
    with pytest.warns(match="cut off"):
        (row,) = model.encode(["good " * 40])
    assert len(row) == 32 and row[0] == CLS_ID


# ---- training


@pytest.fixture(scope="module")
def quick():
    return deep_training.train(INVENTED, QUICK, SMALL, TWO)


def test_training_learns_and_its_card_is_true(quick):
    model, card = quick
    validation = corpus.split(INVENTED)["validation"]
    assert card["accuracy"]["validation"] == deep_training.accuracy(model, validation) > 0.9
    assert card["curve"][-1]["loss"] < card["curve"][0]["loss"]
    assert Recipe(**card["recipe"]) == QUICK and "test" not in " ".join(card["accuracy"])
    json.dumps(card)


def test_training_twice_gives_identical_weights(quick):
    again, card = deep_training.train(INVENTED, QUICK, SMALL, TWO)
    assert card["curve"] == quick[1]["curve"]
    for name, value in again.state_dict().items():
        assert torch.equal(value, quick[0].state_dict()[name]), name


def test_an_epoch_shows_each_snippet_once_and_pads_little():
    tokens = tuple(np.full(3 + n % 9, 10 + n) for n in range(80))
    ratings = np.where(np.arange(80) % 3, 1.0, -2.0)
    draw = np.random.default_rng(0)
    recipe = Recipe(masking=0.0, batch=8)
    made = list(deep_training.batches(tokens, ratings, recipe, 128, draw))
    words = Counter(n for ids, _ in made for n in ids[:, 1:][ids[:, 1:] != PAD].tolist())
    assert words == {10 + n: 3 + n % 9 for n in range(80)}
    assert all((ids[:, 0] == CLS_ID).all() for ids, _ in made)
    padding = np.mean([(ids == PAD).float().mean() for ids, _ in made])
    assert padding < 0.35
    for ids, targets in made:
        for row, target in zip(ids.tolist(), targets.tolist()):
            (rating,) = {ratings[n - 10] for n in row if n >= 10}
            assert target == pytest.approx(1 / (1 + np.exp(-1.5 * rating)), rel=1e-6)


def test_the_share_of_masked_words():
    tokens, ratings = tuple(np.full(20, 10) for _ in range(400)), np.ones(400)
    draw = np.random.default_rng(0)
    made = deep_training.batches(tokens, ratings, Recipe(single=1.0), 32, draw)
    ids = torch.cat([ids for ids, _ in made])
    shares = (ids == UNK_ID).float().mean(dim=1) * 21 / 20
    assert shares.mean() == pytest.approx(0.3, abs=0.03) and shares.std() > 0.15


def test_no_snippet_for_a_split_is_said():
    with pytest.raises(ValueError, match="no snippet for train, validation, test: give more"):
        deep_training.train([], QUICK, SMALL, TWO)


def test_models_are_compared_by_signs_and_correlation(quick, monkeypatch):
    monkeypatch.setattr(deep_training, "load_snippets", lambda: INVENTED)
    same = deep_training.gaps(quick[0], quick[0])
    assert same == {"equal signs": 1.0, "correlation": pytest.approx(1.0)}
    model = random_model()
    assert deep_training.gaps(quick[0], model)["correlation"] < 0.9


def test_the_command_writes_compares_and_reports_other_weights(
    quick, monkeypatch, tmp_path, capsys
):
    folder = tmp_path / "weights"
    monkeypatch.setattr(training, "load_snippets", lambda: INVENTED)
    monkeypatch.setattr(deep_training, "load_snippets", lambda: INVENTED)
    monkeypatch.setattr(deep_training, "train", lambda snippets: quick)
    monkeypatch.setattr(deep_training, "SHIPPED_DEEP", folder)
    monkeypatch.setattr(deep_training, "load_deep", lambda: load_deep(folder))
    assert deep_training.main(["--write"]) == 0
    assert f"wrote {folder}" in capsys.readouterr().out
    assert deep_training.main([]) == 0
    assert "equal signs: 1.000, at least" in capsys.readouterr().out
    monkeypatch.setattr(deep_training, "load_deep", random_model)
    assert deep_training.main([]) == 1


# ---- files


def test_weights_are_kept_to_the_last_bit(quick, tmp_path):
    model, card = quick
    model.save(tmp_path, card)
    loaded = load_deep(tmp_path)
    for name, value in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value.double()), name
    assert not any(p.requires_grad for p in loaded.parameters())


@pytest.mark.parametrize("stack", [Stack(3, 12), Stack(2, 10)])
def test_weights_that_the_card_does_not_describe(quick, tmp_path, stack):
    model, card = quick
    model.save(tmp_path, {**card, "stack": vars(stack)})
    with pytest.raises(WeightsError, match="does not hold the weights"):
        load_deep(tmp_path)


def test_weights_that_are_no_numbers(quick, tmp_path):
    model = random_model()
    model.norm.bias.data[0] = float("nan")
    model.save(tmp_path, quick[1])
    with pytest.raises(WeightsError, match=r"norm\.bias in .* holds NaN"):
        load_deep(tmp_path)


def test_the_shipped_files_are_small_and_say_what_they_are(shipped):
    size = sum(file.stat().st_size for file in SHIPPED_DEEP.iterdir())
    card = load_card(SHIPPED_DEEP)
    assert size < 4e6 and card["stack"] == {"layers": 6, "feed_forward": 192}
    assert Recipe(**card["recipe"]) == replace(Recipe())
    assert shipped.words.weight.dtype == torch.float64
    assert card["words"] == len(shipped.vocabulary)


def test_the_card_says_the_accuracy(shipped, snippets):
    card = load_card(SHIPPED_DEEP)
    validation = corpus.split(snippets)["validation"]
    assert deep_training.accuracy(shipped, validation) == pytest.approx(
        card["accuracy"]["validation"], abs=2 / len(validation)
    )
    assert card["accuracy"]["validation"] > 0.74


def test_the_masked_document_is_that_of_unknown_words_alone():
    model = random_model()
    masked = model.read("good film", masked=True)
    assert masked.tokens == ("[CLS]", "good", "film")
    assert masked.output == pytest.approx(model.predict(["xyz xyz"])[0], abs=1e-12)
