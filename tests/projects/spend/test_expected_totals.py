"""Every figure of the reference totals, met exactly through the commands."""

import json
from decimal import Decimal

import pytest

from projects.sources.models import Source
from projects.sources.services import change_role
from projects.spend.totals import GROUPS as totals_by
from tests.projects.spend.samples import COSTS, EXPECTED, FOCUS, figures, run, take_in, totals, write_focus

pytestmark = pytest.mark.django_db

REAL = "focus_1_0_anonymised_real.csv"
GATEWAY = "litellm_focus_servegen_m_small.csv"
FILES = [
    REAL,
    GATEWAY,
    "synthetic_1_2_aws_100.csv",
    "synthetic_1_2_aws_4000.csv.gz",
    "synthetic_1_3_azure_25_credits.csv",
]
GROUPS = {
    "by_charge_category": "charge_category",
    "by_charge_class": "charge_class",
    "by_service": "service_name",
    "by_service_category": "service_category",
    "by_sub_account": "sub_account_id",
    "by_provider": "provider",
    "by_charge_month_utc": "charge_month",
}


def expected_groups(groups):
    return {
        None if key == "(null)" else key: (row["rows"], Decimal(row["billed"]), Decimal(row["effective"]))
        for key, row in groups.items()
    }


@pytest.mark.parametrize("name", FILES)
def test_import_and_totals_meet_the_reference_to_the_last_digit(name):
    expected = EXPECTED[f"focus/samples/{name}"]

    answer = take_in(FOCUS / name, "sample")

    assert (answer["rows"], answer["accepted"], answer["refused"]) == (expected["rows"], expected["rows"], 0)
    assert answer["unchanged"] is False
    assert {
        code: (Decimal(sums["billed_cost"]), Decimal(sums["effective_cost"])) for code, sums in answer["totals"].items()
    } == {code: (Decimal(row["billed"]), Decimal(row["effective"])) for code, row in expected["by_currency"].items()}
    for reference, by in GROUPS.items():
        if reference in expected:
            assert totals("--source", "sample", "--by", by)[0] == expected_groups(expected[reference]), by


@pytest.mark.parametrize(
    "path",
    [
        *(FOCUS / name for name in (*FILES, "synthetic_1_3_azure_1500.parquet")),
        COSTS / "aws_cur_legacy_anonymised.csv.gz",
        COSTS / "azure_ea_cad_anonymised.csv",
        COSTS / "github_copilot_premium_requests_2025_10.csv.gz",
        COSTS / "langfuse_traces_trimmed.json",
    ],
    ids=lambda path: path.name,
)
def test_every_grouping_adds_up_to_the_file(path):
    answer = take_in(path, "sample")
    whole = {code: figures({"rows": 0, **sums})[1:] for code, sums in answer["totals"].items()}

    for by in (*totals_by, "tag:application"):
        status, grouped = run("cost_totals", "--source", "sample", "--by", by)
        assert status == 0
        for code, (billed, effective) in whole.items():
            parts = [figures(group) for group in grouped["groups"] if group["currency"] == code]
            assert sum(part[0] for part in parts) == answer["rows"], by
            assert (sum(part[1] for part in parts), sum(part[2] for part in parts)) == (billed, effective), by


@pytest.mark.parametrize("name", FILES)
def test_billing_periods_are_written_as_days(name):
    take_in(FOCUS / name, "sample")

    groups, _ = totals("--source", "sample", "--by", "billing_period")

    expected = expected_groups(EXPECTED[f"focus/samples/{name}"]["by_billing_period"])
    assert groups == {key[:10]: row for key, row in expected.items()}


@pytest.mark.parametrize("name", [GATEWAY, "synthetic_1_2_aws_4000.csv.gz"])
def test_tags_group_under_any_spelling_of_their_key(name):
    take_in(FOCUS / name, "sample")
    reference = EXPECTED[f"focus/samples/{name}"]["by_tag"]
    keys = {key.split("=")[0] for key in reference if "=" in key}

    for key in keys:
        groups, _ = totals("--source", "sample", "--by", f"tag:user:{key.upper()}")
        expected = {pair.split("=", 1)[1]: row for pair, row in reference.items() if pair.startswith(f"{key}=")}
        assert {value: row for value, row in groups.items() if value is not None} == expected_groups(expected)


def test_bills_count_and_logs_of_the_same_money_only_where_they_are_asked_for():
    take_in(FOCUS / REAL, "cloud")
    take_in(FOCUS / GATEWAY, "gateway")

    _, everything = totals()
    _, gateway = totals("--source", "gateway")

    assert everything["USD"] == (744, Decimal("18.74189573593"), Decimal("15.12548009483"))
    assert gateway["USD"] == (324, Decimal("5498.401072"), Decimal("5498.401072"))


