"""The AWS Cost and Usage Report as it was before FOCUS: slash names, or underscores where Athena wrote it."""

import json

import polars as pl

from projects.sources.readers.interface import ColumnMapping
from projects.sources.readers.kinds.focus import require
from projects.sources.readers.plans import Header, Kind, Plan
from projects.sources.readers.service_categories import category_of


def _both(group: str, name: str) -> tuple[str, str]:
    """Give the slash name and the underscore name of one column."""
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
    prefix = {"lineItem": "line_item", "savingsPlan": "savings_plan"}.get(group, group)
    return f"{group}/{name}", f"{prefix}_{snake}"


PRODUCT = _both("lineItem", "ProductCode")
WANTED = {
    "billing_account_id": _both("bill", "PayerAccountId"),
    "billing_period_start": _both("bill", "BillingPeriodStartDate"),
    "billing_period_end": _both("bill", "BillingPeriodEndDate"),
    "charge_period_start": _both("lineItem", "UsageStartDate"),
    "charge_period_end": _both("lineItem", "UsageEndDate"),
    "billing_currency": _both("lineItem", "CurrencyCode"),
    "billed_cost": _both("lineItem", "UnblendedCost"),
    "list_cost": _both("pricing", "publicOnDemandCost"),
    "charge_description": _both("lineItem", "LineItemDescription"),
    "charge_category": _both("lineItem", "LineItemType"),
    "publisher_name": _both("lineItem", "LegalEntity"),
    "invoice_issuer_name": _both("bill", "InvoicingEntity"),
    "invoice_id": _both("bill", "InvoiceId"),
    "service_name": PRODUCT,
    "sku_id": _both("product", "sku"),
    "sku_meter": _both("lineItem", "UsageType"),
    "resource_id": _both("lineItem", "ResourceId"),
    "region_id": (*_both("product", "regionCode"), *_both("product", "region")),
    "sub_account_id": _both("lineItem", "UsageAccountId"),
    "consumed_quantity": _both("lineItem", "UsageAmount"),
    "consumed_unit": _both("pricing", "unit"),
    "pricing_quantity": _both("lineItem", "UsageAmount"),
    "pricing_unit": _both("pricing", "unit"),
}
RESERVATION = _both("reservation", "EffectiveCost")
SAVINGS_PLAN = _both("savingsPlan", "SavingsPlanEffectiveCost")

CATEGORIES = {
    "Usage": "Usage",
    "DiscountedUsage": "Usage",
    "SavingsPlanCoveredUsage": "Usage",
    "SavingsPlanNegation": "Usage",
    "Tax": "Tax",
    "Credit": "Credit",
    "Refund": "Credit",
    "Fee": "Purchase",
    "RIFee": "Purchase",
    "SavingsPlanUpfrontFee": "Purchase",
    "SavingsPlanRecurringFee": "Purchase",
}
# Fees that are amortised in the usage they cover, and the negation that takes on-demand cost back.
AMORTISED_ELSEWHERE = ("RIFee", "SavingsPlanUpfrontFee", "SavingsPlanRecurringFee", "SavingsPlanNegation")


def version(header: Header) -> str | None:
    """Know the report by its cost and its line item type."""
    known = header.find(*WANTED["billed_cost"]) and header.find(*WANTED["charge_category"])
    return "" if known else None


def plan(header: Header, mapping: ColumnMapping) -> Plan:
    """Pair the report's columns with ours. Raise UnreadableFile where currency or start is missing."""
    require(header, WANTED["billing_currency"], WANTED["charge_period_start"])
    product = header.find(*PRODUCT)
    reservation, savings_plan = header.find(*RESERVATION), header.find(*SAVINGS_PLAN)
    tags = [column for column in header.columns if column.lower().startswith(("resourcetags/", "resource_tags_"))]

    def derive(rows: pl.DataFrame) -> pl.DataFrame:
        kind = pl.col("charge_category")
        effective = (
            pl.when(kind.is_in(AMORTISED_ELSEWHERE))
            .then(pl.lit("0"))
            .when(kind == "DiscountedUsage")
            .then(_or_billed(reservation))
            .when(kind == "SavingsPlanCoveredUsage")
            .then(_or_billed(savings_plan))
            .otherwise("billed_cost")
        )
        code = pl.col("service_name") if product else pl.lit(None, dtype=pl.String)
        return rows.with_columns(
            effective.alias("effective_cost"),
            kind.replace_strict(CATEGORIES, default="Adjustment").alias("charge_category"),
            category_of(code, "aws").alias("service_category"),
            pl.Series("tags", _tags(rows, tags), dtype=pl.String),
        )

    return Plan(header.take(WANTED), {"provider_name": "AWS"}, derive)


def _filled(column: str) -> pl.Expr:
    return pl.when(pl.col(column) != "").then(pl.col(column))


def _or_billed(column: str | None) -> pl.Expr:
    return pl.coalesce(_filled(column), "billed_cost") if column else pl.col("billed_cost")


def _tags(rows: pl.DataFrame, columns: list[str]) -> list[str | None]:
    if not columns:
        return [None] * rows.height
    names = [column.partition("/")[2] or column.lower().removeprefix("resource_tags_") for column in columns]
    found: list[str | None] = []
    for values in rows.select(columns).iter_rows():
        tags = {name: value for name, value in zip(names, values, strict=True) if value}
        found.append(json.dumps(tags, ensure_ascii=False) if tags else None)
    return found


KIND = Kind("aws_cur", "AWS Cost and Usage Report", "fact", plan, version, rank=60)
