"""`classifier.predict` is the black box that lime, shap and captum expect, as they document."""

import captum.attr
import numpy as np
import pytest
import shap
import torch
from lime.lime_text import LimeTextExplainer

from helpers import explain, load_classifier
from helpers.data.words import TextError
from helpers.games import text_game

TEXT = "a fine film, not a dull one"


@pytest.fixture(scope="module")
def classifier():
    return load_classifier()


def test_any_text_is_allowed(classifier):
    texts = [TEXT, "", "  ", "qqqq", "qqqq " + TEXT]
    found = classifier.predict(texts)
    assert found.shape == (5,) and found.dtype == np.float64 and np.isfinite(found).all()
    assert found[0] == pytest.approx(classifier.logits([TEXT])[0], abs=0)
    assert found[1] == found[2] == pytest.approx(found[3], abs=1e-12)
    with pytest.raises(TextError):
        classifier.logits(texts)


@pytest.mark.parametrize(
    "kind",
    [list, tuple, np.array, lambda texts: np.array(texts, dtype=object)],
    ids=["list", "tuple", "array of str", "array of objects"],
)
def test_any_sequence_will_do(classifier, kind):
    texts = [TEXT, "dull"]
    np.testing.assert_array_equal(classifier.predict(kind(texts)), classifier.predict(texts))
    assert classifier.predict(kind([])).shape == (0,)


@pytest.mark.parametrize(
    "wrong", [TEXT, TEXT.encode(), np.array(TEXT), np.array([[TEXT]]), None, 3, [3], [[TEXT]]]
)
def test_what_is_no_list_of_texts_is_refused(classifier, wrong):
    for call in (classifier.predict, classifier.logits):
        with pytest.raises(TypeError, match=r"list of (texts|str)|a text is a str"):
            call(wrong)


def test_lime(classifier):
    """A classifier_fn gives a column for each class."""

    def probabilities(texts):
        positive = 1 / (1 + np.exp(-classifier.predict(texts)))
        return np.column_stack([1 - positive, positive])

    explainer = LimeTextExplainer(class_names=["negative", "positive"], random_state=0)
    found = explainer.explain_instance(TEXT, probabilities, num_features=6)
    assert dict(found.as_list())["dull"] < -0.05 < 0.05 < dict(found.as_list())["fine"]


@pytest.mark.parametrize("algorithm", ["auto", "permutation"])
def test_shap(classifier, algorithm):
    """Its values add up to f(text) - f(nothing), whatever texts it has made on the way."""
    explainer = shap.Explainer(
        classifier.predict, shap.maskers.Text(r"\W+"), algorithm=algorithm, seed=0
    )
    found = explainer([TEXT], silent=True)
    full, empty = classifier.predict([TEXT, ""])
    assert found.base_values[0] == pytest.approx(empty, abs=1e-9)
    assert found.values[0].sum() == pytest.approx(full - empty, abs=1e-9)
    scores = dict(zip((str(word).strip(" ,") for word in found.data[0]), found.values[0]))
    assert scores["dull"] < 0 < scores["fine"]


def test_captum(classifier):
    """Features are the words that a mask of zeros and ones keeps; ablation is leave-one-out."""
    game = text_game(classifier.predict, TEXT)

    def forward(kept):
        return torch.from_numpy(game.value(kept.numpy()))

    ones = torch.ones(1, len(game.labels), dtype=torch.float64)
    found = captum.attr.FeatureAblation(forward).attribute(ones)[0].numpy()
    exact = explain(classifier.read(TEXT), "leave-one-out")
    assert exact.labels == game.labels
    np.testing.assert_allclose(found, exact.scores, atol=1e-12)
