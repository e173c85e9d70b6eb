"""The pages of the book, and where they are."""

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def pages():
    """Every page, as in _toc.yml, and the two that are made for the site."""
    found, todo = [], [yaml.safe_load((ROOT / "_toc.yml").read_text())]
    while todo:
        entry = todo.pop(0)
        found += [entry[key] for key in ("root", "file") if key in entry]
        for key in ("parts", "chapters", "sections"):
            todo += entry.get(key, [])
    return [*found, "404", "search"]


PAGES = pages()
CHAPTERS = PAGES[:-2]  # with what they are about
