"""Set-based writes of imported milestones: planned, baselined by the opening decision, and met where the file says so."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max

from projects.audit.services import record_many
from projects.initiatives.models import Initiative, OpeningDecision
from projects.intake.import_milestones import MilestoneRecord
from projects.intake.import_writes import BATCH, Signatures
from projects.intake.models import ImportedMilestone, PortfolioImport
from projects.intake.selectors import where_interested
from projects.milestones.models import Milestone, MilestoneBaseline


@dataclass(frozen=True)
class Promise:
    """A milestone of a file with the initiative that promised it."""

    record: MilestoneRecord
    initiative: Initiative


def add_milestones(
    promises: Sequence[Promise], kept: PortfolioImport, opening: OpeningDecision | None, signed: Signatures
) -> list[Milestone]:
    """Plan the milestones after those that are there; with an opening decision they are baselined, finished ones met."""
    milestones = Milestone.objects.bulk_create(_planned(promises, kept, opening), batch_size=BATCH)
    ImportedMilestone.objects.bulk_create(
        [_row(kept, promise, new) for promise, new in zip(promises, milestones, strict=True)], batch_size=BATCH
    )
    if opening is not None:
        MilestoneBaseline.objects.bulk_create(
            [
                MilestoneBaseline(
                    milestone=new, due_on=promise.record.due_on, decision_reference=opening.reference, at=signed.at
                )
                for promise, new in zip(promises, milestones, strict=True)
            ],
            batch_size=BATCH,
        )
        _meet(promises, milestones, opening, signed)
    told = [
        (new, {"import": kept.key, "line": promise.record.line, "due": promise.record.due_on})
        for promise, new in zip(promises, milestones, strict=True)
    ]
    record_many(verb="milestone.imported", targets=told, by=signed.by, at=signed.at)
    return milestones


def _planned(promises: Sequence[Promise], kept: PortfolioImport, opening: OpeningDecision | None) -> list[Milestone]:
    ids = {promise.initiative.pk for promise in promises}
    rows = Milestone.objects.filter(initiative_id__in=ids).values_list("initiative_id").annotate(last=Max("sequence"))
    numbers = Counter(dict(rows))
    order = sorted(range(len(promises)), key=lambda place: (promises[place].record.due_on, promises[place].record.line))
    sequence: dict[int, int] = {}
    for place in order:
        initiative_id = promises[place].initiative.pk
        numbers[initiative_id] += 1
        sequence[place] = numbers[initiative_id]
    return [_milestone(promise, sequence[place], kept, opening) for place, promise in enumerate(promises)]


def _milestone(promise: Promise, sequence: int, kept: PortfolioImport, opening: OpeningDecision | None) -> Milestone:
    told = promise.record
    return Milestone(
        initiative=promise.initiative,
        sequence=sequence,
        name=told.name,
        acceptance_test=f"As planned in {kept.file.name}, line {told.line}.",
        baselined_due_on=told.due_on if opening else None,
        forecast_due_on=told.due_on,
        decision_reference=opening.reference if opening else "",
    )


def _meet(
    promises: Sequence[Promise], milestones: Sequence[Milestone], opening: OpeningDecision, signed: Signatures
) -> None:
    delivered, accepted = [], []
    interested = where_interested({promise.initiative.pk for promise in promises}, opening.second_signed_by)
    for promise, new in zip(promises, milestones, strict=True):
        finished_on = promise.record.finished_on
        if finished_on is None or finished_on > signed.at.date():
            continue
        evidence = f"Finished according to {opening.reference}."
        new.deliver(on=finished_on, by_id=promise.initiative.business_owner_id, evidence=evidence)
        delivered.append(new)
        if promise.initiative.pk not in interested:
            accepted.append(new)
    _save(delivered, ["state", "delivered_on", "delivered_by", "evidence"])
    for new in accepted:
        new.accept(by_id=opening.second_signed_by_id, at=signed.at)
    _save(accepted, ["state", "accepted_by", "accepted_at"])


def _save(milestones: Sequence[Milestone], fields: Sequence[str]) -> None:
    Milestone.objects.bulk_update(milestones, fields, batch_size=BATCH // 4)


def _row(kept: PortfolioImport, promise: Promise, milestone: Milestone) -> ImportedMilestone:
    told = promise.record
    return ImportedMilestone(
        portfolio_import=kept,
        initiative=promise.initiative,
        milestone=milestone,
        external_id=told.external_id,
        line=told.line,
        planned_start=told.planned_start,
        due_on=told.due_on,
        finished_on=told.finished_on,
        status=told.status,
        cost=told.cost,
        notes=[{"column": note.column, "value": note.value, "why": note.why} for note in told.notes],
    )
