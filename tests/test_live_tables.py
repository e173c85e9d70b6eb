"""What `_ext/live.py` writes into the site for the live sentence, without a browser."""

import base64
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers import load_classifier
from helpers.explainers import integrated
from helpers.explainers.methods import METHODS

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "_ext"))
import live  # noqa: E402

CLASSIFIER = load_classifier()
TABLES = live.tables(CLASSIFIER)


def unpacked(packed, columns):
    whole = np.frombuffer(base64.b64decode(packed["base64"]), dtype="<i4")
    return (whole * packed["scale"]).reshape(-1, columns)


@pytest.mark.parametrize("values", [[1.0], [-1.0, 0.3], [7.9, -3e-9], [1e-20, 0.0], [2.0**40, 1.0]])
def test_packing_keeps_nine_digits(values):
    packed = live.packed(values)
    error = np.abs(unpacked(packed, 1)[:, 0] - values).max()
    assert error <= np.abs(values).max() * 2**-31
    assert np.log2(packed["scale"]) % 1 == 0


def test_the_tables_hold_logits_and_values_of_words_at_positions():
    K = TABLES["heads"]
    tables = {name: unpacked(packed, K) for name, packed in TABLES["tables"].items()}
    ids = CLASSIFIER.encode(["not a fine zyzzyva , but a beautiful mess"])[0].numpy()
    reading = CLASSIFIER.read("not a fine zyzzyva , but a beautiful mess")
    for kind, truth in (("Logit", reading.logits), ("Value", reading.values)):
        found = tables[f"word{kind}"][ids] + tables[f"position{kind}"]
        np.testing.assert_allclose(found.T, truth, rtol=0, atol=1e-8)
    d_e = TABLES["d_e"]
    for name in ("key", "value"):
        found = unpacked(TABLES["tables"][f"{name}Direction"], d_e)
        np.testing.assert_allclose(found, getattr(reading, f"{name}_directions"), atol=1e-8)


def test_the_tables_are_not_the_weights():
    numbers = sum(len(base64.b64decode(t["base64"])) // 4 for t in TABLES["tables"].values())
    words, K = len(CLASSIFIER.vocabulary), TABLES["heads"]
    assert numbers == 2 * K * (words + TABLES["T_max"] + TABLES["d_e"])
    assert numbers < CLASSIFIER.W_e.numel() / 8


def test_the_words_are_in_the_order_of_their_ids():
    assert tuple(TABLES["words"].split(" ")) == CLASSIFIER.vocabulary.words


def test_every_method_of_the_registry_is_there_in_its_order():
    assert [method["key"] for method in TABLES["methods"]] == list(METHODS)
    assert [method["signed"] for method in TABLES["methods"]] == [
        m.signed for m in METHODS.values()
    ]


def test_the_nodes_for_integrated_gradients_are_enough_for_the_words_that_move_most():
    reading = CLASSIFIER.read("a")
    moves = (CLASSIFIER.W_e - CLASSIFIER.W_e[0]).numpy() @ reading.key_directions.T
    most = {int(k) for head in moves.T for k in (head.argmin(), head.argmax())}
    words = [CLASSIFIER.vocabulary.words[k] for k in most]
    for text in (" ".join(words), *words):
        assert integrated.quadrature_bound(CLASSIFIER.read(text), live.NODES) < 1e-10
    assert integrated.quadrature_bound(CLASSIFIER.read(" ".join(words)), live.NODES // 6) > 1e-10


def test_the_script_is_written_anew_the_same_and_calls_once(tmp_path):
    first, second = (live.write(tmp_path / name, CLASSIFIER) for name in ("one", "two"))
    one, two = ((tmp_path / name / "data.js").read_bytes() for name in ("one", "two"))
    assert first == second and one == two
    text = one.decode("utf-8")
    assert text.startswith("attentionLive.receive({") and text.endswith("});\n")
    assert json.loads(text.removeprefix("attentionLive.receive(").removesuffix(");\n")) == TABLES
    assert {path.name for path in (ROOT / "_live").iterdir()} < set(
        path.name for path in (tmp_path / "one").iterdir()
    )
