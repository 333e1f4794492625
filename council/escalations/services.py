"""Sweep the rules, and the acts of people on an escalation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from council.escalations.models import OPEN_STATES, Escalation, EscalationRun, EscalationState
from council.escalations.rules import Finding, is_covered
from council.escalations.selectors import Evaluation, evaluate
from projects.audit.services import record
from projects.common.keys import next_key
from projects.common.months import working_days_after
from projects.common.outcomes import Refused, WrongState
from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require

SWEEP_LOCK = 7_302_114


class EscalationRefused(Refused):
    """The act lacks what it needs."""

    code = "escalation_refused"


class EscalationOver(WrongState):
    """The escalation is not in a state for this act."""

    code = "escalation_state"


@dataclass(frozen=True)
class Raised:
    """One escalation raised, or that would be raised."""

    initiative: str
    rule: str
    figures: dict[str, str]


@dataclass(frozen=True)
class Swept:
    """What a sweep did or would do: raised now, open afterwards, cleared now, and what cannot be told for want of rates."""

    policy_version: int
    raised: tuple[Raised, ...]
    open: int
    cleared: int
    unknown: tuple[Raised, ...] = ()


@transaction.atomic
def sweep(*, on: date, at: datetime, initiative_ids: Iterable[int] | None = None, write: bool = True) -> Swept:
    """Evaluate the rules at the end of a day and raise, refresh or clear what follows; without ``write`` only say so.

    Any number may run at once: they take turns, and one open escalation an initiative and rule is a constraint.
    """
    if write:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SWEEP_LOCK])
    found = evaluate(on=on, initiative_ids=initiative_ids)
    rows = Escalation.objects.filter(initiative__in=found.judged).select_related("initiative").order_by("id")
    standing = {(row.initiative_id, row.rule): row for row in rows if row.is_open}
    accepted = {(row.initiative_id, row.rule): row.decided_figures for row in rows if row.decided_figures}
    keys = dict(Initiative.objects.filter(pk__in=found.judged).values_list("pk", "key"))
    raised = []
    for pk, findings in sorted(found.findings.items()):
        for finding in findings:
            tripped = standing.get((pk, finding.rule))
            if _trips(finding, tripped, accepted.get((pk, finding.rule), {})):
                raised.append(Raised(keys[pk], finding.rule, finding.figures))
            if write:
                _write(pk, finding, tripped, accepted.get((pk, finding.rule), {}), found, at)
    tripping = {(pk, finding.rule) for pk, findings in found.findings.items() for finding in findings}
    doubtful = {(pk, finding.rule) for pk, findings in found.unknown.items() for finding in findings}
    settled = [row for key, row in standing.items() if key not in tripping and key not in doubtful]
    cleared = [row for row in settled if row.cleared_at is None]
    if write:
        for row in cleared:
            _clear(row, at)
    still = _count_open(standing, raised)
    if write:
        EscalationRun.objects.create(
            on=on,
            policy_version=found.policy.number,
            is_full=initiative_ids is None,
            raised=len(raised),
            cleared=len(cleared),
            still_open=still,
            ran_at=at,
        )
    unknown = tuple(
        Raised(keys[pk], one.rule, one.figures) for pk, ones in sorted(found.unknown.items()) for one in ones
    )
    return Swept(found.policy.number, tuple(raised), still, len(cleared), unknown)


def _count_open(standing: dict[tuple[int, str], Escalation], raised: list[Raised]) -> int:
    known = {(row.initiative.key, row.rule) for row in standing.values()}
    return len(known | {(row.initiative, row.rule) for row in raised})


def _trips(finding: Finding, standing: Escalation | None, accepted: dict[str, str]) -> bool:
    """Say whether a finding is news: nothing open, or decided and now above the accepted level, or cleared before."""
    if standing is None:
        return not is_covered(finding, accepted)
    if standing.state == EscalationState.DECIDED:
        return not is_covered(finding, standing.decided_figures)
    return standing.cleared_at is not None


def _write(
    pk: int, finding: Finding, standing: Escalation | None, accepted: dict[str, str], found: Evaluation, at: datetime
) -> None:
    trips = _trips(finding, standing, accepted)
    if standing is None:
        if trips:
            _raise(pk, finding, found, at)
        return
    if standing.state == EscalationState.DECIDED:
        if trips:
            standing.raise_again(figures=finding.figures, at=at)
            standing.policy_version = found.policy.number
            standing.save()
            record(verb="escalation.raised_again", target=standing, by=None, at=at, data=finding.figures)
        return
    standing.figures, standing.evaluated_at, standing.cleared_at = finding.figures, at, None
    standing.save()
    if trips:
        record(verb="escalation.raised_again", target=standing, by=None, at=at, data=finding.figures)


def _raise(pk: int, finding: Finding, found: Evaluation, at: datetime) -> Escalation:
    raised = Escalation.objects.create(
        key=next_key("EW" if finding.is_soft else "ES"),
        initiative_id=pk,
        rule=finding.rule,
        is_soft=finding.is_soft,
        figures=finding.figures,
        policy_version=found.policy.number,
        tripped_on=found.on,
        raised_at=at,
        evaluated_at=at,
        answer_due_on=working_days_after(found.on, found.policy.integer("escalation_answer_days")),
    )
    record(verb="escalation.raised", target=raised, by=None, at=at, data=finding.figures)
    return raised


def _clear(row: Escalation, at: datetime) -> None:
    row.cleared_at = at
    row.save()
    record(verb="escalation.cleared", target=row, by=None, at=at)


@transaction.atomic
def acknowledge_escalation(*, escalation_id: int, by: User, at: datetime) -> Escalation:
    """Say that somebody has seen it. Raise EscalationOver or NotPermitted."""
    row = _locked(escalation_id)
    require(by, Permission.HANDLE_ESCALATION, initiative=row.initiative)
    if row.state != EscalationState.RAISED:
        raise EscalationOver(f"{row.key} is {row.get_state_display().lower()} already.")
    row.acknowledge(by_id=by.pk, at=at)
    row.save()
    record(verb="escalation.acknowledged", target=row, by=by, at=at)
    return row


@transaction.atomic
def file_plan(*, escalation_id: int, plan: str, by: User, at: datetime) -> Escalation:
    """File the owner's plan: what will be done, by whom, by when. Raise EscalationRefused, EscalationOver, NotPermitted."""
    row = _locked(escalation_id)
    require(by, Permission.FILE_PLAN, initiative=row.initiative)
    if not plan.strip():
        raise EscalationRefused("Say what will be done, by whom and by when.")
    if row.state in {EscalationState.RAISED, EscalationState.ACKNOWLEDGED}:
        row.file_plan(plan=plan.strip(), by_id=by.pk, at=at)
    elif row.state in {EscalationState.PLAN_FILED, EscalationState.ON_AGENDA}:
        row.plan, row.plan_by, row.plan_at = plan.strip(), by, at
    else:
        raise EscalationOver(f"{row.key} is {row.get_state_display().lower()}; a plan comes too late.")
    row.save()
    record(verb="escalation.plan_filed", target=row, by=by, at=at, data={"plan": plan.strip()})
    return row


