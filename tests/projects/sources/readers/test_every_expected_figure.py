"""Walk the whole of the reference totals: each figure is met exactly, and none can be left out unseen."""

import csv
import gzip
import json
import re
from collections import Counter, defaultdict
from decimal import Decimal
from functools import cache

import polars as pl
import pytest

from projects.prices.payloads import read_payloads
from projects.sources.readers.times import normalise_times
from tests.projects.sources.readers.samples import COSTS, EXPECTED, FOCUS, ROOT, evidence, grouped, money, read

# Figures of files that are no bills are counted where their readers are, with the sums written there again.
ELSEWHERE = {
    "portfolio/us_ai_use_cases_2023.csv",
    "portfolio/us_ai_use_cases_2024.csv",
    "portfolio/us_it_dashboard_projects_2012.csv",
    "portfolio/us_hhs_it_projects_2013.csv",
    "portfolio/us_hhs_it_milestones_2013.csv",
    "portfolio/uk_gmpp_2015.csv",
    "portfolio/uk_gmpp_2017.csv",
    "portfolio/uk_gmpp_2019.csv",
    "portfolio/uk_gmpp_2021.csv",
    "portfolio/uk_algorithmic_transparency_records.csv",
    "anomaly/labels.json",
}
NO_BILLS = ("llm/azure_llm_inference_2023_code.csv", "llm/servegen_m_small_hourly.csv")
OF_DAYS = ("by_billing_period", "charge_period_first", "charge_period_last_end")
NUMBER = r"-?[0-9]+(\.[0-9]+)?"
PAYLOADS = "prices/usage_payloads_with_expected_prices.json"
FIGURES = [(file, name) for file, figures in EXPECTED.items() if file not in ELSEWHERE for name in figures]


def path_of(file):
    name = file.rsplit("/", 1)[1]
    folders = (FOCUS, FOCUS / "spec_examples", COSTS, COSTS / "refused", ROOT / "fixtures" / "prices")
    return next(path for folder in folders for path in (folder / name, folder / f"{name}.gz") if path.is_file())


@cache
def rows_of(file):
    return read(path_of(file))


@cache
def delivered(file):
    return evidence(path_of(file))


def column(name):
    """Group accepted rows by one of our columns."""
    return lambda file: grouped(rows_of(file)[0], rows_of(file)[0][name])


def sum_of(name):
    return lambda file: money(rows_of(file)[0][name])


def kept(name):
    """Add up a column that only the evidence keeps."""
    return lambda file: money(delivered(file)[name])


def sums(name, amount="effective_cost", empty="(null)"):
    """Count rows and add up one figure by one of our columns."""

    def found(file):
        frame, groups = rows_of(file)[0], defaultdict(list)
        for key, value in zip(frame[name].to_list(), frame[amount].to_list(), strict=True):
            groups[empty if key is None else str(key)].append(value)
        return {key: {"rows": len(values), "sum": money(iter(values))} for key, values in groups.items()}

    return found


def tags_of(file):
    return [json.loads(text) if text else {} for text in rows_of(file)[0]["tags"].to_list()]


def by_tag(file):
    frame, found = rows_of(file)[0], defaultdict(lambda: {"rows": 0, "billed": Decimal(0), "effective": Decimal(0)})
    for tags, billed, effective in zip(tags_of(file), frame["billed_cost"], frame["effective_cost"], strict=True):
        for pair in [f"{key}={value}" for key, value in tags.items()] or ["(no tags)"]:
            found[pair]["rows"] += 1
            found[pair]["billed"] += Decimal(billed)
            found[pair]["effective"] += Decimal(effective)
    return dict(found)


def by_service_provider(file):
    kept_rows = delivered(file)
    return grouped(rows_of(file)[0], kept_rows["ServiceProviderName"])


def ai_rows(file):
    frame = rows_of(file)[0].filter(pl.col("service_category") == "AI and Machine Learning")
    return {
        "rows": frame.height,
        "billed": money(frame["billed_cost"]),
        "effective": money(frame["effective_cost"]),
    }


def negative(file):
    return rows_of(file)[0].filter(pl.col("billed_cost").cast(pl.Decimal(38, 18)) < 0)["billed_cost"]


def by_team(file):
    frame, found = rows_of(file)[0], {}
    for key in frame["sub_account_id"].unique().to_list():
        some = frame.filter(pl.col("sub_account_id").eq_missing(key))
        found[key or "(none)"] = {
            "requests": some.height,
            "prompt_tokens": asked(some),
            "completion_tokens": some["output_tokens"].sum(),
            "exact_cost_usd": money(some["effective_cost"]),
        }
    return found


def asked(frame):
    parts = ("input_tokens", "cached_read_tokens", "cached_write_tokens")
    return sum(frame[part].sum() or 0 for part in parts)


def written(frame):
    return sum(frame[part].sum() or 0 for part in ("output_tokens", "reasoning_tokens"))


def plain_rows(file):
    with gzip.open(path_of(file), "rt", newline="") as text:
        return list(csv.DictReader(text))


def figure_of_usage(names):
    def found(file):
        if file not in NO_BILLS:
            frame = rows_of(file)[0]
            return asked(frame) if "input_tokens" in names else written(frame)
        return sum(int(row[name]) for row in plain_rows(file) for name in names if name in row)

    return found


def observations(file):
    return [entry for trace in json.loads(path_of(file).read_text()) for entry in trace["observations"]]


@cache
def payloads():
    return json.loads(gzip.decompress(path_of(PAYLOADS).read_bytes()))


