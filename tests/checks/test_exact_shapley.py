"""Exact Shapley values: truths that share no code with them, extremes, axioms, and wrong ones."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import load_classifier
from helpers.checks import CheckFailed, examples, oracles, subsets
from helpers.checks import exact_shapley as checks
from helpers.data.corpus import held_out
from helpers.explainers import lime, occlusion, shapley
from helpers.explainers.explanation import Explanation
from helpers.games import PerturbationGame, position_game, word_game
from helpers.games.expectations import averages
from helpers.games.pairs import pair_averages
from helpers.model.reading import micro_example


def build(kept, masked, rest):
    """One head with those weights, and values from a fixed draw."""
    draw = np.random.default_rng(0)
    kept, masked, rest = (np.array([x], dtype=float) for x in (kept, masked, rest))
    u, h, r = (draw.normal(size=x.shape) for x in (kept, masked, rest))
    labels = tuple(f"w{j}" for j in range(kept.shape[1]))
    return PerturbationGame(labels, labels, kept, kept * u, masked, masked * h, rest, rest * r)


SHAPES = {
    "one word": build([2.0], [0.5], 1.0),
    "one word carries all": build([1, 1e-15, 1e-15, 1e-15, 1e-15], [1e-15] * 5, 1e-15),
    "one word but for a millionth": build([1, 1e-6, 1e-6, 1e-6], [1e-6] * 4, 1e-9),
    "two words carry all": build([1, 1, 1e-12, 1e-12, 1e-12], [1e-12] * 5, 1e-12),
    "thirty powers of ten": build(10.0 ** np.arange(-15, 16, 5), 10.0 ** np.arange(15, -16, -5), 1),
    "the mask dominates": build([1e-8] * 6, [1.0] * 6, 1e-8),
    "the padding dominates": build([1e-9] * 6, [1e-9] * 6, 1.0),
    "equal weights": build([1.0] * 12, [1.0] * 12, 1.0),
    "words without weight": build([0.0, 0.0, 1.0, 2.0], [1.0, 0.0, 0.5, 0.0], 0.1),
    "D barely positive": build([1.0, 2.0, 3.0, 1.0], [0.0] * 4, 1e-12),
    "D barely positive once": build([0.0, 1.0, 1.0, 1.0], [1e-200, 0.0, 0.0, 0.0], 1e-250),
    "no padding and no [CLS]": build([1.0, 2.0, 3.0], [0.5, 0.1, 1e-3], 0.0),
    "huge weights": build([1e150, 1e151, 1e149], [1e150, 1e140, 1e150], 1e145),
    "tiny weights": build([1e-150, 1e-151, 1e-149], [1e-150, 1e-140, 1e-150], 1e-145),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_extremes_against_enumeration(shape):
    game = SHAPES[shape]
    checks.exact(game)
    checks.certificate(game)
    assert shapley.exact(game).certificate < 1e-12 * max(1.0, game.value_bound.mean())


@pytest.mark.parametrize("d", range(1, 13))
def test_enumeration(d):
    game = examples.random_game(d, d, K=1 if d > 10 else 2)
    checks.exact(game)
    np.testing.assert_allclose(shapley.exact(game).scores, oracles.shapley(game), atol=1e-12)


@given(seed=st.integers(0, 999), d=st.integers(1, 7), decades=st.sampled_from([0.1, 1.0, 10.0]))
@settings(deadline=None, max_examples=20)
def test_random_games(seed, d, decades):
    game = examples.random_game(seed, d, 2, decades)
    checks.exact(game)
    checks.certificate(game)


# ---- an algorithm without the integral for 1/D


@pytest.mark.parametrize("d, K", [(1, 2), (2, 1), (6, 3), (9, 1)])
def test_counting_against_enumeration(d, K):
    """Two truths that share no code agree, so that neither is trusted alone."""
    game = examples.whole_numbers(d, d, K)
    assert np.abs(subsets.shapley(game) - oracles.shapley(game)).max() < 1e-15


@pytest.mark.parametrize("d, K, most", [(30, 2, 9), (100, 1, 3), (200, 1, 3), (255, 1, 1)])
def test_long_texts_against_counted_subsets(d, K, most):
    game = examples.whole_numbers(d, d, K, most)
    checks.counted(game)
    checks.certificate(game, truth=subsets.shapley)


def test_a_dominant_word_in_a_long_text():
    """One word of a hundred has as much weight as all others: D takes far more values."""
    game = examples.whole_numbers(3, 100, most=2)
    kept, value = game.kept_weight.copy(), game.kept_value.copy()
    kept[0, 5], value[0, 5] = 300.0, 2100.0
    heavy = replace(game, kept_weight=kept, kept_value=value)
    checks.counted(heavy)
    found = shapley.exact(heavy)
    assert found.top(1) == ("w5",) and found.scores[5] > 0.5


def test_fractions_are_not_counted():
    with pytest.raises(ValueError, match="whole numbers"):
        subsets.shapley(examples.random_game(0, 3))
    game = examples.whole_numbers(0, 3)
    with pytest.raises(ValueError, match="below 2\\^53"):
        subsets.shapley(replace(game, rest_value=np.array([2.0**60])))


@pytest.mark.parametrize("word", [(0, 0), (3, 0), (0, 2), (2, 2), (1, 3)])
def test_a_word_is_divided_out(word):
    words = [(1, 0), (2, 1), word, (0, 3)]
    others = [w for w in words if w is not word]
    left = subsets.without(subsets.product(words), word)
    truth = subsets.product(others)
    assert left.shape == truth.shape and (left == truth).all()
    assert truth.sum() == 2 ** len(others)


# ---- nodes


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_fewest_nodes(n):
    draw = np.random.default_rng(n)
    for nodes in (draw.random(n), shapley.legendre(n)[0], np.full(n, 0.5)):
        checks.fewest_nodes(nodes)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_one_node_fewer_fails(n):
    with pytest.raises(CheckFailed):
        checks.fewest_nodes(shapley.legendre(n)[0], lambda d: d // 2)


@pytest.mark.parametrize("d", [2, 3, 6, 7])
def test_one_node_fewer_is_seen_in_attention(d):
    game = examples.random_game(d, d)
    truth, miss = oracles.shapley(game), []
    for count in (checks.nodes_needed(d), checks.nodes_needed(d) - 1):
        if count:
            p, w = shapley.legendre(count)
            miss.append(np.abs(averages(game, p, effect=w).effect - truth).max())
    assert miss[0] < 1e-13 and all(x > 1e-8 for x in miss[1:])


def test_effects_of_any_function_are_those_of_a_game():
    game, p = examples.random_game(4, 6), np.array([0.1, 0.5, 0.8])
    z = oracles.every_mask(6)
    values = {tuple(row.astype(int).tolist()): float(f) for row, f in zip(z, game.value(z))}
    np.testing.assert_allclose(checks.effects(values, p), shapley.curve(game, p), atol=1e-12)


# ---- certificate


def test_the_certificate_is_nearly_reached():
    sharp = examples.constant_game([examples.turning_point(1e-2), *[0.0] * 29])
    nothing = {"tolerance": 1e-2, "truth": lambda game: np.zeros(30)}
    assert checks.certificate(sharp, **nothing).error > 0.95

    def smaller(game, tolerance):
        found = shapley.exact(game, tolerance)
        return replace(found, certificate=found.certificate / 1.1)

    with pytest.raises(CheckFailed):
        checks.certificate(sharp, formula=smaller, **nothing)


# ---- axioms


@pytest.mark.parametrize("tolerance", [0.1, 1e-3, 1e-13])
@pytest.mark.parametrize("d, K", [(4, 1), (5, 3), (60, 2)])
def test_axioms(d, K, tolerance):
    checks.axioms(examples.random_game(d, d, K), tolerance=tolerance)


def test_idle_word_and_twins():
    game = checks.idle_and_twins(examples.random_game(0, 5))
    z = oracles.every_mask(5)
    idle, twins = z.copy(), z[:, [0, 2, 1, 3, 4]]
    idle[:, 0] = 1 - idle[:, 0]
    assert np.abs(game.value(z) - game.value(idle)).max() < 1e-14
    assert np.abs(game.value(z) - game.value(twins)).max() < 1e-14
    assert np.ptp(game.value(z)) > 0.1


def nudged(**changes):
    """Exact Shapley values with something done to the scores."""

    def formula(game, tolerance=1e-13):
        found = shapley.exact(game, tolerance)
        scores = found.scores.copy()
        for place, change in changes.items():
            scores[int(place[1:])] += change
        return replace(found, scores=scores)

    return formula


def shifted(game, tolerance=1e-13):
    """The total is moved between two words, depending on how many heads there are."""
    found = shapley.exact(game, tolerance)
    move = 1e-6 * len(game.rest_weight) * (np.arange(len(found.scores)) - 3.5)
    return replace(found, scores=found.scores + np.where(np.arange(len(move)) > 2, move, 0))


BROKEN = {
    "null player": nudged(_0=1e-6, _3=-1e-6),
    "symmetry": nudged(_1=1e-6, _2=-1e-6),
    "efficiency": nudged(_3=1e-6),
    "linearity": shifted,
    "LIME": lambda game, tolerance: lime.exact(game, tolerance=tolerance),
    "leave-one-out": lambda game, tolerance: occlusion.leave_one_out(game),
    "Banzhaf": lambda game, tolerance: occlusion.banzhaf(game, tolerance),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_axiom_is_noticed(name):
    with pytest.raises(CheckFailed):
        checks.axioms(examples.random_game(1, 5, 2), BROKEN[name])


def test_lime_keeps_symmetry_and_linearity():
    game = checks.idle_and_twins(examples.random_game(1, 6, 3))
    scores = lime.exact(game).scores
    heads = [lime.exact(checks.one_head(game, i)).scores for i in range(3)]
    assert abs(scores[1] - scores[2]) < 1e-12 and abs(scores[0]) > 1e-5
    np.testing.assert_allclose(scores, np.mean(heads, axis=0), atol=1e-11)


def test_efficiency_on_held_out_documents():
    classifier = load_classifier()
    for review in held_out(500, sizes=(1, 2, 4, 8)):
        game = word_game(classifier.read(review.text))
        ends = game.value([[1.0] * len(game.labels), [0.0] * len(game.labels)])
        assert abs(shapley.exact(game).scores.sum() - (ends[0] - ends[1])) < 1e-12


def test_a_document_of_255_words():
    classifier = load_classifier()
    game = word_game(classifier.read(" ".join(classifier.vocabulary.words[2:257])))
    found, ends = shapley.exact(game), game.value([[1.0] * 255, [0.0] * 255])
    assert len(found.scores) == 255 and found.certificate < 1e-11
    assert abs(found.scores.sum() - (ends[0] - ends[1])) < 1e-12


def test_words_that_the_model_does_not_know_change_nothing():
    classifier = load_classifier()
    text = "a thoughtful moving piece of beauty"
    short, long = (word_game(classifier.read(t)) for t in (text, text + " zzaz zzbz"))
    found = shapley.exact(long)
    np.testing.assert_allclose(found.scores[:6], shapley.exact(short).scores, atol=1e-13)
    assert found.scores[6] == found.scores[7] == 0.0


# ---- trees


def noise(d, seed=0):
    draw = np.random.default_rng(seed)
    return {tuple(z.astype(int).tolist()): float(draw.normal()) for z in oracles.every_mask(d)}


@pytest.mark.parametrize("d", [2, 3, 5, 6, 7])
def test_partition(d):
    checks.partition(noise(d), checks.neighbours(d))


def test_partition_on_a_chain():
    chain, other = np.array([[0, 1], [4, 2], [5, 3]]), np.array([[1, 2], [4, 0], [5, 3]])
    checks.partition(noise(4), chain)
    with pytest.raises(CheckFailed):
        checks.partition(noise(4), chain, lambda value, tree: checks.tree_values(value, other))


def test_neighbours_are_a_tree():
    for d in (1, 2, 3, 8, 13, 100):
        tree = checks.neighbours(d)
        assert tree.shape == (d - 1, 4)
        assert sorted(tree[:, :2].ravel()) == [*range(2 * d - 2)]  # all but the root, once
        assert d == 1 or tree[-1, 3] == d


def test_partition_is_what_shap_computes():
    shap = pytest.importorskip("shap")
    game = examples.random_game(5, 9)
    tree = checks.neighbours(9)
    masker = shap.maskers.Partition(np.zeros((1, 9)), clustering=tree)
    explainer = shap.PartitionExplainer(game.value, masker)
    theirs = explainer(np.ones((1, 9)), max_evals=10**4, silent=True).values[0]
    np.testing.assert_allclose(theirs, checks.tree_values(game.value, tree), atol=1e-12)
    assert np.abs(theirs - shapley.exact(game).scores).max() > 1e-4


# ---- words and positions


@pytest.mark.parametrize("d", [2, 3, 6])
def test_repeated_word(d):
    checks.repeated_word(noise(d))


def test_the_gap_of_a_repeated_word_has_that_weight():
    for wrong in (lambda p: 2 * p - 1, lambda p: 1 - p, lambda p: 0 * p):
        with pytest.raises(CheckFailed):
            checks.repeated_word(noise(5), wrong)


def test_the_gap_of_a_word_at_two_places_by_the_engine():
    """The same in a document, by the average interactions of all pairs."""
    reading = examples.random_reading(2, T=14, distinct=5, scale=2.0)
    words, places = word_game(reading), position_game(reading)
    pair = [j for j, label in enumerate(places.labels) if label == "w1"]
    one, two, *more = pair
    assert not more
    p, w = shapley.legendre(len(places.labels))
    gap = pair_averages(places, p, w * (1 - 2 * p))[0][one, two]
    merged = merge(places, one, two)
    apart = shapley.exact(places).scores
    assert abs(shapley.exact(merged).scores[one] - apart[one] - apart[two] - gap) < 1e-12
    assert abs(gap) > 1e-6 and len(words.labels) < len(places.labels)


def merge(game, one, two):
    """The game in which feature `two` is kept and masked with feature `one`."""
    found = {}
    for name in oracles.ARRAYS[:4]:
        x = getattr(game, name).copy()
        x[:, one] += x[:, two]
        found[name] = np.delete(x, two, axis=1)
    labels = tuple(label for j, label in enumerate(game.labels) if j != two)
    return PerturbationGame(labels, labels, **found, rest_weight=game.rest_weight,
                            rest_value=game.rest_value)  # fmt: skip


def test_positions_are_summed_by_word():
    labels = ("b", "a", "c")
    places = Explanation(("a", "b", "a"), np.array([1.0, 2.0, 4.0]), "m", ("a", "b", "a"))
    assert checks.sum_of_positions(labels, places).tolist() == [2.0, 5.0, 0.0]
    assert checks.sum_of_positions(("not", "good"), shapley.exact(micro_example())).shape == (2,)


# ---- the checks can fail


def test_wrong_scores_are_noticed():
    larger = nudged(_1=1e-9)
    for check in (checks.exact, checks.counted, checks.certificate):
        with pytest.raises(CheckFailed):
            check(examples.whole_numbers(0, 5), formula=larger)
