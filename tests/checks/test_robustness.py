"""Robustness metrics as published and ours, rewordings, and what theorems say of them."""

import json
from dataclasses import replace
from fractions import Fraction
from itertools import permutations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy import integrate, stats

from benchmarks import seeds
from helpers.checks import CheckFailed, oracles
from helpers.checks import robustness as checks
from helpers.checks.examples import constant_game, random_game, random_reading
from helpers.evaluation import faithfulness, rewording, robustness
from helpers.explainers import methods
from helpers.plots import robustness as plots
from helpers.plots.base import ORANGE
from tests.wrong import scaled

GAMES = [random_game(seed, d, K=2) for seed, d in enumerate((1, 2, 4, 7))]
FIRST = np.array([True, False, True, False, False, False, True])


# ---- as published: three documents by hand

RELEVANCES = (np.array([3.0, 2, 2, -1]), np.array([4.0, 3, 2, 1]), np.array([1.0, 0, -1, -2]))


@pytest.mark.parametrize(
    "share, top, counts, masks",
    [
        (0.5, True, (0, 1, 0), ("1000", "1100", "1000")),
        (0.95, True, (1, 2, 0), ("1110", "1110", "1000")),  # the tie of the first joins
        (1.0, True, (2, 3, 1), ("1110", "1111", "1100")),  # none with a negative relevance
        (0.05, True, (0, 0, 0), ("1000", "1000", "1000")),  # -0.8 is truncated to 0
        (0.5, False, (0, 1, 0), ("0110", "0011", "0100")),
        (1.0, False, (2, 3, 1), ("1110", "1111", "1100")),
    ],
)
def test_what_is_corrupted_by_hand(share, top, counts, masks):
    for relevance, count, mask in zip(RELEVANCES, counts, masks):
        found, recorded = robustness.corrupted(relevance, share, top)
        assert "".join(str(int(x)) for x in found) == mask and recorded == count


def test_nothing_is_corrupted_where_all_is_negative():
    assert robustness.corrupted(np.array([-1.0, -2]), 1.0)[0].tolist() == [False, False]
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        robustness.corrupted(np.ones(2), 0.0)


def test_ties_of_rounding_are_ties():
    broken = np.array([1.0, 0.3, 0.1 + 0.2, 0.0])
    assert robustness.corrupted(broken, 0.5)[0].tolist() == [True, True, True, False]


def by_hand(fraction=(0.0, 0.25, 0.5), top=((0, 0, 3), (2, 2, 2), (3, 3, 3)), bottom=None):
    top = np.array(top, dtype=float) / 4
    bottom = np.zeros_like(top) if bottom is None else np.array(bottom) / 4
    return robustness.Drops((0.2, 0.6, 1.0), top, bottom, top, np.array(fraction))


def test_areas_by_hand():
    """Means 1/4, 1/2, 3/4; the two points at 0 are one: the line 1/4 + x, then 3/4 on."""
    found = robustness.coarse(by_hand())
    # x = 0, 1/4, 1/2, 1 and y = 1/4, 1/2, 3/4, 3/4: four points, Simpson as SciPy corrects it
    area = integrate.simpson([0.25, 0.5, 0.75, 0.75], x=[0, 0.25, 0.5, 1])
    assert found.area == pytest.approx(area) and found.bottom == 0
    assert pytest.approx(found.top / (found.top + 1)) == found.F1
    spread = by_hand(fraction=(0.25, 0.5, 0.75), top=((1,) * 3, (2,) * 3, (3,) * 3))
    assert robustness.coarse(spread).top == pytest.approx(9 / 32)  # the line y = x to 3/4
    assert robustness.coarse(spread).area == pytest.approx(1 / 8 + 17 / 48)  # two parabolas
    below = by_hand(fraction=(0.25, 0.5, 0.75), bottom=((-1,) * 3, (-2,) * 3, (-1,) * 3))
    assert robustness.coarse(below).bottom == 0


def test_mean_is_clipped_and_not_each_document():
    mixed = by_hand(fraction=(0.25, 0.5, 0.75), bottom=((-4, 1, 3), (-4, 2, 2), (-4, 4, 0)))
    assert robustness.coarse(mixed).bottom == pytest.approx(0, abs=1e-15)


