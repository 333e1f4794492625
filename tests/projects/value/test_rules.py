from datetime import date
from decimal import Decimal

import pytest

from projects.value.rules import card_gaps, has_decayed, meets_target, months_before, over_ceiling_run, share_blockers


@pytest.mark.parametrize(
    ("share", "taken", "found"),
    [
        ("100", [], None),
        ("40", ["60"], None),
        ("40.0001", ["60"], "share_over"),
        ("0", [], "share_wrong"),
        ("-1", [], "share_wrong"),
        ("NaN", [], "share_wrong"),
    ],
)
def test_shares_of_a_benefit_never_pass_the_whole(share, taken, found):
    blockers = share_blockers(Decimal(share), [Decimal(row) for row in taken], "Faster claims")

    assert [row.code for row in blockers] == ([found] if found else [])


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        (date(2026, 11, 16), 6, date(2026, 5, 16)),
        (date(2026, 8, 31), 6, date(2026, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 31), 1, date(2026, 11, 30)),
    ],
)
def test_months_back_end_on_a_real_day(day, months, found):
    assert months_before(day, months) == found


@pytest.mark.parametrize(
    ("verified_on", "decayed"), [(date(2026, 5, 15), True), (date(2026, 5, 16), False), (date(2026, 5, 17), False)]
)
def test_verification_decays_after_six_months(verified_on, decayed):
    assert has_decayed(verified_on, on=date(2026, 11, 16), months=6) is decayed


def test_card_names_its_gaps_and_a_unit_cost_wants_a_ceiling():
    bare = {"baseline": None, "target": None, "floor": None, "ceiling": None, "source": " "}

    assert card_gaps(**bare, is_unit_cost=False) == ["baseline", "target", "floor", "source"]
    assert card_gaps(**{**bare, "floor": Decimal(0)}, is_unit_cost=True) == ["baseline", "target", "ceiling", "source"]


@pytest.mark.parametrize(
    ("value", "direction", "met"), [("5", "up", True), ("4.9", "up", False), ("5.1", "down", False)]
)
def test_target_is_met_at_the_target(value, direction, met):
    assert meets_target(Decimal(value), Decimal(5), direction) is met


@pytest.mark.parametrize(("values", "run"), [("1 3 3", 2), ("3 3 2", 0), ("2 2 2", 0), ("3 1 3", 1), ("", 0)])
def test_only_the_latest_readings_above_the_ceiling_count(values, run):
    assert over_ceiling_run([Decimal(value) for value in values.split()], Decimal(2)) == run
