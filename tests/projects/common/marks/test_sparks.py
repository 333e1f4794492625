from decimal import Decimal

import pytest

from projects.common.marks.shapes import Dot, Line, Path
from projects.common.marks.sparks import sparkline


def drawn(*values):
    return sparkline([Decimal(value) for value in values], "trend").shapes


def test_trend_starts_from_zero():
    path, _ = drawn(0, 50, 100)

    assert [y for _, y in path.points] == [18, 11, 4]


def test_last_month_is_dotted():
    path, dot = drawn(3, 9)

    assert isinstance(dot, Dot)
    assert (dot.x, dot.y) == path.points[-1]


@pytest.mark.parametrize("values", [(), (0, 0, 0)])
def test_nothing_spent_is_a_dotted_line(values):
    (line,) = drawn(*values)

    assert isinstance(line, Line)


def test_single_month_is_one_point_at_the_end():
    path, _ = drawn(5)

    assert isinstance(path, Path)
    assert path.points == ((78, 4),)
