"""FOCUS, the FinOps Foundation's open format, from 1.0-preview to 1.4; the version stands only in the columns."""

from collections.abc import Callable

import polars as pl

from projects.sources.readers.interface import ColumnMapping, UnreadableFile
from projects.sources.readers.plans import Header, Kind, Plan
from projects.sources.readers.schema import NULL_WORDS

# The names of a canonical column over the versions, newest meaning last.
WANTED: dict[str, tuple[str, ...]] = {
    "billing_account_id": ("BillingAccountId",),
    "billing_account_name": ("BillingAccountName",),
    "billing_period_start": ("BillingPeriodStart",),
    "billing_period_end": ("BillingPeriodEnd",),
    "charge_period_start": ("ChargePeriodStart", "BillingPeriodStart"),
    "charge_period_end": ("ChargePeriodEnd", "BillingPeriodEnd"),
    "billing_currency": ("BillingCurrency",),
    "billed_cost": ("BilledCost", "EffectiveCost"),
    "effective_cost": ("EffectiveCost", "BilledCost"),
    "list_cost": ("ListCost",),
    "contracted_cost": ("ContractedCost",),
    "pricing_currency": ("PricingCurrency",),
    "pricing_currency_effective_cost": ("PricingCurrencyEffectiveCost",),
    "charge_category": ("ChargeCategory", "ChargeType"),
    "charge_class": ("ChargeClass",),
    "charge_frequency": ("ChargeFrequency",),
    "charge_description": ("ChargeDescription",),
    "provider_name": ("ProviderName", "ServiceProviderName", "Provider"),
    "publisher_name": ("PublisherName", "Publisher"),
    "invoice_issuer_name": ("InvoiceIssuerName", "InvoiceIssuer"),
    "invoice_id": ("InvoiceId",),
    "service_name": ("ServiceName",),
    "service_category": ("ServiceCategory",),
    "service_subcategory": ("ServiceSubcategory",),
    "sku_id": ("SkuId",),
    "sku_meter": ("SkuMeter", "x_SkuMeterName"),
    "resource_id": ("ResourceId",),
    "resource_name": ("ResourceName",),
    "resource_type": ("ResourceType",),
    "region_id": ("RegionId", "Region"),
    "sub_account_id": ("SubAccountId",),
    "sub_account_name": ("SubAccountName",),
    "commitment_discount_status": ("CommitmentDiscountStatus",),
    "consumed_quantity": ("ConsumedQuantity", "UsageQuantity"),
    "consumed_unit": ("ConsumedUnit", "UsageUnit"),
    "pricing_quantity": ("PricingQuantity",),
    "pricing_unit": ("PricingUnit",),
    "tags": ("Tags",),
    "x_cost_center": ("x_CostCenter",),
}

# What an import cannot do without: one column of each group.
NEEDED = (
    ("BillingCurrency",),
    ("BilledCost", "EffectiveCost"),
    ("ChargePeriodStart", "BillingPeriodStart"),
    ("ServiceName", "ChargeDescription", "ServiceCategory"),
)

UNUSED_WORDS = ("Unused", "unused", "UNUSED")

# A file is taken for FOCUS when it has this many of the standard's names; then what is missing can be named.
ENOUGH_NAMES = 2
OWN_NAMES = frozenset(name.lower() for names in WANTED.values() for name in names) - {"tags", "resourceid"}


def version(header: Header) -> str | None:
    """Tell the version by the columns that came or went with it; None if this is not FOCUS."""
    if len(OWN_NAMES & header.by_letters.keys()) < ENOUGH_NAMES or not header.find(
        "BilledCost", "EffectiveCost", "BillingCurrency", "ChargeCategory"
    ):
        return None
    if header.has("InvoiceDetailId") and not header.has("ProviderName"):
        return "1.4"
    if header.has("ServiceProviderName"):
        return "1.3" if header.has("ProviderName") else "1.4"
    if header.find("InvoiceId", "PricingCurrency", "BillingAccountType"):
        return "1.2"
    if header.find("ServiceSubcategory", "SkuMeter"):
        return "1.1"
    if header.find("UsageQuantity", "Provider"):
        return "1.0-preview"
    return "1.0"


def plan(header: Header, mapping: ColumnMapping) -> Plan:
    """Pair FOCUS columns with ours. Raise UnreadableFile naming a missing column that an import cannot do without."""
    constants = {"billing_currency": mapping.values["currency"]} if "currency" in mapping.values else {}
    needed = [names for names in NEEDED if not constants or "BillingCurrency" not in names]
    require(header, *needed)
    columns = {name: column for name, column in header.take(WANTED).items() if name not in constants}
    return Plan(columns, constants, _derivation(header), notes=notes(header))


def _derivation(header: Header) -> Callable[[pl.DataFrame], pl.DataFrame] | None:
    """Read what changed its column between versions: credits of the preview, and providers since 1.3.

    Capacity reserved and not used is bought ahead and idle like a commitment that nobody used.
    """
    subcategory = header.find("ChargeSubcategory") if not header.has("ChargeClass") else None
    successor = header.find("ServiceProviderName") if header.has("ProviderName") else None
    reserved = header.find("CapacityReservationStatus") if header.has("CommitmentDiscountStatus") else None
    made: list[pl.Expr] = []
    if subcategory and header.has("ChargeCategory"):
        credit = pl.col(subcategory).str.to_lowercase() == "credit"
        made.append(pl.when(credit).then(pl.lit("Credit")).otherwise("charge_category").alias("charge_category"))
    if successor:
        named = pl.when(~pl.col(successor).is_in(NULL_WORDS)).then(successor)
        made.append(pl.coalesce("provider_name", named).alias("provider_name"))
    if reserved:
        idle = pl.when(pl.col(reserved).is_in(UNUSED_WORDS)).then(pl.lit("Unused"))
        made.append(idle.otherwise("commitment_discount_status").alias("commitment_discount_status"))
    return (lambda rows: rows.with_columns(made)) if made else None


def require(header: Header, *groups: tuple[str, ...]) -> None:
    """Raise UnreadableFile unless one column of each group is there."""
    missing = [" or ".join(names) for names in groups if not header.find(*names)]
    if missing:
        which = f"column {missing[0]} is" if len(missing) == 1 else f"columns {', '.join(missing)} are"
        remedy = "Export again with it and import that."
        if len(missing) == 1 and "Currency" in missing[0]:
            remedy = "Export again with it, or name the currency in the mapping, under values."
        raise UnreadableFile("missing_column", f"The {which} missing. {remedy}")


def notes(header: Header) -> tuple[str, ...]:
    """Say which columns stand in for missing ones."""
    said = []
    if not header.has("BilledCost"):
        said.append("There is no BilledCost: EffectiveCost stands for it.")
    if not header.has("EffectiveCost"):
        said.append("There is no EffectiveCost: BilledCost stands for it.")
    if not header.has("ChargePeriodStart"):
        said.append("There is no ChargePeriodStart: charges stand on the first day of their billing period.")
    if not header.has("Tags"):
        said.append("There are no Tags: rules can go by account, service and resource only.")
    return tuple(said)


KIND = Kind("focus", "FOCUS cost and usage", "fact", plan, version)
