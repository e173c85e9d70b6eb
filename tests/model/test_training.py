"""The batches and their masks; training twice gives the same; the card is true."""

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import load_classifier
from helpers.data import corpus
from helpers.data.reviews import PACKAGE, SHA256, Review
from helpers.data.words import CLS_ID, UNK_ID
from helpers.model import training
from helpers.model.classifier import PARAMETERS
from helpers.model.training import Recipe
from helpers.model.weights import Sizes, load_card
from tests.documents import INVENTED

ROOT = Path(__file__).parents[2]


SMALL = Sizes(heads=2, d_e=8, d_att=4, d_out=4, T_max=64)
QUICK = Recipe(epochs=3, batch=16, learning_rate=0.05, averaging=0.9, single=0.9)


# ---- batches

TOKENS = tuple(np.full(3 + n % 5, 10 + n) for n in range(80))
RATINGS = np.where(np.arange(80) % 3, 1.0, -2.0)


def epoch(**changes):
    draw = np.random.default_rng(changes.pop("seed", 0))
    T_max = changes.pop("T_max", 128)
    made = list(training.batches(TOKENS, RATINGS, Recipe(**changes), T_max, draw))
    return torch.cat([ids for ids, _ in made]).numpy(), torch.cat([t for _, t in made]).numpy()


@settings(deadline=None)
@given(st.integers(0, 99), st.floats(0, 1), st.integers(2, 12))
def test_an_epoch_shows_each_snippet_once_among_its_kind(seed, single, most):
    ids, targets = epoch(seed=seed, single=single, most_snippets=most, masking=0.0)
    assert (ids[:, 0] == CLS_ID).all()
    words = Counter(ids[:, 1:][ids[:, 1:] != UNK_ID].tolist())
    assert words == {10 + n: 3 + n % 5 for n in range(80)}
    for row, target in zip(ids, targets, strict=True):
        ratings = {RATINGS[n - 10] for n in row[1:] if n != UNK_ID}
        assert len(ratings) == 1
        assert target == pytest.approx(1 / (1 + np.exp(-1.5 * ratings.pop())), rel=1e-6)


def test_batches_have_the_size_asked_for():
    draw = np.random.default_rng(0)
    recipe = Recipe(single=1.0, batch=32)
    sizes = [len(t) for _, t in training.batches(TOKENS, RATINGS, recipe, 64, draw)]
    assert sizes == [32, 32, 16]


def test_long_documents_are_cut():
    ids, _ = epoch(single=0.0, T_max=10, masking=0.0)
    assert ids.shape[1] == 10
    assert (ids[:, -1] != UNK_ID).any()  # the last place is used, too


@pytest.mark.parametrize("masking, low, high", [(0.0, 0, 0), (0.5, 0.2, 0.3), (1.0, 0.43, 0.57)])
def test_the_share_of_masked_words(masking, low, high):
    shares = []
    for seed in range(20):
        ids, _ = epoch(seed=seed, masking=masking, single=1.0)
        left = (ids[:, 1:] != UNK_ID).sum()
        shares.append(1 - left / sum(map(len, TOKENS)))
    assert low <= np.mean(shares) <= high


def test_rates_of_masking_differ_between_documents():
    """Uniform rates spread by 0.29; one rate for all would spread by less than 0.1."""
    same = {"single": 0.0, "most_snippets": 12, "seed": 3}
    masked, plain = (epoch(**same, masking=rate)[0][:, 1:] != UNK_ID for rate in (1.0, 0.0))
    lengths = plain.sum(axis=1)
    assert (masked <= plain).all()  # the same documents
    shares = (masked.sum(axis=1) / lengths)[lengths > 30]
    assert len(shares) > 5 and shares.std() > 0.2


# ---- training


@pytest.fixture(scope="module")
def quick():
    return training.train(INVENTED, QUICK, SMALL)


def test_training_learns(quick):
    model, card = quick
    assert training.tested(model, INVENTED)["test, single snippets"] > 0.9
    assert card["curve"][-1]["loss"] < card["curve"][0]["loss"]
    assert model.logits(["good"])[0] > 0 > model.logits(["bad"])[0]


