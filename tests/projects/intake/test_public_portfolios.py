"""Every row of every public file is accounted for, and the figures are those counted by other programs."""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from projects.intake.import_lateness import late_on, late_when_finished
from projects.intake.import_mapping import PortfolioMap, parse_mapping
from projects.intake.import_milestones import projects_by_id, read_milestones
from projects.intake.import_records import read_portfolio
from projects.intake.import_totals import by_stage, over_plan, sum_of
from projects.intake.spreadsheets.refusals import FileRefused

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "portfolio"
FIFTEEN = Decimal(15)


def mapping(name):
    return parse_mapping((FIXTURES / f"{name}.toml").read_text())


def reading(file, name):
    return read_portfolio((FIXTURES / file).read_bytes(), mapping(name))


@pytest.mark.parametrize(
    ("file", "name", "rows", "refused", "stages"),
    [
        (
            "us_ai_use_cases_2023.csv.gz",
            "us_ai_use_cases",
            710,
            4,
            {"Concept": 403, "MVP": 93, "Pilot": 52, "Launch": 158},
        ),
        (
            "us_ai_use_cases_2024.csv.gz",
            "us_ai_use_cases",
            2133,
            5,
            {"Concept": 403, "MVP": 404, "Pilot": 287, "Launch": 892, "Sunset": 142},
        ),
        ("us_it_dashboard_projects_2012.csv.gz", "us_it_dashboard", 2467, 0, {"Concept": 2467}),
        ("us_hhs_it_projects_2013.csv", "us_hhs_it", 106, 0, {"Concept": 106}),
        ("uk_gmpp_2015.csv.gz", "uk_gmpp", 188, 0, {"Concept": 188}),
        ("uk_gmpp_2017.csv.gz", "uk_gmpp", 143, 0, {"Concept": 143}),
        ("uk_gmpp_2019.csv.gz", "uk_gmpp", 133, 0, {"Concept": 133}),
        ("uk_gmpp_2021.csv.gz", "uk_gmpp", 184, 0, {"Concept": 184}),
        ("uk_algorithmic_transparency_records.csv", "uk_algorithmic_transparency", 136, 0, {"Concept": 136}),
    ],
)
def test_every_row_is_accepted_merged_or_refused(file, name, rows, refused, stages):
    found = reading(file, name)

    assert found.rows == rows
    assert len(found.records) + len(found.repeats) + len(found.refusals) == rows
    assert len(found.refusals) == refused
    assert by_stage(found.records) == stages
    assert len({record.identity for record in found.records}) == len(found.records)


@pytest.mark.parametrize(
    ("file", "with_budget", "budget", "with_forecast", "forecast", "comparable", "over"),
    [
        ("uk_gmpp_2015.csv.gz", 178, "21763.88", 178, "20381.76", 166, 17),
        ("uk_gmpp_2017.csv.gz", 136, "24613.14", 136, "24900.11", 130, 15),
        ("uk_gmpp_2019.csv.gz", 121, "29723.3", 121, "28965.86", 118, 20),
        ("uk_gmpp_2021.csv.gz", 173, "46250.73", 173, "44406", 164, 13),
    ],
)
def test_uk_major_projects_add_up(file, with_budget, budget, with_forecast, forecast, comparable, over):
    records = reading(file, "uk_gmpp").records
    budgets, forecasts = sum_of(records, "budget"), sum_of(records, "forecast")

    assert (budgets.rows, budgets.by_currency) == (with_budget, {"GBP": Decimal(budget) * 10**6})
    assert (forecasts.rows, forecasts.by_currency) == (with_forecast, {"GBP": Decimal(forecast) * 10**6})
    assert sum(1 for record in records if (record.budget or 0) > 0 and record.forecast is not None) == comparable
    assert over_plan(records, FIFTEEN) == over


def test_sentences_of_exemption_are_kept():
    records = reading("uk_gmpp_2019.csv.gz", "uk_gmpp").records
    notes = [note for record in records for note in record.notes if note.column == "yearly_budget"]

    assert len(notes) == 12
    assert all("Section" in note.value for note in notes)


@pytest.mark.parametrize("file", ["uk_gmpp_2015.csv.gz", "uk_gmpp_2017.csv.gz"])
def test_transposed_files_are_refused_plainly_where_nobody_says_to_turn_them(file):
    with pytest.raises(FileRefused) as refused:
        read_portfolio((FIXTURES / file).read_bytes(), PortfolioMap())

    assert refused.value.code == "table_transposed"


def test_the_it_dashboard_adds_up():
    records = reading("us_it_dashboard_projects_2012.csv.gz", "us_it_dashboard").records
    budgets, actuals = sum_of(records, "budget"), sum_of(records, "actual")

    assert budgets.by_currency == {"USD": Decimal("43099318688")}
    assert actuals.by_currency == {"USD": Decimal("44256097602.50")}
    assert (budgets.rows, budgets.zero) == (2450, 0)
    assert over_plan(records, FIFTEEN) == 151
    assert Counter(record.organisation for record in records)["United States Department of Homeland Security"] == 284


def test_swapped_days_and_months_of_the_it_dashboard_are_set_right():
    records = reading("us_it_dashboard_projects_2012.csv.gz", "us_it_dashboard").records

    assert sum(record.start_on == date(2011, 10, 1) for record in records) == 417
    assert not any(record.start_on and record.end_on and record.end_on < record.start_on for record in records)


def test_ai_use_cases_count_by_agency_and_label():
    found = reading("us_ai_use_cases_2024.csv.gz", "us_ai_use_cases")
    agencies = Counter(record.organisation for record in found.records)
    labels = Counter(record.stage_label for record in found.records)

    assert (agencies["HHS"], agencies["VA"], agencies["USAID"]) == (271, 229, 137)
    assert (labels["Operation and Maintenance"], labels["Acquisition and/or Development"], labels[""]) == (874, 404, 4)
    assert {refusal.value for refusal in found.refusals} == {"Research or Administrative Action Complete"}


def test_the_first_ai_inventory_asks_about_four_labels():
    found = reading("us_ai_use_cases_2023.csv.gz", "us_ai_use_cases")

    assert sum(record.stage_label == "" for record in found.records) == 321
    assert [refusal.column for refusal in found.refusals] == ["Development_Stage"] * 4


def test_american_dates_without_an_order_are_refused_row_by_row():
    found = read_portfolio((FIXTURES / "us_ai_use_cases_2024.csv.gz").read_bytes(), PortfolioMap())

    assert len(found.records) + len(found.refusals) == 2133
    assert sum("two dates" in refusal.reason for refusal in found.refusals) == 744


def test_milestones_of_the_health_department_give_both_counts():
    projects = projects_by_id(r.identity for r in reading("us_hhs_it_projects_2013.csv", "us_hhs_it").records)
    content = (FIXTURES / "us_hhs_it_milestones_2013.csv.gz").read_bytes()

    found = read_milestones(content, mapping("us_hhs_it"), projects)
    finished, due = (
        late_when_finished(found.records),
        late_on(found.records, date(2013, 1, 1), grace_days=0, next_miss_days=30),
    )

    assert (found.rows, len(found.records), len(projects)) == (592, 592, 106)
    assert sum(record.cost for record in found.records) == Decimal("330.006") * 10**6
    assert Counter(record.status for record in found.records)["In-progress"] == 218
    assert (finished.counted, finished.late, finished.projects) == (374, 103, 17)
    assert (due.counted, due.late, due.projects) == (582, 311, 66)
