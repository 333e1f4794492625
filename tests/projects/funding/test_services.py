from datetime import date, timedelta
from decimal import Decimal

import pytest

from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted, WrongState
from projects.funding.models import Envelope, Tranche
from projects.funding.selectors import balance, headroom, tranche_money
from projects.funding.services import (
    FundingRefused,
    OverHeadroom,
    Part,
    change_envelope,
    decide_tranche,
)
from projects.initiatives.services import close_initiative
from tests.factories import money
from tests.factories.initiatives import initiative
from tests.projects.funding.reading import kinds, position


def test_go_releases_at_once(fraud, envelope, carol, now, released):
    row = money.tranche(fraud, envelope, carol, now, "148000", starts_on=date(2026, 11, 1))

    assert (row.number, row.state, row.starts_on, row.released_by) == (1, "released", now.date(), carol)
    assert tranche_money(row) == Decimal(148_000)
    assert balance(envelope) == Decimal(852_000)
    assert kinds() == ["envelope", "release"]
    assert released == [row]
    assert list(AuditEvent.objects.filter(target_type="projects.tranche").values_list("verb", flat=True)) == [
        "tranche.decided",
        "tranche.released",
    ]


def test_window_may_begin_later_when_no_other_is_in_force(fraud, envelope, carol, now):
    row = money.tranche(fraud, envelope, carol, now, starts_on=date(2026, 12, 1))

    assert row.starts_on == date(2026, 12, 1)


def test_go_with_conditions_waits_and_is_committed_but_not_approved(fraud, envelope, carol, now, released):
    row = money.tranche(fraud, envelope, carol, now, awaits_conditions=True)

    assert (row.state, row.valid_release_until) == ("awaiting_conditions", now.date() + timedelta(days=28))
    assert position(fraud, now.date()).approved == 0
    assert position(fraud, now.date()).committed == Decimal(100_000)
    assert position(fraud, now.date()).first_released_on is None
    assert headroom(envelope, on=now.date()).left == Decimal(900_000)
    assert kinds() == ["envelope"]
    assert released == []


def test_new_tranche_takes_over_the_rest_of_the_one_it_ends(fraud, envelope, carol, now):
    first = money.tranche(fraud, envelope, carol, now, "100000")

    second = money.tranche(fraud, envelope, carol, now + timedelta(days=10), "50000")

    first = Tranche.objects.get(pk=first.pk)
    assert (first.state, first.ends_on) == ("exhausted", now.date() + timedelta(days=10))
    assert tranche_money(first) == 0
    assert tranche_money(second) == Decimal(150_000)
    assert kinds() == ["envelope", "release", "release", "carry"]
    assert position(fraud, second.starts_on).approved == Decimal(150_000)


def test_rest_goes_back_when_the_motion_does_not_carry_it(fraud, envelope, carol, now):
    first = money.tranche(fraud, envelope, carol, now, "100000")

    second = money.tranche(fraud, envelope, carol, now + timedelta(days=10), "50000", carry_rest=False)

    assert Tranche.objects.get(pk=first.pk).state == "returned"
    assert tranche_money(second) == Decimal(50_000)
    assert position(fraud, second.starts_on).approved == Decimal(50_000)
    assert balance(envelope) == Decimal(950_000)


def test_one_tranche_waits_at_a_time(fraud, envelope, carol, now):
    money.tranche(fraud, envelope, carol, now, awaits_conditions=True)

    with pytest.raises(WrongState, match="still awaits"):
        money.tranche(fraud, envelope, carol, now)


def test_over_headroom_is_refused_and_leaves_nothing(fraud, envelope, carol, now):
    with pytest.raises(OverHeadroom, match="FY26 has 1,000,000"):
        money.tranche(fraud, envelope, carol, now, "1000000.01")

    assert not Tranche.objects.exists()
    assert kinds() == ["envelope"]


def test_exactly_the_headroom_is_given(fraud, envelope, carol, now):
    money.tranche(fraud, envelope, carol, now, "1000000")

    assert headroom(envelope, on=now.date()).left == 0


def test_decided_money_is_not_given_twice(fraud, envelope, olga, carol, now):
    money.tranche(fraud, envelope, carol, now, "600000", awaits_conditions=True)

    with pytest.raises(OverHeadroom):
        money.tranche(initiative(olga, "mvp", name="Another"), envelope, carol, now, "400000.01")


