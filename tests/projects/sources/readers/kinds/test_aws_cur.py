from decimal import Decimal
from pathlib import Path

import pytest

from projects.sources.readers.interface import UnreadableFile
from projects.sources.readers.reading import recognise
from tests.projects.sources.readers.samples import COSTS, EXPECTED, evidence, money, read

FILE = COSTS / "aws_cur_legacy_anonymised.csv.gz"
WANTED = EXPECTED["native/aws_cur_legacy_anonymised.csv"]
HEAD = (
    "bill/PayerAccountId,lineItem/LineItemType,lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/ProductCode,"
    "lineItem/CurrencyCode,lineItem/UnblendedCost,reservation/EffectiveCost,savingsPlan/SavingsPlanEffectiveCost,"
    "resourceTags/user:initiative,resourceTags/aws:createdBy"
)


def line(kind: str, cost: str, reservation: str = "", savings: str = "", tags: str = ",") -> str:
    return f"1,{kind},2023-11-01T00:00:00Z,2023-11-01T01:00:00Z,AmazonEC2,USD,{cost},{reservation},{savings},{tags}"


def test_rows_and_cost_equal_the_expected_totals() -> None:
    frame, reader = read(FILE)

    assert reader.recognised.kind == "aws_cur"
    assert frame.height == WANTED["rows"]
    assert money(frame["billed_cost"]) == money(frame["effective_cost"]) == Decimal(WANTED["unblended_cost"])


@pytest.mark.parametrize(
    ("key", "column"), [("by_product_code", "lineItem/ProductCode"), ("by_line_item_type", "lineItem/LineItemType")]
)
def test_groups_equal_the_expected_totals(key: str, column: str) -> None:
    frame, _ = read(FILE)
    groups = evidence(FILE)[column]

    for value, figures in WANTED[key].items():
        part = frame.filter(groups == value)
        assert (part.height, money(part["billed_cost"])) == (figures["rows"], Decimal(figures["sum"]))


def test_the_product_is_the_service_and_has_a_category() -> None:
    frame, _ = read(FILE)

    assert set(frame["service_name"]) == set(WANTED["by_product_code"])
    storage = frame.filter(frame["service_name"] == "AmazonS3")
    assert set(storage["service_category"]) == {"Storage"}
    assert set(frame["charge_category"]) == {"Tax", "Usage"}
    assert set(frame["billing_account_id"]) == {"123412340534"}


@pytest.mark.parametrize(
    ("row", "billed", "effective", "category"),
    [
        (line("Usage", "2.5"), "2.5", "2.5", "Usage"),
        (line("DiscountedUsage", "0", reservation="1.25"), "0", "1.25", "Usage"),
        (line("DiscountedUsage", "0"), "0", "0", "Usage"),
        (line("SavingsPlanCoveredUsage", "3", savings="2"), "3", "2", "Usage"),
        (line("SavingsPlanNegation", "-3"), "-3", "0", "Usage"),
        (line("RIFee", "100"), "100", "0", "Purchase"),
        (line("Refund", "-4"), "-4", "-4", "Adjustment"),
        (line("EdpDiscount", "-1"), "-1", "-1", "Adjustment"),
    ],
)
def test_commitments_are_spread_over_the_usage_they_cover(
    tmp_path: Path, row: str, billed: str, effective: str, category: str
) -> None:
    path = tmp_path / "cur.csv"
    path.write_text(f"{HEAD}\n{row}\n")

    frame, _ = read(path)

    assert frame.select("billed_cost", "effective_cost", "charge_category").row(0) == (billed, effective, category)


def test_resource_tags_become_tags(tmp_path: Path) -> None:
    path = tmp_path / "cur.csv"
    path.write_text("\n".join([HEAD, line("Usage", "1", tags="claims,"), line("Usage", "1")]) + "\n")

    frame, _ = read(path)

    assert frame["tags"].to_list() == ['{"user:initiative":"claims"}', None]


@pytest.mark.parametrize(
    "names",
    [
        "bill_payer_account_id,line_item_line_item_type,line_item_usage_start_date,line_item_currency_code,"
        "line_item_unblended_cost,line_item_product_code,resource_tags_user_team",
        "bill_payeraccountid,lineitem_lineitemtype,lineitem_usagestartdate,lineitem_currencycode,"
        "lineitem_unblendedcost,lineitem_productcode,resourcetags_user_team",
        "bill__PayerAccountId,lineItem__LineItemType,lineItem__UsageStartDate,lineItem__CurrencyCode,"
        "lineItem__UnblendedCost,lineItem__ProductCode,resourceTags__user_team",
    ],
)
def test_the_names_that_athena_and_others_write_are_known(tmp_path: Path, names: str) -> None:
    path = tmp_path / "cur.csv"
    path.write_text(f"{names}\n1,Usage,2023-11-01 00:00:00,USD,1.5,AmazonS3,kb\n")

    frame, reader = read(path)

    assert reader.recognised.kind == "aws_cur"
    assert frame.select("billed_cost", "service_name", "tags").row(0) == ("1.5", "AmazonS3", '{"user:team":"kb"}')


