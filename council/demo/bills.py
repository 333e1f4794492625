"""A year of daily bills in the columns of FOCUS 1.2, made from the sample's months and imported like any other."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

from council.demo.days import days_of, spread
from council.demo.people import People
from council.demo.plan import Plan
from council.demo.shared import (
    EUROS,
    KEY_ACCOUNT,
    KEY_TAGS,
    give_teams_their_calls,
    import_euros,
    import_file,
    import_log,
    is_shared,
    shared_calls,
    split_shared_key,
    taken_out,
)
from projects.initiatives.models import Initiative

SOURCE = "northmark-cloud"
COLUMNS = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd",
    "ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceId", "InvoiceIssuerName", "ListCost",
    "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "RegionId", "ResourceId", "ServiceCategory",
    "ServiceName", "ServiceSubcategory", "SkuMeter", "SubAccountId", "SubAccountName", "Tags",
)  # fmt: skip
LAYERS = (
    ("Azure OpenAI Service", "AI and Machine Learning", "Generative AI", "Microsoft", "gpt-4o tokens"),
    ("Azure AI Search", "AI and Machine Learning", "AI Platforms", "Microsoft", "Search units"),
    ("Virtual Machines", "Compute", "Virtual Machines", "Microsoft", "Machine hours"),
    ("Copilot seats", "Business Applications", "Productivity and Collaboration", "Microsoft", "Seats"),
)
MODELS, SEATS = LAYERS[0], LAYERS[3]
SHARED_KEY = ("OpenAI API", "AI and Machine Learning", "Generative AI", "OpenAI", "gpt-4o tokens")
EURO_SEATS = ("JetBrains AI", "Business Applications", "Productivity and Collaboration", "JetBrains", "Seats")
LOST = (
    ("OpenAI API", "AI and Machine Learning", "Generative AI", "OpenAI", "API key without owner", "unmanaged-keys"),
    ("Zendesk AI add-on", "Business Applications", "Other", "Zendesk", "AI add-on", "saas-addons"),
    ("GitHub Copilot", "Developer Tools", "Other", "GitHub", "Seats without team", "developer-tools"),
    ("Amazon Bedrock", "AI and Machine Learning", "Generative AI", "AWS", "Pilot without registration", "sandbox-7"),
)


def bring_spend(plan: Plan, people: People, made: Mapping[str, Initiative], first: date) -> None:
    """Import all that was delivered of a month: the bill and, in the last two, the gateway's log and the euros."""
    has_more = first in plan.months[-2:]
    days = days_of(first, plan.month_end(first))
    if first == plan.months[-2]:
        give_teams_their_calls(plan, people, made)
    if has_more:
        import_log(plan, people, first, days)
    if first == plan.months[-2]:
        split_shared_key(plan, people, SOURCE)
    import_bill(plan, people, first)
    if has_more:
        import_euros(plan, people, first, euro_rows(plan, first))


def import_bill(plan: Plan, people: People, first: date) -> None:
    """Write the bill of a month and import it as finance does."""
    import_file(plan, people, f"northmark-{first:%Y-%m}.csv", COLUMNS, rows_of(plan, first), SOURCE)


def rows_of(plan: Plan, first: date) -> Iterator[dict[str, str]]:
    """Yield the charges of one month, to the cent equal to the sample's month."""
    position = plan.months.index(first)
    days = days_of(first, plan.month_end(first))
    for row in plan.initiatives:
        own = days if row["code"] != "AI-041" or position < len(plan.months) - 1 else _silent(plan, days)
        for layer, amount in zip(LAYERS, row["layers_by_month"][position], strict=True):
            tags = (
                f'{{"initiative": "{row["code"]}", "application": "{row["short_name"]}", '
                f'"cost_centre": "{row["cost_centre"]}", "environment": "production", "owner": "{row["owner"]}"}}'
            )
            account = f"sub-{row['code'].lower()}"
            if layer == MODELS and is_shared(plan, row["code"], first):
                continue
            rest = Decimal(amount) - (taken_out(plan, row["code"], first) if layer == SEATS else 0)
            for day, cost in spread(rest, own, f"{row['code']}{layer[0]}"):
                yield _charge(first, day, cost, layer, account, row["short_name"], tags)
    for day, costs in shared_calls(plan, first, days).items():
        if costs:
            name = "Shared model key"
            yield _charge(first, day, sum(costs.values(), Decimal(0)), SHARED_KEY, KEY_ACCOUNT, name, KEY_TAGS)
    parts = spread(Decimal(plan.sample["unattributed_by_month"][position]), list(range(len(LOST))), "lost")
    for number, amount in parts:
        name, category, subcategory, provider, words, account = LOST[number]
        for day, cost in spread(amount, days, name):
            yield _charge(first, day, cost, (name, category, subcategory, provider, words), account, account, "{}")


def euro_rows(plan: Plan, first: date) -> Iterator[dict[str, str]]:
    """Yield the seats of a month that are billed in euros."""
    row = next(row for row in plan.initiatives if taken_out(plan, row["code"], first))
    tags = f'{{"initiative": "{row["code"]}", "cost_centre": "{row["cost_centre"]}", "environment": "production"}}'
    for day, cost in spread(EUROS, days_of(first, plan.month_end(first)), "euros"):
        charged = _charge(first, day, cost, EURO_SEATS, "europe", row["short_name"], tags)
        yield charged | {
            "BillingAccountId": "northmark-eu",
            "BillingAccountName": "Northmark Europe",
            "BillingCurrency": "EUR",
            "ChargeFrequency": "Recurring",
            "InvoiceId": f"NE-{first:%Y%m}",
        }


def _silent(plan: Plan, days: list[date]) -> list[date]:
    """Return the two days of the month after which one initiative's feed fell silent."""
    last = plan.data_to - timedelta(days=14)
    return [day for day in days if day <= last][-2:] or days[:2]


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
        "SkuMeter": words,
        "SubAccountId": account,
        "SubAccountName": name,
        "Tags": tags,
    }
