"""Cells that a spreadsheet would run."""

import pytest

from projects.common.cells import safe_cell


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", ' "=1', "  =1"])
def test_a_cell_that_begins_like_a_formula_is_made_harmless(text):
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize(("value", "cell"), [("-12.50", "-12.50"), ("Plan B", "Plan B"), (None, ""), (3, "3")])
def test_figures_and_words_stay_as_they_are(value, cell):
    assert safe_cell(value) == cell