def test_training_twice_gives_identical_weights(quick):
    again, card = training.train(INVENTED, QUICK, SMALL)
    assert card["curve"] == quick[1]["curve"]
    for name in PARAMETERS:
        assert torch.equal(getattr(again, name), getattr(quick[0], name)), name


def test_another_seed_gives_other_weights(quick):
    other, _ = training.train(INVENTED, replace(QUICK, seed=1), SMALL)
    assert not torch.equal(other.W_e, quick[0].W_e)


def test_the_card_of_a_training(quick):
    model, card = quick
    assert Recipe(**card["recipe"]) == QUICK
    assert card["data"] == {"package": PACKAGE, "sha256": SHA256}
    assert card["words"] == len(model.vocabulary)
    best = max(row["validation"] for row in card["curve"])
    assert (
        card["accuracy"]["validation"]
        == best
        == card["curve"][card["best epoch"] - 1]["validation"]
    )
    assert training.accuracy(model, corpus.split(INVENTED)["validation"]) == best
    json.dumps(card)


def test_of_equally_good_epochs_the_first_is_kept():
    _, card = training.train(INVENTED, Recipe(epochs=3, learning_rate=0.0), SMALL)
    assert len(card["curve"]) == 3 and card["best epoch"] == 1


def test_the_weights_are_those_of_the_best_epoch(monkeypatch):
    """Validation is made to fall: the first epoch is the best, as if it had been the only one."""
    falling = iter(range(100, 0, -1))
    monkeypatch.setattr(training, "accuracy", lambda *_: float(next(falling)))
    kept, card = training.train(INVENTED, QUICK, SMALL)
    only, _ = training.train(INVENTED, replace(QUICK, epochs=1), SMALL)
    assert card["best epoch"] == 1 and len(card["curve"]) == QUICK.epochs
    for name in PARAMETERS:
        assert torch.equal(getattr(kept, name), getattr(only, name)), name


def test_training_does_not_look_at_the_test_split(quick):
    kept = [s for s in INVENTED if corpus.split_of(s.text) != "test"]
    other = [Review(s.identifier, -s.rating, s.text) for s in INVENTED if s not in kept]
    again, card = training.train([*kept, *other], QUICK, SMALL)
    assert "test" not in " ".join(card["accuracy"])
    assert card["curve"] == quick[1]["curve"]
    for name in PARAMETERS:
        assert torch.equal(getattr(again, name), getattr(quick[0], name)), name


def test_training_takes_one_thread_and_gives_the_others_back(monkeypatch):
    seen, before = [], torch.get_num_threads()
    plain = training.batches

    def watched(*given):
        seen.append(torch.get_num_threads())
        return plain(*given)

    monkeypatch.setattr(training, "batches", watched)
    torch.set_num_threads(3)
    try:
        training.train(INVENTED, Recipe(epochs=1), SMALL)
        assert torch.get_num_threads() == 3
        with pytest.raises(ValueError, match="no snippet for train, validation, test: give more"):
            training.train([], Recipe(epochs=1), SMALL)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
    assert seen == [1]


def test_no_accuracy_without_reviews(quick):
    with pytest.raises(ValueError, match="accuracy on no review at all: give at least one"):
        training.accuracy(quick[0], [])


def test_no_progress_bar_where_nobody_looks(capfd):
    training.train(INVENTED, Recipe(epochs=1), SMALL)
    captured = capfd.readouterr()
    assert captured.err == captured.out == ""


def test_accuracy_counts_the_signs():
    class Sign:
        def predict(self, texts):
            return np.array([1.0 if "good" in text else -1.0 for text in texts])

    right = [Review("1", 2.0, "good"), Review("2", -2.0, "bad"), Review("3", 1.0, "bad")]
    assert training.accuracy(Sign(), right) == pytest.approx(2 / 3)


# ---- the shipped weights


