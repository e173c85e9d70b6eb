"""The corpus runner: every document of a corpus, every method, every measure that is cheap.

from helpers.evaluation import experiments
experiments.run(experiments.Settings("imdb:aclImdb", "results"))
experiments.load("results")
"""

from helpers.evaluation.experiments.report import Summary
from helpers.evaluation.experiments.running import load, run
from helpers.evaluation.experiments.settings import Settings

__all__ = ["Settings", "Summary", "load", "run"]
