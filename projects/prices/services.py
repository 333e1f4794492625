"""Every write about prices: loading sheets, agreeing overrides by two people, keeping the catalogue."""

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from projects.audit.services import record
from projects.common.outcomes import Blocker, NotPermitted, Refused, WrongState
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.prices.genai import read_sheet
from projects.prices.models import ModelEntry, OverrideState, PriceOverride, PriceSheet
from projects.prices.sheets import Sheet
from projects.prices.shipped import shipped_documents
from projects.prices.units import BY_PRICE_KEY
from projects.signals import prices_changed


class SheetClash(Refused):
    """Another sheet stands for the same day."""

    code = "sheet_clash"


class OverrideUnusable(Refused):
    """The override says nothing that a price could be."""

    code = "override_unusable"


class ModelListed(Refused):
    """The model has a line in the catalogue."""

    code = "model_listed"


class OwnProposal(NotPermitted):
    """Nobody approves the price that they proposed."""

    code = "own_proposal"


@transaction.atomic
def load_price_sheet(*, content: bytes, by: User | None, at: datetime) -> PriceSheet:
    """Keep a price sheet; the same document again changes nothing.

    ``by`` is None for sheets that come with the product. Raise SheetUnreadable, or SheetClash if the day has another.
    """
    if by is not None:
        require(by, Permission.KEEP_PRICES)
    return _keep(read_sheet(content), content, by, at)


def _keep(sheet: Sheet, content: bytes, by: User | None, at: datetime) -> PriceSheet:
    if kept := PriceSheet.objects.filter(sha256=sheet.sha256).first():
        return kept
    if PriceSheet.objects.filter(taken_on=sheet.taken_on).exists():
        raise SheetClash(f"Prices of {sheet.taken_on} are loaded already, from another document; date this one anew.")
    kept = PriceSheet.objects.create(
        source=sheet.source,
        taken_on=sheet.taken_on,
        sha256=sheet.sha256,
        entries=sheet.entries,
        content=content if content[:2] == b"\x1f\x8b" else gzip.compress(content, 9, mtime=0),
        loaded_by=by,
        loaded_at=at,
    )
    data = {"source": kept.source, "taken_on": kept.taken_on, "sha256": kept.sha256, "entries": kept.entries}
    record(verb="price_sheet.loaded", target=kept, by=by, at=at, data=data, stream="prices")
    prices_changed.send(sender=PriceSheet, by=by, at=at)
    return kept


@transaction.atomic
def load_shipped_sheets(*, at: datetime) -> list[PriceSheet]:
    """Keep every sheet that comes with the product; those kept already stay as they are."""
    return [_keep(sheet, content, None, at) for sheet, content in shipped_documents()]


@dataclass(frozen=True)
class Terms:
    """What an override is to say; ``price`` is for a million tokens, or for the unit's own number."""

    provider: str
    model_pattern: str
    price_key: str
    price: Decimal
    currency: str
    valid_from: date
    valid_to: date | None
    reason: str


@transaction.atomic
def propose_override(*, terms: Terms, by: User, at: datetime) -> PriceOverride:
    """Propose a price of our own contract; it counts once another person approves it. Raise OverrideUnusable."""
    require(by, Permission.KEEP_PRICES)
    if blockers := terms_blockers(terms):
        raise OverrideUnusable(blockers)
    override = PriceOverride.objects.create(proposed_by=by, proposed_at=at, **vars(terms))
    record(verb="price_override.proposed", target=override, by=by, at=at, data=_terms(override))
    return override


def terms_blockers(terms: Terms) -> list[Blocker]:
    """Say why terms cannot be a price."""
    blockers = []
    if terms.price_key not in BY_PRICE_KEY:
        blockers.append(Blocker("unit_unknown", f"{terms.price_key} is no unit that is priced."))
    if not terms.price.is_finite() or terms.price < 0:
        blockers.append(Blocker("price_impossible", "Give a price of zero or more."))
    if terms.valid_to is not None and terms.valid_to <= terms.valid_from:
        blockers.append(Blocker("ends_before_start", "Let the price end after the day on which it starts."))
    if not (terms.provider.strip() and terms.model_pattern.strip() and terms.reason.strip()):
        blockers.append(Blocker("incomplete", "Name the provider, the model and the reason."))
    return blockers


def _terms(override: PriceOverride) -> dict[str, Any]:
    names = ("provider", "model_pattern", "price_key", "price", "currency", "valid_from", "valid_to", "reason")
    return {name: getattr(override, name) for name in names}