def test_accuracies_of_the_card_are_true(snippets):
    card, classifier = load_card(), load_classifier()
    assert Recipe(**card["recipe"]) == Recipe()
    assert card["data"] == {"package": PACKAGE, "sha256": SHA256}
    test = corpus.split(snippets)["test"]
    single = training.accuracy(classifier, test)
    documents = corpus.documents(test, (10,), training.TENS)
    tens = training.accuracy(classifier, documents)
    used = [name for x in documents for name in x.identifier.split("+")]
    assert len(used) == len(set(used)) == 10 * training.TENS
    assert single >= 0.75 and tens >= 0.9
    assert single == pytest.approx(card["accuracy"]["test, single snippets"], abs=0.002)
    assert tens == pytest.approx(card["accuracy"]["test, documents of 10"], abs=0.011)
    best = card["curve"][card["best epoch"] - 1]
    assert card["accuracy"]["validation"] == best["validation"]
    assert best["validation"] == max(row["validation"] for row in card["curve"])


@pytest.mark.filterwarnings("ignore::helpers.data.words.TextTooLongWarning")
def test_the_first_epoch_of_the_shipped_recipe_comes_out_again(snippets):
    card = load_card()
    recipe = replace(Recipe(**card["recipe"]), epochs=1)
    _, again = training.train(snippets, recipe, Sizes(**card["sizes"]))
    first = card["curve"][0]
    assert again["curve"][0]["loss"] == pytest.approx(first["loss"], abs=1e-3)
    assert again["curve"][0]["validation"] == pytest.approx(first["validation"], abs=0.02)
    assert again["words"] == card["words"]


# ---- the command


@pytest.fixture
def command(monkeypatch, tmp_path, quick):
    """`python -m helpers.model.training` on invented snippets, with a folder of its own."""
    monkeypatch.setattr(training, "load_snippets", lambda: INVENTED)
    monkeypatch.setattr(training, "train", lambda snippets: quick)
    monkeypatch.setattr(training, "SHIPPED", tmp_path / "weights")
    monkeypatch.setattr(training, "load_classifier", lambda: load_classifier(tmp_path / "weights"))
    return training.main


def test_write_makes_the_folder_and_compare_then_agrees(command, tmp_path, capsys):
    assert command(["--write"]) == 0
    names = {path.name for path in (tmp_path / "weights").iterdir()}
    assert names == {"classifier.safetensors", "classifier.json", "vocabulary.txt"}
    assert f"wrote {tmp_path / 'weights'}" in capsys.readouterr().out
    before = {path: path.read_bytes() for path in (tmp_path / "weights").iterdir()}
    assert command([]) == 0
    assert "largest difference of a test logit" in capsys.readouterr().out
    assert before == {path: path.read_bytes() for path in (tmp_path / "weights").iterdir()}


def test_other_weights_are_reported(command, tmp_path, quick, capsys):
    assert command(["--write"]) == 0
    changed = quick[0]
    changed.W_l.data.neg_()
    try:
        assert command([]) == 1
    finally:
        changed.W_l.data.neg_()
    assert "accuracy, test, single snippets" in capsys.readouterr().out


def test_an_unknown_option_is_refused(capsys):
    with pytest.raises(SystemExit):
        training.main(["--overwrite"])
    assert "unrecognized arguments: --overwrite" in capsys.readouterr().err


def test_no_pickle_anywhere():
    forbidden = re.compile(
        r"\bpickle\b|torch\.(load|save)\(|joblib\.(load|dump)|allow_pickle|\bshelve\b|marshal"
    )
    sources = [
        *(ROOT / "helpers").rglob("*.py"),
        *(ROOT / "tools").rglob("*.py"),
        *(ROOT / "book").rglob("*.ipynb"),
        *(ROOT / "benchmarks").rglob("*.py"),
    ]
    assert len(sources) > 20
    assert [p.name for p in sources if forbidden.search(p.read_text(encoding="utf-8"))] == []
    suffixes = {path.suffix for path in (ROOT / "helpers" / "weights").rglob("*.*")}
    assert suffixes == {".safetensors", ".json", ".txt"}
