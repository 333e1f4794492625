"""Import a cost file: recognise, load, swap, record, announce; all of it or nothing."""

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import Any

from django.db import transaction

from projects.attribution.layers import HARNESS_SOURCE
from projects.audit.services import record
from projects.common.keys import next_key
from projects.common.outcomes import Blocker, Refused
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.signals import costs_imported
from projects.sources.evidence import Evidence, evidence_of
from projects.sources.models import Delivery, DeliveryPart, Source
from projects.sources.readers.interface import (
    NO_MAPPING,
    ColumnMapping,
    Limits,
    Recognised,
    RowProblem,
    Totals,
    UnreadableFile,
)
from projects.sources.readers.reading import BatchReader, read_batches, recognise
from projects.sources.services import BadSourceName, NewSource, hold_sources, lock_source
from projects.spend.closed import PeriodClosed, closed_differences
from projects.spend.cutting import cut_shares
from projects.spend.days import DayBook
from projects.spend.detailing import bills_split_with, cut_details
from projects.spend.listening import Listener, Silence, heeding
from projects.spend.loading import FactLoader, make_findable
from projects.spend.refusals import MOST_REFUSALS, keep_refused, refused_totals, require_few
from projects.spend.rollups import fill_days, swap_parts
from projects.spend.rules import exact_text
from projects.spend.sameness import same_of_another, standing_delivery, unconfirmed, warning_of
from projects.spend.swapping import (
    current_parts,
    part_sums,
    successor_of,
    touched_initiatives,
    what_moved,
)
from projects.usage.services import record_gathered
from projects.wallets.services import keep_wallets


class ImportRefused(Refused):
    """A file that is not taken: nothing of it was loaded. `rows` name the places at fault."""

    def __init__(self, code: str, message: str, rows: Sequence[RowProblem] = (), totals: Totals | None = None) -> None:
        """Keep the code, the sentence, the rows and what was accepted and refused."""
        self.code = code
        super().__init__([Blocker(code, message)])
        self.rows = list(rows)
        self.totals = totals


@dataclass(frozen=True)
class CostFile:
    """A file to import: where it lies, what it was called, whose it is, and what a person said about it."""

    path: Path
    name: str
    source: str
    mapping: ColumnMapping = NO_MAPPING
    same_content_confirmed: bool = False
    good_rows_only: bool = False


@dataclass
class Imported:
    """The delivery that now stands for the file; unchanged if it stood before."""

    delivery: Delivery
    unchanged: bool
    notes: list[str] = field(default_factory=list)


class _Known(Exception):
    """The rows turn out to be those of a delivery that still counts."""

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery


def import_costs(*, file: CostFile, by: User, at: datetime, listener: Listener | None = None) -> Imported:
    """Import a cost file whole, replacing what its source delivered for the same scopes before.

    Who chooses the good rows only gets them, and what was refused stays on the delivery with its reasons.
    The same rows again change nothing. Raise NotPermitted, ImportRefused (unreadable file or bad rows), PeriodClosed,
    SameContentElsewhere or BadSourceName; then nothing is kept.
    """
    require(by, Permission.IMPORT_COSTS)
    listener = listener or Silence()
    listener.step("Reading the file")
    if file.source.strip().lower() == HARNESS_SOURCE:
        raise BadSourceName(
            "The source harness holds what finance enters by hand. Give the file's source another name."
        )
    try:
        recognised = recognise(file.path, file_name=file.name, mapping=file.mapping)
        require_money(recognised)
        with transaction.atomic():
            source = _locked(NewSource(file.source, recognised.role), by, at)
            if known := _same_file(file, source):
                return Imported(known, unchanged=True, notes=list(known.notes))
            return _load(file, recognised, source, by, at, listener)
    except _Known as known:
        return Imported(known.delivery, unchanged=True, notes=list(known.delivery.notes))
    except UnreadableFile as refused:
        raise ImportRefused(refused.code, refused.message, refused.rows, refused.totals) from refused


def _locked(new: NewSource, by: User, at: datetime) -> Source:
    """Hold a source and the bills that are split with it by one log, in the order in which everybody holds them."""
    bills = bills_split_with(new.name.strip())
    hold_sources([name for name in bills if name < new.name.strip()])
    source = lock_source(new, by=by, at=at)
    hold_sources([name for name in bills if name > source.name])
    return source


def _same_file(file: CostFile, source: Source) -> Delivery | None:
    """Return the standing delivery of this very file. The hash is taken only where a file of its length stands."""
    if not source.deliveries.filter(file_bytes=file.path.stat().st_size).exists():
        return None
    return standing_delivery(source, file_sha256=file_sha256(file.path), mapping=_mapping(file))