def test_headroom_is_kept_at_every_level(fraud, envelope, fiona, carol, now):
    claims = money.envelope(fiona, now, "300000", kind="portfolio", name="Claims FY26", parent=envelope)

    money.tranche(fraud, claims, carol, now, "250000")

    assert headroom(claims, on=now.date()).left == Decimal(50_000)
    assert headroom(envelope, on=now.date()).left == Decimal(750_000)
    with pytest.raises(OverHeadroom, match="Claims FY26"):
        money.tranche(fraud, claims, carol, now, "50000.01")


def test_parent_does_not_give_what_its_parts_hold(fraud, envelope, fiona, carol, now):
    money.envelope(fiona, now, "900000", kind="portfolio", name="Claims FY26", parent=envelope)

    with pytest.raises(OverHeadroom, match="itself holds 100,000"):
        money.tranche(fraud, envelope, carol, now, "100000.01")


def test_parts_of_an_envelope_come_out_of_it(envelope, fiona, now):
    with pytest.raises(OverHeadroom, match="itself holds"):
        money.envelope(fiona, now, "1000000.01", kind="portfolio", name="Claims FY26", parent=envelope)

    assert Envelope.objects.count() == 1


def test_only_finance_opens_envelopes(olga, now):
    with pytest.raises(NotPermitted):
        money.envelope(olga, now)


def test_envelope_changes_by_an_entry_with_its_reason(envelope, fiona, now):
    change_envelope(envelope_id=envelope.pk, change=Decimal(-400_000), reason="Budget cut", by=fiona, at=now)

    assert headroom(envelope, on=now.date()).envelope == Decimal(600_000)
    with pytest.raises(OverHeadroom):
        change_envelope(envelope_id=envelope.pk, change=Decimal("-600000.01"), reason="More", by=fiona, at=now)
    with pytest.raises(FundingRefused):
        change_envelope(envelope_id=envelope.pk, change=Decimal(1), reason=" ", by=fiona, at=now)


def test_tranche_that_outlives_the_period_names_an_envelope_per_part(fraud, envelope, fiona, carol, now):
    ends_on = date(2027, 2, 1)
    with pytest.raises(FundingRefused, match="pays from 2027-01-01"):
        money.tranche(fraud, envelope, carol, now, ends_on=ends_on)
    years = {"starts_on": date(2027, 1, 1), "ends_on": date(2028, 1, 1)}
    next_year = money.envelope(fiona, now, name="FY27", **years)

    money.tranche(
        fraud, envelope, carol, now, "100000", ends_on=ends_on, later_parts=[Part(next_year, Decimal(30_000))]
    )

    assert balance(envelope) == Decimal(930_000)
    assert balance(next_year) == Decimal(970_000)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": Decimal(0)}, "amount_not_positive"),
        ({"amount": Decimal("0.001")}, "amount_too_fine"),
        ({"milestone": None}, "milestone_missing"),
        ({"ends_on": date(2026, 11, 19)}, "window_empty"),
    ],
)
def test_money_that_does_not_hold_together_is_refused(fraud, envelope, carol, now, changes, code):
    terms = {
        "amount": Decimal(100),
        "milestone": money.milestone(fraud),
        "starts_on": now.date(),
        "ends_on": date(2026, 12, 31),
    }

    with pytest.raises(FundingRefused) as refused:
        decide_tranche(
            initiative=fraud,
            envelope=envelope,
            decision_reference="AIC-2026-014",
            awaits_conditions=False,
            carry_rest=True,
            by=carol,
            at=now,
            **terms | changes,
        )

    assert code in {blocker.code for blocker in refused.value.blockers}


def test_money_without_a_decision_is_refused(fraud, envelope, carol, now):
    with pytest.raises(FundingRefused, match="Only a decision"):
        money.tranche(fraud, envelope, carol, now, decision_reference="")


def test_closed_initiative_is_given_nothing(fraud, envelope, carol, now):
    close_initiative(initiative_id=fraud.pk, closed_as="killed", decision_reference="AIC-1", by=carol, at=now)

    with pytest.raises(WrongState, match="closed"):
        money.tranche(fraud, envelope, carol, now)