def test_moments_by_hand():
    """Drops 0, 0, 3: mean 1, deviations -1, -1, 2; of three, excess kurtosis is always -3/2."""
    skew, kurtosis = robustness.moments(np.array([[0.0, 0, 3], [1.0, 2, 3]]))
    np.testing.assert_allclose(skew, [2 / 2**1.5, 0], atol=1e-15)
    np.testing.assert_allclose(kurtosis, -1.5)
    assert robustness.moments(np.array([0.0, 0, 0, 4]))[1] == pytest.approx(7 / 3 - 3)


def test_moments_are_scipys_biased_ones():
    drop = np.random.default_rng(0).normal(size=(3, 20)) ** 3
    centred = drop - drop.mean(axis=1, keepdims=True)
    m2, m3, m4 = ((centred**k).mean(axis=1) for k in (2, 3, 4))
    np.testing.assert_allclose(robustness.moments(drop), [m3 / m2**1.5, m4 / m2**2 - 3])


def test_scaled_areas_by_hand():
    shares = (0.05, 0.15, 0.25)
    curves = {"one": np.array([0.0, 1, 2]), "two": np.array([2.0, 3, 4])}
    found = robustness.scaled_areas(curves, shares)  # lines: 0 to 1/2, and 1/2 to 1
    assert found == pytest.approx({"one": 0.25 * 0.2, "two": 0.75 * 0.2})


def test_the_last_share_counts_for_nothing():
    curve = np.zeros(11)
    curve[-1] = 1
    assert abs(integrate.simpson(curve, x=robustness.SHARES)) < 1e-15
    curve[:] = 1
    assert integrate.simpson(curve, x=robustness.SHARES) == pytest.approx(0.95)


def test_fine_scales_methods_and_controls_together():
    found = {str(seed): robustness.drops(GAMES[1:] * 4, relevances(GAMES[1:] * 4, seed), seed=seed)
             for seed in range(2)}  # fmt: skip
    shapes = [robustness.moments(x) for one in found.values() for x in (one.top, one.control)]
    low, high = (end([shape[0] for shape in shapes]) for end in (np.min, np.max))
    scaled_skew = (shapes[2][0] - low) / (high - low)
    expected = integrate.simpson(scaled_skew, x=robustness.SHARES)
    assert robustness.fine(found)["1"][0] == pytest.approx(expected)


def relevances(games, seed=0):
    draw = np.random.default_rng(seed)
    return [draw.normal(size=len(game.labels)) for game in games]


def mirror(game):
    """The game with the other sign."""
    return replace(game, **{name: -getattr(game, name) for name in oracles.ARRAYS[1::2]})


@pytest.mark.parametrize("game", [GAMES[2], mirror(GAMES[2])], ids=["one class", "the other"])
def test_drops_are_of_the_predicted_class(game):
    negative = game.value(np.ones(4)) < 0
    relevance = np.array([3.0, 2, 1, 0])
    found = robustness.drops([game], [relevance], shares=(0.5, 1.0))
    f = game.value(np.array([[1.0, 1, 1, 1], [0, 0, 1, 1], [0, 0, 0, 0]]))
    p = 1 / (1 + np.exp(f if negative else -f))
    np.testing.assert_allclose(found.top[:, 0], (p[0] - p[1:]) / p[0])
    assert found.fraction.tolist() == [0.25, 0.75]
    low = game.value(np.array([1.0, 1, 0, 0]))
    p_low = 1 / (1 + np.exp(low if negative else -low))
    assert found.bottom[0, 0] == pytest.approx((p[0] - p_low) / p[0])
    share = robustness.drops([game], [relevance], None, shares=(0.5, 1.0)).top[:, 0]
    np.testing.assert_allclose(share, (f[0] - f[1:]) / f[0])


