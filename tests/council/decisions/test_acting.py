"""The chair's action: under the limit, by whoever is not interested, ratified at the next meeting or undone."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from council.decisions import services
from council.decisions.models import Decision, Motion, Ratification
from council.decisions.services.acting import acted_so_far
from council.meetings import services as meetings
from council.meetings.models import AgendaItem, Meeting
from council.spend_lists.selectors import list_content
from projects.audit.models import AuditEvent
from projects.audit.selectors import first_break
from projects.common.outcomes import NotPermitted, WrongState
from projects.funding.models import Freeze, Tranche
from projects.funding.selectors import positions
from projects.gates.models import GateRequest
from projects.initiatives.models import Initiative
from projects.limits.selectors import policy_on
from tests.factories.council import AT, planned

MEMBERS = ("carol", "dora", "finn", "rick", "arno", "pia")
LATER = AT + timedelta(days=1)


def act(gate, by, **changes):
    values = {
        "outcome": "go",
        "amount": Decimal(120000),
        "reason": "The vendor's offer ends before the council sits.",
        "conditions": [],
        "details": {},
    }
    return services.act_between_meetings(gate_request_id=gate.pk, **values | changes, by=by, at=AT)


def sit(board, meeting):
    """Notice, freeze, open and attend a meeting; return it in session with its first item called."""
    meetings.send_notice(meeting_id=meeting.pk, by=board.sybil, at=AT)
    meetings.freeze_meeting(meeting_id=meeting.pk, by=board.sybil, at=AT)
    meetings.open_meeting(meeting_id=meeting.pk, by=board.carol, at=AT)
    terms = [board.terms[name].pk for name in MEMBERS]
    meetings.take_attendance(meeting_id=meeting.pk, present=terms, by=board.sybil, at=AT)
    meetings.call_item(item_id=meeting.items.order_by("number").first().pk, by=board.carol, at=AT)
    return Meeting.objects.get(pk=meeting.pk)


def motion_on(item, by, **changes):
    values = {"outcome": "go", "amount": Decimal(120000), "reason": "It was right.", "conditions": [], "details": {}}
    return services.put_motion(item_id=item.pk, **values | changes, by=by, at=AT)


def test_the_chair_decides_under_the_limit_and_it_waits_for_the_council(board, envelope, ready_request):
    decision = act(ready_request, board.carol)

    initiative = Initiative.objects.get(pk=ready_request.initiative_id)
    assert (decision.reference, decision.route, decision.kind_words) == ("AIC-2026-001", "chair", "Chair's action")
    assert decision.authority == "USD 120,000 (120,000 asked and 0 released in 90 days): the chair decides."
    assert decision.policy_version == policy_on(AT.date()).number
    assert initiative.stage == "mvp"
    assert Tranche.objects.get().state == "released"
    assert GateRequest.objects.get(pk=ready_request.pk).state == "decided"
    assert (Ratification.objects.get().state, Ratification.objects.get().item) == ("waiting", None)
    assert AuditEvent.objects.filter(verb="chair_action.taken").exists()
    assert first_break(initiative.audit_stream) is None


def test_it_stands_at_once_on_the_agenda_that_is_still_open_else_on_the_next_built(board, envelope, ready_request):
    meeting = planned(board)

    decision = act(ready_request, board.carol)

    item = AgendaItem.objects.get()
    assert (item.meeting, item.kind, item.is_consent, item.asked) == (meeting, "ratification", True, None)
    assert item.title == f"Ratify {decision.reference}, a chair's action"
    meetings.build_agenda(meeting_id=meeting.pk, by=board.sybil, at=AT)
    assert AgendaItem.objects.count() == 1


def test_an_action_before_any_meeting_is_planned_comes_on_the_first_agenda(board, envelope, ready_request):
    act(ready_request, board.carol)

    meeting = planned(board)
    meetings.build_agenda(meeting_id=meeting.pk, by=board.sybil, at=AT)

    assert Ratification.objects.get().item == AgendaItem.objects.get(meeting=meeting)


def test_high_risk_is_ratified_by_its_own_item_never_by_consent(board, envelope, ready_request):
    Initiative.objects.filter(pk=ready_request.initiative_id).update(criticality="high")
    planned(board)

    act(ready_request, board.carol, amount=Decimal(95000))

    assert not AgendaItem.objects.get().is_consent


@pytest.mark.parametrize(
    ("risk", "amount", "who"),
    [
        ("low", "250000", None),
        ("low", "250000.01", "the council decides"),
        ("high", "100000", None),
        ("high", "100000.01", "one row up for high risk: the council decides"),
    ],
)
def test_the_limit_itself_is_the_chairs_and_a_cent_more_is_not(board, envelope, ready_request, risk, amount, who):
    Initiative.objects.filter(pk=ready_request.initiative_id).update(criticality=risk)
    GateRequest.objects.filter(pk=ready_request.pk).update(maximum=Decimal(300000))

    if who is None:
        assert act(ready_request, board.carol, amount=Decimal(amount)).amount == Decimal(amount)
    else:
        with pytest.raises(services.NotYours, match=who):
            act(ready_request, board.carol, amount=Decimal(amount))


def test_what_the_chair_gave_and_nobody_ratified_counts_towards_the_limit(board, people, envelope, ready_request):
    release = {
        "text": "Two branches report.",
        "owner": people.olga.pk,
        "due_on": "2026-12-18",
        "verifier": board.finn.pk,
        "blocks": "release",
    }

    first = act(ready_request, board.carol, outcome="go_with_conditions", conditions=[release])

    assert first.effects["tranche_state"] == "awaiting_conditions"
    assert acted_so_far(first.initiative) == Decimal(120000)


def test_the_deputy_acts_where_the_chair_is_interested(board, envelope, ready_request):
    Initiative.objects.filter(pk=ready_request.initiative_id).update(sponsor=board.carol)

    with pytest.raises(NotPermitted, match="interest"):
        act(ready_request, board.carol)
    assert act(ready_request, board.dora).decided_by == board.dora


def test_members_owners_finance_and_strangers_do_not_act(board, people, envelope, ready_request):
    for somebody in (board.arno, people.olga, people.fay, people.max, board.sybil):
        with pytest.raises(NotPermitted):
            act(ready_request, somebody)


def test_a_request_on_an_agenda_is_the_councils(board, envelope, ready_request):
    meeting = planned(board)
    meetings.build_agenda(meeting_id=meeting.pk, by=board.sybil, at=AT)

    with pytest.raises(WrongState, match="on the agenda"):
        act(ready_request, board.carol)


def test_the_council_ratifies_and_the_signed_list_shows_the_money(board, envelope, ready_request):
    planned(board)
    action = act(ready_request, board.carol)
    meeting = sit(board, Meeting.objects.get())
    item = meeting.items.get()
    motion = motion_on(item, board.carol)
    for name in MEMBERS:
        services.cast_vote(motion_id=motion.pk, choice="for", by=board.people[name], at=AT)

    decision = services.declare_result(motion_id=motion.pk, by=board.carol, at=AT)

    row = Ratification.objects.get()
    assert (row.state, row.ratified_by) == ("ratified", decision)
    assert (decision.route, decision.effects["ratifies"], decision.effects["tranche"]) == (
        "council", action.reference, "T1",
    )  # fmt: skip
    assert Tranche.objects.count() == 1
    line = list_content(meeting)["lines"][0]
    assert (line["decision"], line["amount"], line["tranche"]) == (decision.reference, "120000.00", "T1")
    meetings.adjourn_meeting(meeting_id=meeting.pk, by=board.carol, at=LATER)
    assert Tranche.objects.get().state == "released"


def test_a_ratification_says_exactly_what_was_done(board, envelope, ready_request):
    planned(board)
    act(ready_request, board.carol)
    item = sit(board, Meeting.objects.get()).items.get()

    with pytest.raises(services.MotionRefused, match="ratify exactly that"):
        motion_on(item, board.carol, amount=Decimal(110000))
    with pytest.raises(services.MotionRefused, match="ratify exactly that"):
        motion_on(item, board.carol, outcome="hold", amount=Decimal(0))


def test_what_the_next_meeting_does_not_ratify_is_frozen_and_its_rest_returned(board, envelope, ready_request):
    planned(board)
    action = act(ready_request, board.carol)
    meeting = sit(board, Meeting.objects.get())
    motion = motion_on(meeting.items.get(), board.carol)
    for name in MEMBERS:
        services.cast_vote(motion_id=motion.pk, choice="against", by=board.people[name], at=AT)
    assert services.declare_result(motion_id=motion.pk, by=board.carol, at=AT) is None
    assert Motion.objects.get(pk=motion.pk).state == "not_carried"

    meetings.adjourn_meeting(meeting_id=meeting.pk, by=board.carol, at=LATER)

    row, tranche = Ratification.objects.get(), Tranche.objects.get()
    assert (row.state, tranche.state) == ("refused", "returned")
    assert Freeze.objects.get().reason == f"{action.reference} was not ratified on 2026-11-19."
    assert positions([tranche.initiative_id], on=LATER.date())[tranche.initiative_id].approved == Decimal(0)
    assert Decision.objects.count() == 1
    event = AuditEvent.objects.get(verb="chair_action.refused")
    assert event.data == {"meeting": "2026-11-19", "returned": ["T1"]}


def test_a_cancelled_meeting_ratifies_nothing_and_undoes_nothing(board, envelope, ready_request):
    planned(board)
    act(ready_request, board.carol)
    meetings.cancel_meeting(meeting_id=Meeting.objects.get().pk, by=board.sybil, at=AT)

    following = planned(board, date(2026, 12, 17))
    meetings.build_agenda(meeting_id=following.pk, by=board.sybil, at=LATER)

    assert Ratification.objects.get().item.meeting == following
    assert Tranche.objects.get().state == "released"
