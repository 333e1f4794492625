from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, IntegrityError
from django_fsm import TransitionNotAllowed

from projects.conditions.models import MOVES, Condition, ConditionState

AT = datetime(2026, 11, 19, 9, tzinfo=UTC)
ACTS = {
    "meet": lambda row: row.meet(by_id=row.owner_id, at=AT, evidence="Signed", evidence_hash="0" * 64),
    "give_back": lambda row: row.give_back(reason="Unsigned"),
    "verify": lambda row: row.verify(by_id=row.verifier_id, at=AT),
    "waive": lambda row: row.waive(decision_reference="AIC-2026-020"),
}
LAW = {
    ("open", "meet"): "met",
    ("met", "give_back"): "open",
    ("met", "verify"): "verified",
    ("open", "waive"): "waived",
    ("met", "waive"): "waived",
}
ROAD = {"open": [], "met": ["meet"], "verified": ["meet", "verify"], "waived": ["waive"]}


@pytest.fixture
def condition(fraud, olga, vera):
    return Condition.objects.create(
        initiative=fraud,
        number=1,
        text="Sign the data agreement",
        owner=olga,
        verifier=vera,
        due_on=date(2026, 12, 1),
        blocks="release",
        decision_reference="AIC-2026-014",
        created_at=AT,
    )


def test_every_transition_is_in_the_table():
    transitions = {row.name for row in Condition._meta.get_field("state").get_all_transitions(Condition)}

    assert transitions == set(ACTS)
    assert {(source, target) for (source, _), target in LAW.items()} == set(MOVES)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", ConditionState.values)
def test_only_the_table_moves_a_condition(condition, state, act):
    for step in ROAD[state]:
        ACTS[step](condition)
        condition.save()
    row = Condition.objects.get()

    if (state, act) in LAW:
        ACTS[act](row)
        row.save()
        assert Condition.objects.get().state == LAW[state, act]
    else:
        with pytest.raises(TransitionNotAllowed):
            ACTS[act](row)


def test_database_refuses_a_leap_to_verified(condition, vera, olga):
    with pytest.raises(DatabaseError, match="state"):
        Condition.objects.update(
            state="verified", met_by=olga, met_at=AT, evidence="x", verified_by=vera, verified_at=AT
        )


def test_database_refuses_a_verifier_who_owes_it(condition, olga):
    with pytest.raises(IntegrityError, match="condition_verifier_not_owner"):
        Condition.objects.update(verifier=olga)


def test_database_refuses_verification_by_the_owner(condition, olga):
    ACTS["meet"](condition)
    condition.save()

    with pytest.raises(IntegrityError, match="condition_verified_by_another"):
        Condition.objects.update(state="verified", verified_by=olga, verified_at=AT)


def test_database_refuses_met_without_evidence(condition, olga):
    with pytest.raises(IntegrityError, match="condition_met_whole"):
        Condition.objects.update(state="met", met_by=olga, met_at=AT)


def test_overdue_are_open_ones_past_their_date(condition):
    assert not Condition.objects.overdue(on=date(2026, 12, 1)).exists()
    assert Condition.objects.overdue(on=date(2026, 12, 2)).get() == condition
