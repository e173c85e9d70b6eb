"""How sure each number on the map of methods is, found out by making its call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from helpers.checks.base import LEDGER, CheckFailed, shown
from helpers.data.corpus import held_out, split
from helpers.data.reviews import load_snippets
from helpers.evaluation import cover, influence, probes, substitutions, vocabulary
from helpers.evaluation.survey import ABSENT, BOUNDED, ESTIMATED, EXACT, Entry, Standing, made
from helpers.explainers import lime
from helpers.explainers.methods import METHODS
from helpers.model.classifier import AttentionClassifier

SHARES = ("of it", "of the bound")  # units of statements that are bounds
ROUNDING = 1e-6  # the tolerance of a check that allows for nothing but rounding, a solver's too


def standing(entry: Entry, given: Mapping[str, object]) -> Standing:
    """What the call of an `entry` gives for the objects in `given`, and how sure that is.

    *Estimated* is what comes with standard errors, or rests on a statement that is checked to no
    better than a rate; *bounded* is what carries a proved bound on its error, or rests on a
    statement that is one; *exact* is what agrees with the truth of its theorem's check within
    rounding, or is proved best. The file can lower this, and never raise it.
    Raises `CheckFailed` for a label without a check, and for a certificate that is no bound.
    """
    if not entry.call:
        return Standing(ABSENT, entry.why)
    for label in filter(None, (entry.theorem, entry.bound)):
        if label not in LEDGER:
            raise CheckFailed(f"{entry.key}: no check has the label {label!r}")
    found, statement = made(entry.call, given), LEDGER[entry.theorem]
    if entry.lowered:
        return Standing(ESTIMATED, entry.lowered)
    if getattr(found, "standard_errors", None) is not None:
        return Standing(ESTIMATED, "a standard error with each score")
    if getattr(found, "proved", False):
        return Standing(EXACT, "a solver proved that none is better")
    if statement.unit in SHARES:
        return Standing(BOUNDED, "the theorem bounds its error")
    if statement.unit or statement.tolerance > ROUNDING:
        return Standing(ESTIMATED, "no error bar, because the theorem gives a rate")
    certificate = getattr(found, "certificate", None)
    if certificate is None:
        return Standing(EXACT, f"agrees with an independent truth to {statement.tolerance:.0e}")
    if not (np.isfinite(certificate) and certificate >= 0):
        raise CheckFailed(f"{entry.key}: {certificate} is no bound on an error")
    if not entry.bound or LEDGER[entry.bound].unit not in SHARES:
        raise CheckFailed(f"{entry.key}: no theorem says that its certificate bounds the error")
    return Standing(BOUNDED, f"in this run, off by {at_most(certificate)}")


TEXT = "attention based explanations are popular but questionable"  # the paper's sentence


def objects(classifier: AttentionClassifier, text: str = TEXT, documents: int = 300) -> dict:
    """All that calls on the map name: readings, the read-out fitted again, states of documents."""
    training = split(load_snippets())["train"][:documents]
    rows = influence.pooled(classifier, [snippet.text for snippet in training])
    reviews = held_out(documents)
    readings = classifier.read_many([review.text for review in reviews])
    states = probes.pooled(readings).reshape(len(readings), -1)
    lengths = np.array([[float(reading.length)] for reading in readings])
    reading = classifier.read(text)
    whole = vocabulary.word_table(classifier, [review.text for review in reviews])
    few = [whole.words.index(word) for word in reading.text if word in whole.words]
    words = tuple(whole.words[j] for j in few)
    vectors = classifier.W_e.detach().double().numpy()
    one_head = vocabulary.Table(words, whole.logits[:1, few], whole.values[:1, few])
    return {
        "classifier": classifier,
        "reading": reading,
        "table": substitutions.exchanges(reading, vectors),
        "rule_table": substitutions.exchanges(reading, vectors, everywhere=True),
        "words": words,
        "one_head": one_head.outputs,
        "explanations_cover": cover.cover_of_explanations(lime.exact_many(readings[:50])),
        "other": classifier.read(text.replace("popular", "boring")),
        "readout": influence.fit(rows, np.array([x.positive for x in training])),
        "x": influence.pooled_values(reading)[None],
        "outputs": np.array([reading.output for reading in readings]),
        "score": probes.ridge(states, lengths).predict(states).ravel(),
    }


def at_most(certificate: float) -> str:
    """A bound in words; of the smallest ones the digits do not matter."""
    text = shown(certificate, 1e-9)
    return text.replace("below", "less than") if "below" in text else f"at most {text}"


def complete(entries: Iterable[Entry], keys: Iterable[str] = tuple(METHODS)) -> int:
    """The number of methods of the registry, each of which is on the map once.

    Raises `CheckFailed` with the keys that are missing, or there twice.
    """
    found = [entry.key for entry in entries]
    wrong = [key for key in keys if found.count(key) != 1]
    if wrong:
        raise CheckFailed(f"not on the map once: {', '.join(wrong)}; enter them in its file")
    return len(tuple(keys))
