"""Import a portfolio: read it whole, take in what is new, leave what is here, answer for every row."""

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from projects.audit.services import record
from projects.common.keys import next_key
from projects.common.outcomes import NotPermitted, Refused
from projects.funding.services import open_budgets
from projects.initiatives.choices import Stage
from projects.initiatives.models import Initiative, OpeningDecision
from projects.intake import selectors
from projects.intake.import_budgets import budgets_to_open, budgets_told
from projects.intake.import_mapping import mapping_from
from projects.intake.import_milestone_writes import Promise, add_milestones
from projects.intake.import_milestones import MilestoneReading, MilestoneRecord, projects_by_id, read_milestones
from projects.intake.import_records import Reading, Record, read_portfolio
from projects.intake.import_report import Here, Limits, MilestoneCounts, Report
from projects.intake.import_spend_writes import add_opening_rows
from projects.intake.import_writes import Placed, Signatures, keep_rows, nobody_yet, place, register, sign_opening
from projects.intake.models import PortfolioFile, PortfolioImport
from projects.intake.spreadsheets.refusals import FileRefused
from projects.limits.selectors import policy_on
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.signals import portfolio_imported

ONE_AT_A_TIME = 7_305_021
Identity = tuple[str, str]


class SecondSignatureRefused(Refused):
    """The second signature must come from another person who may give it."""

    code = "second_signature_refused"


