"""Take readiness from requests whose proofs ran out or fell back, and stop counting old value claims."""

from datetime import datetime

from projects.gates.choices import State
from projects.gates.models import GateRequest
from projects.gates.selectors import readiness_by_request
from projects.gates.services import go_stale
from projects.limits.selectors import policy_on
from projects.value.services import decay_claims


def sweep_proofs(*, at: datetime) -> list[str]:
    """Make stale what waits for a meeting with a must missing; return the keys. May run twice without harm."""
    decay_claims(months=policy_on(at.date()).integer("claim_decay_months"), at=at)
    waiting = list(GateRequest.objects.filter(state__in=[State.READY, State.ON_AGENDA]).with_people())
    found = readiness_by_request(waiting, at.date())
    expired = [gate for gate in waiting if found[gate.pk].missing]
    return [go_stale(gate_request_id=gate.pk, at=at).key for gate in expired]
