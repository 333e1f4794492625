from decimal import Decimal

import pytest

from projects.intake.import_mapping import PortfolioMap, parse_mapping
from projects.intake.import_stages import Stage
from projects.intake.spreadsheets.refusals import FileRefused


def test_an_empty_mapping_proposes_everything():
    assert parse_mapping("") == PortfolioMap()


def test_every_part_of_a_mapping_is_read():
    mapping = parse_mapping("""
        [columns]
        name = ["Title", "Name"]
        budget = "Planned Cost"
        [milestones]
        project = "project_id"
        [stages]
        "Live" = "Launch"
        "" = "Concept"
        "*" = "MVP"
        [dates]
        order = "dmy"
        [money]
        unit = "millions"
        currency = "gbp"
        decimal = ","
        variance = "planned-minus-actual"
        [options]
        organisation = "HHS"
        transposed = true
        separator = ";"
        encoding = "cp1252"
        sheet = "Projects"
        header_line = 3
    """)

    assert mapping == PortfolioMap(
        columns={"name": ("Title", "Name"), "budget": ("Planned Cost",)},
        milestones={"project": ("project_id",)},
        stages={"live": Stage.LAUNCH},
        blank_stage=Stage.CONCEPT,
        other_stage=Stage.MVP,
        date_order="dmy",
        factor=Decimal(10**6),
        currency="GBP",
        decimal=",",
        overrun_is_negative=True,
        organisation="HHS",
        transposed=True,
        separator=";",
        encoding="cp1252",
        sheet="Projects",
        header_line=3,
    )


@pytest.mark.parametrize(
    "text",
    [
        '[columns]\nname = "Project Name"',
        '[fields]\nname = "Project Name"',
        '[columns]\n"Project Name" = "name"',
        'name = "Project Name"',
        '[columns]\ntitle = "Project Name"',
        '[columns]\nname = ["Project Name"]',
        '[columns.name]\ncolumn = "Project Name"',
    ],
)
def test_a_column_may_be_named_in_several_shapes(text):
    assert parse_mapping(text).columns == {"name": ("Project Name",)}


def test_a_pair_stands_either_way_round_even_where_both_words_could_be_fields():
    assert parse_mapping('[columns]\n"Department" = "organisation"').columns == {"organisation": ("Department",)}
    assert parse_mapping('[columns]\nname = "Title"').columns == {"name": ("Title",)}
    assert parse_mapping('[columns]\n"Title" = "name"').columns == {"name": ("Title",)}


@pytest.mark.parametrize("text", ['start = ""', "start = false", "start = []"])
def test_a_field_may_be_switched_off(text):
    assert parse_mapping(f"[columns]\n{text}").columns == {"start": ()}


def test_what_is_no_field_is_noted_and_not_obeyed():
    mapping = parse_mapping('[columns]\ncolour = "Colour"')

    assert mapping.columns == {}
    assert 'names "colour"' in mapping.notes[0]


@pytest.mark.parametrize(
    "text", ['[stages]\n"Live" = "launch"', '[stages]\nLaunch = "Live"', '[stage_map]\nLaunch = ["live", "LIVE"]']
)
def test_stage_labels_may_stand_on_either_side(text):
    assert parse_mapping(text).stages == {"live": Stage.LAUNCH}


def test_one_of_our_stages_may_stand_for_another():
    assert parse_mapping('[stages]\n"Scale" = "Launch"').stages == {"scale": Stage.LAUNCH}


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ('[dates]\norder = "dmy"', "dmy"),
        ('[dates]\norder = "DD/MM/YYYY"', "dmy"),
        ('[dates]\nformat = "%m/%d/%Y"', "mdy"),
        ('[dates]\norder = "day-first"', "dmy"),
        ('[dates]\norder = "month first"', "mdy"),
        ("[dates]\nday_first = true", "dmy"),
        ("[dates]\nday_first = false", "mdy"),
        ('date_order = "ymd"', "ymd"),
        ('[options]\ndate_order = "iso"', "ymd"),
        ('[dates]\norder = "ydm"', "ydm"),
        ("", ""),
    ],
)
def test_the_order_of_dates_is_understood_in_several_words(text, order):
    assert parse_mapping(text).date_order == order


@pytest.mark.parametrize(
    ("unit", "factor"),
    [('"millions"', 10**6), ('"£m"', 10**6), ("1000000", 10**6), ('"k"', 1000), ('"ones"', 1), ('"billions"', 10**9)],
)
def test_the_unit_of_money_is_understood_in_several_words(unit, factor):
    assert parse_mapping(f"[money]\nunit = {unit}").factor == factor


@pytest.mark.parametrize(
    ("value", "transposed", "if_needed"),
    [("true", True, False), ("false", False, False), ('"auto"', None, True), ('"yes"', True, False)],
)
def test_a_table_is_turned_always_never_or_where_needed(value, transposed, if_needed):
    mapping = parse_mapping(f"[options]\ntransposed = {value}")

    assert (mapping.transposed, mapping.turn_if_needed) == (transposed, if_needed)


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        '[stages]\n"Live" = "Moon"',
        '[dates]\norder = "random"',
        '[dates]\norder = "dm"',
        '[money]\nunit = "dozens"',
        "[money]\nunit = 7",
        '[money]\ncurrency = "pounds"',
        '[money]\ndecimal = ";"',
        '[money]\nvariance = "upwards"',
        '[options]\nheader_line = "third"',
    ],
)
def test_a_value_that_means_nothing_is_refused(text):
    with pytest.raises(FileRefused) as refused:
        parse_mapping(text)

    assert refused.value.code == "mapping_invalid"
