"""Data for tests: without it, they fail in continuous integration and are skipped elsewhere."""

import os

import pytest
from hypothesis import Phase, settings

from helpers.data.reviews import DataError, load_snippets

if os.environ.get("MUTANTS"):  # of code that is broken on purpose, any failing example will do
    one = settings(settings.get_profile("ci"), phases=(Phase.explicit, Phase.generate))
    settings.register_profile("mutants", one)
    settings.load_profile("mutants")


@pytest.fixture(scope="session")
def fetch():
    """Call a loader; without its data, fail where ``CI`` is set, and otherwise skip and say why."""

    def call(load):
        try:
            return load()
        except DataError as error:
            if os.environ.get("CI"):
                pytest.fail(f"continuous integration must have the reviews: {error}")
            pytest.skip(f"this test needs the reviews: {error}")

    return call


@pytest.fixture(scope="session")
def snippets(fetch):
    """All 10,605 snippets."""
    return fetch(load_snippets)
