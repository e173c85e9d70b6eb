"""Exchange words of held-out documents in every way: python benchmarks/adversaries.py

Writes ``adversaries.json``, which the chapter on adversaries shows and measures again in part. For
each document: what HotFlip's first choice promises and does, beside the best of all exchanges, and
how many exchanges turn the sign. Rules that replace a word everywhere are chosen on validation
snippets and counted on the test snippets.
"""

from __future__ import annotations

import itertools
import json
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from helpers import load_classifier
from helpers.checks import adversaries as checks
from helpers.checks.exchanged_pairs import best_pair
from helpers.data.corpus import held_out, split
from helpers.data.reviews import load_snippets
from helpers.data.words import TextTooLongWarning, tokenize
from helpers.evaluation import substitutions
from helpers.evaluation.rewording import stop_words
from helpers.evaluation.substitutions import Exchanges

TARGET = Path(__file__).resolve().parent / "adversaries.json"
COLLECTIONS = {"one snippet": (200, (1,)), "four snippets": (40, (4,)), "long": (40, (12,))}
PAIRS = 100  # documents of one snippet whose best pair is proved
MENDED = [*itertools.product((False, True), repeat=3)]
RETRIED = (10, 100, 1000)  # HotFlip's first choices that are tried
RULES, DRAWS = 10, 20
KEEPING = (  # written down before any was counted: much of the meaning stays
    *(("film", "movie"), ("movie", "film"), ("movie", "picture"), ("is", "was"), ("a", "the")),
    *(("the", "a"), ("and", "but"), ("but", "and"), ("it", "this"), ("that", "which")),
)

CLASSIFIER = load_classifier()
WORDS, VECTORS = substitutions.alphabet(CLASSIFIER)
IDS = {word: i for i, word in enumerate(WORDS)}
STOP = [i for i, word in enumerate(WORDS) if word in stop_words()]


def few(x: float) -> float:
    """Four digits."""
    return float(f"{x:.4g}")


def number(x: float) -> int | None:
    """A whole number; None stands for infinity in JSON."""
    return int(x) if np.isfinite(x) else None


def measured(text: str, mend: bool) -> dict[str, object]:
    """The best exchange of a document and HotFlip's, by effect against the sign of the output."""
    reading = CLASSIFIER.read(text)
    table = substitutions.exchanges(reading, VECTORS)
    side = np.sign(table.output)
    gains, promised = (
        -side * x for x in (substitutions.effects(table), substitutions.first_order(table))
    )
    best, first = (substitutions.best(x)[0] for x in (gains, promised))
    most, order = gains[best], substitutions.best(promised, max(RETRIED))
    tried = np.maximum.accumulate([gains[swap] for swap in order])
    entry: dict[str, object] = {
        "words": reading.length - 1,
        "output": few(table.output),
        "best": few(most),
        "hotflip": few(gains[first]),
        "promised": few(promised[first]),
        "place": first[0] == best[0],
        "words put in": [WORDS[best[1]], WORDS[first[1]]],
        "attention": [few(checks.attention_after(table, swap)) for swap in (best, first)],
        "leaving": [few(-side * checks.leaving(table, swap)) for swap in (best, first)],
        "any": [few(gains.mean()), few((gains > abs(table.output)).mean())],
        "tried": [few(tried[n - 1]) for n in RETRIED],
    }
    if mend:
        scores = (-side * checks.mended(table, *kinds) for kinds in MENDED)
        entry["mended"] = [few(gains[substitutions.best(x)[0]]) for x in scores]
    entry["fewest"] = searched(table, side)
    places = [t for t, word in enumerate(reading.text[1:]) if word in stop_words()]
    if places:
        stops = substitutions.only(table, places, STOP)
        entry["stop words"] = [len(places), *searched(stops, side)]
    return entry


def searched(table: Exchanges, side: float) -> list[int | None]:
    """The fewest exchanges by beam, their proved bound, and what greedy search needs."""
    found, least = substitutions.fewest(table, side)
    greedy, _ = substitutions.fewest(table, side, width=1)
    return [number(found), least, number(greedy)]


