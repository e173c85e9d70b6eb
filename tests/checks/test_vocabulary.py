"""The table of the vocabulary and SP-LIME: the statements, other truths, and checks that fail."""

import dataclasses
import inspect
import itertools

import numpy as np
import pytest
from lime.submodular_pick import SubmodularPick

from helpers import load_classifier
from helpers.checks import CheckFailed
from helpers.checks import vocabulary as checks
from helpers.data.corpus import held_out
from helpers.evaluation import cover as covers
from helpers.evaluation import vocabulary as tables
from helpers.evaluation.vocabulary import Table
from helpers.explainers import lime

CLASSIFIER = load_classifier()
TEXTS = [x.text for x in held_out(20)]


def random_cover(seed, n=8, d=12):
    draw = np.random.default_rng(seed)
    return covers.cover_of_scores(draw.normal(size=(n, d)) * (draw.random((n, d)) < 0.3))


# ---- the statements


def test_the_parts_are_the_model():
    checks.table(CLASSIFIER, TEXTS)
    with pytest.raises(CheckFailed):
        checks.table(CLASSIFIER, TEXTS, lambda parts, ids: parts.outputs(ids[:, ::-1]))


def test_without_places_a_document_is_a_bag():
    checks.bag(CLASSIFIER.without_positions(), TEXTS)
    with pytest.raises(CheckFailed):
        checks.bag(CLASSIFIER, TEXTS)


@pytest.mark.parametrize(("K", "D", "size"), [(1, 2, 4), (1, 4, 3), (2, 3, 7), (3, 3, 9)])
@pytest.mark.parametrize("fixed", [False, True])
def test_which_tables_are_the_same(K, D, size, fixed):
    checks.same_table(checks.random_table(K + D, D + fixed, K), size, fixed)


def test_same_tables_fail():
    two = checks.random_table(1, 3, 2)
    with pytest.raises(CheckFailed):
        checks.same_table(two, formula=lambda K, fixed: 2 * K)
    level = dataclasses.replace(two, values=np.ones((2, 3)) * [[1], [2]])
    twins = dataclasses.replace(two, logits=two.logits[[0, 0]])
    for more in (level, twins):  # what the theorem excludes
        with pytest.raises(CheckFailed):
            checks.same_table(more)


@pytest.mark.parametrize("size", [2, 3, 255])
def test_one_head_is_recovered(size):
    for seed in range(5):
        checks.slalom(checks.random_table(seed, 6, 1), size)


def test_equal_values_are_weighed_against_another_word():
    given = checks.random_table(0, 6, 1)
    given.values[0] = [1, 1, 2, 1, 2, 0]
    checks.slalom(given)
    given.values[0] = [0, 1, 2, 0, 2, 0]
    checks.slalom(given)
    given.values[0] = 3.0
    with pytest.raises(ValueError, match="no query can tell"):
        tables.recovered(given.outputs, given.words)


def test_two_heads_are_not_recovered():
    with pytest.raises(CheckFailed):
        checks.slalom(checks.random_table(0, 4, 2))


def test_one_head_says_what_lies_between():
    checks.union(checks.random_table(0, 4, 1))
    with pytest.raises(CheckFailed):
        checks.union(checks.random_table(0, 4, 2))
    with pytest.raises(CheckFailed):
        checks.union(checks.random_table(0, 4, 1), lambda D, E, f, g: (f + g) / 2)


@pytest.mark.parametrize("budget", [1, 2, 3])
def test_greedy_picks(budget):
    for seed in range(6):
        checks.greedy(random_cover(seed), budget)
        checks.cover_bound(random_cover(seed), budget)
    checks.worst_cover(budget)


def test_the_guarantee_is_attained():
    checks.worst_cover(4)
    cover = covers.cover_of_scores(checks.worst_scores(3))
    assert covers.greedy(cover, 3) == [0, 1, 2] and covers.best(cover, 3)[0] == [3, 4, 5]
    for check in (checks.worst_cover, lambda b, f: checks.greedy(cover, b, f)):
        with pytest.raises(CheckFailed):
            check(3, lambda budget: checks.guarantee(budget) + 1e-6)


def test_covers_fail():
    with pytest.raises(CheckFailed):
        checks.cover_bound(random_cover(0), 2, lambda cover, picks, budget: cover.value(picks))


# ---- other truths


def test_slopes_are_differences():
    given, bags, step = checks.random_table(3, 3, 2), checks.every_bag(3, 4), 1e-6
    found = checks.slopes(given, bags).reshape(len(bags), 2, 2, 3)
    for kind, name in enumerate(("logits", "values")):
        for i, j in np.ndindex(2, 3):
            ends = []
            for sign in (1, -1):
                array = getattr(given, name).copy()
                array[i, j] += sign * step
                ends.append(dataclasses.replace(given, **{name: array}).outputs(bags))
            slope = (ends[0] - ends[1]) / (2 * step)
            np.testing.assert_allclose(found[:, kind, i, j], slope, atol=1e-8)


def test_outputs_by_hand():
    """Weights 1 and 3, values 0 and 4 in one head, and 1, 1 and 8, 0 in the other."""
    logits = np.log([[1.0, 3.0], [1.0, 1.0]])
    found = Table(("a", "b"), logits, np.array([[0, 4], [8, 0]])).outputs(np.array([[1.0, 1.0]]))
    assert found == pytest.approx([(3 + 4) / 2])


