from datetime import date
from decimal import Decimal

import pytest

from projects.common.marks.readings import Series, readings_chart, readings_finding
from projects.common.marks.shapes import Dot, Line, Text

LIMITS = (("Target", Decimal(92)),)


def series(*values, limits=LIMITS):
    days = [(date(2026, month, 28), Decimal(value)) for month, value in enumerate(values, 7)]
    return Series("Precision", "%", days, limits)


@pytest.mark.parametrize(("values", "drawn"), [((), False), (("90",), False), (("90", "91"), True)])
def test_chart_needs_two_readings(values, drawn):
    assert (readings_chart(series(*values)) is not None) is drawn


@pytest.mark.parametrize(("lowest", "drawn"), [("-0.1", False), ("0", True)])
def test_figures_below_zero_stay_in_the_table(lowest, drawn):
    assert (readings_chart(series("90", lowest)) is not None) is drawn


def test_every_reading_has_its_dot_and_every_limit_its_line():
    wide = readings_chart(series("88", "90.3", "93")).wide

    assert len([shape for shape in wide.shapes if isinstance(shape, Dot)]) == 3
    assert len([shape for shape in wide.shapes if isinstance(shape, Line) and shape.kind == "limline"]) == 1
    assert {"Target 92", "Now 93"} <= {shape.words for shape in wide.shapes if isinstance(shape, Text)}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (("88", "93"), "Precision rose from 88 to 93 % between 28 Jul 2026 and 28 Aug 2026; target 92."),
        (("93", "88"), "Precision fell from 93 to 88 % between 28 Jul 2026 and 28 Aug 2026; target 92."),
        (("88", "88"), "Precision stayed at 88 % between 28 Jul 2026 and 28 Aug 2026; target 92."),
    ],
)
def test_finding_is_said_in_words(values, words):
    assert readings_finding(series(*values)) == words


def test_readings_of_several_years_name_every_few_months():
    days = [(date(2024 + month // 12, month % 12 + 1, 28), Decimal(month)) for month in range(30)]

    names = [row.words for row in readings_chart(Series("Calls", "", days)).wide.shapes if isinstance(row, Text)]

    assert sum(name in {"Jan", "Jun", "Nov", "Apr", "Sep", "Feb"} for name in names) == 6
