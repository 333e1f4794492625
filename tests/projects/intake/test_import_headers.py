from decimal import Decimal

import pytest

from projects.intake.import_headers import (
    INITIATIVE_FIELDS,
    MILESTONE_FIELDS,
    bare,
    currency_in,
    find_header,
    our_field,
    propose,
    unit_in,
)


def test_usual_names_of_columns_are_proposed():
    header = ["Project ID", "Agency Name", "Project Name", "Start Date", "Planned Cost ($ M)", "Cost Variance (%)"]

    assert propose(header, INITIATIVE_FIELDS) == {
        "id": "Project ID",
        "organisation": "Agency Name",
        "name": "Project Name",
        "start": "Start Date",
        "budget": "Planned Cost ($ M)",
    }


def test_the_headers_of_the_2025_inventory_are_proposed_however_they_are_dashed():
    header = [
        "Use Case ID [Agency Abbrev.] – [#]",
        "AI Use Case",
        "Bureau/Component",
        "What problem is the AI intended to solve?",
    ]

    assert propose(header, INITIATIVE_FIELDS) == {
        "id": header[0],
        "name": header[1],
        "unit": header[2],
        "description": header[3],
    }


def test_a_header_feeds_one_field_and_a_taken_one_none():
    assert propose(["Agency", "Title"], INITIATIVE_FIELDS) == {"organisation": "Agency", "name": "Title"}
    assert propose(["Agency", "Title"], INITIATIVE_FIELDS, taken=["Agency"]) == {"name": "Title"}


def test_the_abbreviation_of_an_agency_is_preferred_to_its_name():
    assert propose(["Agency", "Agency Abbreviation"], INITIATIVE_FIELDS)["organisation"] == "Agency Abbreviation"


def test_a_milestones_file_has_fields_of_its_own():
    header = ["activity_id", "project_id", "name", "planned_start", "planned_duration_days", "actual_duration_days"]

    assert list(propose(header, MILESTONE_FIELDS)) == [
        "id", "project", "name", "planned_start", "planned_days", "actual_days",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("2014/2015 Budget (£million)", "budget"),
        ("2016/17 TOTAL Baseline £m (including Non-Government costs)", "total baseline"),
        ("planned_cost_musd", "planned cost"),
        ("Project - Start Date (Latest approved start date)", "project start date"),
        ("FY2024 Budget", "budget"),
        ("Stage", "stage"),
    ],
)
def test_years_units_and_brackets_are_left_out_of_a_header(header, words):
    assert bare(header) == words


@pytest.mark.parametrize(
    ("header", "factor", "currency"),
    [
        ("2014/2015 Budget (£million)", 10**6, "GBP"),
        ("Planned Cost ($ M)", 10**6, "USD"),
        ("planned_cost_musd", 10**6, "USD"),
        ("Budget £m", 10**6, "GBP"),
        ("Budget (EUR m)", 10**6, "EUR"),
        ("Cost ($000)", 10**3, "USD"),
        ("Budget in thousands", 10**3, ""),
        ("yearly_budget", None, ""),
        ("Programme cost", None, ""),
    ],
)
def test_a_header_may_state_unit_and_currency(header, factor, currency):
    assert unit_in(header) == (Decimal(factor) if factor else None)
    assert currency_in(header) == currency


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("Project Name", "Project Name"),
        ("project_name", "Project Name"),
        ("Start Date", "Start Date (latest)"),
        ("Whole life", "Whole Life Cost £m"),
        ("Status", ""),
        ("", ""),
    ],
)
def test_a_header_is_found_by_name_words_or_beginning(wanted, found):
    assert find_header(wanted, ["Project Name", "Start Date (latest)", "Whole Life Cost £m"]) == found


def test_a_beginning_that_two_headers_share_finds_none():
    assert find_header("Cost", ["Cost Variance ($ M)", "Cost Variance (%)"]) == ""


@pytest.mark.parametrize(
    ("name", "field"), [("Budget", "budget"), ("external_id", "id"), ("Cost-Centre", "cost_centre"), ("colour", "")]
)
def test_our_fields_have_near_names(name, field):
    assert our_field(name, INITIATIVE_FIELDS) == field


def test_a_near_name_is_not_the_exact_one():
    assert our_field("title", INITIATIVE_FIELDS, exact=True) == ""
    assert our_field("Name", INITIATIVE_FIELDS, exact=True) == "name"
