"""Look at claims every night."""

from celery import shared_task

from projects.common.clock import now
from projects.limits.selectors import policy_on
from projects.value.services import decay_claims


@shared_task(name="projects.value.decay_claims")
def decay_old_claims() -> int:
    """Stop counting claims that nobody verified again in time; may run twice without harm."""
    at = now()
    return decay_claims(months=policy_on(at.date()).integer("claim_decay_months"), at=at)
