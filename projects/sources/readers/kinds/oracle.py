"""Oracle Cloud's own cost report; its FOCUS report is read as FOCUS (1.0-preview names)."""

import json

import polars as pl

from projects.sources.readers.interface import ColumnMapping
from projects.sources.readers.kinds.focus import require
from projects.sources.readers.plans import Header, Kind, Plan

WANTED: dict[str, tuple[str, ...]] = {
    "billing_account_id": ("lineItem/tenantId",),
    "charge_period_start": ("lineItem/intervalUsageStart",),
    "charge_period_end": ("lineItem/intervalUsageEnd",),
    "billing_currency": ("cost/currencyCode",),
    "billed_cost": ("cost/myCost",),
    "effective_cost": ("cost/myCost",),
    "service_name": ("product/service",),
    "charge_description": ("product/Description", "cost/skuUnitDescription"),
    "resource_id": ("product/resourceId",),
    "region_id": ("product/region",),
    "sub_account_id": ("product/compartmentId",),
    "sub_account_name": ("product/compartmentName",),
    "sku_id": ("cost/productSku",),
    "sku_meter": ("product/resource",),
    "consumed_quantity": ("usage/billedQuantity",),
    "consumed_unit": ("cost/billingUnitReadable", "cost/skuUnitDescription"),
    "pricing_quantity": ("usage/billedQuantity",),
    "pricing_unit": ("cost/skuUnitDescription",),
}
# The codes of services that the report writes, as FOCUS groups them.
CATEGORIES = {
    "COMPUTE": "Compute",
    "FUNCTIONS": "Compute",
    "OKE": "Compute",
    "BLOCK_STORAGE": "Storage",
    "FILE_STORAGE": "Storage",
    "OBJECTSTORE": "Storage",
    "ARCHIVE_STORAGE": "Storage",
    "NETWORK": "Networking",
    "LOAD_BALANCER": "Networking",
    "DNS": "Networking",
    "DATABASE": "Databases",
    "AUTONOMOUS_DATABASE": "Databases",
    "MYSQL": "Databases",
    "NOSQL": "Databases",
    "ORACLE_STREAMING_SERVICE": "Integration",
    "QUEUE": "Integration",
    "TELEMETRY": "Management and Governance",
    "LOGGING": "Management and Governance",
    "KEY_MANAGEMENT": "Security",
    "DATA_SCIENCE": "AI and Machine Learning",
    "GENERATIVE_AI": "AI and Machine Learning",
    "AI_LANGUAGE": "AI and Machine Learning",
    "AI_VISION": "AI and Machine Learning",
    "AI_DOCUMENT": "AI and Machine Learning",
    "ANOMALY_DETECTION": "AI and Machine Learning",
}
CORRECTION = "lineItem/isCorrection"


def version(header: Header) -> str | None:
    """Know the report by its intervals and its cost."""
    return "" if header.has("lineItem/intervalUsageStart", "product/service") else None


def plan(header: Header, mapping: ColumnMapping) -> Plan:
    """Pair the report's columns with ours. Raise UnreadableFile for a usage report, which has no cost."""
    require(header, WANTED["billed_cost"], WANTED["billing_currency"])
    tags = [column for column in header.columns if column.lower().startswith("tags/")]
    correction = header.find(CORRECTION)

    def derive(rows: pl.DataFrame) -> pl.DataFrame:
        names = [column.partition("/")[2] for column in tags]
        found = [_tags(names, values) for values in rows.select(tags).iter_rows()] if tags else [None] * rows.height
        marked = pl.col(correction).str.to_lowercase() == "true" if correction else pl.lit(False)
        service = pl.col("service_name").str.to_uppercase()
        return rows.with_columns(
            service.replace_strict(CATEGORIES, default=None, return_dtype=pl.String).alias("service_category"),
            pl.Series("tags", found, dtype=pl.String),
            pl.when(marked).then(pl.lit("Correction")).alias("charge_class"),
        )

    constants = {"provider_name": "Oracle", "charge_category": "Usage", "charge_frequency": "Usage-Based"}
    return Plan(header.take(WANTED), constants, derive)


def _tags(names: list[str], values: tuple[str | None, ...]) -> str | None:
    tags = {name: value for name, value in zip(names, values, strict=True) if value}
    return json.dumps(tags, ensure_ascii=False) if tags else None


KIND = Kind("oracle_cost_report", "Oracle cost report", "fact", plan, version, rank=60)
