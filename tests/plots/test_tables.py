"""Tables of chapters: real minus signs in HTML, and a terminal's own elsewhere."""

import pytest

from helpers.plots.tables import Table


@pytest.mark.parametrize(
    "cell, shown",
    [
        ("-0.38 [-0.41, -0.35]", "−0.38 [−0.41, −0.35]"),
        ("-0.00 [-0.02, 0.02]", "0.00 [−0.02, 0.02]"),
        ("-0", "0"),
        ("-0.0012", "−0.0012"),
        ("-3e-12", "−3e-12"),
        ("-0e+00", "−0e+00"),
        ("τ-b, G-l1 and 2026-11-24", "τ-b, G-l1 and 2026-11-24"),
        ("1-norm, scikit-learn", "1-norm, scikit-learn"),
    ],
)
def test_minus_signs_are_those_of_numbers(cell, shown):
    table = Table(("a",), ((cell,),))
    assert f"<td>{shown}</td>" in table._repr_html_()
    assert cell in repr(table)
