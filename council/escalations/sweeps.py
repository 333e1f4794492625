"""Sweep the rules: what they find against what stands. All that follows is written in sets, and nothing where nothing moved."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from council.escalations.models import Escalation, EscalationRun, EscalationState
from council.escalations.rules import Finding, is_covered
from council.escalations.selectors import Evaluation, evaluate
from projects.audit.services import record_many
from projects.common.among import Among
from projects.common.keys import next_keys
from projects.common.months import working_days_after
from projects.initiatives.models import Initiative

SWEEP_LOCK = 7_302_114
SORTING_MEMORY = "64MB"  # the days of thousands of initiatives are added up without touching the disk
BATCH = 250
Place = tuple[int, str]


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


@dataclass(frozen=True)
class _Moves:
    """Where something moves, by initiative and rule: opened, raised again, told with new figures, cleared."""

    opened: Sequence[Place]
    again: Sequence[Place]
    retold: Sequence[Place]
    cleared: Sequence[Place]

    @property
    def standing(self) -> set[Place]:
        """Return where a row that stands is written."""
        return {*self.again, *self.retold, *self.cleared}


@transaction.atomic
def sweep(*, on: date, at: datetime, initiative_ids: Iterable[int] | None = None, write: bool = True) -> Swept:
    """Evaluate the rules at the end of a day and raise, refresh or clear what follows; without ``write`` only say so.

    Any number may run at once: they take turns, and one open escalation an initiative and rule is a constraint.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('work_mem', %s, true)", [SORTING_MEMORY])
        if write:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SWEEP_LOCK])
    found = evaluate(on=on, initiative_ids=initiative_ids)
    tripping = {(pk, one.rule): one for pk, findings in sorted(found.findings.items()) for one in findings}
    unknown = {(pk, one.rule): one for pk, findings in sorted(found.unknown.items()) for one in findings}
    standing, accepted = _standing(found.judged), _accepted(found.findings)
    moves = _moves(tripping, unknown, standing, accepted)
    if write and moves.standing:
        standing = _locked(standing, moves.standing)
        moves = _moves(tripping, unknown, standing, accepted)
    named = Initiative.objects.only("key").in_bulk({pk for pk, _ in [*tripping, *unknown, *moves.cleared]})
    news = [place for place in tripping if place in {*moves.opened, *moves.again}]
    still = len(standing) + len(moves.opened)
    if write:
        _open({place: tripping[place] for place in moves.opened}, named, found, at)
        _tell([(standing[place], tripping[place]) for place in moves.again], named, found, at, again=True)
        _tell([(standing[place], tripping[place]) for place in moves.retold], named, found, at, again=False)
        _clear([standing[place] for place in moves.cleared], named, at)
        EscalationRun.objects.create(
            on=on,
            policy_version=found.policy.number,
            is_full=initiative_ids is None,
            raised=len(news),
            cleared=len(moves.cleared),
            still_open=still,
            ran_at=at,
        )
    raised = tuple(Raised(named[pk].key, rule, tripping[pk, rule].figures) for pk, rule in news)
    doubts = tuple(Raised(named[pk].key, rule, one.figures) for (pk, rule), one in unknown.items())
    return Swept(found.policy.number, raised, still, len(moves.cleared), doubts)


def _standing(initiative_ids: Sequence[int]) -> dict[Place, Escalation]:
    rows = Escalation.objects.open().filter(initiative__in=Among(initiative_ids)).order_by("id")
    return {(row.initiative_id, row.rule): row for row in rows}


def _locked(standing: Mapping[Place, Escalation], moving: Iterable[Place]) -> dict[Place, Escalation]:
    """Read again under lock what is about to be written: a person may have acted on it, or closed it, since."""
    ids = [standing[place].pk for place in moving]
    rows = Escalation.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
    still = {place: row for place, row in standing.items() if place not in moving}
    return still | {(row.initiative_id, row.rule): row for row in rows if row.is_open}


