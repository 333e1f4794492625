"""The AWS Cost and Usage Report as it was before FOCUS: slash names, or underscores in Athena and since CUR 2.0."""

import json
import re
from collections.abc import Iterable
from decimal import Context, Decimal

import polars as pl

from projects.sources.readers.interface import ColumnMapping
from projects.sources.readers.kinds.focus import require
from projects.sources.readers.numbers import NotANumber, read_number
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
RESERVATION_ARN = (*_both("reservation", "ReservationARN"), "reservation_reservation_arn")
# What was committed and not used, as a sum with signs, by the fee that carries it.
UNUSED: dict[str, tuple[tuple[int, tuple[str, str]], ...]] = {
    "RIFee": (
        (1, _both("reservation", "UnusedAmortizedUpfrontFeeForBillingPeriod")),
        (1, _both("reservation", "UnusedRecurringFee")),
    ),
    "SavingsPlanRecurringFee": (
        (1, _both("savingsPlan", "TotalCommitmentToDate")),
        (-1, _both("savingsPlan", "UsedCommitment")),
    ),
}
EXACT = Context(prec=400)
_TAG_COLUMN = re.compile(r"resourcetags/|resource_?tags_+", re.IGNORECASE)

CATEGORIES = {
    "Usage": "Usage",
    "DiscountedUsage": "Usage",
    "SavingsPlanCoveredUsage": "Usage",
    "SavingsPlanNegation": "Usage",
    "Tax": "Tax",
    "Credit": "Credit",
    "Refund": "Adjustment",  # counts in run rates, as a credit does not
    "Fee": "Purchase",
    "RIFee": "Purchase",
    "SavingsPlanUpfrontFee": "Purchase",
    "SavingsPlanRecurringFee": "Purchase",
}
# Fees that are amortised in the usage they cover, and the negation that takes on-demand cost back; of a recurring fee
# only what nobody used stays a cost.
AMORTISED_ELSEWHERE = ("RIFee", "SavingsPlanUpfrontFee", "SavingsPlanRecurringFee", "SavingsPlanNegation")
COVERED = ("DiscountedUsage", "SavingsPlanCoveredUsage")


def version(header: Header) -> str | None:
    """Know the report by its cost and its line item type."""
    known = header.find(*WANTED["billed_cost"]) and header.find(*WANTED["charge_category"])
    return "" if known else None


def plan(header: Header, mapping: ColumnMapping) -> Plan:
    """Pair the report's columns with ours. Raise UnreadableFile where currency or start is missing."""
    require(header, WANTED["billing_currency"], WANTED["charge_period_start"])
    product = header.find(*PRODUCT)
    reservation, savings_plan = header.find(*RESERVATION), header.find(*SAVINGS_PLAN)
    tags = [column for column in header.columns if _TAG_COLUMN.match(column)]
    tag_object, arn = header.find("resource_tags"), header.find(*RESERVATION_ARN)

    def derive(rows: pl.DataFrame) -> pl.DataFrame:
        kind = pl.col("charge_category")
        unused = _unused(rows, header)
        bought_before = (kind == "Fee") & (_filled(arn).is_not_null() if arn else pl.lit(False))
        effective = (
            pl.when(unused.is_not_null())
            .then(unused)
            .when(kind.is_in(AMORTISED_ELSEWHERE) | bought_before)
            .then(pl.lit("0"))
            .when(kind == "DiscountedUsage")
            .then(_or_billed(reservation))
            .when(kind == "SavingsPlanCoveredUsage")
            .then(_or_billed(savings_plan))
            .otherwise("billed_cost")
        )
        code = pl.col("service_name") if product else pl.lit(None, dtype=pl.String)
        status = pl.when(unused.is_not_null() & (unused != "0")).then(pl.lit("Unused"))
        return rows.with_columns(
            effective.alias("effective_cost"),
            status.when(kind.is_in(COVERED)).then(pl.lit("Used")).alias("commitment_discount_status"),
            kind.replace_strict(CATEGORIES, default="Adjustment").alias("charge_category"),
            category_of(code, "aws").alias("service_category"),
            pl.Series("tags", _tag_objects(rows[tag_object]) if tag_object else _tags(rows, tags), dtype=pl.String),
        )

    return Plan(header.take(WANTED), {"provider_name": "AWS"}, derive)


def _filled(column: str) -> pl.Expr:
    return pl.when(pl.col(column) != "").then(pl.col(column))


def _or_billed(column: str | None) -> pl.Expr:
    return pl.coalesce(_filled(column), "billed_cost") if column else pl.col("billed_cost")


def _unused(rows: pl.DataFrame, header: Header) -> pl.Series:
    """Give what of a commitment's fee nobody used; null for other rows, and where the report does not say."""
    found: list[str | None] = [None] * rows.height
    kinds = rows["charge_category"].to_list()
    for kind, terms in UNUSED.items():
        columns = [(sign, column) for sign, names in terms if (column := header.find(*names))]
        places = [place for place, this in enumerate(kinds) if this == kind]
        if len(columns) < len(terms) or not places:
            continue
        figures = [rows[column].to_list() for _, column in columns]
        signs = [sign for sign, _ in columns]
        for place in places:
            found[place] = _signed_sum(signs, [column[place] for column in figures])
    return pl.Series("unused", found, dtype=pl.String)


def _signed_sum(signs: list[int], texts: list[str | None]) -> str:
    """Add figures exactly; the first text that is none is left to be refused."""
    total = Decimal(0)
    for sign, text in zip(signs, texts, strict=True):
        try:
            figure = Decimal(read_number(text)) if text and text.strip() else Decimal(0)
        except NotANumber:
            return str(text)
        total = EXACT.add(total, EXACT.multiply(Decimal(sign), figure))
    return format(total.normalize(EXACT), "f")


def _tag_objects(texts: pl.Series) -> list[str | None]:
    """Read the one column of tags of CUR 2.0; what is no object is left to be refused."""
    read: dict[str | None, str | None] = {None: None}
    for text in texts.unique().drop_nulls().to_list():
        try:
            tags = json.loads(text, parse_float=str) if text.strip() else {}
            read[text] = _joined((_tag_name(name), value) for name, value in tags.items())
        except (ValueError, AttributeError, RecursionError):
            read[text] = text
    return [read[text] for text in texts.to_list()]


def _tag_name(name: str) -> str:
    """Give a tag's key as it was before a colon had to become an underscore."""
    for owner in ("user", "aws"):
        if name.startswith(f"{owner}_"):
            return f"{owner}:{name.removeprefix(f'{owner}_')}"
    return name


def _joined(tags: Iterable[tuple[str, object]]) -> str | None:
    filled = {name: value for name, value in tags if value}
    return json.dumps(filled, ensure_ascii=False) if filled else None


def _tags(rows: pl.DataFrame, columns: list[str]) -> list[str | None]:
    if not columns:
        return [None] * rows.height
    names = [column.partition("/")[2] or _tag_name(_TAG_COLUMN.sub("", column).lower()) for column in columns]
    found: list[str | None] = []
    for values in rows.select(columns).iter_rows():
        found.append(_joined(zip(names, values, strict=True)))
    return found


KIND = Kind("aws_cur", "AWS Cost and Usage Report", "fact", plan, version, rank=60)
