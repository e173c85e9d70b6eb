"""The statements on exchanged words hold, fail when broken, and the record is what they say."""

import json

import numpy as np
import pytest

from benchmarks import adversaries as benchmark
from helpers.checks import CheckFailed, examples
from helpers.checks import adversaries as checks
from helpers.checks.exchanged_pairs import best_pair
from helpers.data.corpus import held_out, split
from helpers.data.reviews import load_snippets
from helpers.data.words import tokenize
from helpers.evaluation import substitutions
from tests.wrong import scaled


def document(seed, words=5, scale=2.0, **sizes):
    """A random document and the vectors of a small vocabulary."""
    reading = examples.random_reading(seed, **{"T": 8, "K": 3, "scale": scale, **sizes})
    d_e = reading.embeddings.shape[1]
    return reading, np.random.default_rng(100 + seed).normal(size=(words, d_e))


def table(seed, **sizes):
    return substitutions.exchanges(*document(seed, **sizes))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("biases", [False, True])
def test_statements_about_one_exchange_hold(seed, biases):
    checks.exchange(*document(seed, biases=biases))
    checks.hotflip_misses(*document(seed, biases=biases))
    checks.leave_arrive(*document(seed, biases=biases))


@pytest.mark.parametrize("seed", range(4))
def test_statements_about_several_exchanges_hold(seed):
    checks.one_head(table(seed, K=1, words=3, T=6))
    for count in range(3):
        checks.heads_apart(table(seed, words=3, T=6), count)
    checks.pair(table(seed, words=14, T=5))
    checks.pair(table(seed, words=3, T=6, K=1))


def test_the_bound_is_sharp_in_one_head():
    for seed in range(4):
        one = table(seed, K=1, words=3, T=6)
        truth = checks.strongest(one, 1, 2)
        assert abs(substitutions.bound(one, 1, 2) - truth) < 1e-12
        with pytest.raises(CheckFailed):
            checks.heads_apart(one, 2, lambda *a: substitutions.bound(*a) + 1e-3 * a[1])


@pytest.mark.parametrize(
    "formula",
    [
        lambda g, u, g_w, u_w, f, S: (g_w * (u_w - f) - g * (u - f)) / S,
        lambda g, u, g_w, u_w, f, S: (g_w * u_w - g * u) / (S - g + g_w),
        scaled(checks.exchanged),
    ],
)
def test_a_wrong_effect_fails(formula):
    with pytest.raises(CheckFailed):
        checks.exchange(*document(1), formula)


@pytest.mark.parametrize(
    "formula",
    [
        lambda a, b, f, u, w: (-a * (u - f), b * (w - f)),
        lambda a, b, f, u, w: (-a / (1 - a) * (u - f), b * (w - f)),
    ],
)
def test_wrong_parts_fail(formula):
    with pytest.raises(CheckFailed):
        checks.leave_arrive(*document(1), formula)


@pytest.mark.parametrize(
    "parts",
    [
        (lambda a, d, s, c: a * (s + d * (c + s)), checks.missed),
        (lambda a, d, s, c: a * (s + np.expm1(d) * c), checks.missed),
        (checks.hotflip, scaled(checks.missed)),
        (checks.hotflip, lambda a, d, s, c: 0 * a),
    ],
)
def test_a_wrong_score_and_a_wrong_rest_fail(parts):
    with pytest.raises(CheckFailed):
        checks.hotflip_misses(*document(1), *parts)


def test_hotflip_is_exact_if_no_logit_moves():
    reading, vectors = document(2)
    key = np.linalg.qr(reading.key_directions.T)[0]
    still = vectors[:1] + (vectors - vectors[:1]) @ (np.eye(5) - key @ key.T)
    checks.hotflip_misses(
        checks.put(reading, still, [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0)]), still,
        rest=lambda a, d, s, c: 0 * a,
    )  # fmt: skip