def test_a_log_counts_once_finance_says_that_it_is_the_bill(fiona, now):
    take_in(FOCUS / GATEWAY, "gateway")

    change_role(source_id=Source.objects.get().pk, role="fact", by=fiona, at=now)

    assert totals()[1]["USD"] == (324, Decimal("5498.401072"), Decimal("5498.401072"))


def test_days_count_from_the_first_up_to_the_last_which_is_left_out():
    take_in(FOCUS / GATEWAY, "gateway")
    days = EXPECTED[f"focus/samples/{GATEWAY}"]["by_billing_period"]

    _, sums = totals("--source", "gateway", "--from", "2025-03-04", "--to", "2025-03-06")

    two = [days["2025-03-04T00:00:00Z"], days["2025-03-05T00:00:00Z"]]
    assert sums["USD"][0] == sum(day["rows"] for day in two)
    assert sums["USD"][2] == sum(Decimal(day["effective"]) for day in two)


def test_model_charges_fall_into_the_model_layer_and_the_rest_stays_unclassified():
    take_in(FOCUS / REAL, "cloud")
    take_in(FOCUS / GATEWAY, "gateway")

    gateway, _ = totals("--source", "gateway", "--by", "layer")
    cloud, _ = totals("--source", "cloud", "--by", "layer")

    assert gateway == {"api_model": (324, Decimal("5498.401072"), Decimal("5498.401072"))}
    assert set(cloud) == {"platform", "unclassified"}
    assert sum(row[0] for row in cloud.values()) == 744


def test_nothing_imported_gives_empty_totals():
    assert run("cost_totals") == (0, {"totals": [], "groups": []})


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--by", "colour"), "unknown_group"),
        (("--by", "tag:"), "unknown_group"),
        (("--source", "nobody"), "unknown_source"),
        (("--from", "yesterday"), "bad_date"),
        (("--to", "2026-02-30"), "bad_date"),
    ],
)
def test_questions_that_cannot_be_answered_exit_with_2(arguments, code):
    status, answer = run("cost_totals", *arguments)

    assert status == 2
    assert answer["error"]["code"] == code
    assert answer["error"]["rows"] == []


def test_answer_lines_have_no_exponents():
    take_in(FOCUS / REAL, "cloud")

    _, answer = run("cost_totals", "--by", "sub_account_id")

    assert all("E" not in group["billed_cost"] for group in answer["groups"])
    assert sum(figures(group)[1] for group in answer["groups"]) == figures(answer["totals"][0])[1]


@pytest.mark.parametrize(
    ("file", "reference", "figure", "currency"),
    [
        ("aws_cur_legacy_anonymised.csv.gz", "native/aws_cur_legacy_anonymised.csv", "unblended_cost", "USD"),
        ("azure_ea_cad_anonymised.csv", "native/azure_ea_cad_anonymised.csv", "cost", "CAD"),
        ("azure_ea_actual_small.csv", "native/azure_ea_actual_small.csv", "cost", "USD"),
        (
            "github_copilot_premium_requests_2025_10.csv.gz",
            "saas/github_copilot_premium_requests_2025_10.csv",
            "net_amount",
            "USD",
        ),
        ("litellm_spendlogs_code.jsonl.gz", "llm/litellm_spendlogs_code.jsonl.gz", "exact_cost_usd", "USD"),
        ("langfuse_traces_trimmed.json", "llm/langfuse_traces_trimmed.json", "sum_total_cost", "USD"),
    ],
)
def test_other_bills_and_logs_meet_the_reference_too(file, reference, figure, currency):
    expected = EXPECTED[reference]

    answer = take_in(COSTS / file, "other")

    assert Decimal(answer["totals"][currency]["effective_cost"]) == Decimal(expected[figure])
    assert totals("--source", "other")[1][currency][0] == answer["rows"] == expected.get("rows", answer["rows"])


def test_usage_without_money_is_refused_with_its_sentence():
    status, answer = run("import_costs", COSTS / "refused" / "servegen_m_small_hourly.csv.gz", "--source", "usage")

    assert (status, answer["error"]["code"]) == (2, "usage_without_money")


def test_quirk_6_spellings_of_one_key_are_one_group(tmp_path):
    spellings = [
        "user:Application",
        "application ",
        "APPLI-CATION",
        "resourceTags/user:app_lication",
        "aws:application",
    ]
    rows = [{"Tags": json.dumps({key: " claims ", "n": number})} for number, key in enumerate(spellings)]
    more = [{"Tags": '{"application":true}'}, {"Tags": "{}"}, {"Tags": '{"application":null,"Application":"claims"}'}]
    take_in(write_focus(tmp_path / "tags.csv", *rows, *more), "cloud")

    for asked in ("tag:application", "tag:user:Application", "tag: APPLICATION"):
        groups, _ = totals("--by", asked)
        assert {key: group[0] for key, group in groups.items()} == {"claims": 6, "true": 1, None: 1}, asked