def test_a_report_without_currency_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cur.csv"
    path.write_text("lineItem/UnblendedCost,lineItem/LineItemType,lineItem/UsageStartDate\n1,Usage,2023-11-01\n")

    with pytest.raises(UnreadableFile, match="lineItem/CurrencyCode"):
        recognise(path)


COMMITMENTS = (
    "lineItem/UnblendedCost,lineItem/LineItemType,lineItem/CurrencyCode,lineItem/UsageStartDate,"
    "lineItem/LineItemDescription,reservation/ReservationARN,reservation/UnusedAmortizedUpfrontFeeForBillingPeriod,"
    "reservation/UnusedRecurringFee,savingsPlan/TotalCommitmentToDate,savingsPlan/UsedCommitment"
)


@pytest.mark.parametrize(
    ("kind", "billed", "cells", "effective", "status"),
    [
        ("RIFee", "5", "arn,0.5,0.25,,", "0.75", "Unused"),
        ("RIFee", "5", "arn,,,,", "0", None),
        ("RIFee", "5", "arn,5E-05,0.00000000000000000001,,", "0.00005000000000000001", "Unused"),
        ("SavingsPlanRecurringFee", "3", ",,,3,1.2", "1.8", "Unused"),
        ("SavingsPlanRecurringFee", "3", ",,,3,3", "0", None),
        ("SavingsPlanUpfrontFee", "50", ",,,,", "0", None),
        ("Fee", "100", "arn,,,,", "0", None),
        ("Fee", "100", ",,,,", "100", None),
    ],
)
def test_what_was_committed_and_not_used_stays_a_cost(
    tmp_path: Path, kind: str, billed: str, cells: str, effective: str, status: str | None
) -> None:
    path = tmp_path / "cur.csv"
    path.write_text(f"{COMMITMENTS}\n{billed},{kind},USD,2026-05-03T00:00:00Z,d,{cells}\n")

    frame, _ = read(path)

    assert frame.select("billed_cost", "effective_cost", "commitment_discount_status").row(0) == (
        billed,
        effective,
        status,
    )


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("much", "is not a number"),
        ("9e999999", "is larger or finer than any amount of money"),
        ("9e999999999", "is not a number"),
        ("-Infinity", "is not a finite number"),
    ],
)
def test_a_commitment_that_is_no_figure_is_refused_by_row(tmp_path: Path, cell: str, reason: str) -> None:
    path = tmp_path / "cur.csv"
    path.write_text(f"{COMMITMENTS}\n5,RIFee,USD,2026-05-03T00:00:00Z,d,arn,{cell},0,,\n")

    _, reader = read(path)

    assert [(problem.line, problem.value, problem.reason) for problem in reader.problems] == [(2, cell, reason)]


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        (
            '{"user_cost_center":"cc1","aws_created_by":"x","team":""}',
            '{"aws:created_by":"x","user:cost_center":"cc1"}',
        ),
        ("{}", None),
        ("", None),
    ],
)
def test_the_one_tag_column_of_cur_2_0_is_read(tmp_path: Path, cell: str, tags: str | None) -> None:
    path = tmp_path / "cur2.csv"
    quoted = cell.replace('"', '""')
    path.write_text(
        "bill_payer_account_id,line_item_line_item_type,line_item_usage_start_date,line_item_currency_code,"
        f'line_item_unblended_cost,line_item_product_code,resource_tags\n1,Usage,2026-05-03,USD,1.5,S3,"{quoted}"\n'
    )

    frame, reader = read(path)

    assert (reader.recognised.kind, frame["tags"].to_list()) == ("aws_cur", [tags])


@pytest.mark.parametrize("cell", ["[1]", "{", '"x"', "7"])
def test_a_tag_column_of_cur_2_0_that_is_no_object_is_refused_by_row(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "cur2.csv"
    quoted = cell.replace('"', '""')
    path.write_text(
        "line_item_line_item_type,line_item_usage_start_date,line_item_currency_code,line_item_unblended_cost,"
        f'resource_tags\nUsage,2026-05-03,USD,1.5,"{quoted}"\n'
    )

    _, reader = read(path)

    assert [problem.reason for problem in reader.problems] == ["is not a JSON object"]
