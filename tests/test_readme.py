"""What the README shows is what a reader gets."""

import doctest
from pathlib import Path

from helpers import explain, load_classifier

README = Path(__file__).parents[1] / "README.md"


def test_the_lines_of_the_readme_print_what_it_shows():
    text = README.read_text(encoding="utf8").replace("\n```\n", "\n\n")  # a fence ends an output
    test = doctest.DocTestParser().get_doctest(text, {}, README.name, str(README), 0)
    assert len(test.examples) == 4
    report = []
    doctest.DocTestRunner().run(test, out=report.append)
    assert not report, "".join(report)


def test_its_digits_are_not_on_an_edge():
    """No score is so near to half a digit that another processor could print the next one."""
    found = explain(load_classifier().read("a fine film"), "lime")
    for number in (*found.scores, found.intercept):
        assert abs(number * 1e4 % 1 - 0.5) > 1e-3
    assert found.certificate + found.rounding < 1e-11