def test_control_corrupts_as_many():
    """In a game that counts its masked words, the control drops as much as the top does."""
    games = [random_game(3, 6, K=1, equal=True)]
    same = {name: np.ones((1, 6)) for name in ("kept_weight", "masked_weight", "kept_value")}
    counting = [type(games[0])(games[0].labels, games[0].text, **same,
                               masked_value=np.zeros((1, 6)), rest_weight=np.ones(1),
                               rest_value=np.ones(1))]  # fmt: skip
    found = robustness.drops(counting, [np.arange(6.0)])
    np.testing.assert_allclose(found.control, found.top)
    assert not np.allclose(robustness.drops(games, [np.arange(6.0)]).control, 0)


def test_links_are_rank_correlations_over_methods():
    games = GAMES[1:] * 5
    found = {str(seed): robustness.drops(games, relevances(games, seed)) for seed in range(5)}
    measured, *drawn = robustness.links([*found.values()], resamples=3)
    area = [robustness.coarse(one).area for one in found.values()]
    skew, kurtosis = np.transpose([*robustness.fine(found).values()])
    expected = [stats.kendalltau(area, x).statistic for x in (1 - skew, kurtosis)]
    np.testing.assert_allclose(measured, expected)
    assert len(drawn) == 3 and not np.allclose(drawn, measured)


# ---- ours


def test_floor_is_the_mean_over_all_orders():
    game = random_game(5, 4, K=2)
    areas = [
        faithfulness.deletion(game, np.array(order)).mean() for order in permutations(range(4))
    ]
    assert robustness.floor_area(game) == pytest.approx(np.mean(areas), abs=1e-12)


def test_floor_is_the_mean_of_the_floors_of_all_sizes():
    for game in (*GAMES, random_game(8, 40, K=3)):
        mean = faithfulness.floor(game).mean()
        assert robustness.floor_area(game) == pytest.approx(mean, abs=1e-8)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("turn", [lambda game: game, mirror], ids=["as it is", "mirrored"])
def test_above_floor_is_positive_for_the_best_order(seed, turn):
    game = turn(random_game(seed, 4))
    sign = 1 if game.value(np.ones(4)) >= 0 else -1
    floor = robustness.floor_area(game)
    gains = [robustness.above_floor(game, -np.argsort(order), floor)
             for order in permutations(range(4))]  # fmt: skip
    assert max(gains) > 0 > min(gains) and np.mean(gains) == pytest.approx(0, abs=1e-9)
    areas = [
        faithfulness.deletion(game, np.array(order)).mean() for order in permutations(range(4))
    ]
    np.testing.assert_allclose(gains, sign * (floor - np.array(areas)))


def test_bands_are_quantiles():
    drop = np.arange(11.0)[None] * np.ones((2, 1))
    assert robustness.bands(drop).tolist() == [[1, 1], [5, 5], [9, 9]]


def test_lowest_tenth_has_an_interval():
    drop = np.random.default_rng(0).normal(size=(3, 400)) + np.array([[0.0], [1], [2]])
    found = robustness.lowest_tenth(drop)
    assert found.low < found.mean < found.high and found.high - found.low < 0.3
    assert found.mean == pytest.approx(1 + stats.norm.ppf(0.1), abs=0.1)


# ---- rewordings


def test_rewordings():
    text = "This film, not the BEST, is a bore"
    assert {"this", "the", "is", "a"} <= rewording.stop_words()
    assert not {"not", "never", "no", "well", "sincere"} & rewording.stop_words()
    assert rewording.repeated(text) == "this this film not the the best is is a a bore"
    assert rewording.dropped(text) == "film not best bore"
    assert rewording.masked(text) == "unkwordz film not unkwordz best unkwordz unkwordz bore"
    mixed = {rewording.reordered(text, seed) for seed in range(5)}
    assert len(mixed) > 1 and text.lower() not in mixed
    for one in mixed:
        words = one.split()
        assert [words[t] for t in (1, 2, 4, 7)] == ["film", "not", "best", "bore"]
        assert sorted(words) == sorted(["this", "film", "not", "the", "best", "is", "a", "bore"])


def test_rewordable_texts_have_enough_of_both():
    few, none, enough = "the a bad film", "one bad film after two others", "a bad film, the worst"
    assert rewording.rewordable([few, none, enough], content=3) == [enough]
    assert rewording.rewordable([few, enough], content=2) == [few, enough]


