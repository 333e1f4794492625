"""A year of daily bills in the columns of FOCUS 1.2, made from the sample's months and imported like any other."""

import csv
import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from council.demo.money import media_folder
from council.demo.people import People
from council.demo.plan import Plan
from projects.spend.services import CostFile, import_costs

CENT = Decimal("0.01")
SOURCE = "northmark-cloud"
COLUMNS = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd",
    "ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceId", "InvoiceIssuerName", "ListCost",
    "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "RegionId", "ResourceId", "ServiceCategory",
    "ServiceName", "ServiceSubcategory", "SubAccountId", "SubAccountName", "Tags",
)  # fmt: skip
LAYERS = (
    ("Azure OpenAI Service", "AI and Machine Learning", "Generative AI", "Microsoft", "gpt-4o tokens"),
    ("Azure AI Search", "AI and Machine Learning", "AI Platforms", "Microsoft", "Search units"),
    ("Virtual Machines", "Compute", "Virtual Machines", "Microsoft", "Machine hours"),
    ("Copilot seats", "Business Applications", "Productivity and Collaboration", "Microsoft", "Seats"),
)
LOST = (
    ("OpenAI API", "AI and Machine Learning", "Generative AI", "OpenAI", "API key without owner", "unmanaged-keys"),
    ("Zendesk AI add-on", "Business Applications", "Other", "Zendesk", "AI add-on", "saas-addons"),
    ("GitHub Copilot", "Developer Tools", "Other", "GitHub", "Seats without team", "developer-tools"),
    ("Amazon Bedrock", "AI and Machine Learning", "Generative AI", "AWS", "Pilot without registration", "sandbox-7"),
)


def import_bill(plan: Plan, people: People, first: date) -> None:
    """Write the bill of a month and import it as finance does."""
    path = media_folder() / f"northmark-{first:%Y-%m}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows_of(plan, first))
    bill = CostFile(path, path.name, SOURCE)
    import_costs(file=bill, by=people["Nils Bergman"], at=plan.days_ago(2, 6))


def rows_of(plan: Plan, first: date) -> Iterator[dict[str, str]]:
    """Yield the charges of one month, to the cent equal to the sample's month."""
    position = plan.months.index(first)
    days = _days(first, plan.month_end(first))
    for row in plan.initiatives:
        own = days if row["code"] != "AI-041" or position < len(plan.months) - 1 else _silent(plan, days)
        for layer, amount in zip(LAYERS, row["layers_by_month"][position], strict=True):
            tags = (
                f'{{"initiative": "{row["code"]}", "application": "{row["short_name"]}", '
                f'"cost_centre": "{row["cost_centre"]}", "environment": "production", "owner": "{row["owner"]}"}}'
            )
            account = f"sub-{row['code'].lower()}"
            for day, cost in spread(Decimal(amount), own, f"{row['code']}{layer[0]}"):
                yield _charge(first, day, cost, layer, account, row["short_name"], tags)
    parts = spread(Decimal(plan.sample["unattributed_by_month"][position]), list(range(len(LOST))), "lost")
    for number, amount in parts:
        name, category, subcategory, provider, words, account = LOST[number]
        for day, cost in spread(amount, days, name):
            yield _charge(first, day, cost, (name, category, subcategory, provider, words), account, account, "{}")


def _silent(plan: Plan, days: list[date]) -> list[date]:
    """Return the two days of the month after which one initiative's feed fell silent."""
    last = plan.data_to - timedelta(days=14)
    return [day for day in days if day <= last][-2:] or days[:2]


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


def spread(amount: Decimal, places: list[Any], salt: str) -> list[tuple[Any, Decimal]]:
    """Split an amount over places in cents, weekends and chance weighing less, so that the parts sum to it exactly."""
    if not amount or not places:
        return []
    weights = [_weight(place, salt) for place in places]
    whole, parts, given, seen = sum(weights), [], Decimal(0), 0
    for place, weight in zip(places, weights, strict=True):
        seen += weight
        part = (amount * seen / whole).quantize(CENT, ROUND_DOWN) - given
        given += part
        parts.append((place, part))
    last_place, last = parts[-1]
    parts[-1] = (last_place, last + amount - given)
    return parts


def _weight(place: Any, salt: str) -> int:
    chance = int(hashlib.sha256(f"{salt}{place}".encode()).hexdigest()[:4], 16) % 30
    weekend = isinstance(place, date) and place.weekday() >= 5
    return (60 if weekend else 100) + chance


def _charge(
    first: date, day: date, cost: Decimal, layer: tuple[str, ...], account: str, name: str, tags: str
) -> dict[str, str]:
    service, category, subcategory, provider, words = layer
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    money = f"{cost:.2f}"
    return {
        "BilledCost": money,
        "BillingAccountId": "northmark-1",
        "BillingAccountName": "Northmark Group",
        "BillingCurrency": "USD",
        "BillingPeriodEnd": f"{following}T00:00:00Z",
        "BillingPeriodStart": f"{first}T00:00:00Z",
        "ChargeCategory": "Usage",
        "ChargeClass": "",
        "ChargeDescription": words,
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodEnd": f"{day + timedelta(days=1)}T00:00:00Z",
        "ChargePeriodStart": f"{day}T00:00:00Z",
        "ContractedCost": money,
        "EffectiveCost": money,
        "InvoiceId": f"NM-{first:%Y%m}",
        "InvoiceIssuerName": provider,
        "ListCost": money,
        "PricingQuantity": "1",
        "PricingUnit": "Units",
        "ProviderName": provider,
        "PublisherName": provider,
        "RegionId": "westeurope",
        "ResourceId": f"/{account}/{service.lower().replace(' ', '-')}",
        "ServiceCategory": category,
        "ServiceName": service,
        "ServiceSubcategory": subcategory,
        "SubAccountId": account,
        "SubAccountName": name,
        "Tags": tags,
    }
