"""The figures on the vocabulary show the numbers that they are given."""

import numpy as np

from helpers.checks.vocabulary import random_table
from helpers.evaluation.vocabulary import Parts, Table
from helpers.plots import vocabulary as plots


def named(table):
    return Table(("[UNK]", "[CLS]", *table.words[2:-1], "[PAD]"), table.logits, 4 * table.values)


def test_the_picture_leaves_out_what_is_no_word():
    table = named(random_table(0, 9, 1))
    figure = plots.model_in_one_picture(table, np.arange(9), {"w3": (5, 5)}, 255)
    main = figure.axes[2]
    x, y = main.collections[0].get_offsets().T
    np.testing.assert_allclose(x, np.exp(table.logits[0, 2:-1]))
    np.testing.assert_allclose(y, table.values[0, 2:-1])
    names = {text.get_text() for text in main.texts}
    assert {"w3", "+1", "\N{MINUS SIGN}4"} <= names


def test_a_line_joins_words_of_one_effect():
    """Where the name of a line stands, a word moves a text of padding by that number."""
    table = named(random_table(1, 9, 1))
    main = plots.model_in_one_picture(table, np.ones(9), {}, 100).axes[2]
    for text in main.texts:
        g, u = text.get_position()
        bag = Table(("word", "[PAD]"), np.log([[g, 1.0]]), np.array([[u, table.values[0, -1]]]))
        without, with_it = bag.outputs(np.array([[0.0, 100.0], [1.0, 99.0]]))
        level = float(text.get_text().replace("\N{MINUS SIGN}", "-"))
        assert abs(with_it - without - level) < 1e-9


def test_heads_and_places():
    table, draw = named(random_table(0, 9, 3)), np.random.default_rng(0)
    parts = Parts(*(draw.normal(size=(3, n)) for n in (8, 8, 70, 70)))
    left, right = plots.heads(table, parts).axes
    np.testing.assert_array_equal(left.lines[1].get_ydata(), table.values[1, 2:-1])
    moved = parts.place_logits[2] - parts.place_logits[2, 1:].mean()
    np.testing.assert_array_equal(right.lines[2].get_ydata(), moved[1:61])


def test_shares_of_errors_rise_to_one():
    (axis,) = plots.surrogates({"one": np.array([-2.0, 0.5, 1e-9])}).axes
    np.testing.assert_allclose(axis.lines[0].get_xdata(), [0.01, 0.5, 2.0])
    np.testing.assert_allclose(axis.lines[0].get_ydata(), [1 / 3, 2 / 3, 1])


def test_picks_beside_the_optimum():
    random = np.random.default_rng(0).random((50, 2)) / 10
    (axis,) = plots.picks((1, 2), *np.array([[0.1, 0.2], [0.1, 0.25]]), random, [0.1, 0.15]).axes
    best, greedy, worst = (line.get_ydata() for line in axis.lines)
    assert list(best) == [0.1, 0.25] and list(greedy) == [0.1, 0.2] and list(worst) == [0.1, 0.15]
