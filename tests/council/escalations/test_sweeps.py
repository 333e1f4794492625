"""Sweeps of many: written in sets, and not at all where nothing moved."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from council.escalations import services, sweeps
from council.escalations.models import Escalation
from council.escalations.sweeps import sweep
from projects.audit.models import AuditEvent
from projects.audit.selectors import first_break
from tests.factories.council import AT
from tests.factories.initiatives import initiative
from tests.factories.money import tranche
from tests.factories.spend import spent

ON = AT.date()
LATER = AT + timedelta(minutes=1)


@pytest.fixture
def overspent(people, envelope):
    """Make pilots with 20,000 each and spend beyond it: over budget and, softly, over their tranche."""

    def make(count, amount="30000"):
        made = [initiative(people.olga, "pilot", name=f"Pilot {number}") for number in range(count)]
        for row in made:
            tranche(row, envelope, people.fay, datetime(2026, 11, 1, 9, tzinfo=AT.tzinfo), "20000")
            spent(row, date(2026, 11, 17), amount, by=people.fay, at=AT)
        return made

    return make


def statements(**asked):
    with CaptureQueriesContext(connection) as queries:
        sweep(on=ON, **asked)
    return [query["sql"] for query in queries.captured_queries]


def test_a_sweep_that_finds_nothing_new_writes_its_run_alone(overspent):
    overspent(3)
    sweep(on=ON, at=AT)
    recorded, stands = AuditEvent.objects.count(), list(Escalation.objects.values())

    told = statements(at=LATER)

    assert [sql.split('"')[1] for sql in told if sql.startswith(("INSERT", "UPDATE", "DELETE"))] == [
        "council_escalationrun"
    ]
    assert not [sql for sql in told if "FOR UPDATE" in sql]
    assert AuditEvent.objects.count() == recorded
    assert list(Escalation.objects.values()) == stands


def test_raising_many_takes_as_many_statements_as_raising_one(overspent):
    overspent(1)
    one = statements(at=AT)
    overspent(6)

    many = statements(at=LATER)

    assert len(many) == len(one)
    assert Escalation.objects.filter(rule="over_budget").count() == 7


def test_clearing_and_raising_again_take_as_many_statements_for_many_as_for_one(people, overspent):
    other, first = overspent(2)
    sweep(on=ON, at=AT)

    def clear_and_return(rows):
        for row in rows:
            spent(row, date(2026, 11, 12), "-20000", by=people.fay, at=AT)
        cleared = statements(at=LATER)
        for row in rows:
            spent(row, date(2026, 11, 13), "20000", by=people.fay, at=AT)
        return len(cleared), len(statements(at=LATER))

    clear_and_return([other])
    one = clear_and_return([first])
    more = overspent(5)
    sweep(on=ON, at=AT)

    assert clear_and_return(more) == one
    assert not Escalation.objects.filter(cleared_at__isnull=False).exists()


def test_keys_follow_the_initiatives_and_each_escalation_has_its_event_in_a_whole_stream(overspent):
    made = overspent(3)

    sweep(on=ON, at=AT)

    hard = Escalation.objects.filter(rule="over_budget").order_by("initiative")
    soft = Escalation.objects.filter(rule="tranche_overspent").order_by("initiative")
    assert [row.key for row in hard] == ["ES-0001", "ES-0002", "ES-0003"]
    assert [row.key for row in soft] == ["EW-0001", "EW-0002", "EW-0003"]
    events = AuditEvent.objects.filter(verb="escalation.raised")
    assert set(events.values_list("target_id", flat=True)) == {str(row.pk) for row in [*hard, *soft]}
    assert events.get(target_id=str(hard[0].pk)).data == hard[0].figures
    assert [first_break(row.audit_stream) for row in made] == [None, None, None]


def test_what_a_person_did_meanwhile_stands(people, board, overspent, monkeypatch):
    (made,) = overspent(1)
    sweep(on=ON, at=AT)
    row = Escalation.objects.get(rule="over_budget")
    spent(made, date(2026, 11, 12), "1000", by=people.fay, at=AT)
    read = sweeps._standing

    def read_and_be_overtaken(ids):
        rows = read(ids)
        services.acknowledge_escalation(escalation_id=row.pk, by=people.fay, at=AT)
        return rows

    monkeypatch.setattr(sweeps, "_standing", read_and_be_overtaken)

    sweep(on=ON, at=LATER)

    row = Escalation.objects.get(pk=row.pk)
    assert (row.state, row.acknowledged_by, row.figures["spent"]) == ("acknowledged", people.fay, "31000")
    assert row.evaluated_at == LATER


def test_what_a_person_closed_meanwhile_is_raised_anew_and_the_closed_one_stays(people, board, overspent, monkeypatch):
    (made,) = overspent(1)
    sweep(on=ON, at=AT)
    row = Escalation.objects.get(rule="over_budget")
    spent(made, date(2026, 11, 12), "-20000", by=people.fay, at=AT)
    sweep(on=ON, at=AT)
    spent(made, date(2026, 11, 13), "25000", by=people.fay, at=AT)
    read = sweeps._standing

    def read_and_be_overtaken(ids):
        rows = read(ids)
        services.close_escalation(escalation_id=row.pk, note="A credit came.", by=people.fay, at=AT)
        return rows

    monkeypatch.setattr(sweeps, "_standing", read_and_be_overtaken)

    sweep(on=ON, at=LATER)

    closed, raised = Escalation.objects.filter(rule="over_budget").order_by("id")
    assert (closed.state, closed.figures["spent"]) == ("closed", "30000")
    assert (raised.state, raised.figures["spent"]) == ("raised", "35000")
