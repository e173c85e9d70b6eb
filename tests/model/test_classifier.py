"""The torch model, its shipped weights, and what is said when they or a text are not readable."""

import json
import math
import re
import shutil
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from helpers import checks, load_classifier
from helpers.checks import attention_classifier as statements
from helpers.data.words import TextError, TextTooLongWarning, Vocabulary
from helpers.model.classifier import (
    PARAMETERS,
    SHIPPED,
    AttentionClassifier,
    Sizes,
    WeightsError,
    load_card,
    sinusoids,
)

VOCABULARY = Vocabulary(("[UNK]", "[CLS]", "a", "dull", "film", "fine", "not"))
TEXTS = ["a fine film", "not a fine film", "dull", "film film film not"]


def tiny(seed=0, **sizes):
    sizes = {"heads": 2, "d_e": 6, "d_att": 3, "d_out": 4, "T_max": 9, **sizes}
    return AttentionClassifier(VOCABULARY, Sizes(**sizes), seed).double().requires_grad_(False)


@pytest.fixture(scope="module")
def classifier():
    return load_classifier()


# ---- what it computes


def test_sizes_are_the_papers():
    assert Sizes() == Sizes(heads=6, d_e=128, d_att=64, d_out=64, T_max=256)


def test_positions_are_sines_and_cosines():
    W_p = sinusoids(7, 6)
    for t in range(7):
        for k in range(3):
            angle = t / 10000 ** (2 * k / 6)
            expected = [math.sin(angle), math.cos(angle)]
            np.testing.assert_allclose(W_p[t, 2 * k : 2 * k + 2], expected, atol=1e-6)
    assert sinusoids(4, 5).shape == (4, 5)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 10**6),
    st.fixed_dictionaries(
        {
            "heads": st.integers(1, 4),
            "d_e": st.integers(1, 8),
            "d_att": st.integers(1, 8),
            "d_out": st.integers(1, 8),
            "T_max": st.integers(8, 40),
        }
    ),
)
def test_all_ways_to_the_output_agree(seed, sizes):
    model = tiny(seed, **sizes)
    statements.tables(model, TEXTS)
    readings = [model.read(text) for text in TEXTS]
    embeddings = torch.from_numpy(np.array([r.embeddings for r in readings]))
    outputs = [r.output for r in readings]
    np.testing.assert_allclose(model.logits(TEXTS), outputs, atol=1e-12)
    np.testing.assert_allclose(model.from_embeddings(embeddings), outputs, atol=1e-12)
    np.testing.assert_allclose(model.from_embeddings(embeddings[0]), outputs[0], atol=1e-12)


def test_a_batch_is_each_text_by_itself(classifier):
    together = classifier.logits(TEXTS)
    assert together.shape == (4,) and together.dtype == np.float64
    np.testing.assert_allclose(together, [classifier.logits([x])[0] for x in TEXTS], atol=1e-14)


def test_more_texts_than_one_batch_holds(classifier):
    many = classifier.logits(TEXTS * 150)
    np.testing.assert_allclose(many.reshape(150, 4), np.tile(many[:4], (150, 1)), atol=1e-14)


def test_no_texts_give_no_outputs(classifier):
    assert classifier.logits([]).shape == (0,)


def test_all_parameters_learn():
    model = AttentionClassifier(VOCABULARY, tiny().sizes)
    model(model.encode(TEXTS)).sum().backward()
    assert [n for n, p in model.named_parameters() if p.grad.abs().max() == 0] == []
    assert {n for n, _ in model.named_parameters()} == set(PARAMETERS)


def test_the_seed_decides_the_start():
    one, same, other = (AttentionClassifier(VOCABULARY, tiny().sizes, seed) for seed in (1, 1, 2))
    assert torch.equal(one.W_q, same.W_q) and not torch.equal(one.W_q, other.W_q)


def test_reading_of_a_text(classifier):
    reading = classifier.read("A fine, fine zebrafilm")
    assert reading.text == ("[CLS]", "a", "fine", "fine", "zebrafilm")
    assert reading.tokens[5:] == ("[UNK]",) * 251
    assert {reading.embeddings.shape, reading.masked_embeddings.shape} == {(256, 128)}
    assert reading.embeddings.dtype == np.float64
    np.testing.assert_array_equal(reading.embeddings[4:], reading.masked_embeddings[4:])
    np.testing.assert_array_equal(reading.embeddings[0], reading.masked_embeddings[0])
    assert np.abs(reading.embeddings[1:4] - reading.masked_embeddings[1:4]).min(axis=1).max() > 0


def test_without_positions_is_a_copy(classifier):
    before = classifier.W_p.clone()
    other = classifier.without_positions()
    assert other.W_p.abs().max() == 0 and torch.equal(classifier.W_p, before)
    np.testing.assert_allclose(
        other.logits(["not a fine film"]), other.logits(["film fine a not"]), atol=1e-14
    )


# ---- texts that cannot be read


def test_one_str_instead_of_a_list(classifier):
    with pytest.raises(TypeError, match=r"give a list of texts, not one str: \['a fine film'\]"):
        classifier.logits("a fine film")


def test_a_list_with_something_else(classifier):
    with pytest.raises(TypeError, match="a text is a str, not NoneType"):
        classifier.logits(["fine", None])


@pytest.mark.parametrize(
    "text, message", [("", "has no words"), ("...", "has no words"), ("qqq zzz", "none of the")]
)
def test_unreadable_texts_are_for_predict_only(classifier, text, message):
    with pytest.raises(TextError, match=message):
        classifier.logits(["fine", text])
    with pytest.raises(TextError, match=message):
        classifier.read(text)
    assert np.isfinite(classifier.predict([text])).all()


