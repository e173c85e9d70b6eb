"""The torch model, its shipped weights, and what is said when they or a text are not readable."""

import hashlib
import json
import math
import os
import re
import shutil
import warnings
from pathlib import Path

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
    sinusoids,
)
from helpers.model.weights import Sizes, WeightsError, load_card

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


def test_texts_read_together_are_each_text_by_itself(classifier):
    together = classifier.read_many(x for x in TEXTS)
    for reading, alone in zip(together, map(classifier.read, TEXTS), strict=True):
        assert (reading.tokens, reading.length) == (alone.tokens, alone.length)
        np.testing.assert_array_equal(reading.embeddings, alone.embeddings)
        np.testing.assert_array_equal(reading.masked_embeddings, alone.masked_embeddings)
    assert together[0].heads is together[1].heads
    assert together[0].masked_embeddings is together[1].masked_embeddings
    assert classifier.read_many([]) == ()
    with pytest.raises(TypeError, match=r"call classifier\.read_many"):
        classifier.read_many("a fine film")


def test_more_texts_than_one_batch_holds(classifier):
    many = classifier.logits(TEXTS * 150)
    np.testing.assert_allclose(many.reshape(150, 4), np.tile(many[:4], (150, 1)), atol=1e-14)


def test_logits_take_one_thread_and_give_the_others_back():
    model, seen, before = tiny(), [], torch.get_num_threads()
    hook = model.register_forward_hook(lambda *given: seen.append(torch.get_num_threads()))
    torch.set_num_threads(3)
    try:
        model.logits(["film"])
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
        hook.remove()
    assert seen == [1]


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


@pytest.mark.parametrize("wrong", ["a fine film", None, b"good", ["fine", None], {"fine": 1}, 3])
def test_something_else_than_a_list_of_texts(classifier, wrong):
    message = r"texts is a list of str, not .*: call classifier\.logits\(\['a fine film'\]\)"
    with pytest.raises(TypeError, match=message):
        classifier.logits(wrong)


@pytest.mark.parametrize(
    "text, words",
    [
        ("good \ud800 film", ["good", "film"]),  # half of a character: no UTF-8
        ("\x00good\x00film\x00", ["good", "film"]),
        ("فيلم good \u202efilm", ["فيلم", "good", "film"]),  # right to left
        ("🎬 good 👍🏽 film", ["good", "film"]),
        ("ｇｏｏｄ good ﬁlm film", ["ｇｏｏｄ", "good", "ﬁlm", "film"]),
    ],
    ids=["lone surrogate", "NUL", "right to left", "emoji", "wide letters"],
)
def test_texts_of_any_characters_are_read(classifier, text, words):
    reading = classifier.read(text)
    assert reading.text[1:] == tuple(words) and classifier.logits([text])[0] == pytest.approx(
        reading.output, abs=1e-12
    )
    assert classifier.logits([text])[0] == classifier.logits([" ".join(words)])[0]
    assert len(repr(reading)) < 200 and "\n" not in repr(reading)


@pytest.mark.parametrize("text", ["\ud800", "\x00", "🎬👍🏽", "qq " * 3_400_000, "." * 10**7])
def test_ten_megabytes_and_odd_characters_without_a_known_word(classifier, text):
    with pytest.raises(TextError) as error:
        classifier.logits([text])
    assert len(str(error.value)) < 300 and str(error.value).encode("utf8")


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
    """Change entries of a folder's card; all its hashes fit afterwards."""
    path = folder / "classifier.json"
    card = {**json.loads(path.read_text()), **entries}
    said = {name: value for name, value in card.items() if name != "sha256"}
    contents = {name: (folder / name).read_bytes() for name in FILES[:2]}
    contents["classifier.json"] = json.dumps(said, sort_keys=True).encode("utf8")
    card["sha256"] = {n: hashlib.sha256(found).hexdigest() for n, found in contents.items()}
    path.write_text(json.dumps(card))


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
    before = {path: path.read_bytes() for path in SHIPPED.rglob("*.*")}
    classifier.save(tmp_path, {})
    assert before == {path: path.read_bytes() for path in SHIPPED.rglob("*.*")}
    assert (tmp_path / "classifier.safetensors").read_bytes() == (
        SHIPPED / "classifier.safetensors"
    ).read_bytes()


def test_missing_folder(tmp_path):
    with pytest.raises(WeightsError, match=r"no weights in .*: run 'make train', or check the rep"):
        load_classifier(tmp_path / "nowhere")


FILES = ["classifier.safetensors", "vocabulary.txt", "classifier.json"]
AGAIN = "check it out again with git, or run 'make train'"


@pytest.mark.parametrize("name", FILES[:2])
def test_missing_file(shipped, name):
    (shipped / name).unlink()
    with pytest.raises(WeightsError, match=f"{name} is missing: {AGAIN}"):
        load_classifier(shipped)


@pytest.mark.parametrize("name", FILES[:2])
def test_damaged_file(shipped, name):
    content = bytearray((shipped / name).read_bytes())
    content[-2] ^= 1
    (shipped / name).write_bytes(content)
    with pytest.raises(WeightsError, match=rf"{name} is damaged \(SHA-256 .*, exp.*: {AGAIN}"):
        load_classifier(shipped)


