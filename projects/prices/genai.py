"""One format: price sheets in the shape of the genai-prices data, read and written.

Documents are either the published list of providers or that list inside an envelope with source and day. Numbers are
read as decimals, never as floats; sheets written here carry them as text.
"""

import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any

from projects.prices.rules import Rate, Rates, Tier
from projects.prices.sheets import DatedRates, PricedModel, Provider, Sheet, Validity, Variant
from projects.prices.units import BY_PRICE_KEY

CLAUSES = ("equals", "contains", "starts_with", "ends_with", "regex", "or", "and")


class SheetUnreadable(ValueError):
    """The document is not a price sheet; the message says where it breaks."""


def read_sheet(content: bytes, *, source: str = "", taken_on: date | None = None) -> Sheet:
    """Read a sheet from its document, gzipped or not. Raise SheetUnreadable if it is not one, or names no day."""
    try:
        plain = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        document = json.loads(plain, parse_float=Decimal)
    except (OSError, EOFError, ValueError, RecursionError) as broken:
        raise SheetUnreadable(f"The price sheet is not JSON: {broken}") from broken
    envelope = document if isinstance(document, dict) else {"providers": document}
    day = taken_on or _day(envelope.get("taken_on"))
    if day is None:
        raise SheetUnreadable("The price sheet names no day on which it was taken.")
    try:
        providers = tuple(_provider(raw) for raw in envelope["providers"])
    except SheetUnreadable:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, InvalidOperation) as broken:
        raise SheetUnreadable(f"The price sheet has an entry of another shape: {broken!r}") from broken
    return Sheet(source or envelope.get("source", ""), day, providers, hashlib.sha256(plain).hexdigest())


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError as broken:
        raise SheetUnreadable(f"The price sheet's day {value} is not a date.") from broken


def _provider(raw: Mapping[str, Any]) -> Provider:
    return Provider(
        id=raw["id"],
        name=raw["name"],
        models=tuple(_model(model) for model in raw["models"]),
        extractors=tuple(raw.get("extractors") or ()),
        provider_match=_clause(raw.get("provider_match")),
        model_match=_clause(raw.get("model_match")),
        fallbacks=tuple(raw.get("fallback_model_providers") or ()),
    )


def _clause(raw: Any) -> Mapping[str, Any] | None:
    if raw is not None and next(iter(raw), None) not in CLAUSES:
        raise SheetUnreadable(f"The price sheet matches names by {next(iter(raw), 'nothing')}, which is unknown.")
    return raw  # type: ignore[no-any-return]


def _model(raw: Mapping[str, Any]) -> PricedModel:
    prices = raw["prices"] if isinstance(raw["prices"], list) else [{"prices": raw["prices"]}]
    return PricedModel(
        id=raw["id"],
        match=_clause(raw["match"]) or {},
        prices=tuple(DatedRates(_rates(dated["prices"]), _validity(dated.get("constraint"))) for dated in prices),
        name=raw.get("name") or "",
        variants=tuple(
            Variant(variant["when"], _rates(variant["prices"]), _validity(variant.get("constraint")))
            for variant in raw.get("price_variants") or ()
        ),
        context_window=raw.get("context_window"),
        deprecated=bool(raw.get("deprecated")),
    )


def _validity(raw: Mapping[str, Any] | None) -> Validity:
    if not raw:
        return Validity()
    if "start_date" in raw:
        return Validity(start=date.fromisoformat(raw["start_date"]))
    return Validity(hours=(_hour(raw["start_time"]), _hour(raw["end_time"])))


def _hour(text: str) -> time:
    return time.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None)


def _rates(raw: Mapping[str, Any]) -> Rates:
    """Read prices by key; a key of a unit that we do not know is left out, its usage is charged as the wider unit."""
    return {key: _rate(key, value) for key, value in raw.items() if key in BY_PRICE_KEY and value is not None}


def _rate(key: str, value: Any) -> Rate:
    if not isinstance(value, Mapping):
        return Rate(_price(key, value))
    tiers = [Tier(int(tier["start"]), _price(key, tier["price"])) for tier in value["tiers"]]
    return Rate(_price(key, value["base"]), tuple(sorted(tiers, key=lambda tier: tier.above)))


def _price(key: str, value: Any) -> Decimal:
    price = Decimal(value)
    if not price.is_finite() or price < 0:
        raise SheetUnreadable(f"The price of {key} is {value}; a price is a finite number and not negative.")
    return price


def write_sheet(sheet_source: str, taken_on: date, providers: Iterable[Any]) -> bytes:
    """Write the library's providers as a document; the same providers give the same bytes."""
    document = {
        "source": sheet_source,
        "taken_on": taken_on.isoformat(),
        "providers": [_provider_document(provider) for provider in providers],
    }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def _provider_document(provider: Any) -> dict[str, Any]:
    return _filled(
        id=provider.id,
        name=provider.name,
        provider_match=_plain(provider.provider_match),
        model_match=_plain(provider.model_match),
        fallback_model_providers=provider.fallback_model_providers,
        extractors=[_extractor_document(extractor) for extractor in provider.extractors or ()],
        models=[_model_document(model) for model in provider.models],
    )


def _extractor_document(extractor: Any) -> dict[str, Any]:
    mappings = [
        {"path": _plain(mapping.path), "dest": mapping.dest, "required": mapping.required}
        for mapping in extractor.mappings
    ]
    return {
        "api_flavor": extractor.api_flavor,
        "root": _plain(extractor.root),
        "model_path": _plain(extractor.model_path),
        "mappings": mappings,
    }


def _model_document(model: Any) -> dict[str, Any]:
    dated = model.prices if isinstance(model.prices, list) else None
    return _filled(
        id=model.id,
        name=model.name,
        match=_plain(model.match),
        context_window=model.context_window,
        deprecated=model.deprecated,
        prices=[_dated_document(one) for one in dated] if dated is not None else _prices_document(model.prices),
        price_variants=[{"when": dict(one.when), **_dated_document(one)} for one in _variants(model)],
    )


def _variants(model: Any) -> Iterable[Any]:
    return getattr(model, "price_variants", None) or ()


def _dated_document(dated: Any) -> dict[str, Any]:
    limit = dated.constraint
    constraint = {key: value.isoformat() for key, value in vars(limit).items()} if limit is not None else None
    return _filled(constraint=constraint, prices=_prices_document(dated.prices))


def _prices_document(prices: Any) -> dict[str, Any]:
    return {key: _rate_document(value) for key, value in vars(prices).items() if value is not None}


def _rate_document(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return {
        "base": str(value.base),
        "tiers": [{"start": tier.start, "price": str(tier.price)} for tier in value.tiers],
    }


def _plain(value: Any) -> Any:
    """Turn the library's clauses and paths into the words of the published data."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return {key.rstrip("_"): _plain(part) for key, part in vars(value).items()}


def _filled(**fields: Any) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value not in (None, [], "")}
