"""Write 500 games with exact explanations, as files that need neither our model nor our code.

The README that goes into the folder tells what is in the files.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from helpers.data.corpus import held_out
from helpers.data.files import DataError
from helpers.data.kinds import file_path, whole
from helpers.data.words import tokenize
from helpers.evaluation.entries import VERSION, Task, entries, players, stated, text
from helpers.games import PerturbationGame, position_game, word_game
from helpers.model.classifier import load_classifier

README, SCHEMA = (Path(__file__).with_name(f"suite.{end}") for end in ("md", "schema.json"))
FAMILIES = {"words": (200, 10, 160), "positions": (100, 10, 200), "random": (200, 10, 200)}
COUNT = sum(count for count, *_ in FAMILIES.values())
SNIPPETS = 24  # of a document, of which the beginning is taken: enough for the largest games


def sizes(family: str) -> list[int]:
    """The number of players of each game of a family: spread evenly on a logarithmic scale."""
    count, low, high = FAMILIES[family]
    return np.rint(np.geomspace(low, high, count)).astype(int).tolist()


def tasks(count: int = COUNT) -> list[Task]:
    """`count` of the 500 games, spread evenly over families and sizes.

    A game has the same numbers however many are asked for. Raises `DataError` without the reviews.
    """
    count = whole("count", count, 1, COUNT)
    names = [(family, place) for family in FAMILIES for place in range(FAMILIES[family][0])]
    read, texts, found = load_classifier().read, {}, []
    for family, place in (names[k * COUNT // count] for k in range(count)):
        d = sizes(family)[place]
        if family == "random":
            game, source = random_game(place, d)
        else:
            texts[family] = texts.get(family) or documents(family)
            identifier, words = texts[family][place]
            words = beginning(words, d, distinct=family == "words")
            reading = read(" ".join(words))
            game = word_game(reading) if family == "words" else position_game(reading)
            source = f"the first {len(words)} words of snippets {identifier}"
        found.append(Task(f"{family}-{place + 1:03d}", family, source, stated(game)))
    return found


def documents(family: str) -> list[tuple[str, list[str]]]:
    """A held-out document for each game of a family: the snippets' numbers, and the words."""
    found = held_out(FAMILIES[family][0], (SNIPPETS,), seed=list(FAMILIES).index(family))
    return [(review.identifier, tokenize(review.text)) for review in found]


def beginning(words: Sequence[str], d: int, distinct: bool) -> list[str]:
    """The first words of a document: `d` of them, or until `d` different ones have been met."""
    end = words.index(list(dict.fromkeys(words))[d - 1]) + 1 if distinct else d
    return list(words[:end])


def random_game(seed: int, d: int) -> tuple[PerturbationGame, str]:
    """A game of lognormal weights and normal values, and a line on how it was drawn.

    One to six heads; weights of a standard deviation of 0.2 to 1 powers of ten; in half of the
    games a masked word weighs nothing, so that it leaves the softmax.
    """
    draw = np.random.default_rng(seed)
    K, spread, leaves = (1, 3, 6)[seed % 3], (0.2, 0.5, 1.0)[seed // 3 % 3], seed // 9 % 2
    kept, masked = 10 ** (spread * draw.normal(size=(2, K, d)))
    masked *= 0.0 if leaves else 0.5
    rest = d * 10 ** draw.uniform(-2, 0, size=K)
    values, unknown = draw.normal(0.3, 1.0, size=(K, d)), draw.normal(0.0, 0.3, size=(K, d))
    game = PerturbationGame(
        players(d), players(d), kept, kept * values, masked, masked * unknown, rest, 0.1 * rest
    )
    state = "a masked word weighs nothing" if leaves else "a masked word weighs, too"
    return game, f"drawn with seed {seed}: weights over {spread} powers of ten, {state}"


def write(folder: str | Path, count: int = COUNT) -> Path:
    """Write `count` games into the new or empty `folder`, and what a reader needs beside them.

    ``SHA256SUMS`` comes last: a folder without it is incomplete. Raises `FileExistsError` if there
    is something in the folder, another `OSError` if it cannot be written, `ValueError` for a wrong
    count, `DataError` without the reviews.
    """
    folder = file_path("folder", folder, "call suite.write('suite')")
    if any(folder.iterdir()) if folder.is_dir() else folder.exists():
        raise FileExistsError(f"{folder} is there, and no empty folder: name a new one")
    several = tasks(count)
    try:
        (folder / "games").mkdir(parents=True)
    except OSError as reason:
        message = f"{folder} cannot be made ({reason.strerror}): name a folder that can"
        raise type(reason)(message) from reason
    hashes, games = {}, []

    def put(name: str, content: str) -> str:
        data = content.encode("utf8")
        (folder / name).write_bytes(data)
        hashes[name] = hashlib.sha256(data).hexdigest()
        return hashes[name]

    for entry in tqdm(entries(several), "suite", len(several), unit="game", disable=None):
        name = f"games/{entry['name']}.json"
        about = {key: entry[key] for key in ("name", "family", "d", "K")}
        games.append(about | {"file": name, "sha256": put(name, text(entry))})
    listed = ",\n".join(json.dumps(game) for game in games)
    head = text({"version": VERSION, "complete": len(games) == COUNT, "count": len(games)})
    put("index.json", f'{head[:-3]},\n"games": [\n{listed}\n]\n}}\n')
    put("README.md", README.read_text("utf8"))
    put("schema.json", SCHEMA.read_text("utf8"))
    sums = "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes))
    (folder / "SHA256SUMS").write_bytes(sums.encode("utf8"))
    return folder


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; what cannot be done is said in a line."""
    parser = argparse.ArgumentParser(prog="python -m helpers.evaluation.suite", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="a new or empty folder")
    parser.add_argument("--games", type=int, default=COUNT, help=f"only so many of the {COUNT}")
    asked = parser.parse_args(arguments)
    try:
        folder = write(asked.out, asked.games)
    except (OSError, ValueError, DataError) as error:
        parser.error(str(error))
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"wrote {asked.games} games, {size / 1e6:.0f} MB, to {folder}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