def test_content_words_are_the_same_of_all_rewordings():
    reading = random_reading(2, T=9)
    words = ("[CLS]", "the", "bad", "film", "the", "unkwordz", "x", "[UNK]", "[UNK]")
    reading = type(reading)(words, 7, *(getattr(reading, name) for name in PARTS))
    for key in ("attention-average", "lime"):
        scores = rewording.word_scores(key, reading)
        assert len(scores) == 5
        np.testing.assert_array_equal(rewording.content_scores(key, reading), scores[[1, 2, 4]])


PARTS = ("embeddings", "masked_embeddings", "heads")


def test_similarity_by_hand():
    assert rewording.similarity(np.array([4.0, 3, 2, 1]), np.array([4.0, 3, 2, 1])) == (1, 1, 1)
    tau, top, cosine = rewording.similarity(np.array([4.0, 3, 0, 0]), np.array([0.0, 3, -4, 0.1]))
    assert top == pytest.approx(2 / 3) and cosine == pytest.approx(9 / 25, abs=1e-3)
    assert tau == pytest.approx(stats.kendalltau([4, 3, 0, 0], [0, 3, -4, 0.1]).statistic)
    assert np.isnan(rewording.similarity(np.zeros(2), np.ones(2))[2])


def test_a_game_without_words_is_the_game_with_them_masked():
    game = GAMES[3]
    rest = rewording.without(game, FIRST)
    z = oracles.every_mask(4)
    full = np.zeros((len(z), 7))
    full[:, ~FIRST] = z
    np.testing.assert_allclose(rest.value(z), game.value(full), atol=1e-13)
    assert rest.labels == ("w1", "w3", "w4", "w5")
    with pytest.raises(ValueError, match="keep at least one"):
        rewording.without(game, np.ones(7, dtype=bool))


def test_factors_are_those_of_the_attention():
    reading = random_reading(3, T=12, K=3)
    words = np.zeros(8, dtype=bool)
    words[[1, 4, 5]] = True
    tokens = np.zeros(12, dtype=bool)
    tokens[1:9] = words
    assert reading.length == 9
    found = rewording.factors(reading, words)
    np.testing.assert_allclose(found, checks.lost_mass(reading, tokens))


# ---- statements


def curves(seed, names="abc"):
    draw = np.random.default_rng(seed)
    return {name: draw.normal(size=11) for name in names}


def tokens_gone(reading, seed=0):
    gone = np.zeros(len(reading.tokens), dtype=bool)
    gone[1 : reading.length] = np.random.default_rng(seed).random(reading.length - 1) < 0.4
    return gone


def small_words(n, size):
    """n + 1 light words that all push one way: here the bound on Shapley values is reached."""
    game = constant_game(np.full(n + 1, size))
    return type(game)(**{**vars(game), "rest_value": np.zeros(1)})


@pytest.mark.parametrize("seed", range(4))
def test_statements(seed):
    checks.shared_scale(curves(seed), curves(seed + 9, "xy"))
    checks.floor_area(GAMES[seed])
    reading = random_reading(seed, T=16, K=3)
    checks.dropped_attention(reading, tokens_gone(reading, seed))
    for decades in (0.1, 1.0):
        checks.dropped_shapley(random_game(seed, 7, K=2, decades=decades), FIRST)
    checks.temperature(GAMES, relevances(GAMES, seed), 3.0)


@pytest.mark.parametrize("n", [1, 3])
def test_the_bound_is_nearly_reached(n):
    gone = np.arange(n + 1) < n
    assert checks.dropped_shapley(small_words(n, 1e-3), gone).error > 0.99


