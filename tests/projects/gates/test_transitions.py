import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from django_fsm import TransitionNotAllowed

from projects.gates.choices import OPEN_STATES, State
from projects.gates.models import GateRequest
from projects.gates.rules import OPEN, REQUEST_MOVES
from tests.factories.gates import AT, cast, drafted

ARGUMENTS = {
    "submit": {"by_id": 1, "at": AT, "policy": 0},
    "begin_check": {},
    "send_to_review": {},
    "give_back": {"reason": "More."},
    "become_ready": {"at": AT},
    "enter_agenda": {},
    "leave_agenda": {"reason": "Postponed."},
    "expire": {"reason": "Old."},
    "go_to_board": {},
    "decide": {"outcome": "go", "reference": "AIC-2026-014", "by_id": 1, "at": AT},
    "withdraw": {"reason": "No."},
}
LAWFUL = {
    ("draft", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "begin_check"): "readiness_check",
    ("stale", "begin_check"): "readiness_check",
    ("readiness_check", "send_to_review"): "expert_review",
    ("expert_review", "give_back"): "returned",
    ("expert_review", "become_ready"): "ready",
    ("ready", "enter_agenda"): "on_agenda",
    ("on_agenda", "leave_agenda"): "ready",
    ("ready", "expire"): "stale",
    ("on_agenda", "expire"): "stale",
    ("on_agenda", "go_to_board"): "with_board",
    ("on_agenda", "decide"): "decided",
    ("readiness_check", "decide"): "decided",
    ("with_board", "decide"): "decided",
    **{(state, "withdraw"): "withdrawn" for state in OPEN_STATES},
}


def at_state(state):
    return GateRequest(state=state)


def test_table_names_every_transition():
    assert {row.name for row in GateRequest().get_all_state_transitions()} == set(ARGUMENTS)


def test_open_states_are_told_alike():
    assert set(OPEN) == set(OPEN_STATES)


@pytest.mark.parametrize("act", ARGUMENTS)
@pytest.mark.parametrize("state", [state.value for state in State])
def test_act_is_lawful_only_where_the_table_says_so(state, act):
    gate = at_state(state)

    if (state, act) in LAWFUL:
        getattr(gate, act)(**ARGUMENTS[act])
        assert gate.state == LAWFUL[state, act]
    else:
        with pytest.raises(TransitionNotAllowed):
            getattr(gate, act)(**ARGUMENTS[act])
        assert gate.state == state


def test_database_knows_the_same_moves():
    assert set(REQUEST_MOVES) == {(before, after) for (before, _), after in LAWFUL.items()}


WAYS = {
    "draft": (),
    "submitted": ("submitted",),
    "readiness_check": ("submitted", "readiness_check"),
    "expert_review": ("submitted", "readiness_check", "expert_review"),
    "returned": ("submitted", "readiness_check", "expert_review", "returned"),
    "ready": ("submitted", "readiness_check", "expert_review", "ready"),
    "on_agenda": ("submitted", "readiness_check", "expert_review", "ready", "on_agenda"),
    "stale": ("submitted", "readiness_check", "expert_review", "ready", "stale"),
    "with_board": ("submitted", "readiness_check", "expert_review", "ready", "on_agenda", "with_board"),
    "decided": ("submitted", "readiness_check", "decided"),
    "withdrawn": ("withdrawn",),
}


@pytest.mark.django_db
@pytest.mark.parametrize("state", WAYS)
def test_database_refuses_every_other_move(state):
    gate = drafted(cast())
    decided = {
        "decided_by": gate.drafted_by,
        "decided_at": timezone.now(),
        "outcome": "go",
        "decision_reference": "AIC-1",
    }
    rows = GateRequest.objects.filter(pk=gate.pk)
    for step in WAYS[state]:
        rows.update(state=step, **(decided if step == "decided" else {}))

    for target in WAYS:
        if target != state and (state, target) not in REQUEST_MOVES:
            with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
                rows.update(state=target)

    assert rows.get().state == state


@pytest.mark.django_db
def test_request_begins_only_as_a_draft():
    gate = drafted(cast())
    gate.pk, gate.key, gate.kind = None, "GR-0099", "sunset"
    gate.__dict__["state"] = "ready"

    with pytest.raises(DatabaseError, match="cannot begin"), transaction.atomic():
        gate.save(force_insert=True)
