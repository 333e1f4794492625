from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError

from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted, WrongState
from projects.conflicts.models import StandingConflict
from projects.conflicts.selectors import conflicted_user_ids, standing_conflict
from projects.conflicts.services import ConflictRefused, declare_conflict, end_conflict
from projects.people.models import Team
from projects.people.roles import Role
from tests.factories.initiatives import initiative
from tests.factories.people import person


def declare(user, at, by=None, **subject):
    return declare_conflict(user=user, reason="Holds shares", by=by or user, at=at, **subject)


def test_declaration_touches_its_initiative_and_no_other(fraud, olga, carol, now):
    row = declare(carol, now, initiative=fraud)

    assert standing_conflict(carol, fraud, at=now) == row
    assert standing_conflict(carol, initiative(olga, name="Another"), at=now) is None
    assert AuditEvent.objects.get(verb="conflict.declared").actor_id == carol.pk


def test_declaration_on_a_provider_touches_all_who_use_it(olga, carol, now):
    declare(carol, now, provider="OpenModels")

    assert conflicted_user_ids(initiative(olga, primary_provider="openmodels"), at=now) == {carol.pk}
    assert conflicted_user_ids(initiative(olga, fallback_provider="OpenModels"), at=now) == {carol.pk}
    assert conflicted_user_ids(initiative(olga, primary_provider="Other"), at=now) == set()


def test_declaration_on_a_unit_touches_the_initiatives_of_its_teams(olga, carol, now):
    unit = Team.objects.create(name="Claims")
    team = Team.objects.create(name="Triage", parent=unit)
    declare(carol, now, team=unit)

    assert conflicted_user_ids(initiative(olga, team=team), at=now) == {carol.pk}
    assert conflicted_user_ids(initiative(olga, team=unit), at=now) == {carol.pk}
    assert conflicted_user_ids(initiative(olga), at=now) == set()


@pytest.mark.parametrize("subject", [{}, {"provider": "  "}])
def test_declaration_names_one_thing(carol, now, subject):
    with pytest.raises(ConflictRefused):
        declare(carol, now, **subject)


def test_declaration_names_no_two_things(carol, fraud, now):
    with pytest.raises(ConflictRefused):
        declare(carol, now, initiative=fraud, provider="OpenModels")


def test_secretary_writes_it_down_for_a_member_and_others_do_not(carol, fraud, fiona, now):
    simone = person("simone", Role.SECRETARY)

    assert declare(carol, now, by=simone, initiative=fraud).declared_by == simone
    with pytest.raises(NotPermitted):
        declare(carol, now, by=fiona, initiative=fraud)


def test_ended_declaration_binds_no_longer_and_stays_readable(carol, fraud, fiona, now):
    row = declare(carol, now, initiative=fraud)
    later = now + timedelta(days=1)
    with pytest.raises(NotPermitted):
        end_conflict(conflict_id=row.pk, reason="Sold", by=fiona, at=later)

    end_conflict(conflict_id=row.pk, reason="Sold the shares", by=carol, at=later)

    assert conflicted_user_ids(fraud, at=now) == {carol.pk}
    assert conflicted_user_ids(fraud, at=later) == set()
    with pytest.raises(WrongState):
        end_conflict(conflict_id=row.pk, reason="Again", by=carol, at=later)


def test_ending_says_why(carol, fraud, now):
    row = declare(carol, now, initiative=fraud)

    with pytest.raises(ConflictRefused):
        end_conflict(conflict_id=row.pk, reason=" ", by=carol, at=now)


def test_database_keeps_what_was_declared(carol, fraud, now):
    declare(carol, now, initiative=fraud)

    with pytest.raises(DatabaseError):
        StandingConflict.objects.update(reason="Nothing to see")


def test_database_keeps_the_declaration(carol, fraud, now):
    declare(carol, now, initiative=fraud)

    with pytest.raises(DatabaseError):
        StandingConflict.objects.all().delete()


def test_database_refuses_a_declaration_about_two_things(carol, fraud, now):
    with pytest.raises(IntegrityError, match="conflict_names_one_thing"):
        StandingConflict.objects.create(
            user=carol, initiative=fraud, provider="X", reason="Both", declared_by=carol, declared_at=now
        )
