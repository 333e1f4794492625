from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted, WrongState
from projects.people.roles import Role
from projects.value.models import ClaimState, KpiReading, ValueClaim
from projects.value.rules import CLAIM_MOVES
from projects.value.selectors import cards_with_readings, frozen_value, value_by_month, verified_value
from projects.value.services import (
    ClaimRefused,
    Reading,
    ReadingRefused,
    create_kpi_card,
    decay_claims,
    declare_claim,
    freeze_declared_value,
    import_kpi_reading,
    measure_claim,
    record_kpi_reading,
    reject_claim,
    verify_claim,
    verify_kpi_reading,
)
from tests.factories.gates import AT, ON, cast, concept
from tests.factories.people import person

pytestmark = pytest.mark.django_db
OCTOBER = (date(2026, 10, 1), date(2026, 11, 1))


@pytest.fixture
def people():
    return cast()


@pytest.fixture
def initiative(people):
    return concept(people)


def declared(people, initiative, amount="1000", share="100", benefit="Faster claims", **changes):
    return declare_claim(
        initiative_id=initiative.pk,
        benefit=benefit,
        amount=Decimal(amount),
        period_start=OCTOBER[0],
        period_end=OCTOBER[1],
        share_percent=Decimal(share),
        by=people.olga,
        at=AT,
        **changes,
    )


def measured(people, claim, amount="900"):
    return measure_claim(claim_id=claim.pk, amount=Decimal(amount), measured_from="Claims system", by=people.tom, at=AT)


def verified(people, claim, amount="800", at=AT):
    return verify_claim(claim_id=claim.pk, amount=Decimal(amount), by=people.fay, at=at)


def test_claim_counts_once_finance_verified_it(people, initiative):
    claim = declared(people, initiative, share="25")
    assert verified_value([initiative.pk], ON) == {}
    verified(people, measured(people, claim))

    assert verified_value([initiative.pk], ON) == {initiative.pk: Decimal(200)}
    assert value_by_month(initiative.pk, ON) == {OCTOBER[0]: Decimal(200)}
    assert verified_value([initiative.pk], date(2026, 10, 31)) == {}  # neither verified nor over by then


@pytest.mark.parametrize("name", ["olga", "tom", "reader", "max"])
def test_owners_readers_and_strangers_never_verify(people, initiative, name):
    claim = measured(people, declared(people, initiative))

    with pytest.raises(NotPermitted):
        verify_claim(claim_id=claim.pk, amount=Decimal(1), by=getattr(people, name), at=AT)


def test_finance_never_verifies_its_own_claim(people, initiative):
    claim = measured(people, declared(people, initiative))

    with pytest.raises(IntegrityError), transaction.atomic():
        ValueClaim.objects.filter(pk=claim.pk).update(verified_by=claim.declared_by)


def test_shares_of_one_benefit_stop_at_the_whole_in_a_period(people, initiative):
    other = concept(people, "Another")
    declared(people, initiative, share="60")

    declared(people, other, share="40")
    with pytest.raises(ClaimRefused, match="only 0"):
        declared(people, other, share="0.0001")
    declared(people, other, share="100", benefit="Fewer errors")

    assert ValueClaim.objects.count() == 3


def test_rejected_share_is_free_again(people, initiative):
    reject_claim(claim_id=declared(people, initiative).pk, reason="No link.", by=people.fay, at=AT)

    assert declared(people, initiative).share_percent == 100


@pytest.mark.parametrize("amount", ["-1", "NaN", "1.001"])
def test_claim_is_whole_money(people, initiative, amount):
    with pytest.raises(ClaimRefused):
        declared(people, initiative, amount=amount)


def test_unmeasured_claim_is_not_verified(people, initiative):
    with pytest.raises(WrongState):
        verified(people, declared(people, initiative))


def test_rejecting_needs_a_reason(people, initiative):
    with pytest.raises(ClaimRefused):
        reject_claim(claim_id=declared(people, initiative).pk, reason=" ", by=people.fay, at=AT)


@pytest.mark.parametrize(("day", "decayed"), [(16, 0), (17, 1)])
def test_claim_decays_after_six_months_without_verification(people, initiative, day, decayed):
    claim = verified(people, measured(people, declared(people, initiative)))
    later = datetime(2027, 5, day, 9, tzinfo=UTC)

    assert decay_claims(months=6, at=later) == decayed
    assert bool(verified_value([initiative.pk], later.date())) is not bool(decayed)
    assert ValueClaim.objects.get(pk=claim.pk).state == ("decayed" if decayed else "verified")


