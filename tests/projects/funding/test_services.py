from datetime import date, timedelta
from decimal import Decimal

import pytest

from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted, WrongState
from projects.conditions.services import NewCondition, meet_condition, set_conditions, verify_condition
from projects.funding.models import Envelope, LedgerEntry, Tranche
from projects.funding.selectors import balance, headroom, positions, tranche_money
from projects.funding.services import (
    FundingRefused,
    OverHeadroom,
    Part,
    ReleaseBlocked,
    change_envelope,
    decide_tranche,
    lapse,
    open_band,
    post_run_down,
    release_tranche,
    return_rest,
    shut_band,
)
from projects.initiatives.services import close_initiative, hold_initiative
from projects.signals import tranche_released
from tests.factories import money
from tests.factories.initiatives import initiative
from tests.factories.spend import spent


@pytest.fixture
def envelope(fiona, now):
    return money.envelope(fiona, now)


@pytest.fixture
def released():
    seen = []

    def listen(sender, tranche, **_):
        seen.append(tranche)

    tranche_released.connect(listen)
    yield seen
    tranche_released.disconnect(listen)


def position(fraud, on):
    return positions([fraud.pk], on=on)[fraud.pk]


def kinds():
    return list(LedgerEntry.objects.order_by("pk").values_list("kind", flat=True))


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


@pytest.fixture
def conditioned(fraud, envelope, olga, vera, carol, now):
    row = money.tranche(fraud, envelope, carol, now, awaits_conditions=True, requested_by=olga)
    condition = set_conditions(
        initiative_id=fraud.pk,
        conditions=[NewCondition("Sign the data agreement", olga, date(2026, 12, 1), vera, "release")],
        decision_reference=row.decision_reference,
        by=carol,
        at=now,
    )[0]
    return row, condition


def test_release_waits_until_its_conditions_are_verified(conditioned, olga, vera, fiona, now):
    row, condition = conditioned
    with pytest.raises(ReleaseBlocked, match="Meet condition 1"):
        release_tranche(tranche_id=row.pk, by=fiona, at=now)
    meet_condition(condition_id=condition.pk, evidence="Signed on 20 Nov", by=olga, at=now)
    with pytest.raises(ReleaseBlocked, match="Verify condition 1"):
        release_tranche(tranche_id=row.pk, by=fiona, at=now)
    verify_condition(condition_id=condition.pk, by=vera, at=now)

    assert release_tranche(tranche_id=row.pk, by=fiona, at=now).state == "released"


def test_window_of_a_late_release_begins_with_it(fraud, envelope, fiona, carol, now):
    row = money.tranche(fraud, envelope, carol, now, awaits_conditions=True)
    later = now + timedelta(days=20)

    assert release_tranche(tranche_id=row.pk, by=fiona, at=later).starts_on == later.date()


@pytest.mark.parametrize(("days", "is_released"), [(28, True), (29, False)])
def test_release_is_possible_until_its_last_day(fraud, envelope, fiona, carol, now, days, is_released):
    row = money.tranche(fraud, envelope, carol, now, awaits_conditions=True)
    at = now + timedelta(days=days)

    if is_released:
        assert release_tranche(tranche_id=row.pk, by=fiona, at=at).state == "released"
    else:
        with pytest.raises(ReleaseBlocked, match="could be released until"):
            release_tranche(tranche_id=row.pk, by=fiona, at=at)


@pytest.mark.parametrize(("amount", "people"), [("249999.99", 1), ("250000", 1), ("250000.01", 2)])
def test_release_above_the_limit_takes_two_people(fraud, envelope, fiona, felix, carol, now, amount, people):
    row = money.tranche(fraud, envelope, carol, now, amount, awaits_conditions=True)

    states = [release_tranche(tranche_id=row.pk, by=by, at=now).state for by in (fiona, felix)[:people]]

    assert states == ["awaiting_conditions", "released"][2 - people :]