@dataclass(frozen=True)
class Delivered:
    """A file as it came: its name and bytes."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Order:
    """What to import, how to read it, and who owns initiatives whose rows name nobody we know."""

    file: Delivered
    mapping: Mapping[str, Any] = field(default_factory=dict)
    milestones: Delivered | None = None
    owner: User | None = None


@dataclass(frozen=True)
class Found:
    """What a portfolio holds against what is here: the new records, and the new milestones."""

    order: Order
    reading: Reading
    here: Mapping[Identity, Initiative]
    new: Sequence[Record]
    owners: Sequence[User | None]
    milestones: MilestoneReading | None
    new_milestones: Sequence[MilestoneRecord]

    @property
    def milestone_counts(self) -> MilestoneCounts | None:
        """Return what becomes of the milestones file, or None without one."""
        if self.milestones is None:
            return None
        accepted = len(self.new_milestones)
        merged = self.milestones.rows - accepted - len(self.milestones.refusals)
        return MilestoneCounts(self.milestones, accepted, merged)


def preview_portfolio(*, order: Order, at: datetime) -> Report:
    """Say what an import would do, and write nothing. Raise FileRefused for a file as a whole."""
    found = _find(order)
    beyond = sum(told.stage.code != Stage.CONCEPT for told in found.new)
    return _report(found, at, opening={"signed": False, "initiatives": beyond})


@transaction.atomic
def import_portfolio(*, order: Order, by: User | None, second: User | None = None, at: datetime) -> Report:
    """Take in every new row of a portfolio; the same file again changes nothing.

    Stages beyond Concept, budgets and due dates need a ``second`` signature, else everything begins in Concept without
    money and baseline. ``by`` is None for the machine's operator. Raise FileRefused for a file as a whole, NotPermitted or
    SecondSignatureRefused.
    """
    _require_people(by, second)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    found, signed = _find(order), Signatures(by, second, at)
    placed = _placed(found, signed)
    opening = sign_opening(placed, len(found.new_milestones), order.file.name, signed)
    initiatives = register(placed, opening, signed)
    budgets = budgets_to_open(placed, initiatives, opening, on=at.date())
    is_change = bool(found.new or found.new_milestones)
    key = next_key("PI") if is_change else ""
    report = _report(
        found,
        at,
        opening=_opening_told(opening, placed, budgets_told(placed, budgets)),
        look_alikes=_look_alikes(found.new, initiatives),
        opening_spend=_opening_spend(found, initiatives, key, signed),
    )
    if is_change:
        kept = _keep(key, report, order, opening, signed)
        keep_rows(kept, placed, initiatives, signed)
        if opening is not None:
            open_budgets(budgets=budgets, opening=opening, by=opening.first_signed_by, at=at)
        add_milestones(_promises(found, initiatives), kept, opening, signed)
        ids = [initiative.pk for initiative in initiatives]
        portfolio_imported.send(sender=PortfolioImport, portfolio_import=kept, initiative_ids=ids, by=by, at=at)
    return report


def _find(order: Order) -> Found:
    mapping = mapping_from(order.mapping)
    reading = read_portfolio(order.file.content, mapping)
    here = selectors.initiatives_here([told.identity for told in reading.records])
    new = [told for told in reading.records if told.identity not in here]
    people = selectors.people_by_name() if any(told.owner for told in new) else {}
    owners = [people.get(told.owner.lower()) or order.owner for told in new]
    if order.milestones is None:
        return Found(order, reading, here, new, owners, None, ())
    projects = projects_by_id({told.identity for told in reading.records} | set(selectors.identities_here()))
    try:
        milestones = read_milestones(order.milestones.content, mapping, projects)
    except FileRefused as refused:
        raise FileRefused(refused.code, f"{order.milestones.name}: {refused.message}", refused.rows) from refused
    holders = selectors.initiatives_here({(told.organisation, told.project_id) for told in milestones.records})
    known = selectors.known_milestones(holders)
    unknown = [told for told in milestones.records if told.identity not in known]
    return Found(order, reading, {**holders, **here}, new, owners, milestones, unknown)


def _report(
    found: Found,
    at: datetime,
    *,
    opening: Mapping[str, Any],
    look_alikes: Sequence[Mapping[str, Any]] = (),
    opening_spend: Mapping[str, Any] | None = None,
) -> Report:
    policy = policy_on(at.date())
    missing = sum(owner is None for owner in found.owners)
    return Report(
        file=found.order.file.name,
        reading=found.reading,
        new=found.new,
        here=_told(found.here),
        limits=Limits(
            policy.decimal("over_budget_percent"),
            policy.integer("milestone_grace_days"),
            policy.integer("milestone_next_miss_days"),
        ),
        on=at.date(),
        milestones=found.milestone_counts,
        look_alikes=look_alikes,
        opening=opening,
        opening_spend=opening_spend or {},
        owners={"known": len(found.owners) - missing, "missing": missing},
    )


def _require_people(by: User | None, second: User | None) -> None:
    if by is not None:
        require(by, Permission.IMPORT_PORTFOLIO)
    if second is None:
        return
    if by is None or second.pk == by.pk:
        raise SecondSignatureRefused("An opening decision is signed by two different people.")
    if not selectors.may_countersign(second):
        raise NotPermitted(f"{second} may not sign an opening decision. Who can: the chair, the deputy chair, finance.")


def _placed(found: Found, signed: Signatures) -> list[Placed]:
    stand_in = nobody_yet() if None in found.owners else None
    placed = []
    for told, named in zip(found.new, found.owners, strict=True):
        if owner := named or stand_in:
            placed.append(place(told, owner, signed))
    return placed


def _opening_spend(found: Found, initiatives: Sequence[Initiative], key: str, signed: Signatures) -> dict[str, Any]:
    with_actual = sum(told.actual is not None for told in found.new)
    if not with_actual or signed.by is None:
        return {"rows": 0, "waiting": with_actual}
    told = list(zip(found.new, initiatives, strict=True))
    delivery = add_opening_rows(told, key, by=signed.by, at=signed.at)
    return {"rows": with_actual, "waiting": 0, "delivery": delivery.key if delivery else ""}


def _promises(found: Found, initiatives: Sequence[Initiative]) -> list[Promise]:
    fresh = {told.identity: initiative for told, initiative in zip(found.new, initiatives, strict=True)}
    every = {**found.here, **fresh}
    return [Promise(told, every[told.organisation, told.project_id]) for told in found.new_milestones]


def _told(here: Mapping[tuple[str, str], Initiative]) -> dict[tuple[str, str], Here]:
    told = {}
    for identity, initiative in here.items():
        row = getattr(initiative, "imported_row", None)
        told[identity] = Here(
            initiative.key,
            initiative.name,
            initiative.get_stage_display(),
            row.budget if row else None,
            row.actual if row else None,
        )
    return told


def _look_alikes(new: Sequence[Record], initiatives: Sequence[Initiative]) -> list[dict[str, Any]]:
    alike = selectors.look_alikes(initiatives)
    return [
        {
            "line": found.line,
            "key": initiative.key,
            "name": initiative.name,
            "like": [
                {"key": other.key, "name": other.name, "stage": other.get_stage_display(), "similarity": similarity}
                for other, similarity in alike[initiative.pk]
            ],
        }
        for found, initiative in zip(new, initiatives, strict=True)
        if initiative.pk in alike
    ]


def _opening_told(
    opening: OpeningDecision | None, placed: Sequence[Placed], budgets: Mapping[str, int]
) -> dict[str, Any]:
    told: dict[str, Any] = {"signed": opening is not None, "initiatives": sum(row.is_opened for row in placed)}
    told["budgets"] = dict(budgets)
    told["waiting_in_concept"] = sum(row.waits for row in placed)
    if opening is not None:
        told["reference"] = opening.reference
        told["signed_by"] = [str(opening.first_signed_by), str(opening.second_signed_by)]
    return told


def _keep(
    key: str, report: Report, order: Order, opening: OpeningDecision | None, signed: Signatures
) -> PortfolioImport:
    kept = PortfolioImport.objects.create(
        key=key,
        file=keep_file(order.file, at=signed.at),
        milestones=keep_file(order.milestones, at=signed.at) if order.milestones else None,
        mapping=dict(order.mapping),
        rows=report.reading.rows,
        accepted=report.accepted,
        merged=report.merged,
        refused=report.refused,
        report=json.loads(json.dumps(report.as_dict(), cls=DjangoJSONEncoder)),
        opening=opening,
        imported_by=signed.by,
        imported_at=signed.at,
    )
    data = {"file": order.file.name, "sha256": kept.file.sha256, "accepted": report.accepted}
    record(verb="portfolio.imported", target=kept, by=signed.by, at=signed.at, data=data)
    return kept


def keep_file(delivered: Delivered, *, at: datetime) -> PortfolioFile:
    """Keep the bytes of a file once, whatever its name."""
    sha256 = hashlib.sha256(delivered.content).hexdigest()
    packed = gzip.compress(delivered.content, 6, mtime=0)
    kept, _ = PortfolioFile.objects.get_or_create(
        sha256=sha256,
        defaults={"name": delivered.name[:200], "size": len(delivered.content), "packed": packed, "received_at": at},
    )
    return kept
