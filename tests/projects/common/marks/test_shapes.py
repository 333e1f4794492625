import itertools
from decimal import Decimal

import pytest

from projects.common.marks.shapes import spread, text_width


def moved(wanted, gap=10, top=0, bottom=100):
    return spread([Decimal(y) for y in wanted], Decimal(gap), Decimal(top), Decimal(bottom))


@pytest.mark.parametrize(
    ("wanted", "placed"),
    [
        ([], []),
        ([50], [50]),
        ([10, 20, 30], [10, 20, 30]),
        ([50, 50], [45, 55]),
        ([50, 52, 54], [42, 52, 62]),
        ([10, 50, 51], [10, Decimal("45.5"), Decimal("55.5")]),
        ([2, 4], [0, 10]),
        ([99, 100], [90, 100]),
    ],
)
def test_labels_move_apart_as_little_as_possible(wanted, placed):
    assert moved(wanted) == placed


def test_labels_keep_their_order_and_gap_in_a_crowd():
    places = moved([50, 50, 51, 52, 70, 71])

    assert places == sorted(places)
    assert min(after - before for before, after in itertools.pairwise(places)) >= 10


def test_longer_words_are_wider():
    assert text_width("Approved $520k") > text_width("T1")
