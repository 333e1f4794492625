"""This fact → that service: how the parts of projects react to each other."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from projects.gates.choices import Kind, Outcome
from projects.gates.models import GateRequest
from projects.gates.services import check_readiness
from projects.guardrails.models import Guardrail
from projects.guardrails.selectors import output_limits
from projects.guardrails.services import prove_guardrails
from projects.initiatives.choices import Stage
from projects.limits.selectors import policy_on
from projects.people.models import User
from projects.reviews.services import route_reviews
from projects.signals import (
    costs_imported,
    gate_request_checked,
    gate_request_decided,
    gate_request_submitted,
    prices_changed,
    spend_reattributed,
)
from projects.sources.models import Delivery
from projects.spend.detailing import split_anew
from projects.spend.tasks import fill_figures
from projects.spend.usage_shares import divide_usage, follow_spend
from projects.usage.selectors import add_limit_source
from projects.usage.services import price_unpriced_usage, sweep_alarms
from projects.value.services import freeze_declared_value

add_limit_source(output_limits)


@receiver(gate_request_submitted)
def check_what_was_submitted(gate: GateRequest, by: User | None, at: datetime, **_: Any) -> None:
    """A request was submitted: check its readiness."""
    check_readiness(gate_request_id=gate.pk, by=by, at=at)


@receiver(gate_request_checked)
def review_what_was_checked(gate: GateRequest, by: User | None, at: datetime, **_: Any) -> None:
    """A request passed the check: ask the experts."""
    route_reviews(gate_request_id=gate.pk, by=by, at=at)


@receiver(gate_request_decided)
def freeze_what_was_declared(gate: GateRequest, by: User, at: datetime, **_: Any) -> None:
    """A Pilot may launch: the value declared so far is what it is held to."""
    launches = gate.kind == Kind.ADVANCE and gate.from_stage == Stage.PILOT
    if launches and gate.outcome in (Outcome.GO, Outcome.GO_WITH_CONDITIONS):
        freeze_declared_value(initiative_id=gate.initiative_id, by=by, at=at)


@receiver(costs_imported)
def split_what_a_log_details(delivery: Delivery, by: User, at: datetime, **_: Any) -> None:
    """A log came, or a bill that one splits: split the bill anew, and divide usage as its money is."""
    divide_usage(parts=delivery.parts.values_list("pk", flat=True))
    split_anew(delivery=delivery, by=by, at=at)


@receiver(spend_reattributed)
def move_usage_with_its_spend(**_: Any) -> None:
    """Charges belong to others now: so does their usage."""
    follow_spend()


@receiver(costs_imported)
@receiver(spend_reattributed)
def prove_guardrails_anew(initiative_ids: Collection[int], at: datetime, **_: Any) -> None:
    """New usage or spend came, or changed hands: hold the guardrails of its initiatives against it."""
    guarded = Guardrail.objects.filter(initiative_id__in=initiative_ids).order_by("initiative_id")
    for initiative_id in guarded.values_list("initiative_id", flat=True).distinct():
        prove_guardrails(initiative_id=initiative_id, policy=policy_on(at.date()), at=at)


@receiver(costs_imported)
@receiver(spend_reattributed)
def work_out_what_pages_show(**_: Any) -> None:
    """Other figures stand now: work out what the pages of spend show before somebody looks."""
    fill_figures.delay_on_commit()


@receiver(prices_changed)
def price_usage_that_had_no_price(by: User | None, at: datetime, **_: Any) -> None:
    """A price or the catalogue changed: price what was unknown, and settle the alarms about models."""
    price_unpriced_usage(by=by, at=at)
    sweep_alarms(at=at)