def test_nobody_signs_a_release_twice(fraud, envelope, fiona, carol, now):
    row = money.tranche(fraud, envelope, carol, now, "300000", awaits_conditions=True)
    release_tranche(tranche_id=row.pk, by=fiona, at=now)

    with pytest.raises(ReleaseBlocked, match="second person"):
        release_tranche(tranche_id=row.pk, by=fiona, at=now)


def test_nobody_releases_what_they_asked_for(fraud, envelope, fiona, carol, now):
    row = money.tranche(fraud, envelope, carol, now, awaits_conditions=True, requested_by=fiona)

    with pytest.raises(ReleaseBlocked, match="asked for"):
        release_tranche(tranche_id=row.pk, by=fiona, at=now)


@pytest.mark.parametrize("who", ["olga", "sam", "carol", "vera", "audrey", "max_the_stranger"])
def test_only_finance_releases(fraud, envelope, carol, request, now, who):
    row = money.tranche(fraud, envelope, carol, now, awaits_conditions=True)

    with pytest.raises(NotPermitted):
        release_tranche(tranche_id=row.pk, by=request.getfixturevalue(who), at=now)
    assert Tranche.objects.get().state == "awaiting_conditions"


def test_interested_finance_releases_nothing(olga, fiona, carol, envelope, now):
    hers = initiative(olga, "mvp", budget_owner=fiona)
    row = money.tranche(hers, envelope, carol, now, awaits_conditions=True)

    with pytest.raises(NotPermitted, match="interest"):
        release_tranche(tranche_id=row.pk, by=fiona, at=now)


def test_release_of_a_held_initiative_waits(fraud, envelope, fiona, carol, now):
    row = money.tranche(fraud, envelope, carol, now, awaits_conditions=True)
    hold_initiative(initiative_id=fraud.pk, decision_reference="AIC-2", by=carol, at=now)

    with pytest.raises(ReleaseBlocked, match="on hold"):
        release_tranche(tranche_id=row.pk, by=fiona, at=now)


def test_kill_returns_the_rest_and_gives_a_run_down_amount(fraud, envelope, carol, now):
    money.tranche(fraud, envelope, carol, now, "100000")
    close_initiative(initiative_id=fraud.pk, closed_as="killed", decision_reference="AIC-9", by=carol, at=now)

    row = post_run_down(
        initiative=fraud,
        amount=Decimal(5_000),
        envelope=envelope,
        decision_reference="AIC-9",
        ends_on=date(2026, 12, 31),
        by=carol,
        at=now,
    )

    assert (row.kind, row.state, row.starts_on) == ("run_down", "released", now.date() + timedelta(days=1))
    assert Tranche.objects.get(number=1).state == "returned"
    assert kinds() == ["envelope", "release", "return", "run_down"]
    assert position(fraud, now.date()).approved == Decimal(5_000)
    assert balance(envelope) == Decimal(995_000)


def test_waiting_tranche_is_returned_without_an_entry(fraud, envelope, carol, now):
    row = money.tranche(fraud, envelope, carol, now, awaits_conditions=True)

    assert return_rest(tranche_id=row.pk, decision_reference="AIC-9", by=carol, at=now).state == "returned"

    assert kinds() == ["envelope"]
    assert position(fraud, now.date()).committed == 0


def test_a_tranche_can_follow_one_that_was_returned_the_same_day(fraud, envelope, carol, now):
    first = money.tranche(fraud, envelope, carol, now)
    return_rest(tranche_id=first.pk, decision_reference="AIC-9", by=carol, at=now)

    assert money.tranche(fraud, envelope, carol, now).starts_on == now.date() + timedelta(days=1)


def test_return_names_its_decision(fraud, envelope, carol, now):
    row = money.tranche(fraud, envelope, carol, now)

    with pytest.raises(FundingRefused):
        return_rest(tranche_id=row.pk, decision_reference="", by=carol, at=now)