@transaction.atomic
def snooze_escalation(
    *, escalation_id: int, until: date, reason: str, latest: date, by: User, at: datetime
) -> Escalation:
    """Keep it off agendas until a day not past ``latest``, the next meeting. Raise EscalationRefused or EscalationOver."""
    row = _locked(escalation_id)
    require(by, Permission.HANDLE_ESCALATION, initiative=row.initiative)
    if not reason.strip():
        raise EscalationRefused("Say why it can wait.")
    if not at.date() < until <= latest:
        raise EscalationRefused(f"It can wait until {latest.isoformat()} at the latest, when the council meets next.")
    if row.state not in OPEN_STATES[:3]:
        raise EscalationOver(f"{row.key} is {row.get_state_display().lower()} and cannot be snoozed.")
    row.snoozed_until, row.snooze_reason = until, reason.strip()[:300]
    row.save()
    record(verb="escalation.snoozed", target=row, by=by, at=at, data={"until": until.isoformat()})
    return row


def decide_escalation(*, escalation_id: int, reference: str, by: User, at: datetime) -> Escalation:
    """Mark as decided by a decision, which thereby accepts the figures as they stand. Part of the decision's transaction."""
    row = _locked(escalation_id)
    if row.state != EscalationState.ON_AGENDA:
        raise EscalationOver(
            f"{row.key} is {row.get_state_display().lower()}; only what stands on an agenda is decided."
        )
    row.decide(reference=reference, figures=row.figures)
    row.save()
    record(verb="escalation.decided", target=row, by=by, at=at, data={"decision": reference})
    return row


@transaction.atomic
def close_escalation(*, escalation_id: int, note: str, by: User, at: datetime) -> Escalation:
    """Close what was decided or whose cause has cleared. Raise EscalationOver while the cause stands undecided."""
    row = _locked(escalation_id)
    require(by, Permission.HANDLE_ESCALATION, initiative=row.initiative)
    if row.state in {EscalationState.CLOSED, EscalationState.ON_AGENDA}:
        raise EscalationOver(f"{row.key} is {row.get_state_display().lower()} and cannot be closed now.")
    if row.state != EscalationState.DECIDED and row.cleared_at is None and not row.is_soft:
        raise EscalationOver(f"The cause of {row.key} stands and no decision covers it. Put it on an agenda.")
    row.close(by_id=by.pk, at=at, note=note.strip())
    row.save()
    record(verb="escalation.closed", target=row, by=by, at=at, data={"note": note.strip()})
    return row


def _locked(escalation_id: int) -> Escalation:
    return Escalation.objects.select_for_update(of=("self",)).select_related("initiative").get(pk=escalation_id)


def as_json(swept: Swept) -> dict[str, Any]:
    """Return a sweep as the command prints it; ``unknown`` stands there only where a rule cannot be told."""
    told: dict[str, Any] = {
        "policy_version": swept.policy_version,
        "raised": [_told(row) for row in swept.raised],
        "open": swept.open,
        "cleared": swept.cleared,
    }
    return {**told, "unknown": [_told(row) for row in swept.unknown]} if swept.unknown else told


def _told(raised: Raised) -> dict[str, Any]:
    return {"initiative": raised.initiative, "rule": raised.rule, "figures": raised.figures}
