import json
from decimal import Decimal
from pathlib import Path

import pytest

from projects.sources.readers.interface import UnreadableFile
from projects.sources.readers.reading import recognise
from tests.projects.sources.readers.samples import COSTS, EXPECTED, evidence, money, read

FILE = COSTS / "github_copilot_premium_requests_2025_10.csv.gz"
WANTED = EXPECTED["saas/github_copilot_premium_requests_2025_10.csv"]


def test_rows_and_amounts_equal_the_expected_totals_with_their_binary_noise() -> None:
    frame, _ = read(FILE)

    assert (frame.height, frame["user_id"].n_unique()) == (WANTED["rows"], WANTED["users"])
    assert money(frame["billed_cost"]) == money(frame["effective_cost"]) == Decimal(WANTED["net_amount"])
    assert money(frame["list_cost"]) == Decimal(WANTED["gross_amount"])
    assert money(frame["consumed_quantity"]) == Decimal(WANTED["quantity"])
    rows = evidence(FILE)
    assert money(rows["discount_amount"]) == Decimal(WANTED["discount_amount"])
    assert money(rows["aic_quantity"]) == Decimal(WANTED["aic_quantity"])
    assert money(rows["aic_gross_amount"]) == Decimal(WANTED["aic_gross_amount"])


COLUMNS = {
    "cost_center_name": "x_cost_center",
    "organization": "sub_account_id",
    "model": "model",
    "sku": "sku_id",
    "date": "charge_period_start",
}
GROUPS = [key.split("_by_") for key in WANTED if "_by_" in key and key.split("_by_")[1] in COLUMNS]


@pytest.mark.parametrize(("measure", "key"), GROUPS)
def test_groups_equal_the_expected_totals(measure: str, key: str) -> None:
    frame, _ = read(FILE)
    column = COLUMNS[key]
    values = frame[column].dt.strftime("%Y-%m-%d") if key == "date" else frame[column].fill_null("(empty)")

    groups = WANTED[f"{measure}_by_{key}"]

    assert sum(figures["rows"] for figures in groups.values()) == frame.height
    for value, figures in groups.items():
        part = frame.filter(values == value)
        costs = part["billed_cost" if measure == "net" else "list_cost"]
        assert (part.height, money(costs)) == (figures["rows"], Decimal(figures["sum"])), value


def test_the_currency_that_is_not_there_is_said_to_be_dollars() -> None:
    frame, reader = read(FILE)

    assert set(frame["billing_currency"]) == {"USD"}
    assert "The report names no currency: its amounts are US dollars." in reader.notes
    assert set(frame["service_name"]) <= {"GitHub Copilot", "GitHub Spark"}


@pytest.mark.parametrize(
    "head",
    [
        "date,product,sku,quantity,unit_type,applied_cost_per_quantity,gross_amount,discount_amount,net_amount,username,"
        "organization,repository,workflow_path,cost_center_name",
        "date,username,product,sku,model,quantity,unit_type,applied_cost_per_quantity,gross_amount,discount_amount,"
        "net_amount,total_monthly_quota,organization,cost_center_name",
        "date,username,product,sku,model,quantity,unit_type,gross_amount,discount_amount,net_amount,organization,"
        "cost_center_name,aic_quantity,aic_gross_amount,input_tokens,output_tokens,cached_input_tokens",
        "usage_at,product,sku,quantity,unit_type,gross_amount,net_amount,organization,username",
        "Date,Product,SKU,Quantity,Unit Type,Gross Amount,Discount Amount,Net Amount,Username,Organization",
    ],
)
def test_each_header_set_is_known(tmp_path: Path, head: str) -> None:
    cells = {"date": "2025-10-01", "usage_at": "2025-10-01", "product": "copilot", "sku": "copilot_premium_request",
             "gross_amount": "0.40", "gross amount": "0.40", "discount_amount": "0.30", "discount amount": "0.30",
             "net_amount": "0.10", "net amount": "0.10", "organization": "org", "username": "u1"}  # fmt: skip
    row = ",".join(cells.get(name.lower(), "1") for name in head.split(","))
    path = tmp_path / "report.csv"
    path.write_text(f"{head}\n{row}\n")

    frame, reader = read(path)

    assert reader.recognised.kind == "github_copilot"
    found = frame.select("billed_cost", "effective_cost", "list_cost", "sub_account_id", "user_id").row(0)
    assert found == ("0.10", "0.10", "0.40", "org", "u1")


def test_the_newest_report_has_its_tokens_read(tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    path.write_text(
        "date,username,product,sku,model,quantity,unit_type,applied_cost_per_quantity,gross_amount,discount_amount,"
        "net_amount,total_monthly_quota,organization,repository,cost_center_name,aic_quantity,aic_gross_amount,input,"
        "output,cache_read,cache_write\n"
        "2026-06-11,anna,copilot,copilot_ai_credit,m,2.5,ai-credits,0.01,0.025,0.02,0.005,0,o,,,0,0,100,5,7,3\n"
    )

    frame, _ = read(path)

    names = ("input_tokens", "output_tokens", "cached_read_tokens", "cached_write_tokens")
    assert frame.select("billed_cost", *names).row(0) == ("0.005", 100, 5, 7, 3)


ITEM = {"product": "Copilot", "sku": "Copilot Premium Request", "model": "GPT-5", "quantity": 100,
        "unitType": "requests", "pricePerUnit": 0.04, "grossAmount": 4, "discountAmount": 1, "netAmount": 3.000000001}  # fmt: skip


@pytest.mark.parametrize(
    ("document", "day"),
    [
        ({"usageItems": [{**ITEM, "date": "2026-06-11T00:00:00Z", "organizationName": "acme"}]}, "2026-06-11"),
        ({"timePeriod": {"year": 2026, "month": 6}, "organization": "acme", "usageItems": [ITEM]}, "2026-06-01"),
        (
            {"timePeriod": {"year": 2026, "month": 6, "day": 9}, "organization": "acme", "usageItems": [ITEM]},
            "2026-06-09",
        ),
    ],
)
def test_an_answer_of_the_billing_interface_is_read_like_the_report(
    tmp_path: Path, document: dict[str, object], day: str
) -> None:
    path = tmp_path / "usage.json"
    path.write_text(json.dumps(document))

    frame, reader = read(path)

    assert reader.recognised.kind == "github_copilot"
    assert frame.select("billed_cost", "list_cost", "sub_account_id").row(0) == ("3.000000001", "4", "acme")
    assert str(frame["charge_period_start"].dt.date()[0]) == day


def test_the_early_report_that_counts_requests_only_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text(
        '"Timestamp","User","Model","Requests Used","Exceeds Monthly Quota"\n"2025-06-11T05:13:27Z",u,m,1,False\n'
    )

    with pytest.raises(UnreadableFile) as refused:
        recognise(path)

    assert refused.value.code == "usage_without_money"
