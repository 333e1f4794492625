"""What a model costs on a day, or why that cannot be said; and how models compare in price.

Pure: sheets, agreed prices and catalogue lines come in as arguments.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fnmatch import fnmatchcase

from projects.common.outcomes import Blocker
from projects.prices.rules import EXACT, Rate, Rates
from projects.prices.sheets import Context, PricedModel, Provider, Sheet
from projects.prices.units import BY_PRICE_KEY, MILLION

SHEET_CURRENCY = "USD"
TIERS = ("small", "mid", "frontier", "reasoning")
INPUT_PARTS, OUTPUT_PARTS = Decimal(3), Decimal(1)


@dataclass(frozen=True)
class Agreed:
    """One approved override in force on the day."""

    id: int
    provider: str
    model_pattern: str
    price_key: str
    price: Decimal
    currency: str
    valid_from: date

    def is_for(self, providers: Iterable[str], models: Iterable[str]) -> bool:
        """Say whether it speaks of a model that goes by one of these names at a provider that goes by one of those."""
        pattern = self.model_pattern.casefold()
        named = self.provider.casefold() in {name.casefold() for name in providers}
        return named and any(fnmatchcase(name.casefold(), pattern) for name in models)


@dataclass(frozen=True)
class Price:
    """The rates of a model on a day, with where they come from."""

    provider: str
    model: str
    rates: Rates
    currency: str
    sheet: str = ""
    taken_on: date | None = None
    override_ids: tuple[int, ...] = ()

    def per_million(self, price_key: str) -> Decimal | None:
        """Return the base price of a million units, whatever number the sheet prices; None if it has no price."""
        rate = self.rates.get(price_key)
        return None if rate is None else rate.base * MILLION / BY_PRICE_KEY[price_key].per

    @property
    def input(self) -> Decimal | None:
        """Return the price of a million input tokens."""
        return self.per_million("input_mtok")

    @property
    def output(self) -> Decimal | None:
        """Return the price of a million output tokens."""
        return self.per_million("output_mtok")

    @property
    def thresholds(self) -> tuple[int, ...]:
        """Return the input lengths above which requests cost otherwise, shortest first."""
        return tuple(sorted({tier.above for rate in self.rates.values() for tier in rate.tiers}))

    @property
    def blended(self) -> Decimal | None:
        """Return the price of a million tokens of which three in four are input; None without both prices."""
        if self.input is None or self.output is None:
            return None
        parts = EXACT.add(EXACT.multiply(INPUT_PARTS, self.input), EXACT.multiply(OUTPUT_PARTS, self.output))
        return EXACT.divide(parts, INPUT_PARTS + OUTPUT_PARTS)


@dataclass(frozen=True)
class Unpriced:
    """A model for which no price can be said; the reason names it. Never to be read as a price of zero."""

    provider: str
    model: str
    reason: str


@dataclass(frozen=True)
class PriceBook:
    """All that is known of prices on one instant: sheets in order of force, and the agreed prices of the day."""

    moment: datetime
    sheets: Sequence[Sheet]
    agreed: Sequence[Agreed] = ()
    _quoted: dict[tuple[str, str, frozenset[tuple[str, str]]], Price | Unpriced] = field(
        default_factory=dict, compare=False, repr=False
    )

    def price(self, provider: str, model: str, context: Context | None = None) -> Price | Unpriced:
        """Quote a model by the names that a bill uses."""
        key = (provider, model, frozenset((context or {}).items()))
        if key not in self._quoted:
            self._quoted[key] = self._quote(provider, model, context or {})
        return self._quoted[key]

    def _quote(self, provider: str, model: str, context: Mapping[str, str]) -> Price | Unpriced:
        if not model.strip():
            return Unpriced(provider, model, f"{provider or 'The source'} names no model.")
        found = self._listed(provider, model)
        if found is not None:
            sheet, vendor, priced = found
            return self.listed(sheet, vendor, priced, also=(provider, model), context=context)
        ours = [one for one in self.agreed if one.is_for([provider], [model])]
        if ours:
            return _agreed_price(provider, model, None, ours)
        return Unpriced(provider, model, self._why_unknown(provider, model))

    def listed(
        self,
        sheet: Sheet,
        vendor: Provider,
        priced: PricedModel,
        *,
        also: tuple[str, str] = ("", ""),
        context: Context | None = None,
    ) -> Price | Unpriced:
        """Quote a model of a sheet; ``also`` are the names that a bill uses for its provider and itself."""
        rates = priced.rates_at(self.moment, context)
        price = Price(vendor.id, priced.id, rates, SHEET_CURRENCY, sheet.source, sheet.taken_on)
        ours = [one for one in self.agreed if one.is_for((also[0], vendor.id, vendor.name), (also[1], priced.id))]
        if ours:
            return _agreed_price(vendor.id, priced.id, price, ours)
        return price if rates else Unpriced(vendor.id, priced.id, f"{sheet.source} names no price for {priced.id}.")

    def _listed(self, provider: str, model: str) -> tuple[Sheet, Provider, PricedModel] | None:
        for sheet in self.sheets:
            found = sheet.find(provider, model)
            if found is not None and found[1].rates_at(self.moment):
                return sheet, *found
        return None

    def _why_unknown(self, provider: str, model: str) -> str:
        if not self.sheets:
            return "No price sheet is loaded."
        if provider and not any(sheet.provider(provider) for sheet in self.sheets):
            return f"No price sheet knows the provider {provider}, so {model} has no price."
        return f"No price sheet has a price for {model}{f' of {provider}' if provider else ''}."


def _agreed_price(provider: str, model: str, listed: Price | None, ours: Sequence[Agreed]) -> Price | Unpriced:
    currencies = sorted({one.currency for one in ours})
    if len(currencies) > 1:
        return Unpriced(provider, model, f"Agreed prices of {model} stand in {' and '.join(currencies)}; keep one.")
    rates = dict(listed.rates) if listed is not None and listed.currency == currencies[0] else {}
    for one in sorted(ours, key=lambda agreed: (len(agreed.model_pattern), agreed.valid_from, agreed.id)):
        rates[one.price_key] = Rate(one.price)
    return Price(
        provider=listed.provider if listed else provider,
        model=listed.model if listed else model,
        rates=rates,
        currency=currencies[0],
        sheet=listed.sheet if listed else "",
        taken_on=listed.taken_on if listed else None,
        override_ids=tuple(sorted(one.id for one in ours)),
    )


@dataclass(frozen=True)
class Choice:
    """A model of the catalogue with its price on a day."""

    reference: str
    tier: str
    status: str
    price: Price | Unpriced

    def cost(self, currency: str) -> Decimal | None:
        """Return the blended price, if it is known in this currency."""
        return self.price.blended if isinstance(self.price, Price) and self.price.currency == currency else None


def is_capable(tier: str, wanted: str) -> bool:
    """Say whether a tier can do the work of the wanted one; without a wanted tier every model can."""
    return not wanted or (tier in TIERS and TIERS.index(tier) >= TIERS.index(wanted))


def cheaper(than: Price, catalogue: Iterable[Choice], *, tier: str = "") -> list[Choice]:
    """Return the capable models that cost less for a million blended tokens, cheapest first."""
    if than.blended is None:
        return []
    costs = [(choice.cost(than.currency), choice) for choice in catalogue if is_capable(choice.tier, tier)]
    below = [(cost, choice) for cost, choice in costs if cost is not None and cost < than.blended]
    return [choice for _, choice in sorted(below, key=lambda pair: (pair[0], pair[1].reference))]


def shortlist_blockers(shortlist: Sequence[Choice], catalogue: Sequence[Choice], *, tier: str = "") -> list[Blocker]:
    """Say what a model shortlist lacks: a price for each model, and a cheaper alternative to the first one.

    The first model is the intended one. The alternative is another model of the shortlist that costs less; it is not
    asked for where no capable model of the catalogue costs less.
    """
    if not shortlist:
        return [Blocker("shortlist_empty", "Name the models on the shortlist, the intended one first.")]
    unpriced = [
        Blocker("model_unpriced", f"{choice.reference} has no price: {choice.price.reason}")
        for choice in shortlist
        if isinstance(choice.price, Unpriced)
    ]
    intended = shortlist[0].price
    if isinstance(intended, Unpriced):
        return unpriced
    if intended.blended is None:
        return [*unpriced, Blocker("model_unpriced", f"{shortlist[0].reference} has no price for input or output.")]
    better = cheaper(intended, catalogue, tier=tier)
    if better and not cheaper(intended, shortlist[1:]):
        unpriced.append(
            Blocker(
                "no_cheaper_alternative",
                f"Add a model that costs less than {shortlist[0].reference}, such as {better[0].reference}.",
            )
        )
    return unpriced
