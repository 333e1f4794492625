"""What models cost on a day, which are cheaper, and which may be chosen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache

from projects.common.outcomes import Blocker
from projects.prices.genai import read_sheet
from projects.prices.models import ModelEntry, ModelStatus, PriceOverride, PriceSheet
from projects.prices.quotes import Agreed, Choice, Price, PriceBook, Unpriced, cheaper, shortlist_blockers
from projects.prices.sheets import Context, PricedModel, Provider, Sheet
from projects.prices.shipped import in_order_of_force, shipped_sheets


@lru_cache(maxsize=16)
def _sheet(sha256: str) -> Sheet:
    """Read a stored sheet once a process, unless it came with the product; a sheet never changes."""
    if shipped := next((sheet for sheet in shipped_sheets() if sheet.sha256 == sha256), None):
        return shipped
    kept = PriceSheet.objects.get(sha256=sha256)
    return read_sheet(bytes(kept.content), source=kept.source, taken_on=kept.taken_on)


def sheets(on: date) -> list[Sheet]:
    """Return the loaded sheets, the one in force on the day first."""
    loaded = [_sheet(sha256) for sha256 in PriceSheet.objects.values_list("sha256", flat=True)]
    return in_order_of_force(loaded, on)


def noon(on: date) -> datetime:
    """Return the instant whose prices stand for a day of which no hour is known."""
    return datetime.combine(on, time(12), UTC)


def price_book(on: date | datetime) -> PriceBook:
    """Return all prices of an instant, or of a day at noon UTC; ask it where many models are to be priced."""
    moment = on if isinstance(on, datetime) else noon(on)
    day = moment.astimezone(UTC).date()
    agreed = [
        Agreed(one.pk, one.provider, one.model_pattern, one.price_key, one.price, one.currency, one.valid_from)
        for one in PriceOverride.objects.valid(on=day)
    ]
    return PriceBook(moment, sheets(day), agreed)


def price_of(provider: str, model: str, on: date | datetime, context: Context | None = None) -> Price | Unpriced:
    """Return a model's rates on a day, by the names that bills use, or why none can be said.

    ``context`` picks variants, such as ``{"processing": "batch"}`` or ``{"service_tier": "priority"}``.
    """
    return price_book(on).price(provider, model, context)


def split_reference(reference: str) -> tuple[str, str]:
    """Return provider and model of a shortlist's ``provider:model``; a bare model has no provider."""
    provider, colon, model = reference.partition(":")
    return (provider.strip(), model.strip()) if colon else ("", reference.strip())


def model_choices(on: date, *, tier: str = "") -> list[Choice]:
    """Return the catalogue's usable models with their prices on a day, by tier if one is named."""
    book = price_book(on)
    entries = ModelEntry.objects.usable()
    return [_choice(book, entry) for entry in (entries.filter(tier=tier) if tier else entries)]


def _choice(book: PriceBook, entry: ModelEntry) -> Choice:
    return Choice(entry.reference, entry.tier, entry.status, book.price(entry.provider, entry.model))


def cheaper_alternatives(reference: str, on: date, *, tier: str = "") -> list[Choice]:
    """Return the usable models that cost less than ``provider:model`` and can do a tier's work, cheapest first."""
    price = price_of(*split_reference(reference), on)
    return cheaper(price, model_choices(on), tier=tier) if isinstance(price, Price) else []


@dataclass(frozen=True)
class ShortlistFinding:
    """A shortlist with its prices on a day and what it lacks."""

    lines: Sequence[Choice]
    blockers: Sequence[Blocker]
    priced_on: date


def shortlist_finding(shortlist: Iterable[str], on: date, *, tier: str = "") -> ShortlistFinding:
    """Price a shortlist of ``provider:model`` and say what it lacks for the gate; the intended model stands first."""
    return shortlist_findings([(tuple(shortlist), tier)], on)[0]


def shortlist_findings(shortlists: Iterable[tuple[Sequence[str], str]], on: date) -> list[ShortlistFinding]:
    """Price shortlists, each with its intended tier, from one reading of sheets and catalogue."""
    book = price_book(on)
    known = {entry.reference: entry for entry in ModelEntry.objects.all()}
    catalogue = [_choice(book, entry) for entry in known.values() if entry.status in ("approved", "trial")]
    found = []
    for shortlist, tier in shortlists:
        lines = [_line(book, reference, known.get(reference)) for reference in shortlist]
        found.append(ShortlistFinding(lines, shortlist_blockers(lines, catalogue, tier=tier), on))
    return found


def _line(book: PriceBook, reference: str, entry: ModelEntry | None) -> Choice:
    price = book.price(*split_reference(reference))
    return Choice(reference, entry.tier if entry else "", entry.status if entry else "", price)


@dataclass(frozen=True)
class Listed:
    """One model of a sheet as the price page shows it."""

    provider: str
    name: str
    price: Price | Unpriced
    deprecated: bool


def search_prices(query: str, on: date, *, limit: int = 100) -> list[Listed]:
    """Return models of the sheet in force whose provider or name holds every word of the query, at their prices."""
    book = price_book(on)
    words = query.lower().split()
    found: list[Listed] = []
    for sheet, provider, model in _models(book.sheets[:1]):
        text = f"{provider.id} {provider.name} {model.id} {model.name}".lower()
        if all(word in text for word in words):
            found.append(Listed(provider.name, model.id, book.listed(sheet, provider, model), model.deprecated))
            if len(found) == limit:
                break
    return found


def _models(shown: Sequence[Sheet]) -> Iterable[tuple[Sheet, Provider, PricedModel]]:
    return ((sheet, provider, model) for sheet in shown for provider in sheet.providers for model in provider.models)


@dataclass(frozen=True)
class Catalogue:
    """The catalogue, asked by the names that bills use: a model's own, or the one under which sheets price it."""

    entries: Mapping[tuple[str, str], ModelEntry]
    book: PriceBook

    def entry(self, provider: str, model: str) -> ModelEntry | None:
        """Return the line of a model, or None for one outside the catalogue."""
        if found := self.entries.get((provider.casefold(), model.casefold())):
            return found
        price = self.book.price(provider, model)
        if isinstance(price, Unpriced):
            return None
        return self.entries.get((price.provider.casefold(), price.model.casefold()))

    def foresees(self, provider: str, model: str) -> bool:
        """Say whether use of a model is foreseen: it stands in the catalogue and is not barred."""
        entry = self.entry(provider, model)
        return entry is not None and entry.status != ModelStatus.BARRED


def catalogue(on: date) -> Catalogue:
    """Return the catalogue, with the prices of a day to recognise models by."""
    entries = {(one.provider.casefold(), one.model.casefold()): one for one in ModelEntry.objects.all()}
    return Catalogue(entries, price_book(on))
