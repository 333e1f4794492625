from datetime import date
from decimal import Decimal

import pytest

from projects.common.marks.lines import (
    Course,
    Reading,
    UnitCost,
    course_finding,
    passing,
    spend_against_value,
    unit_cost_finding,
    unit_cost_lines,
)
from projects.common.marks.shapes import Dot, Line, Path, Text


def readings(*pairs):
    return [
        Reading(date(2026, month, 28), Decimal(spent), Decimal(value)) for month, (spent, value) in enumerate(pairs, 1)
    ]


def course(*pairs, **more):
    return Course(date(2026, 1, 1), 12, readings(*pairs), **more)


def kinds(drawing):
    return [shape.kind for shape in drawing.shapes]


def texts(drawing):
    return [shape.words for shape in drawing.shapes if isinstance(shape, Text)]


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ((), None),
        (((10, 5), (20, 15)), None),
        (((10, 5), (20, 20)), None),
        (((10, 5), (20, 25)), (0, Decimal("0.5"))),
        (((10, 10), (20, 25)), (0, 0)),
        (((10, 15), (20, 15), (30, 45)), (1, Decimal("0.25"))),
        (((10, 15), (20, 25)), None),
    ],
)
def test_value_passes_spend_where_it_stays_above(pairs, found):
    assert passing(readings(*pairs)) == found


def test_crossing_is_marked_and_named():
    drawn = spend_against_value(course((10, 5), (20, 25))).wide

    assert "cross" in kinds(drawn)
    assert "Value passes spend, Feb" in texts(drawn)


def test_value_that_leads_from_the_first_day_never_passes():
    drawn = spend_against_value(course((5, 10), (20, 25))).wide

    assert "cross" not in kinds(drawn)
    assert "is above spend" in drawn.label


def test_narrow_chart_leaves_the_month_and_the_forecast_out():
    drawn = spend_against_value(course((10, 5), (20, 25), forecast=(date(2026, 12, 31), Decimal(30)))).narrow

    assert "Value passes spend" in texts(drawn)
    assert "Forecast" not in texts(drawn)


def test_lines_never_meet_without_a_crossing():
    drawn = spend_against_value(course((10, 5), (20, 15))).wide

    assert "cross" not in kinds(drawn)
    assert "gain" not in kinds(drawn)


def test_approvals_climb_in_steps_to_the_end_of_the_field():
    approvals = [(date(2026, 1, 1), Decimal(40)), (date(2026, 7, 1), Decimal(80))]
    drawn = spend_against_value(course((10, 5), approvals=approvals)).wide
    steps = next(shape for shape in drawn.shapes if shape.kind == "approved")

    assert steps.points == ((40, 308), (40, 308), (40, 165), (345, 165), (345, 22), (650, 22))


def test_period_without_readings_is_an_empty_field():
    drawn = spend_against_value(course()).wide

    assert not [shape for shape in drawn.shapes if isinstance(shape, Path)]
    assert drawn.label == "Cumulative US dollars: no spend yet."


def test_every_width_tells_the_same_finding():
    drawn = spend_against_value(course((10, 5)))

    assert drawn.wide.label == drawn.medium.label == drawn.narrow.label


def test_finding_names_figures_and_day():
    told = course_finding(
        course((10, 5), (20, 25), approvals=[(date(2026, 1, 1), Decimal(40))], envelope=("FY26 envelope", Decimal(90)))
    )

    assert told == (
        "Cumulative US dollars, January to 28 February 2026. Verified value $25 has been above spend $20 since Feb."
        " Approved $40 of an envelope of $90."
    )


def test_finding_says_when_value_is_below():
    assert "Verified value $5 is below spend $10." in course_finding(course((10, 5)))


def unit(*costs, value=None):
    months = [date(2026, month, 1) for month in range(7, 7 + len(costs))]
    return UnitCost(
        "case",
        [(month, None if cost is None else Decimal(cost)) for month, cost in zip(months, costs, strict=True)],
        None if value is None else Decimal(value),
    )


def test_unknown_month_breaks_the_line():
    drawn = unit_cost_lines(unit(8, 6, None, 4, 3)).wide
    runs = [shape for shape in drawn.shapes if shape.kind == "sline"]

    assert [len(run.points) for run in runs] == [2, 2]
    assert len([shape for shape in drawn.shapes if isinstance(shape, Dot)]) == 4


def test_worth_is_a_level_line():
    drawn = unit_cost_lines(unit(8, 6, value=5)).wide
    line = next(shape for shape in drawn.shapes if shape.kind == "vline")

    assert isinstance(line, Line)
    assert line.y1 == line.y2
    assert "Value $5.00" in texts(drawn)


@pytest.mark.parametrize(
    ("costs", "value", "told"),
    [
        ((829, 268), 392, "Cost per case fell from $829 in Jul to $268 in Aug; value per case is $392."),
        ((3, 4), None, "Cost per case rose from $3.00 in Jul to $4.00 in Aug."),
        ((3, 3), None, "Cost per case stayed at $3.00 to Aug."),
        ((None, None), None, "Cost per case: no month with both cost and outcomes yet."),
    ],
)
def test_unit_cost_is_told_in_words(costs, value, told):
    assert unit_cost_finding(unit(*costs, value=value)) == told