def test_a_text_that_is_too_long_warns_and_is_cut(classifier):
    text = "dull " * 255 + "fine " * 45
    with pytest.warns(TextTooLongWarning, match=r"300 words .* reads 255: the last 45 words"):
        outputs = classifier.logits([text])
    with pytest.warns(TextTooLongWarning, match="the last 45 words are cut off"):
        reading = classifier.read(text)
    assert reading.length == 256 and reading.tokens[-1] == "dull"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(classifier.logits(["dull " * 255]), outputs)


# ---- weights on disk


@pytest.fixture
def shipped(tmp_path):
    """A copy of the shipped weights that a test may damage."""
    return shutil.copytree(SHIPPED, tmp_path / "weights")


def change_card(folder, **entries):
    path = folder / "classifier.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **entries}))


def test_the_shipped_weights(classifier):
    card = load_card()
    assert classifier.sizes == Sizes() and len(classifier.vocabulary) == card["words"]
    assert all(getattr(classifier, name).dtype == torch.float64 for name in PARAMETERS)
    assert not any(p.requires_grad for p in classifier.parameters())
    size = sum(path.stat().st_size for path in SHIPPED.iterdir())
    assert size < 5e6, "the committed weights are too large"
    assert classifier.logits(["a moving, funny and wonderful film"])[0] > 0.2
    assert classifier.logits(["a dull, stupid and tedious mess"])[0] < -0.2


def test_the_card_says_what_a_reader_wants_to_know():
    card = load_card()
    wanted = {"sizes", "recipe", "data", "splits", "accuracy", "date", "curve", "sha256"}
    assert wanted <= set(card)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", card["date"])


def test_saved_weights_come_back(tmp_path):
    model = tiny(3)
    model.save(tmp_path / "new" / "folder", {"note": "a test"})
    again = load_classifier(tmp_path / "new" / "folder")
    assert again.vocabulary == VOCABULARY and again.sizes == model.sizes
    for name in PARAMETERS:
        stored = getattr(model, name).float().double()
        assert torch.equal(getattr(again, name), stored)
    assert load_card(tmp_path / "new" / "folder")["note"] == "a test"


def test_a_shipped_file_is_not_rewritten_by_saving_elsewhere(tmp_path, classifier):
    before = {path: path.read_bytes() for path in SHIPPED.iterdir()}
    classifier.save(tmp_path, {})
    assert before == {path: path.read_bytes() for path in SHIPPED.iterdir()}
    assert (tmp_path / "classifier.safetensors").read_bytes() == (
        SHIPPED / "classifier.safetensors"
    ).read_bytes()


def test_missing_folder(tmp_path):
    with pytest.raises(WeightsError, match=r"no weights in .*: run 'make train', or check the rep"):
        load_classifier(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["classifier.safetensors", "vocabulary.txt"])
def test_missing_file(shipped, name):
    (shipped / name).unlink()
    with pytest.raises(WeightsError, match=rf"{name} is damaged \(SHA-256 missing, expected"):
        load_classifier(shipped)


@pytest.mark.parametrize("name", ["classifier.safetensors", "vocabulary.txt"])
def test_damaged_file(shipped, name):
    content = bytearray((shipped / name).read_bytes())
    content[-2] ^= 1
    (shipped / name).write_bytes(content)
    with pytest.raises(WeightsError, match=rf"{name} is damaged .* check it out again with git"):
        load_classifier(shipped)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"sizes": {"heads": 6}}', '{"sizes": {"hats": 1}, "sha256": {}}']
)
def test_damaged_card(shipped, text):
    (shipped / "classifier.json").write_text(text)
    with pytest.raises(WeightsError, match=r"classifier\.json is damaged"):
        load_classifier(shipped)


def replace_weights(folder, change):
    """Change the tensors of a folder; the card's hashes fit afterwards."""
    path = folder / "classifier.safetensors"
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path)
    change_card(folder, sha256={})


def test_weights_of_another_shape(shipped):
    change_card(shipped, sizes={"heads": 5, "d_e": 128, "d_att": 64, "d_out": 64, "T_max": 256})
    with pytest.raises(WeightsError, match="does not hold the weights that its card describes"):
        load_classifier(shipped)


def test_weights_that_lack_a_tensor(shipped):
    replace_weights(shipped, lambda tensors: tensors.pop("W_v"))
    with pytest.raises(WeightsError, match=r"does not hold the weights .*(?s:.*)W_v"):
        load_classifier(shipped)


def test_weights_with_nan(shipped):
    replace_weights(shipped, lambda tensors: tensors["W_k"][0, 0].fill_(float("nan")))
    with pytest.raises(WeightsError, match=r"W_k in .* holds NaN or infinity"):
        load_classifier(shipped)


def test_a_file_that_is_not_safetensors(shipped):
    (shipped / "classifier.safetensors").write_bytes(b"\x80\x04 a pickle, perhaps")
    change_card(shipped, sha256={})
    with pytest.raises(WeightsError, match="does not hold the weights"):
        load_classifier(shipped)


def test_a_vocabulary_of_another_length(shipped):
    (shipped / "vocabulary.txt").write_text("[UNK]\n[CLS]\nfilm\n")
    change_card(shipped, sha256={})
    with pytest.raises(WeightsError, match=r"size mismatch for W_e"):
        load_classifier(shipped)


def test_a_wrong_forward_pass_is_caught():
    model = tiny()
    with pytest.raises(checks.CheckFailed):
        statements.tables(model, TEXTS, lambda ids: model(ids) + 1e-9)
    with pytest.raises(checks.CheckFailed):
        statements.tables(model, TEXTS, lambda ids: model(ids) * float("nan"))