def test_verifying_again_keeps_it_counting(people, initiative):
    claim = verified(people, measured(people, declared(people, initiative)))
    verified(people, claim, "700", datetime(2027, 4, 1, tzinfo=UTC))

    assert decay_claims(months=6, at=datetime(2027, 6, 1, tzinfo=UTC)) == 0
    assert verified_value([initiative.pk], date(2027, 6, 1)) == {initiative.pk: Decimal(700)}


def test_declared_value_freezes_once(people, initiative):
    declared(people, initiative, "1000")
    reject_claim(claim_id=declared(people, initiative, "5", benefit="Other").pk, reason="No.", by=people.fay, at=AT)

    assert freeze_declared_value(initiative_id=initiative.pk, by=people.fay, at=AT) == 1
    assert freeze_declared_value(initiative_id=initiative.pk, by=people.fay, at=AT) == 0
    assert frozen_value(initiative.pk) == 1000


@pytest.mark.parametrize("before", ClaimState.values)
@pytest.mark.parametrize("act", ["measure", "verify", "reject", "decay"])
def test_claim_moves_only_as_the_law_says(before, act):
    target = {"measure": "measured", "verify": "verified", "reject": "rejected", "decay": "decayed"}[act]
    arguments = {
        "measure": {"amount": Decimal(1), "measured_from": "x", "by_id": 1, "at": AT},
        "verify": {"amount": Decimal(1), "by_id": 1, "at": AT},
        "reject": {"reason": "x"},
        "decay": {"at": AT},
    }[act]
    claim = ValueClaim(state=before)

    if (before, target) in CLAIM_MOVES:
        getattr(claim, act)(**arguments)
        assert claim.state == target
    else:
        with pytest.raises(Exception, match="Can't switch"):
            getattr(claim, act)(**arguments)


@pytest.fixture
def card(people, initiative):
    return create_kpi_card(
        initiative_id=initiative.pk, name="Accuracy", unit="%", direction="up", owner=people.olga, by=people.olga, at=AT
    )


def read(value="91", period=OCTOBER):
    return Reading(*period, Decimal(value))


def test_typed_reading_proves_nothing_until_finance_verifies_it(people, card):
    typed = record_kpi_reading(card_id=card.pk, reading=read(), by=people.olga, at=AT)
    assert cards_with_readings(card.initiative_id, ON)[0].proving == ()

    verify_kpi_reading(reading_id=typed.pk, by=people.fay, at=AT)

    assert [row.source for row in cards_with_readings(card.initiative_id, ON)[0].proving] == ["verified"]


def test_later_reading_replaces_the_earlier_but_a_typed_one_no_proof(people, card):
    import_kpi_reading(card_id=card.pk, reading=read("90"), by=None, at=AT)
    import_kpi_reading(card_id=card.pk, reading=read("91"), by=None, at=AT)
    record_kpi_reading(card_id=card.pk, reading=read("99"), by=people.olga, at=AT)

    assert [row.value for row in cards_with_readings(card.initiative_id, ON)[0].readings] == [91]


@pytest.mark.parametrize(
    ("value", "period"),
    [
        ("NaN", OCTOBER),
        ("Infinity", OCTOBER),
        ("1", (OCTOBER[1], OCTOBER[0])),
        ("1", (ON, date(2026, 11, 17))),
    ],
)
def test_reading_is_a_figure_of_a_period_that_is_over(people, card, value, period):
    with pytest.raises(ReadingRefused):
        record_kpi_reading(card_id=card.pk, reading=read(value, period), by=people.olga, at=AT)


def test_reading_is_never_edited(people, card):
    record_kpi_reading(card_id=card.pk, reading=read(), by=people.olga, at=AT)

    with pytest.raises(DatabaseError), transaction.atomic():
        KpiReading.objects.update(value=99)


def test_finance_does_not_verify_what_it_typed(people, card):
    both = person("both", Role.FINANCE)
    card.initiative.participants.create(user=both, part="contributor", since=AT)
    typed = record_kpi_reading(card_id=card.pk, reading=read(), by=both, at=AT)

    with pytest.raises(NotPermitted):
        verify_kpi_reading(reading_id=typed.pk, by=both, at=AT)


def test_card_knows_its_fields_and_every_act_is_recorded(people, initiative, card):
    with pytest.raises(TypeError):
        create_kpi_card(
            initiative_id=initiative.pk,
            name="B",
            unit="%",
            direction="up",
            owner=people.olga,
            by=people.olga,
            at=AT,
            state="good",
        )
    assert AuditEvent.objects.filter(verb="kpi.created").count() == 1
