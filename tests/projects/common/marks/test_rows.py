from datetime import date
from decimal import Decimal

import pytest

from projects.common.marks.rows import (
    Milestone,
    Pair,
    milestone_rows,
    milestones_finding,
    pairs_finding,
    raised_strip,
    spend_and_value_rows,
)
from projects.common.marks.shapes import Dot, Line, Rect, Text

TODAY = date(2026, 11, 16)
PAIRS = [Pair("Claims", Decimal(1000), Decimal(2290)), Pair("Fraud", Decimal(1000), Decimal(650))]


def texts(drawing):
    return [shape.words for shape in drawing.shapes if isinstance(shape, Text)]


def kinds(drawing, shape=Line):
    return [each.kind for each in drawing.shapes if isinstance(each, shape)]


def test_row_turns_when_value_falls_behind_spend():
    assert kinds(spend_and_value_rows(PAIRS).wide)[-2:] == ["dbu", "dbd"]


def test_row_ends_with_value_for_each_unit_of_money():
    words = texts(spend_and_value_rows(PAIRS).wide)

    assert "2.29" in words
    assert "0.65" in words
    assert "per $1" in words


def test_row_without_spend_has_no_ratio():
    assert "n/a" in texts(spend_and_value_rows([Pair("New", Decimal(0), Decimal(0))]).wide)


def test_narrow_rows_put_the_name_above():
    drawn = spend_and_value_rows(PAIRS).narrow
    name = next(shape for shape in drawn.shapes if isinstance(shape, Text) and shape.words == "Claims")
    dot = next(shape for shape in drawn.shapes if isinstance(shape, Dot))

    assert name.y < dot.y
    assert drawn.height == 34 + 2 * 40


def test_pairs_are_told_in_words():
    assert pairs_finding(PAIRS) == "Spend and verified value by initiative: value is above spend in 1 of 2 initiatives"


@pytest.mark.parametrize(
    ("met", "bars"),
    [(date(2026, 5, 30), ["early"]), (date(2026, 5, 31), []), (date(2026, 6, 1), ["late"])],
)
def test_days_between_plan_and_fact_are_a_bar(met, bars):
    drawn = milestone_rows([Milestone("Recall", date(2026, 5, 31), met)], date(2026, 1, 1), 13, TODAY).wide

    assert [kind for kind in kinds(drawn) if kind in ("early", "late")] == bars


def test_expected_milestone_is_not_drawn_as_met():
    milestone = Milestone("Precision", date(2026, 12, 4), expected_on=date(2026, 12, 4))
    drawn = milestone_rows([milestone], date(2026, 1, 1), 13, TODAY).wide

    assert kinds(drawn, Dot) == ["plan", "fcm"]


def test_name_turns_left_where_it_would_leave_the_sheet():
    milestone = Milestone("Launch readiness review of the whole portfolio", date(2027, 1, 20))
    drawn = milestone_rows([milestone], date(2026, 1, 1), 13, TODAY).wide

    assert [shape.anchor for shape in drawn.shapes if isinstance(shape, Text)][-1] == "end"


def test_narrow_sheet_names_every_other_month():
    wide, narrow = (
        milestone_rows([], date(2026, 1, 1), 13, TODAY).wide,
        milestone_rows([], date(2026, 1, 1), 13, TODAY).narrow,
    )

    assert texts(wide)[:2] == ["Jan", "Feb"]
    assert texts(narrow)[:2] == ["Jan", "Mar"]


@pytest.mark.parametrize(("due", "overdue"), [(date(2026, 11, 15), 1), (TODAY, 0), (date(2026, 11, 17), 0)])
def test_milestone_is_overdue_after_its_day(due, overdue):
    told = milestones_finding([Milestone("Recall", due)], TODAY)

    assert told == f"Milestones, planned against actual dates: 0 of 1 milestone met, {overdue} overdue"


def test_each_escalation_is_a_square():
    drawn = raised_strip(date(2026, 1, 1), [("Version 7", "k1", [0] * 10 + [3]), ("Draft 8", "k2", [1] + [0] * 10)])

    assert kinds(drawn, Rect) == ["k1", "k1", "k1", "k2"]
    assert drawn.label == "Escalations raised by month. Version 7: Nov 3; Draft 8: Jan 1"


def test_strip_without_escalations_says_none():
    drawn = raised_strip(date(2026, 1, 1), [("Version 7", "k1", [0, 0])])

    assert kinds(drawn, Rect) == []
    assert drawn.label.endswith("Version 7: none")


def test_tall_month_stays_inside_its_row():
    drawn = raised_strip(date(2026, 1, 1), [("Version 7", "k1", [12])])

    assert min(shape.y for shape in drawn.shapes if isinstance(shape, Rect)) >= 0
