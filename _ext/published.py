"""The notebooks as they are published: each knows its page, and where to get the book's code.

    python _ext/published.py owner/name     # changes the notebooks under book/, in place

A notebook in the repository names no address, because a copy of the repository has another one.
The publish workflow writes it into the branch `notebooks`, which Binder and Colab open, and the
build of the site into the notebooks that it offers for download.
"""

import json
import sys
from pathlib import Path

BRANCH = "notebooks"
INSTALL = """\
# Where the book's code is missing, as on Colab, fetch it; elsewhere this does nothing.
import importlib.util
import subprocess
import sys

if importlib.util.find_spec("helpers") is None:
    source = "git+https://github.com/{repository}"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", source], check=True)
"""


def site(repository):
    """The address of the pages of a repository `owner/name` on GitHub; empty for none."""
    owner, _, name = repository.partition("/")
    if name.lower() == f"{owner.lower()}.github.io":
        return f"https://{name.lower()}/"
    return f"https://{owner.lower()}.github.io/{name}/" if name else ""


def addressed(notebook, repository, page):
    """A notebook (as read from JSON) with a link to its page, and the cell that installs."""
    first, *others = notebook["cells"]
    if others and others[0].get("id") == "install":
        return notebook
    link = f"[This notebook as a page of the book]({site(repository)}{page}.html)\n\n"
    first = {**first, "source": [link, *first["source"]]}
    install = {
        "cell_type": "code",
        "id": "install",
        "metadata": {"tags": ["hide-input"]},
        "execution_count": None,
        "outputs": [],
        "source": INSTALL.format(repository=repository).splitlines(keepends=True),
    }
    return {**notebook, "cells": [first, install, *others]}


def write(folder, repository):
    """Write the addresses into all notebooks of the pages under a folder, in place."""
    for path in sorted(Path(folder).glob("book/**/*.ipynb")):
        page = path.relative_to(folder).with_suffix("").as_posix()
        notebook = addressed(json.loads(path.read_text("utf-8")), repository, page)
        text = json.dumps(notebook, ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(__file__).parents[1], sys.argv[1])