def greedy_in_one_head(table, head, side, count):
    """The places with the largest effects alone, whatever the others do."""
    effects = -side * substitutions.effects(table)
    places = np.argsort(-effects.max(axis=1), kind="stable")[:count]
    swaps = [(int(p), int(effects[p].argmax())) for p in places if effects[p].max() > 0]
    return swaps, substitutions.swapped(table, swaps).output


def test_search_that_is_not_exact_fails():
    with pytest.raises(CheckFailed):
        for seed in range(10):
            checks.one_head(table(seed, K=1, words=3, T=6), greedy_in_one_head)
    with pytest.raises(CheckFailed):

        def second(table, side):
            search = substitutions.beam(table, side, width=1)
            next(search)
            return next(search)

        for seed in range(20):
            checks.pair(table(seed, words=14, T=5), second)


def test_the_best_pair_is_found_where_the_beam_misses_it():
    one = table(16, words=30, T=5, K=6, scale=3.0)
    search = substitutions.beam(one, 1.0)
    beam = [next(search) for _ in range(2)][1][1]
    _, found = best_pair(one, 1.0)
    assert found < beam - 0.01
    checks.pair(one)


REPORT = json.loads(benchmark.TARGET.read_text("utf8"))
ENTRIES = [entry for name in benchmark.COLLECTIONS for entry in REPORT[name]]


def near(one, other):
    """Whether numbers agree to the digits of the record, and everything else exactly."""
    if isinstance(one, list):
        return len(one) == len(other) and all(map(near, one, other))
    if isinstance(one, float):
        return one == pytest.approx(other, rel=2e-3, abs=1e-9)
    return one == other


@pytest.mark.parametrize("name, place", [("one snippet", 3), ("four snippets", 5)])
def test_the_record_is_what_the_search_finds(name, place):
    count, sizes = benchmark.COLLECTIONS[name]
    found, kept = benchmark.measured(held_out(count, sizes)[place].text, True), REPORT[name][place]
    assert found.keys() == kept.keys() and all(near(found[key], kept[key]) for key in found)


def test_the_record_does_not_contradict_itself():
    for entry in ENTRIES:
        tried = [entry["hotflip"], *entry["tried"], entry["best"]]
        assert tried == sorted(tried) and entry["any"][0] < entry["best"] < 10
        if "mended" in entry:
            assert entry["mended"][0] == entry["hotflip"] and entry["mended"][-1] == entry["best"]
        for found, least, greedy in (entry["fewest"], entry.get("stop words", [0, 1, 1, 1])[1:]):
            assert found is None or (least <= found and (greedy is None or found <= greedy))
        assert (entry["fewest"][0] == 1) == (entry["best"] > abs(entry["output"]))
    for entry, (proved, beam, greedy) in zip(REPORT["one snippet"], REPORT["pairs"]):
        side = np.sign(entry["output"])
        assert side * proved <= side * beam <= side * greedy
        assert side * greedy <= side * entry["output"] - entry["best"] + 1e-3


def test_rules_count_texts():
    rules = REPORT["rules"]
    for kind in ("any word", "stop words"):
        turned = [row[2] for row in rules[kind]]
        assert turned == sorted(turned, reverse=True) and len(turned) == benchmark.RULES
        assert all(0 <= row[2] <= row[3] and 0 <= row[4] <= row[5] for row in rules[kind])
    having = sum("film" in tokenize(x.text) for x in split(load_snippets())["test"])
    assert [row[5] for row in rules["keeping"] if row[0] == "film"] == [having]


def test_counted_rules_are_rewritten_texts():
    texts = [x.text for x in held_out(12)]
    flips, having = benchmark.counted(texts)
    before, b = benchmark.CLASSIFIER.predict(texts), benchmark.IDS["unfunny"]
    for a in ("the", "and", "of"):
        new = [" ".join("unfunny" if w == a else w for w in tokenize(x)) for x in texts]
        assert flips[a][b] == (benchmark.CLASSIFIER.predict(new) * before < 0).sum()
        assert having[a] == sum(a in tokenize(x) for x in texts)
