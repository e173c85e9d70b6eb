"""The site, built once for all tests of one run, and a browser to look at it.

The tests that need a browser are skipped where there is none, but fail if the environment has
BOOK_REQUIRE_BROWSER=1.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from filelock import FileLock, Timeout

from tests.site.pages import PAGES, ROOT
from tests.site.visit import visit
from tools.browser import Browser, find_browser


@pytest.fixture(scope="session")
def build(tmp_path_factory, worker_id):
    """The finished strict build: its returncode and its stderr, and the folder of the pages.

    With several workers, the first one builds and the others wait for it.
    """
    folder = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        folder = folder.parent
    out, report = folder / "site", folder / "site.json"
    with FileLock(folder / "site.lock"):
        if not report.exists():
            jupyter_book = Path(sys.executable).with_name("jupyter-book")
            options = ["--path-output", str(out), "-W", "--keep-going", "-n"]
            done = subprocess.run(
                [sys.executable, str(jupyter_book), "build", str(ROOT), *options],
                env={**os.environ, "NO_COLOR": "1"},
                capture_output=True,
                text=True,
                timeout=300,
            )
            found = {"returncode": done.returncode, "stderr": done.stderr}
            report.write_text(json.dumps(found), encoding="utf-8")
    return SimpleNamespace(**json.loads(report.read_text("utf-8"))), out / "_build" / "html"


@pytest.fixture(scope="session")
def site(build):
    done, html = build
    if not (html / "index.html").exists():
        pytest.fail(f"no site was built\n{done.stderr[-3000:]}")
    return html


class Soups(Mapping):
    """Every HTML file of the site by its name, parsed when a test first looks at it."""

    def __init__(self, site):
        files = ((path.relative_to(site), path) for path in sorted(site.rglob("*.html")))
        self.paths = {name.as_posix(): path for name, path in files if "_static" not in name.parts}
        self.parsed = {}

    def __getitem__(self, name):
        if name not in self.parsed:
            text = self.paths[name].read_text("utf-8")
            self.parsed[name] = BeautifulSoup(text, "html.parser")
        return self.parsed[name]

    def __iter__(self):
        return iter(self.paths)

    def __len__(self):
        return len(self.paths)


@pytest.fixture(scope="session")
def soups(site):
    return Soups(site)


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium, offline."""
    if find_browser() is None:
        reason = "no Chromium or Chrome on the PATH"
        if os.environ.get("BOOK_REQUIRE_BROWSER") == "1":
            pytest.fail(f"{reason}, but BOOK_REQUIRE_BROWSER=1")
        pytest.skip(reason)
    with Browser() as started:
        yield started


@pytest.fixture(scope="session")
def visits(site, browser):
    """What `visit` sees on each page. Workers share the pages: each goes where none has been."""
    folder = site.parent / "visits"
    folder.mkdir(exist_ok=True)
    records = {page: folder / f"{page.replace('/', '-')}.json" for page in PAGES}
    for wait in (False, True):  # for those that are on their way
        for page, record in records.items():
            try:
                with FileLock(record.with_suffix(".lock"), blocking=wait):
                    if not record.exists():
                        seen = visit(browser, (site / f"{page}.html").as_uri())
                        record.write_text(json.dumps(seen), encoding="utf-8")
            except Timeout:
                continue
    return {page: json.loads(record.read_text("utf-8")) for page, record in records.items()}
