"""Terms of overrides and lines of the catalogue."""

from datetime import UTC, date, datetime
from decimal import Decimal

from projects.prices.models import ModelEntry
from projects.prices.services import EntryFields, Terms, enter_model

AT = datetime(2026, 11, 19, 9, tzinfo=UTC)


def terms(**changes: object) -> Terms:
    """Return the terms of an agreed price for gpt-4o from June on."""
    fields = {
        "provider": "openai",
        "model_pattern": "gpt-4o",
        "price_key": "input_mtok",
        "price": Decimal("2"),
        "currency": "USD",
        "valid_from": date(2026, 6, 1),
        "valid_to": None,
        "reason": "Framework agreement of June",
    }
    return Terms(**{**fields, **changes})


def catalogued(provider: str, model: str, tier: str = "mid", status: str = "approved") -> ModelEntry:
    """Return a model in the catalogue."""
    return enter_model(fields=EntryFields(provider, model, tier, status, date(2027, 3, 1)), by=None, at=AT)
