"""The corpus runner: every document of a corpus, every method, every measure that is cheap.

from helpers import experiments
experiments.run(experiments.Settings("imdb:aclImdb", "results"))
experiments.load("results")
"""

from helpers.experiments.report import Summary
from helpers.experiments.running import load, run
from helpers.experiments.settings import Settings

__all__ = ["Settings", "Summary", "load", "run"]
