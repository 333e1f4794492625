from datetime import date
from decimal import Decimal

from projects.common.marks.bars import Month, spend_by_month
from projects.common.marks.shapes import Path, Rect, Text

FIRST = date(2026, 7, 1)


def drawn(*months, is_cut=False):
    return spend_by_month("Fraud", FIRST, [Month(Decimal(spent), value) for spent, value in months], is_cut=is_cut)


def of(drawing, kind):
    return [shape for shape in drawing.shapes if isinstance(shape, kind)]


def test_each_month_is_a_bar():
    assert len(of(drawn((10, None), (20, None)), Rect)) == 2


def test_part_month_is_pale_and_has_no_value():
    drawing = drawn((10, Decimal(5)), (20, Decimal(8)), (30, Decimal(9)), is_cut=True)

    assert [bar.pale for bar in of(drawing, Rect)] == [False, False, True]
    assert [len(line.points) for line in of(drawing, Path)] == [2]


def test_value_of_one_month_is_no_line():
    assert of(drawn((10, Decimal(5))), Path) == []


def test_labels_stand_apart():
    drawing = drawn((10, Decimal(10)), (20, Decimal(20)))
    spend, value = [text for text in of(drawing, Text) if text.words in ("Spend", "Value")]

    assert abs(spend.y - value.y) >= 14


def test_no_months_is_an_empty_field():
    drawing = spend_by_month("Fraud", FIRST, [], is_cut=False)

    assert of(drawing, Rect) == []
    assert drawing.label == "Fraud: spend and verified value by month, US dollars"
