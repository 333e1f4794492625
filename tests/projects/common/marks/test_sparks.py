from decimal import Decimal

import pytest

from projects.common.marks.shapes import Dot, Line, Path
from projects.common.marks.sparks import small_series, sparkline


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


def test_unknown_month_breaks_a_small_series():
    values = [Decimal(1), Decimal(2), None, Decimal(3)]
    runs = [shape for shape in small_series(values, "Cost").shapes if isinstance(shape, Path)]

    assert [len(run.points) for run in runs] == [2]


def test_each_run_of_a_small_series_ends_in_a_dot():
    values = [Decimal(1), None, Decimal(3)]

    assert len([shape for shape in small_series(values, "Cost").shapes if isinstance(shape, Dot)]) == 2


@pytest.mark.parametrize("values", [[], [None, None], [Decimal(0)]])
def test_small_series_of_nothing_is_its_base_line(values):
    assert [shape.kind for shape in small_series(values, "Cost").shapes] == ["base"]
