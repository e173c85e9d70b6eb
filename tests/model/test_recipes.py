"""The log of the search for a recipe is whole, decides, and never saw the test split."""

import json
from dataclasses import replace

import numpy as np
import pytest

from helpers import load_classifier
from helpers.data.reviews import Review
from helpers.data.words import UNK_ID
from helpers.model import recipes
from helpers.model.training import Recipe
from helpers.model.weights import load_card
from tests.documents import INVENTED


def test_each_candidate_was_tried_with_every_seed():
    log = recipes.load_log()
    wanted = [(c, s) for c in (*recipes.CANDIDATES, recipes.UNMASKED) for s in recipes.SEEDS]
    made = [(run["changes"], run["seed"]) for run in log]
    assert len(made) == len(wanted) and all(pair in made for pair in wanted)
    assert len(recipes.SEEDS) >= 3
    for run in log:
        assert 0 < run["validation"] < 1 and not any("test" in name for name in run)


def test_the_log_chose_the_recipe_that_is_shipped():
    log, card = recipes.load_log(), load_card()
    assert recipes.chosen(log) == Recipe() == Recipe(**card["recipe"])
    changes, _ = max(recipes.means(log), key=lambda pair: pair[1])
    (run,) = (r for r in log if r["changes"] == changes and r["seed"] == card["recipe"]["seed"])
    assert run["validation"] == pytest.approx(card["accuracy"]["validation"], abs=0.003)


def log_of(*accuracies):
    """A log in which the candidates, in order, have these accuracies with every seed."""
    pairs = zip(recipes.CANDIDATES, accuracies, strict=True)
    return [{"changes": c, "seed": s, "validation": a} for c, a in pairs for s in recipes.SEEDS]


def test_the_best_mean_is_chosen_and_the_first_of_two(monkeypatch):
    monkeypatch.setattr(recipes, "CANDIDATES", ({}, {"single": 0.5}, {"min_count": 2}))
    assert recipes.chosen(log_of(0.7, 0.9, 0.8)) == replace(recipes.START, single=0.5)
    assert recipes.chosen(log_of(0.7, 0.9, 0.9)) == replace(recipes.START, single=0.5)
    one_lucky_seed = log_of(0.7, 0.8, 0.6)
    one_lucky_seed[-1]["validation"] = 0.99
    assert recipes.chosen(one_lucky_seed) == replace(recipes.START, single=0.5)


def test_only_the_missing_runs_are_made(monkeypatch, tmp_path):
    class Model:
        def predict(self, texts):
            return np.zeros(len(texts))

    seen = []

    def train(snippets, recipe):
        seen.append((recipe.single, recipe.masking, recipe.seed))
        return Model(), {"accuracy": {"validation": recipe.single}, "best epoch": 1}

    monkeypatch.setattr(recipes, "LOG", tmp_path / "log.json")
    monkeypatch.setattr(recipes, "CANDIDATES", ({}, {"single": 0.9}))
    monkeypatch.setattr(recipes, "load_snippets", lambda: INVENTED)
    monkeypatch.setattr(recipes, "train", train)
    monkeypatch.setattr(recipes, "measured", lambda model, reviews: {"n": len(reviews)})
    done = {"changes": {"single": 0.9}, "seed": 1, "validation": 0.9}
    recipes.LOG.write_text(json.dumps([done]))
    assert recipes.main() == 0
    assert len(seen) == 8 and (0.9, 1.0, 1) not in seen and (0.7, 0.0, 2) in seen
    assert recipes.load_log()[0] == done and len(recipes.load_log()) == 9
    assert recipes.main() == 0 and len(seen) == 8
    assert recipes.chosen(recipes.load_log()) == replace(recipes.START, single=0.9)


@pytest.fixture(scope="module")
def classifier():
    return load_classifier()


def test_half_of_the_words_are_masked_and_cls_is_not(classifier):
    text = "a good film " * 60
    whole = classifier.encode([text])[0]
    seen = []

    class Watched:
        encode = staticmethod(classifier.encode)

        def __call__(self, ids):
            seen.append(ids)
            return classifier(ids)

    recipes.masked_outputs(Watched(), [text], 0.5)
    (ids,) = seen[0]
    words = whole != UNK_ID
    assert ids[0] == whole[0] and 0.4 < (ids[words] == UNK_ID).float().mean() < 0.6
    assert (ids[~words] == UNK_ID).all()
    assert recipes.masked_outputs(classifier, [text], 0.0)[0] == pytest.approx(
        classifier.predict([text])[0], abs=1e-5
    )
    assert recipes.masked_outputs(classifier, [text], 1.0)[0] == pytest.approx(
        classifier.predict([""])[0], abs=1e-5
    )


def test_measured_is_on_masked_words(classifier):
    reviews = [Review("1", 2.0, "a good film"), Review("2", -2.0, "a bad film")] * 50
    found = recipes.measured(classifier, reviews)
    whole = np.mean((classifier.predict([r.text for r in reviews]) > 0) == [True, False] * 50)
    assert found["half masked"] < whole == 1
    assert found["no words"] == classifier.predict([""])[0]
