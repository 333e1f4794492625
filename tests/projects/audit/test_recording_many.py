from datetime import UTC, datetime

import pytest
from django.db import transaction

from projects.audit.models import AuditEvent, AuditHead
from projects.audit.selectors import first_break
from projects.audit.services import UnknownVerb, record, record_many
from projects.people.models import Team

AT = datetime(2026, 11, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def teams(count):
    return [Team.objects.create(name=f"Team {number}") for number in range(count)]


def test_many_acts_are_one_event_in_each_stream_and_verify():
    targets = teams(3)

    events = record_many(
        verb="initiative.registered", targets=[(team, {"n": team.pk}) for team in targets], by=None, at=AT
    )

    assert [event.sequence for event in events] == [1, 1, 1]
    assert all(first_break(event.stream) is None for event in events)
    assert AuditEvent.objects.get(target_id=str(targets[1].pk)).data == {"n": targets[1].pk}


def test_many_acts_follow_what_a_stream_holds_already():
    (team,) = teams(1)
    first = record(verb="initiative.registered", target=team, by=None, at=AT)

    second, third = record_many(verb="initiative.edited", targets=[(team, {}), (team, {})], by=None, at=AT)

    assert (second.previous_hash, third.previous_hash) == (first.hash, second.hash)
    assert first_break(first.stream) is None
    assert AuditHead.objects.get(pk=first.stream).sequence == 3


def test_a_stream_with_a_flipped_event_is_found_broken(owner_connection):
    (team,) = teams(1)
    with transaction.atomic():
        (event,) = record_many(verb="initiative.registered", targets=[(team, {"n": 1})], by=None, at=AT)
    owner_connection.execute("ALTER TABLE projects_auditevent DISABLE TRIGGER USER")
    owner_connection.execute("""UPDATE projects_auditevent SET data = '{"n": 2}'""")
    owner_connection.execute("ALTER TABLE projects_auditevent ENABLE TRIGGER USER")

    assert first_break(event.stream) == 1


def test_nothing_recorded_is_nothing_written():
    assert record_many(verb="initiative.registered", targets=[], by=None, at=AT) == []
    assert AuditHead.objects.count() == 0


def test_an_unregistered_verb_is_refused():
    with pytest.raises(UnknownVerb):
        record_many(verb="team.teased", targets=[], by=None, at=AT)


@pytest.mark.django_db(transaction=True)
def test_an_act_outside_a_transaction_is_refused():
    with pytest.raises(transaction.TransactionManagementError):
        record_many(verb="initiative.registered", targets=[], by=None, at=AT)