def _load(
    file: CostFile,
    recognised: Recognised,
    source: Source,
    by: User,
    at: datetime,
    listener: Listener,
) -> Imported:
    limits = Limits(max_problems=MOST_REFUSALS) if file.good_rows_only else Limits()
    reader = read_batches(file.path, recognised, limits=limits)
    with (
        ExitStack() as stopping,
        file.path.open("rb") as delivered,  # held, whatever becomes of its name while it is read
        evidence_of(recognised, delivered) as evidence,
        FactLoader(source) as loader,
        ThreadPoolExecutor(1, "hash") as beside,
    ):
        _take_rows(reader, loader, evidence, file, listener)
        hashing = beside.submit(_sha256, delivered)  # while the database, alone, is busy with what follows
        loader.finish()
        if known := standing_delivery(source, fingerprint=loader.fingerprint):
            raise _Known(known)
        stopping.enter_context(heeding(listener))
        listener.step("Rolling up and comparing with what stood before")
        is_cut = cut_shares(list(loader.parts), loader.months)
        replaced = current_parts(source, list(loader.parts.values()), stretch=reader.tells_a_stretch)
        is_cut |= cut_details(source, parts=loader.parts, months=loader.months, replaced=replaced.values())
        make_findable(loader.months)
        added_up = loader.days if loader.days.is_exact and not is_cut else None
        fill_days(list(loader.parts), loader.months, added_up)
        file_hash = hashing.result()
        same = same_of_another(source.name, file_sha256=file_hash, fingerprint=loader.fingerprint)
        if same and not file.same_content_confirmed:
            raise unconfirmed(same, source)
        if differences := closed_differences(list(loader.parts.values()), replaced):
            raise PeriodClosed(differences)
        old, new = [part.pk for part in replaced.values()], list(loader.parts)
        touched = touched_initiatives([*old, *new])
        digest = evidence.finish()
        listener.step("Putting it in its place")
        delivery = Delivery(
            source=source,
            kind=recognised.kind,
            version=recognised.version or "",
            title=recognised.title[:200],
            file_name=file.name[:300],
            file_sha256=file_hash,
            file_bytes=os.fstat(delivered.fileno()).st_size,
            fingerprint=loader.fingerprint,
            mapping=_mapping(file),
            rows=reader.totals.rows,
            accepted=reader.totals.accepted_rows,
            refused=reader.totals.refused_rows,
            totals=_totals(reader.totals),
            refused_totals=refused_totals(reader.totals),
            good_rows_only=file.good_rows_only,
            notes=[*reader.notes, *([warning_of(same)] if same else [])],
            moved=what_moved(new, old),
            evidence=evidence.folder,
            evidence_sha256=digest,
            imported_by=by,
            imported_at=at,
        )
        swap_in(delivery, loader, replaced, added_up)
        keep_refused(delivery, reader.problems)
        record_gathered(gathered=loader.usage, by=by, at=at)
        keep_wallets(gathered=loader.wallets)
        evidence.keep()  # last: a stop heard before it leaves no file behind
    record(verb="delivery.imported", target=delivery, by=by, at=at, data=_facts(delivery, old, same))
    costs_imported.send(sender=Delivery, initiative_ids=touched, delivery=delivery, by=by, at=at)
    return Imported(delivery, unchanged=False, notes=list(delivery.notes))


def _take_rows(reader: BatchReader, loader: FactLoader, evidence: Evidence, file: CostFile, listener: Listener) -> None:
    """Load every row or, by choice, the good ones; else read to the end of the file and say what is wrong with it."""
    listener.step("Loading rows", total=file.path.stat().st_size, unit="bytes")
    rows = refused = 0
    with closing(reader):
        for batch in reader:
            evidence.take(batch.as_it_stood)
            rows, refused = rows + batch.frame.height + batch.refused_rows, refused + batch.refused_rows
            if file.good_rows_only or not refused:
                loader.add(batch.frame)
            listener.advance(batch.bytes_read, rows=rows)
    evidence.flush()
    if not file.good_rows_only or not reader.totals.accepted_rows:
        reader.raise_for_problems()
    else:
        require_few(reader)


def _facts(delivery: Delivery, replaced: list[int], same: Delivery | None) -> dict[str, Any]:
    facts = {"totals": delivery.totals, "replaced": replaced}
    if same:
        facts |= {"same_content_as": same.key, "same_content_confirmed": True}
    if delivery.good_rows_only:
        facts |= {"good_rows_only": True, "refused": delivery.refused, "refused_totals": delivery.refused_totals}
    return facts


def swap_in(
    delivery: Delivery, loader: FactLoader, replaced: dict[Any, DeliveryPart], added_up: DayBook | None = None
) -> None:
    """Let the delivery's parts count in place of the ones they replace. The key comes last: it is held until commit."""
    sums = part_sums(list(loader.parts), added_up)
    delivery.key = next_key("DL")
    delivery.save(force_insert=True)
    for scope, part in replaced.items():
        successor = successor_of(scope, loader.parts.values())
        DeliveryPart.objects.filter(pk=part.pk).update(is_current=False, superseded_by_id=successor.part_id)
    DeliveryPart.objects.bulk_create(
        DeliveryPart(
            pk=part.part_id,
            delivery=delivery,
            source=delivery.source,
            billing_account_id=part.account,
            billing_period_start=part.period,
            number=number,
            rows=part.rows,
            totals=sums[part.part_id].totals,
            first_day=sums[part.part_id].first_day,
            last_day=sums[part.part_id].last_day,
        )
        for number, part in enumerate(loader.parts.values(), start=1)
    )
    swap_parts(list(loader.parts), [part.pk for part in replaced.values()], added_up)


def require_money(recognised: Recognised) -> None:
    """Raise UnreadableFile for a report of usage alone: there is nothing in it to add up."""
    if not recognised.has_money:
        raise UnreadableFile(
            "usage_without_money", f"{recognised.title}: usage without money. Import the bill or the cost report."
        )


def file_sha256(path: Path) -> str:
    """Return the hash of a file as it was delivered."""
    with path.open("rb") as file:
        return _sha256(file)


def _sha256(file: BufferedReader) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()


def _mapping(file: CostFile) -> dict[str, Any]:
    return {} if file.mapping == NO_MAPPING else {name: value for name, value in asdict(file.mapping).items() if value}


def _totals(totals: Totals) -> dict[str, dict[str, str]]:
    return {
        currency: {
            "billed_cost": exact_text(sums.billed_cost),
            "effective_cost": exact_text(sums.effective_cost),
        }
        for currency, sums in totals.accepted.items()
    }
