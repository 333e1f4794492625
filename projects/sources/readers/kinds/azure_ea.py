"""Azure's cost exports before FOCUS, in their several column orders and names: actual cost and amortised cost."""

import re
from dataclasses import replace

import polars as pl

from projects.sources.readers.interface import ColumnMapping
from projects.sources.readers.kinds.focus import require
from projects.sources.readers.plans import Header, Kind, Plan
from projects.sources.readers.service_categories import category_of

COST = ("CostInBillingCurrency", "Cost", "PreTaxCost", "ExtendedCost")
WANTED: dict[str, tuple[str, ...]] = {
    "billing_account_id": ("BillingAccountId", "EnrollmentNumber"),
    "billing_account_name": ("BillingAccountName",),
    "billing_period_start": ("BillingPeriodStartDate",),
    "billing_period_end": ("BillingPeriodEndDate",),
    "charge_period_start": ("Date", "UsageDateTime", "UsageDate"),
    "billing_currency": ("BillingCurrencyCode", "BillingCurrency", "Currency"),
    "billed_cost": COST,
    "effective_cost": COST,
    "charge_category": ("ChargeType",),
    "charge_frequency": ("Frequency",),
    "charge_description": ("ProductName", "Product"),
    "publisher_name": ("PublisherName", "PublisherType"),
    "invoice_id": ("InvoiceId",),
    "service_name": ("MeterCategory",),
    "sku_id": ("MeterId",),
    "sku_meter": ("MeterName",),
    "resource_id": ("ResourceId", "InstanceId"),
    "resource_name": ("ResourceName",),
    "resource_type": ("ConsumedService",),
    "region_id": ("ResourceLocation",),
    "sub_account_id": ("SubscriptionId", "SubscriptionGuid"),
    "sub_account_name": ("SubscriptionName",),
    "consumed_quantity": ("Quantity", "UsageQuantity", "ConsumedQuantity"),
    "consumed_unit": ("UnitOfMeasure",),
    "pricing_quantity": ("Quantity", "UsageQuantity", "ConsumedQuantity"),
    "pricing_unit": ("UnitOfMeasure",),
    "tags": ("Tags",),
    "x_cost_center": ("CostCenter",),
}
CATEGORIES = {
    "usage": "Usage",
    "purchase": "Purchase",
    "tax": "Tax",
    "refund": "Adjustment",  # counts in run rates, as a credit does not
    "credit": "Credit",
    "unusedreservation": "Usage",
    "unusedsavingsplan": "Usage",
    "roundingadjustment": "Adjustment",
}
_IN_BRACKETS = re.compile(r"\s*\S.* \(([A-Za-z]{4,})\)\s*")
FREQUENCIES = {"usagebased": "Usage-Based", "recurring": "Recurring", "onetime": "One-Time"}
ACTUAL = "An actual-cost export: EffectiveCost is the billed cost too, so commitments count when they are bought."
AMORTISED = (
    "An amortised export: BilledCost is the amortised cost too, so commitments count as they are used "
    "and the sum is not the invoice."
)


def version(header: Header) -> str | None:
    """Know the export by its meters, its subscription, and its cost or unit."""
    header, _ = in_english(header)
    known = header.has("MeterCategory") and header.find(*WANTED["sub_account_id"])
    return "" if known and header.find("UnitOfMeasure", *COST) else None


def in_english(header: Header) -> tuple[Header, dict[str, str]]:
    """Give the header that other languages put in brackets, and the column behind each name that they do.

    The portal's export says `Kategorie der Verbrauchseinheit (MeterCategory)`.
    """
    behind = {found[1]: column for column in header.columns if (found := _IN_BRACKETS.fullmatch(column))}
    names = {column: name for name, column in behind.items()}
    return Header(tuple(names.get(column, column) for column in header.columns)), behind


def plan(header: Header, mapping: ColumnMapping) -> Plan:
    """Pair the export's columns with ours. Raise UnreadableFile naming a column that is missing."""
    header, behind = in_english(header)
    needed = [COST, WANTED["charge_period_start"]]
    columns = header.take(WANTED)
    constants = {"provider_name": "Microsoft", "invoice_issuer_name": "Microsoft"}
    if "currency" in mapping.values:
        constants["billing_currency"] = mapping.values["currency"]
        columns.pop("billing_currency", None)
    else:
        needed.append(WANTED["billing_currency"])
    require(header, *needed)
    if "charge_category" not in columns:
        constants["charge_category"] = "Usage"
    columns["charge_period_end"] = columns["charge_period_start"]
    return Plan(
        {name: behind.get(column, column) for name, column in columns.items()},
        constants,
        derive,
        notes=(ACTUAL,),
        inclusive_ends=frozenset({"charge_period_end", "billing_period_end"}),
        date_order="mdy",
    )


def derive(rows: pl.DataFrame) -> pl.DataFrame:
    """Put Azure's words for charges into FOCUS's, and its resource providers into service categories."""
    kind = pl.col("charge_category").str.to_lowercase().str.replace_all(" ", "", literal=True)
    added = [
        kind.replace_strict(CATEGORIES, default=pl.col("charge_category")).alias("charge_category"),
        pl.when(kind.is_in(["unusedreservation", "unusedsavingsplan"]))
        .then(pl.lit("Unused"))
        .alias("commitment_discount_status"),
    ]
    if "charge_frequency" in rows.columns:
        words = pl.col("charge_frequency").str.to_lowercase().str.replace_all("[ -]", "")
        added.append(words.replace_strict(FREQUENCIES, default=pl.col("charge_frequency")).alias("charge_frequency"))
    if "resource_type" in rows.columns:
        added.append(category_of(pl.col("resource_type"), "azure").alias("service_category"))
    return rows.with_columns(added)


def amortised_plan(header: Header, mapping: ColumnMapping) -> Plan:
    """Read an amortised export like an actual one, and say what its one cost means."""
    return replace(plan(header, mapping), notes=(AMORTISED,))


KINDS = (
    Kind("azure_ea", "Azure actual-cost export", "fact", plan, version, rank=60),
    Kind(
        "azure_ea_amortised",
        "Azure amortised-cost export",
        "fact",
        amortised_plan,
        version,
        rank=61,
        file_words=("amortised", "amortized"),
        text_words=("UnusedReservation", "UnusedSavingsPlan"),  # lines that only an amortised export has
        either=True,
    ),
)