def test_checks_refuse():
    light, gone = small_words(3, 1e-3), np.arange(4) < 3
    reading = random_reading(1, T=16, K=3)
    each = {c: np.full(11, float(k)) for k, c in enumerate("abc")}
    more = {"d": np.full(11, 9.0)}
    wrong = [
        lambda: checks.floor_area(GAMES[3], lambda g: g.value(np.full(7, 1.0))),
        lambda: checks.floor_area(GAMES[3], scaled(robustness.floor_area)),
        lambda: checks.dropped_attention(
            reading, tokens_gone(reading), lambda r, g: 1 / (1 - r.attention[:, g].sum(axis=1))
        ),
        lambda: checks.dropped_attention(
            reading, tokens_gone(reading), lambda r, g: np.ones(len(r.attention))
        ),
        lambda: checks.dropped_shapley(light, gone, scaled(rewording.reach, 0.98)),
        lambda: checks.temperature(GAMES, relevances(GAMES), 2.0, cooled),
        lambda: checks.shared_scale(each, more, own_scale),
        lambda: checks.shared_scale(curves(0), curves(1, "x"), of_probability),
    ]
    for call in wrong:
        with pytest.raises(CheckFailed):
            call()


def own_scale(shown, shares=robustness.SHARES):
    return {name: 0.95 * (curve.mean() - 1) ** 2 for name, curve in shown.items()}


def of_probability(shown):
    return {name: area / 0.95 for name, area in robustness.scaled_areas(shown).items()}


def cooled(games, given, temperature):
    return robustness.drops(games, given, temperature or 1.0)


def test_parabolas_are_exact_for_parabolas():
    x = robustness.SHARES
    y = np.array([1 + 2 * t + 3 * t * t for t in x])
    exact = [Fraction(str(t)) for t in (x[0], x[-1])]
    low, high = (t + t**2 + t**3 for t in exact)
    assert checks.parabolas(x, y) == pytest.approx(float(high - low), abs=1e-13)


# ---- the record of other seeds, and the pictures


def test_the_record_is_of_the_shipped_classifier(snippets):
    record = json.loads(seeds.TARGET.read_text("utf8"))
    shipped = seeds.load_classifier()
    assert record["shipped"]["weights"] == seeds.fingerprint(shipped)
    assert [one["seed"] for one in record["retrained"]] == list(seeds.SEEDS)
    assert len({one["weights"] for one in record["retrained"]} | {seeds.fingerprint(shipped)}) == 6
    assert record["data"] == seeds.SHA256 and record["recipe"]["seed"] == list(seeds.SEEDS)
    for one in record["retrained"]:
        assert {len(rows) for rows in one["moved"].values()} == {record["documents"]}
        assert set(one["moved"]) == set(methods.METHODS)
    again = seeds.row(shipped)
    assert again["top"] == record["shipped"]["top"]
    np.testing.assert_allclose(again["outputs"], record["shipped"]["outputs"], atol=1e-3)


def test_a_model_does_not_move_from_itself(snippets, monkeypatch):
    monkeypatch.setattr(seeds, "DOCUMENTS", 2)
    shipped = seeds.load_classifier()
    assert np.array(seeds.moved(shipped, shipped)["lime"]).tolist() == [[1, 1, 1]] * 2


def test_pictures_show_what_they_are_given():
    figure = plots.shifts("ab", np.array([0.1, 0.2]), np.array([0.3, 0.4]))
    marks = {line.get_marker(): line.get_xdata().tolist() for line in figure.axes[0].lines}
    assert marks["o"] == [0.1, 0.2] and marks["D"] == [0.3, 0.4]
    three = np.array([[0.5, 0.6], [0.4, 0.5], [0.7, 0.8]])
    found = {"drop": three, "permuted": three - 0.4, "retrain": three[:, ::-1]}  # a moves least
    figure = plots.moves("ab", found, dict.fromkeys(found, 9), "x")
    drop, null, _ = (x.get_children()[0] for x in figure.axes[0].containers)
    assert drop.get_xdata().tolist() == [0.5, 0.6] and drop.get_color() == ORANGE
    np.testing.assert_allclose(null.get_xdata(), [0.1, 0.2])
    panels = plots.bands((0, 1), {"a": three, "b": three, "c": three}).axes
    assert [x.get_title() for x in panels] == ["a", "b", "c"]
    assert panels[0].lines[0].get_ydata().tolist() == three[1].tolist()
    plt.close("all")