def test_a_table_of_the_padding():
    """The padding's row keeps the weight and what is said of a document without words."""
    parts, table = tables.parts(CLASSIFIER), tables.word_table(CLASSIFIER, TEXTS)
    T_max, bag = CLASSIFIER.sizes.T_max, np.zeros((1, len(table.words)))
    bag[0, [1, -1]] = 1, T_max - 1
    assert table.outputs(bag) == pytest.approx(CLASSIFIER.predict([""]), abs=1e-12)
    assert table.words[-1] == tables.PAD and not table.logits[:, -1].any()
    shifted = parts.word_logits[:, 7] - parts.word_logits[:, 9]
    np.testing.assert_allclose(table.logits[:, 7] - table.logits[:, 9], shifted, atol=1e-12)


def test_words_stand_where_words_of_the_texts_stand():
    parts = tables.parts(CLASSIFIER)
    one, two = (tables.word_table(CLASSIFIER, [x]) for x in ("a", "a b"))
    place = parts.place_values
    moved = (place[:, 1] + place[:, 2]) / 2 - place[:, 1]
    np.testing.assert_allclose((two.values - one.values)[:, 5], moved, atol=1e-12)
    np.testing.assert_allclose((two.values - one.values)[:, [1, -1]], 0, atol=1e-12)


def test_bags_count():
    vocabulary = CLASSIFIER.vocabulary
    found = tables.bags(["film film qqqq", "good"], vocabulary, 8).toarray()
    assert found[0, vocabulary.ids["film"]] == 2 and found[0, 0] == 1 and found[0, -1] == 4
    assert found[1, vocabulary.ids["good"]] == 1 and found[1, 0] == 0 and found[1, -1] == 6
    assert (found.sum(axis=1) == 8).all() and (found[:, 1] == 1).all()


def test_a_fit_of_one_head_finds_one_head():
    from scipy import sparse

    given = checks.random_table(2, 5, 1)
    counts = checks.every_bag(5, 3)
    start = dataclasses.replace(given, logits=0 * given.logits, values=0 * given.values)
    found = tables.fit_one_head(sparse.csr_array(counts), given.outputs(counts), 1e-9, start)
    np.testing.assert_allclose(found.outputs(counts), given.outputs(counts), atol=1e-3)
    np.testing.assert_allclose(found.values, given.values, atol=0.05)


def test_the_package_picks_the_same():
    """`lime.submodular_pick`, given our exact explanations as its own."""
    explanations = lime.exact_many(CLASSIFIER.read_many(TEXTS))

    class Told:
        mode = "regression"

        def __init__(self, explanation):
            self.explanation = explanation

        def as_list(self, label=None):
            scores = self.explanation.as_dict()
            return [(word, scores[word]) for word in self.explanation.top(6)]

    class Explainer:
        def explain_instance(self, text, predict, **_):
            return Told(explanations[text])

    theirs = SubmodularPick(Explainer(), range(20), None, method="full", num_exps_desired=5)
    cover = covers.cover_of_explanations(explanations, 6)
    assert covers.greedy(cover, 5) == theirs.V


def test_explanations_show_what_they_show():
    explanations = lime.exact_many(CLASSIFIER.read_many(["a fine film", "a dull, dull film"]))
    cover = covers.cover_of_explanations(explanations, 2)
    words = sorted({w for e in explanations for w in e.top(2)})
    for shown, explanation in zip(cover.shown, explanations, strict=True):
        assert {w for w, x in zip(words, shown, strict=True) if x} == set(explanation.top(2))
    scores = [x.as_dict() for x in explanations]
    for word, importance in zip(words, cover.importance, strict=True):
        kept = [s[word] for s, e in zip(scores, explanations) if word in e.top(2)]
        assert importance == pytest.approx(np.sqrt(np.abs(kept).sum()))
    assert cover.total == pytest.approx(cover.value([0, 1]))


def test_picks_are_different_documents():
    cover = covers.cover_of_scores(np.eye(3)[[0, 0, 1]])
    assert covers.greedy(cover, 3) == [0, 2, 1]
    for wrong in (0, 4):
        with pytest.raises(ValueError, match="budget"):
            covers.greedy(cover, wrong)
        with pytest.raises(ValueError, match="budget"):
            covers.best(cover, wrong)


def test_a_bound_knows_the_total_and_the_best_of_all_starts():
    cover = random_cover(1)
    everything = list(range(len(cover.shown)))
    assert covers.bound(cover, [], len(everything)) == pytest.approx(cover.total)
    pairs = itertools.combinations(everything, 2)
    assert checks.largest_cover(cover, 2) == max(cover.value(x) for x in pairs)
    none, some = (covers.bound(cover, x, 2) for x in ([], everything))
    singles = sorted(cover.value([i]) for i in everything)
    assert none == pytest.approx(sum(singles[-2:])) and some <= none


def test_wrong_kinds_name_the_call():
    with pytest.raises(TypeError, match="load_classifier"):
        tables.parts("a fine film")
    with pytest.raises(TypeError, match="exact_many"):
        covers.cover_of_explanations(["a fine film"])


def test_formulas_are_arguments():
    for check in (checks.table, checks.bag, checks.same_table, checks.slalom, checks.union,
                  checks.greedy, checks.cover_bound, checks.worst_cover):  # fmt: skip
        assert "formula" in inspect.signature(check).parameters
