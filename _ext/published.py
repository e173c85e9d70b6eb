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
OTHERS = ["captum", "pandas", "pytest", "shap", "shapiq"]  # that notebooks import, and helpers not
INSTALL = """\
# Where the rest of the book is missing, as on Colab, fetch it; elsewhere this does nothing.
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

root = Path("{up}")
if not (root / "helpers").is_dir():
    root = Path("{name}").resolve()
    if not root.is_dir():
        source = ["--branch", "{branch}", "https://github.com/{repository}", str(root)]
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", *source], check=True)
    os.chdir(root / "{folder}")
if importlib.util.find_spec("helpers") is None:
    packages = [f"{{root}}/", {others}]
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *packages], check=True)
    importlib.invalidate_caches()
"""


def site(repository):
    """The address of the pages of a repository `owner/name` on GitHub; empty for none."""
    owner, _, name = repository.partition("/")
    if name.lower() == f"{owner.lower()}.github.io":
        return f"https://{name.lower()}/"
    return f"https://{owner.lower()}.github.io/{name}/" if name else ""


def install(repository, page):
    """The code of the cell that fetches the book for the notebook of a page."""
    folder = page.rpartition("/")[0]
    return INSTALL.format(
        repository=repository,
        branch=BRANCH,
        name=repository.partition("/")[2],
        folder=folder,
        up="/".join([".."] * len(folder.split("/"))),
        others=", ".join(f'"{name}"' for name in OTHERS),
    )


def addressed(notebook, repository, page):
    """A notebook (as read from JSON) with a link to its page, and the cell that installs."""
    first, *others = notebook["cells"]
    if others and others[0].get("id") == "install":
        return notebook
    link = f"[This notebook as a page of the book]({site(repository)}{page}.html)\n\n"
    first = {**first, "source": [link, *first["source"]]}
    cell = {
        "cell_type": "code",
        "id": "install",
        "metadata": {"tags": ["hide-input"]},
        "execution_count": None,
        "outputs": [],
        "source": install(repository, page).splitlines(keepends=True),
    }
    return {**notebook, "cells": [first, cell, *others]}


def write(folder, repository):
    """Write the addresses into all notebooks of the pages under a folder, in place."""
    for path in sorted(Path(folder).glob("book/**/*.ipynb")):
        page = path.relative_to(folder).with_suffix("").as_posix()
        notebook = addressed(json.loads(path.read_text("utf-8")), repository, page)
        text = json.dumps(notebook, ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(__file__).parents[1], sys.argv[1])
