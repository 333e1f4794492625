"""Random councils: whatever is decided, released, returned, frozen and lapsed, the ledger adds up after each act."""

import os
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects.common.outcomes import Refused
from projects.funding.models import Envelope, LedgerEntry, LedgerLine, Tranche
from projects.funding.selectors import headroom, positions, tranche_money
from projects.funding.services import (
    change_envelope,
    freeze_tranche,
    lapse,
    lift_freeze,
    open_band,
    post_run_down,
    release_tranche,
    return_rest,
    shut_band,
)
from tests.factories import money
from tests.factories.initiatives import initiative

EXAMPLES = 500 if os.environ.get("TOLLGATE_SOAK") else 15
START = datetime(2026, 1, 10, 9, tzinfo=UTC)
ACTS = ["decide", "await", "release", "return", "lapse", "freeze", "lift", "band", "unband", "run_down", "envelope"]

steps = st.lists(
    st.tuples(
        st.sampled_from(ACTS),
        st.integers(0, 1),
        st.decimals(Decimal("0.01"), Decimal(400_000), places=2),
        st.integers(0, 40),
        st.booleans(),
    ),
    min_size=1,
    max_size=14,
)


class World:
    """Two initiatives, an envelope with one inside it, and a clock that only moves forward."""

    def __init__(self, cast):
        self.owner, self.chair, self.first, self.second = cast
        self.at = START
        self.company = money.envelope(self.first, START, "900000")
        inside = money.envelope(self.first, START, "300000", kind="portfolio", name="Claims FY26", parent=self.company)
        self.envelopes = [self.company, inside]
        self.initiatives = [initiative(self.owner, "mvp", name=f"Number {number}") for number in range(2)]

    def step(self, act, which, amount, days, flag):
        self.at = min(self.at + timedelta(days=days), datetime(2026, 12, 1, tzinfo=UTC))
        chosen = self.initiatives[which]
        last = Tranche.objects.filter(initiative=chosen).order_by("number").last()
        if act in ("decide", "await"):
            return money.tranche(
                chosen,
                self.envelopes[flag],
                self.chair,
                self.at,
                str(amount),
                awaits_conditions=act == "await",
                carry_rest=flag,
                band_amount=Decimal(1000) if flag else Decimal(0),
                ends_on=min(self.at.date() + timedelta(days=60), date(2026, 12, 31)),
            )
        if act == "envelope":
            change = amount if flag else -amount
            return change_envelope(
                envelope_id=self.company.pk, change=change, reason="Review", by=self.first, at=self.at
            )
        if act == "run_down":
            return post_run_down(
                initiative=chosen,
                amount=amount,
                envelope=self.company,
                decision_reference="AIC-9",
                ends_on=date(2026, 12, 31),
                by=self.chair,
                at=self.at,
            )
        return self._on_tranche(act, last, flag) if last else None

    def _on_tranche(self, act, tranche, flag):
        terms = {"tranche_id": tranche.pk, "at": self.at}
        if act == "release":
            return release_tranche(by=self.second if flag else self.first, **terms)
        if act == "return":
            return return_rest(decision_reference="AIC-8", by=self.chair, **terms)
        if act == "lapse":
            return lapse(is_invoiced=flag, **terms)
        if act == "freeze":
            return freeze_tranche(reason="Doubt", by=self.first, **terms)
        if act == "lift":
            return lift_freeze(by=self.second if flag else self.first, **terms)
        return (open_band if act == "band" else shut_band)(figures={}, by=None, **terms)


def total(**where):
    return LedgerLine.objects.filter(**where).aggregate(total=Sum("amount"))["total"] or Decimal(0)


def sums_of(kind, initiative_id, sign):
    where = {"entry__kind": kind, "initiative_id": initiative_id}
    where["amount__gt" if sign > 0 else "amount__lt"] = 0
    return total(**where)


def check(world):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    on = world.at.date()
    assert total() == 0
    now = positions([row.pk for row in world.initiatives], on=on)
    for pk, position in now.items():
        given_out = sum(sums_of(kind, pk, 1) for kind in ("release", "run_down", "band"))
        taken_back = -sum(sums_of(kind, pk, -1) for kind in ("return", "lapse", "band"))
        assert position.approved == given_out - taken_back >= 0
        assert position.committed >= position.approved
    for tranche in Tranche.objects.all():
        assert tranche_money(tranche) >= 0
        if tranche.state in ("returned", "lapsed", "exhausted", "awaiting_conditions"):
            assert tranche_money(tranche) == 0
    room = headroom(world.company, on=on)
    waiting = sum((row.amount for row in Tranche.objects.filter(state="awaiting_conditions")), Decimal(0))
    assert room.charged == sum(position.approved for position in now.values())
    assert room.decided == waiting
    assert room.left == room.envelope - room.charged - waiting - room.bands >= 0
    held = sum(total(account="envelope", envelope=envelope) for envelope in Envelope.objects.all())
    assert held == room.envelope - room.charged


@pytest.fixture
def cast(olga, carol, fiona, felix):
    return olga, carol, fiona, felix


@given(steps)
@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
def test_ledger_adds_up_after_every_act(cast, steps):
    with transaction.atomic():
        world = World(cast)
        check(world)
        for step in steps:
            before = LedgerEntry.objects.count()
            try:
                with transaction.atomic():
                    world.step(*step)
            except Refused:
                assert LedgerEntry.objects.count() == before
            check(world)
        transaction.set_rollback(True)
