"""Set-based writes of an import: one statement a table, whatever the number of rows. Called by the services only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from projects.audit.services import record, record_many
from projects.common.keys import next_key, next_keys
from projects.initiatives.choices import Stage
from projects.initiatives.models import Initiative, OpeningDecision, Participation, StageMove
from projects.intake.import_records import Record
from projects.intake.models import ImportedRow, PortfolioImport
from projects.people.models import Organisation, User

BATCH = 1000
NOBODY_YET = "nobody-yet"


@dataclass(frozen=True)
class Signatures:
    """Who imports, who countersigns, and when; a machine's operator imports as nobody."""

    by: User | None
    second: User | None
    at: datetime

    @property
    def are_two(self) -> bool:
        """Say whether two people signed."""
        return self.by is not None and self.second is not None


@dataclass(frozen=True)
class Placed:
    """A record with its owner and the stage in which its initiative begins."""

    record: Record
    owner: User
    stage: Stage
    is_signed: bool

    @property
    def is_opened(self) -> bool:
        """Say whether it begins beyond Concept."""
        return self.stage != Stage.CONCEPT

    @property
    def is_funded(self) -> bool:
        """Say whether two people signed for a budget that came with it."""
        return self.is_signed and self.record.budget is not None and self.record.budget > 0

    @property
    def waits(self) -> bool:
        """Say whether the file names a later stage than the one in which it begins."""
        return self.record.stage.code != self.stage


def place(found: Record, owner: User, signed: Signatures) -> Placed:
    """Return where a record begins: in the file's stage where two uninterested people signed, else in Concept."""
    interested = {signer.pk for signer in (signed.by, signed.second) if signer} & {owner.pk, owner.line_manager_id}
    is_signed = signed.are_two and not interested
    return Placed(found, owner, Stage(found.stage.code) if is_signed else Stage.CONCEPT, is_signed)


def nobody_yet() -> User:
    """Return the stand-in that owns what has no owner yet: nobody can sign in as it, so the alarm for owners rings."""
    stand_in, _ = User.objects.get_or_create(
        username=NOBODY_YET,
        defaults={"full_name": "No owner yet", "is_active": False, "is_service": True, "password": "!"},
    )
    return stand_in


def sign_opening(
    placed: Sequence[Placed], milestones: int, file_name: str, signed: Signatures
) -> OpeningDecision | None:
    """Write the decision that opens records beyond Concept, takes over budgets and baselines milestones.

    Return None where there is nothing of these, or nobody who signs second.
    """
    opened, budgets = sum(row.is_opened for row in placed), sum(row.is_funded for row in placed)
    if not (opened or milestones or budgets) or signed.by is None or signed.second is None:
        return None
    opening = OpeningDecision.objects.create(
        reference=next_key(f"OD-{signed.at.year}"),
        reason=(
            f"Taken over from {file_name}: {opened} initiatives beyond Concept, {budgets} budgets, "
            f"{milestones} milestones."
        ),
        first_signed_by=signed.by,
        second_signed_by=signed.second,
        signed_at=signed.at,
    )
    record(
        verb="opening.signed",
        target=opening,
        by=signed.second,
        at=signed.at,
        data={"initiatives": opened, "budgets": budgets, "milestones": milestones},
    )
    return opening


def register(placed: Sequence[Placed], opening: OpeningDecision | None, signed: Signatures) -> list[Initiative]:
    """Create the initiatives with their owners, stage moves and events."""
    organisation = Organisation.objects.first() or Organisation(currency="USD", time_zone="UTC")
    keys = next_keys("AI", len(placed))
    initiatives = Initiative.objects.bulk_create(
        [
            _initiative(key, row, opening if row.is_opened else None, organisation, signed)
            for key, row in zip(keys, placed, strict=True)
        ],
        batch_size=BATCH,
    )
    Participation.objects.bulk_create(
        [
            Participation(
                initiative=new,
                user=row.owner,
                part="business_owner",
                manager_id=row.owner.line_manager_id,
                since=signed.at,
            )
            for new, row in zip(initiatives, placed, strict=True)
        ],
        batch_size=BATCH,
    )
    if opening is not None:
        _note_moves([new for new in initiatives if new.opening_id], opening, signed)
    return initiatives


def keep_rows(
    kept: PortfolioImport, placed: Sequence[Placed], initiatives: Sequence[Initiative], signed: Signatures
) -> None:
    """Keep what each row told, and record the beginning of each initiative in its own stream."""
    ImportedRow.objects.bulk_create(
        [_row(kept, row.record, new) for row, new in zip(placed, initiatives, strict=True)], batch_size=BATCH
    )
    told = [(new, {"import": kept.key, "line": row.record.line}) for row, new in zip(placed, initiatives, strict=True)]
    opened = [(new, {**data, "decision": new.opening.reference}) for new, data in told if new.opening]
    record_many(verb="initiative.imported", targets=told, by=signed.by, at=signed.at)
    record_many(verb="initiative.opened", targets=opened, by=signed.by, at=signed.at)


def _initiative(
    key: str, row: Placed, opening: OpeningDecision | None, organisation: Organisation, signed: Signatures
) -> Initiative:
    told = row.record
    return Initiative(
        key=key,
        name=told.name,
        value_proposition=told.description,
        business_owner=row.owner,
        cost_centre=told.cost_centre[:60],
        expected_monthly_cost=None,
        currency=told.currency or organisation.currency,
        time_zone=organisation.time_zone,
        stage=row.stage,
        stage_since=signed.at,
        opening=opening,
        external_organisation=told.organisation,
        external_id=told.external_id,
        registered_by=signed.by or row.owner,
        registered_at=signed.at,
    )


def _note_moves(opened: Sequence[Initiative], opening: OpeningDecision, signed: Signatures) -> None:
    StageMove.objects.bulk_create(
        [
            StageMove(
                initiative=new,
                field="stage",
                before=Stage.CONCEPT,
                after=new.stage,
                decision_reference=opening.reference,
                moved_by=opening.second_signed_by,
                moved_at=signed.at,
                reason="Imported in this stage.",
            )
            for new in opened
        ],
        batch_size=BATCH,
    )


def _row(kept: PortfolioImport, told: Record, initiative: Initiative) -> ImportedRow:
    notes: list[dict[str, Any]] = [{"column": note.column, "value": note.value, "why": note.why} for note in told.notes]
    return ImportedRow(
        portfolio_import=kept,
        initiative=initiative,
        line=told.line,
        unit=told.unit,
        stage=told.stage.code,
        stage_label=told.stage_label,
        owner=told.owner,
        start_on=told.start_on,
        end_on=told.end_on,
        budget=told.budget,
        actual=told.actual,
        forecast=told.forecast,
        currency=told.currency,
        notes=notes,
    )
