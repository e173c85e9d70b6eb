"""Figures of a run over a corpus."""

import matplotlib.pyplot as plt
import numpy as np

from helpers.evaluation.agreement import Interval
from helpers.experiments import Summary
from helpers.plots import a_whole_corpus as plots

NONE = (0, Interval(np.nan, np.nan, np.nan))
TABLE = {
    ("lime", "deletion_gain"): (9, Interval(1.5, 1.25, 1.75)),
    ("lime", "tau_shapley"): (9, Interval(0.5, 0.25, 0.75)),
    ("lime", "signs_valence"): (9, Interval(0.75, 0.5, 1.0)),
    ("lime", "signs_praise"): (9, Interval(0.625, 0.5, 0.75)),
    ("gradient-l2", "deletion_gain"): (9, Interval(-0.5, -1.0, 0.0)),
    ("gradient-l2", "tau_shapley"): (9, Interval(0.25, 0.0, 0.5)),
    ("gradient-l2", "signs_valence"): NONE,
}
SUMMARY = Summary(9, Interval(0.5, 0.25, 0.75), TABLE, ())


def test_a_dot_and_an_interval_for_each_mean():
    figure = plots.measures(SUMMARY)
    for axis, (name, title) in zip(figure.axes, plots.PANELS.items(), strict=True):
        assert axis.get_title() == title
        found = [TABLE[key, name] for key in SUMMARY.methods]
        shown = [(x.mean, x.low, x.high) for n, x in found if n]
        dots = [line.get_xdata()[0] for line in axis.lines if line.get_marker() == "o"]
        ends = [tuple(line.get_xdata()) for line in axis.lines if line.get_linewidth() == 2]
        assert dots == [mean for mean, *_ in shown] and ends == [(a, b) for _, a, b in shown]
    dashed = [[*line.get_xdata()] for x in figure.axes for line in x.lines if line.is_dashed()]
    assert dashed == [[0.625, 0.625]] and figure.axes[2].lines[-2].is_dashed()
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["exact LIME", "G-l2"]
    plt.close(figure)


def test_a_table_leaves_out_what_is_not_there():
    found = plots.table(SUMMARY, ["deletion_gain", "signs_valence"])
    assert found.header == ("method", "deletion_gain", "signs_valence")
    assert found.rows == (
        ("exact LIME", "1.50 [1.25, 1.75]", "0.75 [0.50, 1.00]"),
        ("G-l2", "-0.50 [-1.00, 0.00]", ""),
    )


def test_pictures_are_written_and_are_the_same_again(tmp_path):
    plots.save(SUMMARY, tmp_path)
    first = (tmp_path / "summary.svg").read_bytes()
    plots.save(SUMMARY, tmp_path)
    assert (tmp_path / "summary.svg").read_bytes() == first
    assert (tmp_path / "summary.png").read_bytes()[:4] == b"\x89PNG"


def test_without_a_document_there_is_no_picture(tmp_path):
    plots.save(Summary(0, NONE[1], {}, ()), tmp_path)
    assert not list(tmp_path.iterdir())