def _accepted(initiative_ids: Iterable[int]) -> dict[Place, dict[str, str]]:
    """Return the figures that decisions accepted, the newest of each initiative and rule."""
    rows = Escalation.objects.filter(initiative__in=Among(initiative_ids)).exclude(decided_figures={}).order_by("id")
    return {(pk, rule): told for pk, rule, told in rows.values_list("initiative_id", "rule", "decided_figures")}


def _moves(
    tripping: Mapping[Place, Finding],
    unknown: Mapping[Place, Finding],
    standing: Mapping[Place, Escalation],
    accepted: Mapping[Place, dict[str, str]],
) -> _Moves:
    """Say what moves. What was decided is told anew only above the accepted level; in doubt nothing is cleared."""
    news = [place for place, one in tripping.items() if _trips(one, standing.get(place), accepted.get(place, {}))]
    told = {place: standing[place] for place in tripping if place in standing and place not in set(news)}
    return _Moves(
        opened=[place for place in news if place not in standing],
        again=[place for place in news if place in standing],
        retold=[
            place
            for place, row in told.items()
            if row.state != EscalationState.DECIDED and row.figures != tripping[place].figures
        ],
        cleared=[
            place
            for place, row in standing.items()
            if row.cleared_at is None and place not in tripping and place not in unknown
        ],
    )


def _trips(finding: Finding, standing: Escalation | None, accepted: dict[str, str]) -> bool:
    """Say whether a finding is news: nothing open, or decided and now above the accepted level, or cleared before."""
    if standing is None:
        return not is_covered(finding, accepted)
    if standing.state == EscalationState.DECIDED:
        return not is_covered(finding, standing.decided_figures)
    return standing.cleared_at is not None


def _open(found: Mapping[Place, Finding], named: Mapping[int, Initiative], by: Evaluation, at: datetime) -> None:
    keys = {
        is_soft: iter(next_keys("EW" if is_soft else "ES", sum(one.is_soft == is_soft for one in found.values())))
        for is_soft in (False, True)
    }
    due_on = working_days_after(by.on, by.policy.integer("escalation_answer_days"))
    rows = Escalation.objects.bulk_create(
        Escalation(
            key=next(keys[finding.is_soft]),
            initiative=named[pk],
            rule=finding.rule,
            is_soft=finding.is_soft,
            figures=finding.figures,
            policy_version=by.policy.number,
            tripped_on=by.on,
            raised_at=at,
            evaluated_at=at,
            answer_due_on=due_on,
        )
        for (pk, _), finding in found.items()
    )
    record_many(verb="escalation.raised", targets=[(row, row.figures) for row in rows], by=None, at=at)


def _tell(
    found: Sequence[tuple[Escalation, Finding]],
    named: Mapping[int, Initiative],
    by: Evaluation,
    at: datetime,
    *,
    again: bool,
) -> None:
    for row, finding in found:
        row.initiative = named[row.initiative_id]
        if row.state == EscalationState.DECIDED:
            row.raise_again(figures=finding.figures, at=at)
            row.policy_version = by.policy.number
        else:
            row.figures, row.evaluated_at, row.cleared_at = finding.figures, at, None
    rows = [row for row, _ in found]
    fields = ["figures", "evaluated_at"] + (["state", "policy_version", "cleared_at"] if again else [])
    Escalation.objects.bulk_update(rows, fields, batch_size=BATCH)
    if again:
        record_many(verb="escalation.raised_again", targets=[(row, row.figures) for row in rows], by=None, at=at)


def _clear(rows: Sequence[Escalation], named: Mapping[int, Initiative], at: datetime) -> None:
    for row in rows:
        row.initiative, row.cleared_at = named[row.initiative_id], at
    Escalation.objects.bulk_update(rows, ["cleared_at"], batch_size=BATCH)
    record_many(verb="escalation.cleared", targets=[(row, {}) for row in rows], by=None, at=at)


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