@transaction.atomic
def approve_override(*, override_id: int, by: User, at: datetime) -> PriceOverride:
    """Let a proposed price count. Raise OwnProposal for the proposer, WrongState if it is not proposed."""
    override = PriceOverride.objects.select_for_update().get(pk=override_id)
    require(by, Permission.KEEP_PRICES)
    if by.pk == override.proposed_by_id:
        raise OwnProposal("You proposed this price; another person who keeps prices approves it.")
    _require_proposed(override)
    override.approve(by_id=by.pk, at=at)
    override.save()
    record(verb="price_override.approved", target=override, by=by, at=at, data=_terms(override))
    prices_changed.send(sender=PriceOverride, by=by, at=at)
    return override


@transaction.atomic
def withdraw_override(*, override_id: int, by: User, at: datetime) -> PriceOverride:
    """Give up a proposed price. Raise WrongState if it is not proposed."""
    override = PriceOverride.objects.select_for_update().get(pk=override_id)
    require(by, Permission.KEEP_PRICES)
    _require_proposed(override)
    override.withdraw()
    override.save()
    record(verb="price_override.withdrawn", target=override, by=by, at=at)
    return override


def _require_proposed(override: PriceOverride) -> None:
    if override.state != OverrideState.PROPOSED:
        raise WrongState(f"{override} is {override.get_state_display().lower()}, no longer proposed.")


@transaction.atomic
def end_override(*, override_id: int, valid_to: date, by: User, at: datetime) -> PriceOverride:
    """Let an approved price end before a day. Raise WrongState if it does not count, OverrideUnusable for the day."""
    override = PriceOverride.objects.select_for_update().get(pk=override_id)
    require(by, Permission.KEEP_PRICES)
    if override.state != OverrideState.APPROVED:
        raise WrongState(f"{override} is {override.get_state_display().lower()}; only an approved price can end.")
    if valid_to <= override.valid_from:
        raise OverrideUnusable([Blocker("ends_before_start", f"Let it end after {override.valid_from}.")])
    before, override.valid_to = override.valid_to, valid_to
    override.save()
    data = {"valid_to": valid_to, "valid_to_before": before}
    record(verb="price_override.ended", target=override, by=by, at=at, data=data)
    return override


@dataclass(frozen=True)
class EntryFields:
    """What the catalogue says of a model."""

    provider: str
    model: str
    tier: str
    status: str
    review_on: date
    version: str = ""
    reviewed_on: date | None = None
    review_note: str = ""
    rate_limit: str = ""
    benchmark: str = ""


@transaction.atomic
def enter_model(*, fields: EntryFields, by: User | None, at: datetime) -> ModelEntry:
    """Enter a model into the catalogue. ``by`` is None for the catalogue of a new organisation.

    Raise ModelListed where it has a line: what stands there is changed, never overwritten by a new one.
    """
    if by is not None:
        require(by, Permission.KEEP_PRICES)
    said = {**vars(fields), "entered_by": by, "entered_at": at}
    named = {name: said.pop(name) for name in ("provider", "model")}
    entry, is_new = ModelEntry.objects.get_or_create(**named, defaults=said)
    if not is_new:
        raise ModelListed(
            f"{entry.model} of {entry.provider} stands in the catalogue as {entry.get_status_display().lower()} already. "
            "Change its line instead."
        )
    record(verb="model.entered", target=entry, by=by, at=at, data={"status": entry.status, "tier": entry.tier})
    prices_changed.send(sender=ModelEntry, by=by, at=at)
    return entry


@transaction.atomic
def change_model(*, fields: EntryFields, by: User, at: datetime) -> ModelEntry:
    """Change what the catalogue says of a model. Raise ModelEntry.DoesNotExist where it has no line.

    A change is recorded with what it changed; the same fields again change nothing.
    """
    entry = ModelEntry.objects.select_for_update().get(provider=fields.provider, model=fields.model)
    require(by, Permission.KEEP_PRICES)
    changes = {name: value for name, value in vars(fields).items() if getattr(entry, name) != value}
    if changes:
        before = {name: getattr(entry, name) for name in changes}
        for name, value in changes.items():
            setattr(entry, name, value)
        entry.save()
        record(verb="model.changed", target=entry, by=by, at=at, data={"before": before, "after": changes})
        prices_changed.send(sender=ModelEntry, by=by, at=at)
    return entry


@transaction.atomic
def load_catalogue(*, rows: Iterable[Mapping[str, str]], at: datetime) -> list[ModelEntry]:
    """Enter a first catalogue from rows of text; what stands there already stays as people left it."""
    known = set(ModelEntry.objects.values_list("provider", "model"))
    days = ("reviewed_on", "review_on")
    return [
        enter_model(fields=_entry_fields(row, days), by=None, at=at)
        for row in rows
        if (row["provider"], row["model"]) not in known
    ]


def _entry_fields(row: Mapping[str, str], days: Iterable[str]) -> EntryFields:
    dated = {name: date.fromisoformat(row[name]) for name in days if row.get(name)}
    texts = {name: value for name, value in row.items() if name not in dated}
    return EntryFields(**texts, **dated)  # type: ignore[arg-type]
