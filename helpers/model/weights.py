"""The files of a trained classifier: weights, vocabulary, and the card that has their hashes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load, save_file
from torch import Tensor

from helpers.data import files
from helpers.data.kinds import file_path, whole, wrong_kind
from helpers.data.words import SHIPPED, Vocabulary

WEIGHTS, WORDS, CARD = "classifier.safetensors", "vocabulary.txt", "classifier.json"
AGAIN = "check it out again with git, or run 'make train'"


class WeightsError(RuntimeError):
    """Weights that are missing or damaged."""


@dataclass(frozen=True)
class Sizes:
    """The paper's sizes: heads, embedding, key and query, value, tokens of a document.

    Raises `ValueError` unless each is at least 1, and `TypeError` unless it is a whole number.
    """

    heads: int = 6
    d_e: int = 128
    d_att: int = 64
    d_out: int = 64
    T_max: int = 256

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            whole(name, value, 1)


PAPER = Sizes()


def write(
    folder: str | Path, tensors: dict[str, Tensor], vocabulary: Vocabulary, sizes: dict, card: dict
) -> None:
    """Write ``classifier.safetensors``, ``vocabulary.txt`` and the card ``classifier.json``.

    All are complete before the first appears, and the card, which holds their hashes, comes last:
    a folder that an interrupt has left half old and half new is refused by reading.
    """
    folder = file_path("folder", folder, "call classifier.save(folder, card)")
    if not isinstance(card, dict):
        raise wrong_kind("card is a dict", card, "call classifier.save(folder, load_card())")
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("unfinished-*"):
        shutil.rmtree(left)
    words = "\n".join(vocabulary.words) + "\n"
    with tempfile.TemporaryDirectory(prefix="unfinished-", dir=folder) as new:
        save_file(tensors, Path(new, WEIGHTS))
        Path(new, WORDS).write_bytes(words.encode("utf8"))
        hashes = {name: _sha256(Path(new, name).read_bytes()) for name in (WEIGHTS, WORDS)}
        card = {"sizes": sizes, **card}
        card = {**card, "sha256": {**hashes, CARD: _sha256_of_card(card)}}
        Path(new, CARD).write_bytes((json.dumps(card, indent=2) + "\n").encode("utf8"))
        for name in (WEIGHTS, WORDS, CARD):
            os.replace(Path(new, name), folder / name)


def load_card(folder: str | Path = SHIPPED) -> dict:
    """The card beside the weights: sizes, seed, data, splits, accuracies, date, learning curve.

    Its own hash, of all entries but the hashes, is one of those it holds. Raises `WeightsError` if
    it is missing or damaged.
    """
    path = file_path("folder", folder, "call load_classifier() or load_card()") / CARD
    if not os.path.exists(path):
        raise WeightsError(
            f"no weights in {folder}: run 'make train', or check the repository out again"
        )
    try:
        card = json.loads(files.text(path, AGAIN, WeightsError))
        Sizes(**card["sizes"])
        hashes = dict(card["sha256"])
    except (ValueError, TypeError, KeyError) as error:
        raise WeightsError(f"{path} is damaged: {AGAIN} ({error!r})") from error
    if set(hashes) != {WEIGHTS, WORDS, CARD} or hashes[CARD] != _sha256_of_card(card):
        raise WeightsError(f"{path} is damaged or was changed by hand: {AGAIN}")
    return card


def read(folder: str | Path) -> tuple[dict, Vocabulary, dict[str, Tensor]]:
    """Card, vocabulary and tensors of a folder, or a `WeightsError` if a hash is not the card's."""
    card = load_card(folder)
    folder = Path(folder)
    content, _ = (_verified(folder / name, card["sha256"][name]) for name in (WEIGHTS, WORDS))
    try:
        return card, Vocabulary.load(folder / WORDS), load(content)
    except (files.DataError, SafetensorError) as error:
        raise WeightsError(f"{folder} holds no weights: {error}") from error


def _verified(path: Path, expected: str) -> bytes:
    """The content of a file whose SHA-256 is as expected, or a `WeightsError`."""
    if not os.path.exists(path):
        raise WeightsError(f"{path} is missing: {AGAIN}")
    content = files.content(path, AGAIN, WeightsError)
    if _sha256(content) != expected:
        raise WeightsError(
            f"{path} is damaged (SHA-256 {_sha256(content)}, expected {expected}): {AGAIN}"
        )
    return content


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _sha256_of_card(card: dict) -> str:
    """The hash of what a card says, whatever the order and the white space."""
    said = {name: value for name, value in card.items() if name != "sha256"}
    return _sha256(json.dumps(said, sort_keys=True).encode("utf8"))
