from datetime import date
from decimal import Decimal

import pytest

from projects.common.marks.columns import Part, Stack, mix_bar, monthly_columns, ordinal, stack_finding
from projects.common.marks.shapes import Rect, Text


def stack(until=date(2026, 2, 16), model=(60, 30), unclaimed=(40, 20)):
    parts = [
        Part("l1", "Model API", "Model API", [Decimal(amount) for amount in model]),
        Part("ln", "Unclaimed", "Unclaimed", [Decimal(amount) for amount in unclaimed]),
    ]
    return Stack(date(2026, 1, 1), until, parts)


def bars(drawing, kind):
    return [shape for shape in drawing.shapes if isinstance(shape, Rect) and shape.kind == kind and shape.width > 10]


def texts(drawing):
    return [shape.words for shape in drawing.shapes if isinstance(shape, Text)]


def test_parts_stand_on_each_other():
    drawn = monthly_columns(stack()).wide
    lower, upper = bars(drawn, "l1")[0], bars(drawn, "ln")[0]

    assert lower.y + lower.height == Decimal("303.2")
    assert upper.y + upper.height < lower.y
    assert upper.y == 16


def test_unclaimed_is_hatched():
    drawn = monthly_columns(stack()).wide

    assert all(bar.hatched for bar in bars(drawn, "ln"))
    assert not any(bar.hatched for bar in bars(drawn, "l1"))


@pytest.mark.parametrize(
    ("until", "is_cut"), [(date(2026, 2, 27), True), (date(2026, 2, 28), False), (date(2026, 2, 1), True)]
)
def test_month_is_cut_until_its_last_day(until, is_cut):
    assert stack(until).is_cut is is_cut


def test_part_month_is_pale_and_says_its_day():
    drawn = monthly_columns(stack()).wide

    assert [bar.pale for bar in bars(drawn, "l1")] == [False, True]
    assert "to 16th" in texts(drawn)


def test_full_month_is_not_marked():
    drawn = monthly_columns(stack(date(2026, 2, 28))).wide

    assert not any(bar.pale for bar in bars(drawn, "l1"))
    assert not [word for word in texts(drawn) if word.startswith("to ")]


def test_month_without_a_part_draws_no_bar():
    drawn = monthly_columns(stack(model=(0, 30))).wide

    assert len(bars(drawn, "l1")) == 1


def test_narrow_columns_leave_labels_to_the_key():
    assert "Model API $90" in texts(monthly_columns(stack()).wide)
    assert "Model API $90" not in texts(monthly_columns(stack()).narrow)


def test_finding_names_every_part():
    assert stack_finding(stack()) == (
        "Monthly spend by part, US dollars, January to 16 February 2026. Model API $90, Unclaimed $60."
    )


@pytest.mark.parametrize(
    ("day", "spoken"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (30, "30th"),
    ],
)
def test_day_is_written_as_spoken(day, spoken):
    assert ordinal(day) == spoken


def test_mix_fills_the_bar_and_leaves_empty_parts_out():
    drawn = mix_bar([("l1", Decimal(3)), ("l2", Decimal(0)), ("ln", Decimal(1))], "75% model API")

    assert [(shape.kind, shape.x, shape.width) for shape in drawn.shapes] == [("l1", 0, 75), ("ln", 75, 25)]


def test_mix_of_nothing_is_empty():
    assert mix_bar([("l1", Decimal(0))], "nothing").shapes == ()


@pytest.mark.parametrize(("whole", "widths"), [(None, [75, 25]), (8, ["37.50", "12.50"]), (4, [75, 25])])
def test_a_bar_is_as_wide_as_its_part_of_the_largest(whole, widths):
    largest = None if whole is None else Decimal(whole)

    drawn = mix_bar([("l1", Decimal(3)), ("ln", Decimal(1))], "75% model API", whole=largest)

    assert [shape.width for shape in drawn.shapes] == [Decimal(width) for width in widths]


def test_refunds_of_one_part_do_not_lift_the_others_above_the_frame():
    drawn = monthly_columns(stack(model=(100, 100), unclaimed=(-90, -90))).wide

    assert min(bar.y for bar in bars(drawn, "l1")) >= 16
