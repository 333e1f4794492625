"""Enter, propose, confirm and take back harness lines, and deliver what counts to the facts of spend."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from projects.audit.services import record
from projects.common.outcomes import Blocker, NotPermitted, Refused, WrongState
from projects.harness import rules
from projects.harness.models import HarnessLine, LineState
from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.spend.by_hand import HandRow, HandSheet, deliver_by_hand


class HarnessRefused(Refused):
    """A line that says nothing that counts."""

    code = "harness_refused"


class NeedsTwo(NotPermitted):
    """One person alone may not do this."""

    code = "needs_two_persons"


@dataclass(frozen=True)
class LineDraft:
    """What a line is to say; its currency is the initiative's."""

    month: date
    kind: str
    amount: Decimal
    note: str


@transaction.atomic
def enter_line(*, initiative_id: int, draft: LineDraft, by: User, at: datetime) -> HarnessLine:
    """Enter a line that counts at once. Raise NotPermitted, also for the interested, HarnessRefused or PeriodClosed."""
    initiative = _locked(initiative_id)
    require(by, Permission.KEEP_HARNESS, initiative=initiative)
    line = _made(initiative, draft, by, at)
    return _confirmed(line, by, at)


@transaction.atomic
def propose_line(*, initiative_id: int, draft: LineDraft, by: User, at: datetime) -> HarnessLine:
    """Propose a line for finance to confirm. Raise NotPermitted or HarnessRefused."""
    initiative = _locked(initiative_id)
    require(by, Permission.EDIT_INITIATIVE, initiative=initiative)
    line = _made(initiative, draft, by, at)
    record(verb="harness_line.proposed", target=line, by=by, at=at, data=_said(line))
    return line


@transaction.atomic
def confirm_line(*, line_id: int, by: User, at: datetime) -> HarnessLine:
    """Let a proposed line count. Raise NotPermitted, NeedsTwo, WrongState or PeriodClosed."""
    line = _locked_line(line_id)
    require(by, Permission.KEEP_HARNESS, initiative=line.initiative)
    _must_wait(line)
    if line.proposed_by_id == by.pk:
        raise NeedsTwo(f"You proposed {line} yourself. Another person in finance confirms it.")
    return _confirmed(line, by, at)


@transaction.atomic
def decline_line(*, line_id: int, by: User, at: datetime) -> HarnessLine:
    """Leave a proposed line out; whoever proposed it may do so, too. Raise NotPermitted or WrongState."""
    line = _locked_line(line_id)
    if line.proposed_by_id != by.pk:
        require(by, Permission.KEEP_HARNESS, initiative=line.initiative)
    elif not may(by, Permission.READ, initiative=line.initiative):
        require(by, Permission.READ, initiative=line.initiative)
    _must_wait(line)
    line.decline(by_id=by.pk, at=at)
    line.save()
    record(verb="harness_line.declined", target=line, by=by, at=at)
    return line


@transaction.atomic
def take_back_line(*, line_id: int, note: str, by: User, at: datetime) -> HarnessLine:
    """Propose a line that takes another back whole; a second person in finance confirms it.

    Raise NotPermitted, HarnessRefused or WrongState.
    """
    line = _locked_line(line_id)
    require(by, Permission.KEEP_HARNESS, initiative=line.initiative)
    if line.state != LineState.CONFIRMED or line.takes_back_id is not None:
        raise WrongState(f"{line} is not a line that counts, so there is nothing to take back.")
    if line.taken_back_by.exclude(state=LineState.DECLINED).exists():
        raise WrongState(f"{line} is taken back already, or somebody proposed it.")
    if not note.strip():
        raise HarnessRefused([Blocker("note_missing", "Say why the line is taken back.")])
    back = HarnessLine.objects.create(
        initiative=line.initiative,
        month=line.month,
        kind=line.kind,
        amount=-line.amount,
        currency=line.currency,
        note=note.strip(),
        takes_back=line,
        proposed_by=by,
        proposed_at=at,
    )
    record(verb="harness_line.proposed", target=back, by=by, at=at, data=_said(back))
    return back


def _made(initiative: Initiative, draft: LineDraft, by: User, at: datetime) -> HarnessLine:
    blockers = rules.line_blockers(
        month=draft.month, amount=draft.amount, currency=initiative.currency, note=draft.note, on=at.date()
    )
    if blockers:
        raise HarnessRefused(blockers)
    return HarnessLine.objects.create(
        initiative=initiative,
        month=draft.month,
        kind=draft.kind,
        amount=draft.amount,
        currency=initiative.currency,
        note=draft.note.strip(),
        proposed_by=by,
        proposed_at=at,
    )


def _confirmed(line: HarnessLine, by: User, at: datetime) -> HarnessLine:
    line.confirm(by_id=by.pk, at=at)
    line.save()
    _deliver(line.initiative, line.month, by, at)
    record(verb="harness_line.confirmed", target=line, by=by, at=at, data=_said(line))
    return line


def _deliver(initiative: Initiative, month: date, by: User, at: datetime) -> None:
    """Put all that counts of an initiative's month in place of what stood for it before."""
    lines = HarnessLine.objects.counting().filter(initiative=initiative, month=month).order_by("pk")
    rows = [
        HandRow(row.pk, str(row.get_kind_display()), row.amount, row.currency, f"harness line {row.pk}")
        for row in lines
    ]
    deliver_by_hand(sheet=HandSheet(initiative.key, initiative.pk, month, rows), by=by, at=at)


def _said(line: HarnessLine) -> dict[str, str]:
    return {"kind": line.kind, "month": f"{line.month:%Y-%m}", "amount": f"{line.amount:f}", "currency": line.currency}


def _must_wait(line: HarnessLine) -> None:
    if line.state != LineState.PROPOSED:
        raise WrongState(f"{line} is {line.get_state_display().lower()} already.")


def _locked(initiative_id: int) -> Initiative:
    return Initiative.objects.select_for_update().get(pk=initiative_id)


def _locked_line(line_id: int) -> HarnessLine:
    _locked(HarnessLine.objects.values_list("initiative_id", flat=True).get(pk=line_id))
    return HarnessLine.objects.select_for_update(of=("self",)).select_related("initiative").get(pk=line_id)