CHECKS = {
    "rows": lambda file: len(plain_rows(file)) if file in NO_BILLS else rows_of(file)[1].totals.rows,
    "columns": lambda file: len(rows_of(file)[1].recognised.columns),
    "BilledCost": sum_of("billed_cost"),
    "EffectiveCost": sum_of("effective_cost"),
    "ListCost": sum_of("list_cost"),
    "ContractedCost": sum_of("contracted_cost"),
    "negative_billed_rows": lambda file: len(negative(file)),
    "negative_billed_sum": lambda file: money(negative(file)),
    "by_charge_month_utc": lambda file: grouped(
        rows_of(file)[0], rows_of(file)[0]["charge_period_start"].dt.strftime("%Y-%m")
    ),
    "charge_period_first": lambda file: rows_of(file)[0]["charge_period_start"].min(),
    "charge_period_last_end": lambda file: rows_of(file)[0]["charge_period_end"].max(),
    "by_billing_period": column("billing_period_start"),
    "by_currency": column("billing_currency"),
    "by_charge_category": column("charge_category"),
    "by_charge_class": column("charge_class"),
    "by_service_category": column("service_category"),
    "by_service": column("service_name"),
    "by_sub_account": column("sub_account_id"),
    "by_provider": column("provider_name"),
    "by_service_provider": by_service_provider,
    "by_invoice": column("invoice_id"),
    "rows_without_tags": lambda file: sum(not tags for tags in tags_of(file)),
    "rows_with_tags": lambda file: sum(bool(tags) for tags in tags_of(file)),
    "tag_keys": lambda file: {f"'{key}'": count for key, count in Counter(k for t in tags_of(file) for k in t).items()},
    "by_tag": by_tag,
    "ai_rows": ai_rows,
    "unblended_cost": sum_of("billed_cost"),
    "blended_cost": kept("lineItem/BlendedCost"),
    "by_product_code": sums("service_name"),
    "by_line_item_type": sums("charge_category"),
    "cost_column": lambda file: rows_of(file)[1]._plan.columns["effective_cost"],
    "cost": sum_of("effective_cost"),
    "currency": lambda file: dict(Counter(rows_of(file)[0]["billing_currency"].to_list())),
    "by_meter_category": sums("service_name"),
    "by_consumed_service": sums("resource_type"),
    "by_charge_type": sums("charge_category"),
    "quantity": sum_of("consumed_quantity"),
    "gross_amount": sum_of("list_cost"),
    "discount_amount": kept("discount_amount"),
    "net_amount": sum_of("effective_cost"),
    "aic_quantity": kept("aic_quantity"),
    "aic_gross_amount": kept("aic_gross_amount"),
    "net_by_cost_center_name": sums("x_cost_center", empty="(empty)"),
    "net_by_organization": sums("sub_account_id", empty="(empty)"),
    "net_by_model": sums("model"),
    "net_by_sku": sums("sku_id"),
    "net_by_date": lambda file: {key[:10]: row for key, row in sums("charge_period_start")(file).items()},
    "gross_by_cost_center_name": sums("x_cost_center", "list_cost", empty="(empty)"),
    "users": lambda file: rows_of(file)[0]["user_id"].n_unique(),
    "prompt_tokens": lambda file: asked(rows_of(file)[0]),
    "completion_tokens": lambda file: rows_of(file)[0]["output_tokens"].sum(),
    "exact_cost_usd": sum_of("effective_cost"),
    "rows_without_team": lambda file: rows_of(file)[0]["sub_account_id"].null_count(),
    "by_team": by_team,
    "traces": lambda file: len(json.loads(path_of(file).read_text())),
    "observations": lambda file: len(observations(file)),
    "generations": lambda file: rows_of(file)[0].height,
    "sum_total_cost": sum_of("effective_cost"),
    "input_tokens": figure_of_usage(("input_tokens", "ContextTokens")),
    "output_tokens": figure_of_usage(("output_tokens", "GeneratedTokens")),
    "clients": lambda file: len({row["client_id"] for row in plain_rows(file)}),
    "requests": lambda file: sum(int(row["requests"]) for row in plain_rows(file)),
    "requests_without_token_data": lambda file: sum(
        int(row["requests_without_token_data"]) for row in plain_rows(file)
    ),
    "payloads": lambda file: len(payloads()),
    "with_model": lambda file: sum("model" in payload for payload in payloads()),
    "priced_expectations": lambda file: len(read_payloads(json.dumps(payloads()).encode())),
    "checked_twice": lambda file: True,  # how the reference was made
}


@pytest.mark.parametrize(("file", "name"), FIGURES)
def test_every_figure_of_the_reference_is_met_to_the_last_digit(file, name):
    wanted = EXPECTED[file][name]
    wanted = as_moments(wanted) if name in OF_DAYS else wanted

    assert exact(CHECKS[name](file)) == exact(wanted)


def test_only_files_that_are_no_bills_are_counted_elsewhere():
    assert {file for file in EXPECTED if file.startswith(("portfolio/", "anomaly/"))} == ELSEWHERE


def exact(value):
    """Bring a figure to one form, however the reference writes it: decimals for text, keys of groups as text."""
    if isinstance(value, dict):
        return {str(key): exact(row) for key, row in value.items()}
    return Decimal(value) if isinstance(value, str) and re.fullmatch(NUMBER, value) else value


def as_moments(value):
    """Read what the reference says of days: `2024-09-01 00:00:00`, `2025-03-03T00:00:00Z`, `4/1/25`."""
    if isinstance(value, dict):
        return {as_moments(key).date(): row for key, row in value.items()}
    return normalise_times(pl.Series([value]), "mdy")[0][0]
