"""A price sheet in memory: providers, their models, and which price holds for a model on a day.

Pure data and questions to it; reading a sheet from its document is in ``genai``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from projects.prices.rules import Rate, Rates

Clause = Mapping[str, Any]
Context = Mapping[str, str]
COMPACT_DAY = re.compile(r"-(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)")


@dataclass(frozen=True)
class Validity:
    """When a price holds: from a day, or between two hours of every day (UTC), or always."""

    start: date | None = None
    hours: tuple[time, time] | None = None

    def holds(self, moment: datetime) -> bool:
        """Say whether the price holds at this instant; an interval of hours may cross midnight, its end excluded."""
        moment = moment.astimezone(UTC)
        if self.start is not None and moment.date() < self.start:
            return False
        if self.hours is None:
            return True
        opens, closes = self.hours
        hour = moment.time()
        return opens <= hour < closes if opens <= closes else hour >= opens or hour < closes


@dataclass(frozen=True)
class DatedRates:
    """Rates with the time in which they hold."""

    rates: Rates
    validity: Validity = Validity()


@dataclass(frozen=True)
class Variant:
    """Rates that replace the standard ones under a condition, such as batch processing or a priority tier."""

    when: Context
    rates: Rates
    validity: Validity = Validity()


@dataclass(frozen=True)
class PricedModel:
    """A model of a provider with its prices, oldest first: the last one that holds is the price."""

    id: str
    match: Clause
    prices: tuple[DatedRates, ...]
    name: str = ""
    variants: tuple[Variant, ...] = ()
    context_window: int | None = None
    deprecated: bool = False

    def rates_at(self, moment: datetime, context: Context | None = None) -> Rates:
        """Return the rates at an instant, with the variants whose conditions the context meets, the first one first."""
        holding = [dated.rates for dated in self.prices if dated.validity.holds(moment)]
        standard = holding[-1] if holding else self.prices[0].rates if self.prices else {}
        replaced: dict[str, Rate] = {}
        for variant in self.variants if context else ():
            if variant.validity.holds(moment) and _meets(context or {}, variant.when):
                replaced = {**variant.rates, **replaced}
        return {**standard, **replaced}


def _meets(context: Context, when: Context) -> bool:
    return all(context.get(key) == value for key, value in when.items())


@dataclass(frozen=True)
class Provider:
    """A vendor with its models, how its name and models are recognised, and how its answers report usage."""

    id: str
    name: str
    models: tuple[PricedModel, ...]
    extractors: tuple[Mapping[str, Any], ...] = ()
    provider_match: Clause | None = None
    model_match: Clause | None = None
    fallbacks: tuple[str, ...] = ()

    def own_model(self, reference: str) -> PricedModel | None:
        """Return the first of the provider's own models that goes by this name."""
        return next((model for model in self.models if matches(model.match, reference)), None)


@dataclass(frozen=True)
class Sheet:
    """A snapshot of prices: where from, taken when, and its providers in the order in which they are asked."""

    source: str
    taken_on: date
    providers: tuple[Provider, ...]
    sha256: str = ""
    _found: dict[tuple[str, str], tuple[Provider, PricedModel] | None] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def entries(self) -> int:
        """Return the number of priced models."""
        return sum(len(provider.models) for provider in self.providers)

    def provider(self, name: str) -> Provider | None:
        """Return the provider with this id, or the first that recognises the name."""
        name = name.strip().lower()
        exact = (provider for provider in self.providers if provider.id == name)
        alike = (one for one in self.providers if one.provider_match and matches(one.provider_match, name))
        return next(exact, None) or next(alike, None)

    def find(self, provider: str, model: str) -> tuple[Provider, PricedModel] | None:
        """Return the provider and the model that these names mean. Without a provider the model's name decides."""
        key = (provider.strip().lower(), model.strip().lower())
        if key not in self._found:
            self._found[key] = self._search(*key)
        return self._found[key]

    def _search(self, provider_name: str, model_name: str) -> tuple[Provider, PricedModel] | None:
        prefix, slash, rest = model_name.partition("/")
        if provider_name in ("", "litellm") and slash and (named := self.provider(prefix)):
            return self._in(named, rest)
        if provider_name not in ("", "litellm"):
            found = self.provider(provider_name)
            if found is None:
                return None
            says_it_again = bool(slash) and (prefix == provider_name or self.provider(prefix) is found)
            return self._in(found, model_name) or (self._in(found, rest) if says_it_again else None)
        owner = next((one for one in self.providers if one.model_match and matches(one.model_match, model_name)), None)
        return self._in(owner, model_name) if owner else None

    def _in(self, provider: Provider, model_name: str) -> tuple[Provider, PricedModel] | None:
        for reference in dict.fromkeys((model_name, spread_day(model_name))):
            if model := provider.own_model(reference):
                return provider, model
            for other in self._fallbacks(provider):
                if model := other.own_model(reference):
                    return provider, model
        return None

    def _fallbacks(self, provider: Provider) -> Sequence[Provider]:
        return [other for wanted in provider.fallbacks for other in self.providers if other.id == wanted]


def spread_day(reference: str) -> str:
    """Write a compact day in a model's name with dashes: gateways say ``-20251211``, sheets ``-2025-12-11``."""
    return COMPACT_DAY.sub(_dashed, reference)


def _dashed(found: re.Match[str]) -> str:
    year, month, day = (int(part) for part in found.groups())
    try:
        return f"-{date(year, month, day).isoformat()}"
    except ValueError:
        return found.group(0)


def matches(clause: Clause, text: str) -> bool:
    """Say whether a text meets a clause of a sheet: equals, contains, starts or ends with, a pattern, or a mix."""
    kind, wanted = next(iter(clause.items()))
    text = text.lower()
    match kind:
        case "or":
            return any(matches(part, text) for part in wanted)
        case "and":
            return all(matches(part, text) for part in wanted)
        case "regex":
            return re.search(wanted, text) is not None
        case "equals":
            return text == str(wanted).lower()
        case "contains":
            return str(wanted).lower() in text
        case "starts_with":
            return text.startswith(str(wanted).lower())
        case _:
            return text.endswith(str(wanted).lower())
