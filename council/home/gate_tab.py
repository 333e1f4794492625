"""The gates tab: the criteria of the next gate as they stand, the requests, and what was decided."""

from typing import Any

from council.home.decided import decisions_of
from council.home.heads import Head
from projects.gates.choices import ProofKind, ProofState
from projects.gates.models import Criterion, GateRequest
from projects.gates.rules import Line, Readiness, gate_of
from projects.gates.selectors import readiness, template_on
from projects.initiatives.rules import gate_number, next_stage

STATES = {
    ProofState.PROVED: ("ok", "ok"),
    ProofState.WAIVED: ("", "info"),
    ProofState.STALE: ("warn", "clock"),
    ProofState.FAILED: ("bad", "bad"),
    ProofState.UNPROVED: ("mute", "none"),
    ProofState.DOES_NOT_APPLY: ("mute", "none"),
}


def gate_tab(head: Head) -> dict[str, Any]:
    """Return what the gates tab shows: an open request's criteria as they stand, else those that the gate will ask."""
    initiative = head.initiative
    request = head.open_request
    ready = readiness(request, head.on) if request else None
    if ready is not None and not ready.lines:  # a request for money alone has no criteria; the gate ahead has
        ready = None
    following = next_stage(initiative.stage)
    return {
        "request_row": request,
        "ready": ready,
        "rows": _rows(ready) if ready else [],
        "criteria": [] if ready else _asked(head),
        "gate": f"G{gate_number(initiative.stage)}",
        "following": dict(type(initiative)._meta.get_field("stage").flatchoices).get(following or "", ""),
        "requests": list(GateRequest.objects.filter(initiative=initiative).order_by("-pk")[:20]),
        "decided": decisions_of(initiative, on=head.on),
    }


def _rows(ready: Readiness) -> list[tuple[Line, str, str, str, str]]:
    """Pair each criterion with its state in tone, icon and word, and how it is proved."""
    return [
        (line, *STATES[ProofState(line.state)], str(ProofState(line.state).label), str(ProofKind(line.proof).label))
        for line in ready.lines
    ]


def _asked(head: Head) -> list[Criterion]:
    template = template_on(head.on)
    if template is None or next_stage(head.initiative.stage) is None:
        return []
    return list(template.criteria.filter(gate=gate_of("advance", head.initiative.stage)))