@pytest.mark.parametrize("name", FILES)
def test_a_folder_in_place_of_a_file(shipped, name):
    (shipped / name).unlink()
    (shipped / name).mkdir()
    with pytest.raises(WeightsError, match=rf"{name} cannot be read \(Is a directory\): {AGAIN}"):
        load_classifier(shipped)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_may_not_be_read(shipped, name, monkeypatch):
    read = Path.read_bytes

    def refused(path):
        if path.name == name:
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    with pytest.raises(WeightsError, match=rf"{name} cannot be read \(Perm.*: {AGAIN}"):
        load_classifier(shipped)


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "weights").write_text("a file")
    with pytest.raises(WeightsError, match="no weights in"):
        load_classifier(tmp_path / "weights")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"sizes": {"heads": 6}}', '{"sizes": {"hats": 1}, "sha256": {}}']
)
def test_damaged_card(shipped, text):
    (shipped / "classifier.json").write_text(text)
    with pytest.raises(WeightsError, match=rf"classifier\.json is damaged.*: {AGAIN}"):
        load_classifier(shipped)


def test_a_card_of_another_encoding(shipped):
    card = (shipped / "classifier.json").read_text()
    (shipped / "classifier.json").write_bytes(card.encode("utf-16"))
    with pytest.raises(WeightsError, match=rf"classifier\.json is not UTF-8 text .*: {AGAIN}"):
        load_classifier(shipped)


SIZES = {"heads": 6, "d_e": 128, "d_att": 64, "d_out": 64, "T_max": 256}


@pytest.mark.parametrize("heads", ["six", 6.0, -1, 0, 1e9, None, [6]])
def test_heads_that_are_no_number_of_heads(shipped, heads):
    change_card(shipped, sizes={**SIZES, "heads": heads})
    with pytest.raises(WeightsError, match=rf"classifier\.json is damaged: {AGAIN} \(.*heads is"):
        load_classifier(shipped)
    with pytest.raises((TypeError, ValueError), match="heads is"):
        Sizes(heads=heads)


@pytest.mark.parametrize("name, n", [("heads", 5), ("heads", 10**9), ("d_att", 10**9)])
def test_weights_of_another_shape(shipped, name, n):
    change_card(shipped, sizes={**SIZES, name: n})
    with pytest.raises(WeightsError, match="does not hold the weights that its card describes"):
        load_classifier(shipped)


@pytest.mark.parametrize("change", [{"sizes": {**SIZES, "T_max": 128}}, {"sha256": {}}])
def test_a_card_that_was_changed_by_hand(shipped, change):
    card = json.loads((shipped / "classifier.json").read_text())
    (shipped / "classifier.json").write_text(json.dumps({**card, **change}))
    with pytest.raises(WeightsError, match=rf"damaged or was changed by hand: {AGAIN}"):
        load_classifier(shipped)


def replace_weights(folder, change):
    """Change the tensors of a folder; the card's hashes fit afterwards."""
    path = folder / "classifier.safetensors"
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path)
    change_card(folder)


def test_weights_that_lack_a_tensor(shipped):
    replace_weights(shipped, lambda tensors: tensors.pop("W_v"))
    with pytest.raises(WeightsError, match=r"does not hold the weights .*W_v"):
        load_classifier(shipped)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_weights_with_nan_or_infinity(shipped, value):
    replace_weights(shipped, lambda tensors: tensors["W_k"][0, 0].fill_(value))
    with pytest.raises(WeightsError, match=r"W_k in .* holds NaN or infinity"):
        load_classifier(shipped)


def test_a_file_that_is_not_safetensors(shipped):
    (shipped / "classifier.safetensors").write_bytes(b"\x80\x04 a pickle, perhaps")
    change_card(shipped)
    with pytest.raises(WeightsError, match="holds no weights"):
        load_classifier(shipped)


def test_a_vocabulary_of_another_length(shipped):
    (shipped / "vocabulary.txt").write_text("[UNK]\n[CLS]\nfilm\n")
    change_card(shipped)
    with pytest.raises(WeightsError, match=r"does not hold the weights .*'W_e': \(3, 128\)"):
        load_classifier(shipped)


@pytest.mark.parametrize(
    "content, message", [(b"film\n", "is no vocabulary: .* starts with"), (b"\xff\xfe", "UTF-8")]
)
def test_a_vocabulary_that_is_none(shipped, content, message):
    (shipped / "vocabulary.txt").write_bytes(content)
    change_card(shipped)
    with pytest.raises(WeightsError, match=message):
        load_classifier(shipped)


# ---- written as a whole


def test_an_interrupted_save_leaves_the_old_weights(tmp_path, monkeypatch):
    tiny(1).save(tmp_path, {})
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(*given):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match="No space"):
            tiny(2).save(tmp_path, {})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    load_classifier(tmp_path)


@pytest.mark.parametrize("done", [0, 1, 2])
def test_half_old_and_half_new_weights_are_refused(tmp_path, monkeypatch, done):
    """The card comes last, so that its hashes tell; the next save puts it right."""
    tiny(1).save(tmp_path, {})
    moved, plain = [], os.replace

    def interrupted(source, target):
        if len(moved) == done:
            raise KeyboardInterrupt
        moved.append(target)
        plain(source, target)

    other = AttentionClassifier(Vocabulary((*VOCABULARY.words, "new")), tiny().sizes, 2)
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            other.save(tmp_path, {})
    assert [path.name for path in moved] == FILES[:done]
    if done:
        with pytest.raises(WeightsError, match=f"is damaged .*{AGAIN}"):
            load_classifier(tmp_path)
    else:
        assert load_classifier(tmp_path).vocabulary == VOCABULARY
    (tmp_path / "unfinished-killed").mkdir()
    other.save(tmp_path, {})
    assert load_classifier(tmp_path).vocabulary == other.vocabulary
    assert {path.name for path in tmp_path.iterdir()} == set(FILES)


def test_a_wrong_forward_pass_is_caught():
    model = tiny()
    with pytest.raises(checks.CheckFailed):
        statements.tables(model, TEXTS, lambda ids: model(ids) + 1e-9)
    with pytest.raises(checks.CheckFailed):
        statements.tables(model, TEXTS, lambda ids: model(ids) * float("nan"))
