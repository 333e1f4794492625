"""Take readiness from requests whose proofs ran out or fell back, and stop counting old value claims."""

from datetime import datetime

from projects.gates.choices import State
from projects.gates.models import GateRequest
from projects.gates.selectors import readiness
from projects.gates.services import go_stale
from projects.limits.selectors import policy_on
from projects.value.services import decay_claims


def sweep_proofs(*, at: datetime) -> list[str]:
    """Make stale what waits for a meeting with a must missing; return the keys. May run twice without harm."""
    decay_claims(months=policy_on(at.date()).integer("claim_decay_months"), at=at)
    waiting = GateRequest.objects.filter(state__in=[State.READY, State.ON_AGENDA]).select_related("initiative")
    expired = [gate for gate in waiting if readiness(gate, at.date()).missing]
    return [go_stale(gate_request_id=gate.pk, at=at).key for gate in expired]
