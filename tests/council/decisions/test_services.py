"""From a ready request to a decision with its effects, and every way in which it is refused."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, InternalError, ProgrammingError

from council.decisions import services
from council.decisions.models import Decision, Motion, StrawView, StruckVote, Vote
from council.meetings.models import AgendaItem
from projects.audit.models import AuditEvent
from projects.audit.selectors import first_break
from projects.common.outcomes import NotPermitted, WrongState
from projects.conditions.models import Condition
from projects.funding.models import Tranche
from projects.funding.selectors import positions
from projects.gates.models import GateRequest
from projects.initiatives.models import Initiative
from projects.milestones.models import Milestone
from tests.factories.council import AT, in_session

MEMBERS = ("carol", "dora", "finn", "rick", "arno", "pia")


@pytest.fixture
def item(board, envelope, ready_request):
    meeting = in_session(board)
    return AgendaItem.objects.get(meeting=meeting)


def put(board, item, **changes):
    values = {
        "outcome": "go",
        "amount": Decimal(120000),
        "reason": "The proof holds.",
        "conditions": [],
        "details": {},
    }
    return services.put_motion(item_id=item.pk, **values | changes, by=board.carol, at=AT)


def vote(board, motion, choices):
    for name, choice in zip(MEMBERS, choices, strict=False):
        services.cast_vote(motion_id=motion.pk, choice=choice, by=board.people[name], at=AT)


def condition(board, people, **changes):
    return {
        "text": "Release only when two branches report.",
        "owner": people.olga.pk,
        "owner_name": "Olga",
        "due_on": "2026-12-18",
        "verifier": board.finn.pk,
        "verifier_name": "Finn",
        "blocks": "next_gate",
    } | changes


def test_a_go_moves_stage_money_milestone_and_request_in_one_transaction(board, item, ready_request):
    motion = put(board, item)
    vote(board, motion, ["for"] * 4 + ["against", "abstain"])

    decision = services.declare_result(motion_id=motion.pk, by=board.carol, at=AT)

    initiative = Initiative.objects.get(pk=item.initiative_id)
    tranche = Tranche.objects.get(initiative=initiative)
    milestone = Milestone.objects.get(initiative=initiative)
    assert initiative.stage == "mvp"
    assert (tranche.state, tranche.amount) == ("released", Decimal(120000))
    assert tranche.ends_on == date(2027, 3, 27)
    assert positions([initiative.pk], on=AT.date())[initiative.pk].approved == Decimal(120000)
    assert (milestone.name, milestone.baselined_due_on) == ("Error below 9% in 12 branches", date(2027, 3, 26))
    assert GateRequest.objects.get(pk=ready_request.pk).state == "decided"
    assert AgendaItem.objects.get(pk=item.pk).state == "decided"
    assert decision.reference == "AIC-2026-001"
    assert decision.tally == {"for": 4, "against": 1, "abstain": 1, "present": 6}
    assert decision.effects["tranche"] == "T1"
    assert AuditEvent.objects.filter(verb="decision.made", target_id=str(decision.pk)).exists()
    assert first_break(initiative.audit_stream) is None
    assert first_break(item.meeting.audit_stream) is None


def test_a_condition_on_release_lets_the_money_wait(board, people, item):
    motion = put(board, item, outcome="go_with_conditions", conditions=[condition(board, people, blocks="release")])
    vote(board, motion, ["for"] * 6)

    services.declare_result(motion_id=motion.pk, by=board.carol, at=AT)

    tranche = Tranche.objects.get(initiative=item.initiative_id)
    position = positions([item.initiative_id], on=AT.date())[item.initiative_id]
    assert tranche.state == "awaiting_conditions"
    assert (position.approved, position.committed) == (Decimal(0), Decimal(120000))
    assert Condition.objects.get(initiative=item.initiative_id).decision_reference == tranche.decision_reference


def test_a_motion_that_is_not_carried_changes_nothing_and_another_may_be_put(board, item):
    motion = put(board, item)
    vote(board, motion, ["for"] * 3 + ["against"] * 3)

    assert services.declare_result(motion_id=motion.pk, by=board.carol, at=AT) is None

    assert Motion.objects.get(pk=motion.pk).state == "not_carried"
    assert Initiative.objects.get(pk=item.initiative_id).stage == "concept"
    assert not Decision.objects.exists()
    assert put(board, item, outcome="recycle", amount=Decimal(0)).round == 2


def test_a_hold_stops_the_initiative(board, item):
    motion = put(board, item, outcome="hold", amount=Decimal(0))
    vote(board, motion, ["for"] * 6)

    services.declare_result(motion_id=motion.pk, by=board.carol, at=AT)

    assert Initiative.objects.get(pk=item.initiative_id).condition == "on_hold"


def test_a_kill_closes_the_initiative_without_money(board, item):
    motion = put(board, item, outcome="kill", amount=Decimal(0))
    vote(board, motion, ["for"] * 6)

    services.declare_result(motion_id=motion.pk, by=board.carol, at=AT)

    initiative = Initiative.objects.get(pk=item.initiative_id)
    assert (initiative.condition, initiative.closed_as) == ("closed", "killed")


def test_without_quorum_no_result_is_declared(board, envelope, ready_request):
    meeting = in_session(board, absent=("rick", "arno", "pia"))
    item = AgendaItem.objects.get(meeting=meeting)
    motion = put(board, item)
    vote(board, motion, ["for"] * 3)

    with pytest.raises(services.MotionRefused) as refused:
        services.declare_result(motion_id=motion.pk, by=board.carol, at=AT)

    assert {blocker.code for blocker in refused.value.blockers} == {"no_quorum", "no_risk"}
    assert Motion.objects.get(pk=motion.pk).state == "put"


def test_an_amount_outside_the_ask_or_above_the_headroom_is_refused(board, item):
    with pytest.raises(services.MotionRefused) as refused:
        put(board, item, amount=Decimal(150001))

    assert [blocker.code for blocker in refused.value.blockers] == ["amount_outside_ask"]
    assert AgendaItem.objects.get(pk=item.pk).state == "open"


def test_money_above_the_headroom_is_refused(board, ready_request, people):
    meeting = in_session(board)
    item = AgendaItem.objects.get(meeting=meeting)
    motion = put(board, item)
    vote(board, motion, ["for"] * 6)

    with pytest.raises(Exception, match="No envelope"):
        services.declare_result(motion_id=motion.pk, by=board.carol, at=AT)

    assert Initiative.objects.get(pk=item.initiative_id).stage == "concept"
    assert not Decision.objects.exists()


def test_a_vote_stands_and_the_same_vote_again_is_the_same_vote(board, item):
    motion = put(board, item)

    first = services.cast_vote(motion_id=motion.pk, choice="for", by=board.finn, at=AT)
    again = services.cast_vote(motion_id=motion.pk, choice="for", by=board.finn, at=AT)

    assert first.pk == again.pk
    with pytest.raises(services.VoteRefused):
        services.cast_vote(motion_id=motion.pk, choice="against", by=board.finn, at=AT)
    assert Vote.objects.filter(motion=motion).count() == 1


def test_nobody_votes_after_the_result_or_without_being_present(board, envelope, ready_request):
    meeting = in_session(board, absent=("pia",))
    item = AgendaItem.objects.get(meeting=meeting)
    motion = put(board, item)

    with pytest.raises(NotPermitted, match="No proxies"):
        services.cast_vote(motion_id=motion.pk, choice="for", by=board.pia, at=AT)

    vote(board, motion, ["for"] * 5)
    services.declare_result(motion_id=motion.pk, by=board.carol, at=AT)
    with pytest.raises(services.VoteRefused):
        services.cast_vote(motion_id=motion.pk, choice="for", by=board.finn, at=AT)


def test_owner_secretary_stranger_and_deputy_beside_the_holder_do_not_vote(board, people, item):
    motion = put(board, item)

    for somebody in (people.olga, board.sybil, people.max, board.dave):
        with pytest.raises(NotPermitted):
            services.cast_vote(motion_id=motion.pk, choice="for", by=somebody, at=AT)


def test_a_deputy_votes_where_the_holder_is_absent(board, envelope, ready_request):
    meeting = in_session(board, absent=("finn",))
    motion = put(board, AgendaItem.objects.get(meeting=meeting))

    assert services.cast_vote(motion_id=motion.pk, choice="for", by=board.dave, at=AT).choice == "for"


def test_a_conflict_after_voting_strikes_the_vote_and_redoes_the_tally(board, item):
    motion = put(board, item)
    vote(board, motion, ["for", "for", "for", "against", "against", "against"])

    services.declare_conflict(item_id=item.pk, reason="My brother sells it.", by=board.pia, at=AT)
    decision = services.declare_result(motion_id=motion.pk, by=board.carol, at=AT)

    assert StruckVote.objects.get().vote.cast_by == board.pia
    assert decision.tally == {"for": 3, "against": 2, "abstain": 0, "present": 5}


def test_a_recused_member_does_not_vote(board, item):
    motion = put(board, item)
    services.declare_conflict(item_id=item.pk, reason="My brother sells it.", by=board.pia, at=AT)

    with pytest.raises(NotPermitted, match="recused"):
        services.cast_vote(motion_id=motion.pk, choice="for", by=board.pia, at=AT)


def test_an_interested_member_is_recused_by_the_freeze(board, envelope, ready_request, people):
    people.olga.line_manager = board.arno
    people.olga.save()
    meeting = in_session(board)
    motion = put(board, AgendaItem.objects.get(meeting=meeting))

    with pytest.raises(NotPermitted, match="interest"):
        services.cast_vote(motion_id=motion.pk, choice="for", by=board.arno, at=AT)


def test_a_straw_view_is_private_changeable_and_binds_nobody(board, item):
    services.give_straw_view(item_id=item.pk, outcome="kill", note="", by=board.finn, at=AT)
    services.give_straw_view(item_id=item.pk, outcome="go", note="", by=board.finn, at=AT)

    assert StrawView.objects.get().outcome == "go"
    assert not Vote.objects.exists()


def test_only_the_chair_puts_withdraws_and_declares(board, item):
    motion = put(board, item)

    with pytest.raises(NotPermitted):
        services.declare_result(motion_id=motion.pk, by=board.finn, at=AT)
    with pytest.raises(NotPermitted):
        services.withdraw_motion(motion_id=motion.pk, by=board.sybil, at=AT)
    services.withdraw_motion(motion_id=motion.pk, by=board.carol, at=AT)
    with pytest.raises(NotPermitted):
        services.put_motion(
            item_id=item.pk, outcome="go", amount=Decimal(120000), reason="x", conditions=[], details={},
            by=board.finn, at=AT,
        )  # fmt: skip


def test_a_motion_waits_until_the_item_is_called_and_one_stands_at_a_time(board, item):
    put(board, item)

    with pytest.raises(WrongState):
        put(board, item)


def test_votes_and_decisions_refuse_change_in_the_database(board, item):
    motion = put(board, item)
    vote(board, motion, ["for"] * 6)
    services.declare_result(motion_id=motion.pk, by=board.carol, at=AT)

    for statement in (
        "UPDATE council_vote SET choice = 'against'",
        "DELETE FROM council_vote",
        "TRUNCATE council_vote CASCADE",
        "UPDATE council_decision SET amount = 0",
        "DELETE FROM council_decision",
    ):
        with pytest.raises((InternalError, ProgrammingError, DatabaseError)), transaction.atomic():
            connection.cursor().execute(statement)


def test_a_state_that_skips_the_table_is_refused_by_the_database(board, item):
    with pytest.raises((InternalError, DatabaseError)), transaction.atomic():
        connection.cursor().execute("UPDATE council_agendaitem SET state = 'decided' WHERE id = %s", [item.pk])