@pytest.mark.parametrize(("days", "is_invoiced", "lapses"), [(44, False, False), (45, False, True), (3, True, True)])
def test_rest_lapses_once_the_days_are_final(fraud, envelope, carol, now, days, is_invoiced, lapses):
    row = money.tranche(fraud, envelope, carol, now, ends_on=date(2026, 11, 25))
    at = now.replace(month=11, day=25) + timedelta(days=days)

    if lapses:
        assert lapse(tranche_id=row.pk, at=at, is_invoiced=is_invoiced).state == "lapsed"
        assert position(fraud, at.date()).approved == 0
    else:
        with pytest.raises(WrongState, match="not final"):
            lapse(tranche_id=row.pk, at=at, is_invoiced=is_invoiced)


@pytest.mark.parametrize(("days", "lapses"), [(3, False), (44, False), (45, True)])
def test_rest_waits_for_a_missing_rate_of_exchange_until_the_latest_day(
    fraud, envelope, carol, fiona, now, days, lapses
):
    row = money.tranche(fraud, envelope, carol, now, ends_on=date(2026, 11, 25))
    spent(fraud, date(2026, 11, 20), "1200", by=fiona, at=now, currency="EUR")
    at = now.replace(month=11, day=25) + timedelta(days=days)

    if lapses:
        assert lapse(tranche_id=row.pk, at=at, is_invoiced=True).state == "lapsed"
    else:
        with pytest.raises(WrongState, match=r"1,200\.00 EUR without a rate for November 2026"):
            lapse(tranche_id=row.pk, at=at, is_invoiced=True)


def test_lapsed_money_returns_while_the_period_is_open(fraud, envelope, carol, now):
    row = money.tranche(fraud, envelope, carol, now, ends_on=date(2026, 11, 25))

    lapse(tranche_id=row.pk, at=now + timedelta(days=10), is_invoiced=True)

    assert balance(envelope) == Decimal(1_000_000)


def test_lapsed_money_of_a_closed_period_stands_on_the_lapse_account(fraud, envelope, carol, now):
    row = money.tranche(fraud, envelope, carol, now)

    lapse(tranche_id=row.pk, at=now + timedelta(days=60), is_invoiced=True)

    assert balance(envelope) == Decimal(900_000)
    lines = LedgerEntry.objects.get(kind="lapse").lines.values_list("account", "amount")
    assert set(lines) == {("initiative", Decimal(-100_000)), ("lapse", Decimal(100_000))}


def test_unreleased_tranche_lapses_after_its_last_day(fraud, envelope, carol, now):
    row = money.tranche(fraud, envelope, carol, now, awaits_conditions=True)

    with pytest.raises(WrongState):
        lapse(tranche_id=row.pk, at=now + timedelta(days=28))
    assert lapse(tranche_id=row.pk, at=now + timedelta(days=29)).state == "lapsed"
    assert kinds() == ["envelope"]


def test_band_is_reserved_opened_and_taken_back(fraud, envelope, carol, now):
    row = money.tranche(fraud, envelope, carol, now, "100000", band_amount=Decimal(20_000))
    assert headroom(envelope, on=now.date()).bands == Decimal(20_000)

    open_band(tranche_id=row.pk, figures={"adoption": "0.61"}, by=None, at=now)
    assert headroom(envelope, on=now.date()).bands == 0
    assert position(fraud, now.date()).approved == Decimal(120_000)
    with pytest.raises(WrongState, match="no band left"):
        open_band(tranche_id=row.pk, figures={}, by=None, at=now)

    shut_band(tranche_id=row.pk, figures={"adoption": "0.42"}, by=None, at=now)
    assert headroom(envelope, on=now.date()).bands == Decimal(20_000)
    assert position(fraud, now.date()).approved == Decimal(100_000)
    with pytest.raises(WrongState, match="unspent"):
        shut_band(tranche_id=row.pk, figures={}, by=None, at=now)


def test_band_needs_headroom_at_approval(fraud, envelope, carol, now):
    with pytest.raises(OverHeadroom):
        money.tranche(fraud, envelope, carol, now, "900000", band_amount=Decimal("100000.01"))
