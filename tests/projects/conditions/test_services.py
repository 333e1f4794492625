from datetime import date

import pytest

from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted, WrongState
from projects.conditions.models import Condition
from projects.conditions.selectors import gate_blockers, open_conditions, release_blockers
from projects.conditions.services import (
    ConditionRefused,
    NewCondition,
    meet_condition,
    return_condition,
    set_conditions,
    verify_condition,
    waive_condition,
)
from projects.initiatives.services import edit_initiative
from projects.people.roles import Role
from projects.signals import condition_verified
from tests.factories.people import person

REFERENCE = "AIC-2026-014"


def put(fraud, owner, verifier, by, at, blocks="release", text="Sign the data agreement", reference=REFERENCE):
    return set_conditions(
        initiative_id=fraud.pk,
        conditions=[NewCondition(text, owner, date(2026, 12, 1), verifier, blocks)],
        decision_reference=reference,
        by=by,
        at=at,
    )[0]


@pytest.fixture
def condition(fraud, olga, vera, carol, now):
    return put(fraud, olga, vera, carol, now)


@pytest.fixture
def met(condition, olga, now):
    return meet_condition(condition_id=condition.pk, evidence="Signed on 20 Nov", by=olga, at=now)


def verbs():
    return list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))


def test_conditions_are_numbered_on_within_the_initiative(fraud, olga, vera, carol, now):
    rows = [put(fraud, olga, vera, carol, now), put(fraud, olga, vera, carol, now, reference="AIC-2026-020")]

    assert [row.number for row in rows] == [1, 2]
    assert verbs() == ["condition.set"] * 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"text": " "}, "text_missing"),
        ({"blocks": "lunch"}, "blocks_unknown"),
        ({"reference": ""}, "decision_missing"),
        ({"verifier": "olga"}, "verifier_is_owner"),
        ({"verifier": "sam"}, "verifier_interested"),
    ],
)
def test_condition_that_nobody_could_check_is_refused(fraud, request, olga, vera, carol, now, changes, code):
    verifier = request.getfixturevalue(changes.pop("verifier", "vera"))

    with pytest.raises(ConditionRefused) as refused:
        put(fraud, olga, verifier, carol, now, **changes)

    assert code in {blocker.code for blocker in refused.value.blockers}
    assert not Condition.objects.exists()


def test_owner_meets_and_verifier_confirms(condition, olga, vera, now):
    heard = []
    condition_verified.connect(lambda condition, **_: heard.append(condition), weak=False, dispatch_uid="heard")
    meet_condition(condition_id=condition.pk, evidence="Signed on 20 Nov", by=olga, at=now)

    row = verify_condition(condition_id=condition.pk, by=vera, at=now)

    condition_verified.disconnect(dispatch_uid="heard")
    assert (row.state, row.verified_by) == ("verified", vera)
    assert len(row.evidence_hash) == 64
    assert verbs() == ["condition.set", "condition.met", "condition.verified"]
    assert heard == [row]


def test_evidence_is_asked_for(condition, olga, now):
    with pytest.raises(ConditionRefused):
        meet_condition(condition_id=condition.pk, evidence=" ", by=olga, at=now)


@pytest.mark.parametrize("who", ["vera", "sam", "max_the_stranger"])
def test_others_do_not_say_it_is_met(condition, request, now, who):
    with pytest.raises(NotPermitted):
        meet_condition(condition_id=condition.pk, evidence="Signed", by=request.getfixturevalue(who), at=now)


@pytest.mark.parametrize("who", ["olga", "fiona", "carol", "max_the_stranger"])
def test_only_the_named_verifier_confirms(met, request, now, who):
    with pytest.raises(NotPermitted):
        verify_condition(condition_id=met.pk, by=request.getfixturevalue(who), at=now)
    assert Condition.objects.get().state == "met"


def test_verifier_who_joined_the_initiative_confirms_nothing(met, fraud, olga, vera, now):
    edit_initiative(initiative_id=fraud.pk, changes={"technical_owner": vera}, revision=fraud.revision, by=olga, at=now)

    with pytest.raises(NotPermitted, match="interest"):
        verify_condition(condition_id=met.pk, by=vera, at=now)


def test_open_condition_is_not_verified(condition, vera, now):
    with pytest.raises(WrongState):
        verify_condition(condition_id=condition.pk, by=vera, at=now)


def test_returned_condition_is_open_again_with_its_reason(met, vera, now):
    row = return_condition(condition_id=met.pk, reason="The annex is unsigned", by=vera, at=now)

    assert (row.state, row.met_by, row.returned_reason) == ("open", None, "The annex is unsigned")
    with pytest.raises(WrongState):
        return_condition(condition_id=met.pk, reason="Again", by=vera, at=now)


def test_only_a_decision_waives(condition, carol, now):
    with pytest.raises(ConditionRefused):
        waive_condition(condition_id=condition.pk, decision_reference="", by=carol, at=now)

    assert waive_condition(condition_id=condition.pk, decision_reference="AIC-2", by=carol, at=now).state == "waived"
    with pytest.raises(WrongState):
        waive_condition(condition_id=condition.pk, decision_reference="AIC-2", by=carol, at=now)


def test_release_is_blocked_by_its_own_decisions_conditions_only(fraud, condition, olga, vera, carol, now):
    put(fraud, olga, vera, carol, now, "next_gate", "Cap retries")
    put(fraud, olga, vera, carol, now, "release", "Other", reference="AIC-2026-020")

    blockers = release_blockers(fraud, decision_reference=REFERENCE)

    assert [(row.message, row.owed_by) for row in blockers] == [
        ("Meet condition 1 of AIC-2026-014: Sign the data agreement", "Olga")
    ]


def test_next_gate_is_blocked_by_all_but_those_that_block_nothing(fraud, met, olga, vera, carol, now):
    put(fraud, olga, vera, carol, now, "next_gate", "Cap retries")
    put(fraud, olga, vera, carol, now, "nothing", "Tell the works council")

    assert [row.owed_by for row in gate_blockers(fraud)] == ["Vera", "Olga"]
    assert open_conditions(fraud).count() == 3


def test_verified_condition_blocks_nothing(fraud, met, vera, now):
    verify_condition(condition_id=met.pk, by=vera, at=now)

    assert gate_blockers(fraud) == []
    assert not open_conditions(fraud).exists()


def test_second_reviewer_cannot_stand_in(met, now):
    with pytest.raises(NotPermitted, match="Vera checks"):
        verify_condition(condition_id=met.pk, by=person("victor", Role.REVIEWER), at=now)
