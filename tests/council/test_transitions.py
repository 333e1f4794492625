"""Every state by every act of the council's records: what the table does not name is refused, and the database agrees."""

from datetime import date

import pgtrigger
import pytest
from django_fsm import TransitionNotAllowed

from council.decisions.models import (
    Decision,
    Motion,
    MotionState,
    Proposal,
    ProposalState,
    Ratification,
    RatificationState,
)
from council.escalations.models import Escalation, EscalationState
from council.meetings.models import AgendaItem, ItemState, Meeting, MeetingState
from projects.limits.models import PolicyState, PolicyVersion
from tests.factories.council import AT

TALLY = {"for": 3, "against": 0, "abstain": 0, "present": 3}
ARGUMENTS = {
    Meeting: {
        "send_notice": {"at": AT},
        "freeze": {"at": AT, "policy_version": 1},
        "open": {"at": AT},
        "adjourn": {"at": AT},
        "approve_minutes": {},
        "cancel": {},
    },
    AgendaItem: {"call": {}, "set_aside": {}, "open_vote": {}, "reopen": {}, "decide": {}, "postpone": {}},
    Motion: {"carry": {"tally": TALLY, "at": AT}, "fall": {"tally": TALLY, "at": AT}, "withdraw": {"at": AT}},
    Proposal: {"decide": {"decision": Decision(), "by_id": 2, "at": AT}, "drop": {"by_id": 2, "at": AT}},
    Ratification: {"ratify": {"by": Decision(), "at": AT}, "refuse": {"at": AT}},
    Escalation: {
        "acknowledge": {"by_id": 1, "at": AT},
        "file_plan": {"plan": "Cap the loops.", "by_id": 1, "at": AT},
        "put_on_agenda": {},
        "back_to_plan": {},
        "back_to_owner": {},
        "decide": {"reference": "AIC-2026-001", "figures": {}},
        "raise_again": {"figures": {}, "at": AT},
        "close": {"by_id": 1, "at": AT, "note": ""},
    },
    PolicyVersion: {
        "propose": {"at": AT},
        "reopen": {},
        "approve": {"by_id": 2, "at": AT, "effective_on": date(2026, 12, 1)},
        "withdraw": {},
    },
}
STATES = {
    Meeting: MeetingState,
    AgendaItem: ItemState,
    Motion: MotionState,
    Proposal: ProposalState,
    Ratification: RatificationState,
    Escalation: EscalationState,
    PolicyVersion: PolicyState,
}
LAWFUL = {
    Meeting: {
        ("draft", "send_notice"): "notice_sent",
        ("notice_sent", "freeze"): "pack_frozen",
        ("pack_frozen", "open"): "in_session",
        ("in_session", "adjourn"): "adjourned",
        ("adjourned", "approve_minutes"): "minutes_approved",
        ("draft", "cancel"): "cancelled",
        ("notice_sent", "cancel"): "cancelled",
        ("pack_frozen", "cancel"): "cancelled",
    },
    AgendaItem: {
        ("waiting", "call"): "open",
        ("open", "set_aside"): "waiting",
        ("open", "open_vote"): "voting",
        ("voting", "reopen"): "open",
        ("voting", "decide"): "decided",
        ("waiting", "postpone"): "postponed",
        ("open", "postpone"): "postponed",
    },
    Motion: {("put", "carry"): "carried", ("put", "fall"): "not_carried", ("put", "withdraw"): "withdrawn"},
    Proposal: {("signed", "decide"): "decided", ("signed", "drop"): "dropped"},
    Ratification: {("waiting", "ratify"): "ratified", ("waiting", "refuse"): "refused"},
    Escalation: {
        ("raised", "acknowledge"): "acknowledged",
        ("raised", "file_plan"): "plan_filed",
        ("acknowledged", "file_plan"): "plan_filed",
        ("raised", "put_on_agenda"): "on_agenda",
        ("acknowledged", "put_on_agenda"): "on_agenda",
        ("plan_filed", "put_on_agenda"): "on_agenda",
        ("on_agenda", "back_to_plan"): "plan_filed",
        ("on_agenda", "back_to_owner"): "acknowledged",
        ("on_agenda", "decide"): "decided",
        ("decided", "raise_again"): "raised",
        ("raised", "close"): "closed",
        ("acknowledged", "close"): "closed",
        ("plan_filed", "close"): "closed",
        ("decided", "close"): "closed",
    },
    PolicyVersion: {
        ("draft", "propose"): "proposed",
        ("proposed", "reopen"): "draft",
        ("proposed", "approve"): "approved",
        ("draft", "withdraw"): "withdrawn",
        ("proposed", "withdraw"): "withdrawn",
    },
}
CASES = [(model, state.value, act) for model, acts in ARGUMENTS.items() for state in STATES[model] for act in acts]


@pytest.mark.parametrize("model", ARGUMENTS)
def test_table_names_every_transition(model):
    assert {row.name for row in model().get_all_state_transitions()} == set(ARGUMENTS[model])


@pytest.mark.parametrize(("model", "state", "act"), CASES)
def test_act_is_lawful_only_where_the_table_says_so(model, state, act):
    record = model(state=state)
    target = LAWFUL[model].get((state, act))

    if target:
        getattr(record, act)(**ARGUMENTS[model][act])
        assert record.state == target
    else:
        with pytest.raises(TransitionNotAllowed):
            getattr(record, act)(**ARGUMENTS[model][act])
        assert record.state == state


@pytest.mark.parametrize("model", ARGUMENTS)
def test_database_allows_exactly_the_moves_of_the_table(model):
    (moves,) = [trigger for trigger in model._meta.triggers if isinstance(trigger, pgtrigger.FSM)]

    assert set(moves.transitions) == {(state, target) for (state, _), target in LAWFUL[model].items()}


@pytest.mark.parametrize("model", ARGUMENTS)
def test_state_cannot_be_set_by_hand(model):
    record = model()

    with pytest.raises(AttributeError):
        record.state = STATES[model].values[-1]
