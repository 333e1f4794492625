import gzip
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from projects.sources.readers.interface import UnreadableFile
from projects.sources.readers.reading import recognise
from tests.projects.sources.readers.samples import read

HEAD = (
    "lineItem/referenceNo,lineItem/tenantId,lineItem/intervalUsageStart,lineItem/intervalUsageEnd,product/service,"
    "product/compartmentId,product/compartmentName,product/region,product/resourceId,usage/billedQuantity,"
    "cost/productSku,product/Description,cost/myCost,cost/currencyCode,cost/skuUnitDescription,lineItem/isCorrection,"
    "tags/Oracle-Tags.CreatedBy,tags/initiative"
)
ROW = (
    "ref1,tenant,2025-05-01T00:00Z,2025-05-01T01:00Z,COMPUTE,comp-1,claims,eu-frankfurt-1,ocid1,2,B88317,"
    "GPU hours,3.60,EUR,GPU Per Hour,{correction},anna@example.com,{initiative}"
)
PREVIEW = (
    "AvailabilityZone,BilledCost,BillingAccountId,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,ChargeCategory,"
    "ChargeFrequency,ChargePeriodEnd,ChargePeriodStart,ChargeSubcategory,EffectiveCost,InvoiceIssuer,Provider,Publisher,"
    "Region,ServiceName,Tags,UsageQuantity,UsageUnit"
)
PREVIEW_ROW = (
    ",1.5,tenant,USD,2025-05-31T23:59:59.999Z,2025-05-01T00:00Z,Usage,Usage-based,2025-05-02T00:00Z,2025-05-01T00:00Z,"
    ",1.5,Oracle,Oracle,Oracle,eu-frankfurt-1,Generative AI,{},10,Tokens"
)


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "0001.csv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    return path


def test_oracle_s_own_report_is_read_with_its_tags(tmp_path: Path) -> None:
    rows = [ROW.format(correction="false", initiative="claims"), ROW.format(correction="true", initiative="")]

    frame, reader = read(write(tmp_path, "\n".join([HEAD, *rows])))

    assert reader.recognised.kind == "oracle_cost_report"
    first = frame.row(0, named=True)
    assert (first["billed_cost"], first["effective_cost"], first["billing_currency"]) == ("3.60", "3.60", "EUR")
    assert first["charge_period_start"] == datetime(2025, 5, 1, tzinfo=UTC)
    assert (first["sub_account_id"], first["sub_account_name"], first["service_name"]) == (
        "comp-1",
        "claims",
        "COMPUTE",
    )
    assert frame["charge_class"].to_list() == [None, "Correction"]
    assert frame["tags"][0] == '{"Oracle-Tags.CreatedBy":"anna@example.com","initiative":"claims"}'


def test_a_usage_report_without_cost_is_refused(tmp_path: Path) -> None:
    head = "lineItem/intervalUsageStart,product/service,usage/billedQuantity"

    with pytest.raises(UnreadableFile) as refused:
        recognise(write(tmp_path, f"{head}\n2025-05-01T00:00Z,COMPUTE,1\n"))

    assert refused.value.code == "missing_column"
    assert "cost/myCost" in refused.value.message


def test_oracle_s_focus_report_in_preview_names_is_read_as_focus(tmp_path: Path) -> None:
    frame, reader = read(write(tmp_path, f"{PREVIEW}\n{PREVIEW_ROW}\n"))

    assert (reader.recognised.kind, reader.recognised.version) == ("focus", "1.0-preview")
    row = frame.row(0, named=True)
    assert row["billing_period_end"] == date(2025, 6, 1)
    assert row["charge_frequency"] == "Usage-Based"
    assert (row["provider_name"], row["publisher_name"], row["region_id"]) == ("Oracle", "Oracle", "eu-frankfurt-1")
    assert (row["consumed_quantity"], row["consumed_unit"]) == ("10", "Tokens")
    assert "The last second of a period stands for its end in 1 row; read as the moment after." in reader.notes
