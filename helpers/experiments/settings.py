"""What is asked of a run, and what its results depend on: kept beside them, and compared."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import helpers
from helpers.data.kinds import file_path, list_of, whole
from helpers.data.reviews import Review
from helpers.data.words import SHIPPED
from helpers.experiments import files
from helpers.experiments.inside import MODELS, ONE, SIX, method_of

FILE = "settings.json"
CHUNK = 50  # documents of a shard: some seconds of work are lost if a run is killed
PACKAGES = ("numpy", "scipy", "torch", "scikit-learn")
FOLDERS = {ONE: SHIPPED, SIX: SHIPPED / "deep"}
ROOMS = ("data", "model", "games", "explainers", "evaluation")


class SettingsError(ValueError):
    """A folder that holds the results of other settings."""


@dataclass(frozen=True)
class Settings:
    """A run: every document of `data`, explained by every one of `methods`, into the folder `out`.

    `data` is ``snippets``, ``imdb:PATH``, ``rationales:PATH``, or reviews; `limit` takes so many of
    its documents, spread evenly. `model` is ``one-layer`` or ``six-layers``; without `methods`, all
    of this model's. `jobs` processes share them, as many as there are cores by default, or the
    workers of the Dask scheduler at `scheduler`. Neither changes a result.
    Raises `ValueError` for an unknown method, with the nearest, and for one that would be wrong for
    the model, with the reason, and `TypeError` for a wrong kind.
    """

    data: str | Sequence[Review]
    out: Path
    methods: Sequence[str] | None = None
    limit: int | None = None
    jobs: int | None = None
    scheduler: str | None = None
    model: str = ONE

    def __post_init__(self) -> None:
        out = file_path("out", self.out, "give a folder, as in Settings('snippets', 'results')")
        if self.model not in MODELS:
            raise ValueError(f"model is {self.model!r}: give {' or '.join(MODELS)}")
        known = MODELS[self.model]
        asked = tuple(known) if self.methods is None else self.methods
        keys = list_of(str, "methods", asked, "give methods=['lime', 'shapley']")
        for key in keys:
            method_of(self.model, key)
        if not keys:
            raise ValueError(f"methods is empty: give some of {', '.join(known)}")
        for name in ("limit", "jobs"):
            if getattr(self, name) is not None:
                whole(name, getattr(self, name), 1)
        if self.jobs is not None and self.scheduler is not None:
            raise ValueError("a cluster has its own workers: give jobs or scheduler, not both")
        object.__setattr__(self, "out", out)
        object.__setattr__(self, "methods", tuple(k for k in known if k in set(keys)))

    def stated(self) -> dict[str, object]:
        """What results depend on, but for the documents themselves."""
        return {
            "data": self.data.partition(":")[0] if isinstance(self.data, str) else "reviews",
            "model": self.model,
            "methods": list(self.methods),
            "limit": self.limit,
            "chunk": CHUNK,
            "versions": versions(self.model),
        }


def versions(model: str = ONE) -> dict[str, str]:
    """Of Python, its packages, the trained model and the code: what a worker must share with us."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "none"
    card = FOLDERS[model] / "classifier.json"  # it holds the hashes of the other files
    return found | {"model": hashlib.sha256(card.read_bytes()).hexdigest(), "code": _code()}


def _code() -> str:
    """A hash of all modules that a result may depend on."""
    root, digest = Path(helpers.__file__).parent, hashlib.sha256()
    for path in sorted(file for room in ROOMS for file in (root / room).rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def settle(folder: Path, stated: dict[str, object]) -> None:
    """Write what is `stated` into the folder, or compare it with what is there.

    Raises `SettingsError`, which names each difference, if the folder was made with others, or if
    something is in it that no run has written.
    """
    path = folder / FILE
    if not path.exists():
        strangers = [file.name for file in folder.iterdir() if not file.name.startswith(".")]
        if strangers:
            raise SettingsError(
                f"{folder} has no {FILE} but holds {strangers[0]}: give a new or empty folder"
            )
        files.write(path, (json.dumps(stated, indent=2) + "\n").encode("utf8"))
        return
    try:
        before = json.loads(path.read_text("utf8"))
    except (OSError, ValueError) as reason:
        raise SettingsError(f"{path} cannot be read ({reason}): give a new folder") from reason
    if changed := list(differences(before, json.loads(json.dumps(stated)))):
        raise SettingsError(
            f"{folder} was made with other settings: {'; '.join(changed)}. "
            "Give a new folder, or the settings that it was made with"
        )


def differences(before: object, now: object, name: str = "") -> list[str]:
    """Where two settings differ, in words; what is nested is named with dots."""
    if isinstance(before, dict) and isinstance(now, dict):
        keys = dict.fromkeys([*before, *now])
        inner = ((before.get(k), now.get(k), f"{name}.{k}".lstrip(".")) for k in keys)
        return [line for one in inner for line in differences(*one)]
    if isinstance(before, list) and isinstance(now, list):
        lost, new = ([x for x in a if x not in b] for a, b in ((before, now), (now, before)))
        parts = [f"without {', '.join(lost)}"] * bool(lost) + [f"with {', '.join(new)}"] * bool(new)
        return [f"{name} is now {' and '.join(parts)}"] if parts else []
    return [] if before == now else [f"{name} was {before} and is now {now}"]