def pairs(text: str) -> list[float]:
    """f after the two best exchanges: proved, by beam, and by greedy search."""
    table = substitutions.exchanges(CLASSIFIER.read(text), VECTORS)
    side = np.sign(table.output)
    searches = (substitutions.beam(table, side, width) for width in (10, 1))
    depth_two = (next(itertools.islice(search, 1, None))[1] for search in searches)
    return [few(x) for x in (best_pair(table, side)[1], *depth_two)]


def counted(texts: Iterable[str]) -> tuple[dict[str, np.ndarray], dict[str, int]]:
    """For each word: how many texts flip with each other word in its place, (V,), and have it."""
    flips: dict[str, np.ndarray] = {}
    having: dict[str, int] = {}
    for text in texts:
        reading = CLASSIFIER.read(text)
        table = substitutions.exchanges(reading, VECTORS, everywhere=True)
        turned = (table.output + substitutions.effects(table)) * table.output < 0
        for word, row in zip(dict.fromkeys(reading.text[1:]), turned):
            if word in IDS:
                flips[word] = flips.get(word, 0) + row.astype(int)
                having[word] = having.get(word, 0) + 1
    return flips, having


def rules() -> dict[str, list]:
    """The best rules of validation snippets with counts there and on test snippets, and a null."""
    parts = split(load_snippets())
    known = {
        part: [x.text for x in parts[part] if CLASSIFIER.vocabulary.lookup(tokenize(x.text)).any()]
        for part in ("validation", "test")
    }
    chosen, had = counted(known["validation"])
    flips, having = counted(known["test"])

    def row(a: str, b: str) -> list[object]:
        return [a, b, int(chosen[a][IDS[b]]), had[a], int(flips[a][IDS[b]]), having[a]]

    def ranked(words: Sequence[str], among: Sequence[int]) -> list[list[object]]:
        every = [(a, among[int(chosen[a][among].argmax())]) for a in words]
        every.sort(key=lambda rule: (-chosen[rule[0]][rule[1]], rule[0]))
        return [row(a, WORDS[b]) for a, b in every[:RULES]]

    both = sorted(word for word in chosen if word in flips)
    stop = [word for word in both if word in stop_words()]
    draw, by_chance = np.random.default_rng(0), {}
    kinds = {"any word": (both, range(1, len(WORDS))), "stop words": (stop, STOP)}
    found = {name: ranked(words, list(among)) for name, (words, among) in kinds.items()}
    for name, (words, among) in kinds.items():
        rows = []
        for _, _, _, often, _, _ in found[name]:
            near = sorted(words, key=lambda w: (abs(had[w] - often), w))[:5]
            for _ in range(DRAWS):
                rows.append(row(near[draw.integers(5)], WORDS[among[draw.integers(len(among))]]))
        by_chance[name] = [sum(x[4] for x in rows), sum(x[5] for x in rows)]
    keeping = [row(a, b) for a, b in KEEPING]
    plural = [row(a, a + "s") for a in both if len(a) > 3 and a + "s" in IDS]
    ends = [sum(x[4] for x in plural), sum(x[5] for x in plural)]
    return {**found, "by chance": by_chance, "keeping": keeping, "an s at the end": ends}


def main() -> None:
    """Search, and write the record."""
    warnings.simplefilter("ignore", TextTooLongWarning)
    report: dict[str, object] = {"retried": list(RETRIED)}
    for name, (count, sizes) in COLLECTIONS.items():
        report[name] = [measured(x.text, name != "long") for x in held_out(count, sizes)]
    report["pairs"] = [pairs(x.text) for x in held_out(*COLLECTIONS["one snippet"])[:PAIRS]]
    report["rules"] = rules()
    lines = [
        f"{json.dumps(name)}: " + (
            "[\n" + ",\n".join(map(json.dumps, part)) + "\n]"
            if isinstance(part, list) and isinstance(part[0], dict)
            else json.dumps(part)
        )
        for name, part in report.items()
    ]  # fmt: skip
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf8")


if __name__ == "__main__":
    main()
