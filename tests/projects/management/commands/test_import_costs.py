"""What a person says about a file is read from TOML or JSON."""

import os
from decimal import Decimal

import pytest

from tests.projects.spend.samples import run, take_in

pytestmark = pytest.mark.django_db

ROWS = "Day,Vendor,What,Charge\n2026-05-03,Acme,Rack,12.50\n2026-05-04,Acme,Rack,-2.25\n"
TOML = """
kind = "minimal"
[columns]
date = "Day"
provider = "Vendor"
service = "What"
amount = "Charge"
[values]
currency = "EUR"
"""
JSON = """{"kind": "minimal", "columns": {"date": "Day", "provider": "Vendor", "service": "What",
"amount": "Charge"}, "values": {"currency": "EUR"}}"""


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(ROWS)
    return path


@pytest.mark.parametrize(("name", "said"), [("own.toml", TOML), ("own.json", JSON)])
def test_a_mapping_may_be_toml_or_json(rows, tmp_path, name, said):
    mapping = tmp_path / name
    mapping.write_text(said)

    answer = take_in(rows, "own", "--mapping", mapping)

    assert (answer["kind"], answer["rows"]) == ("minimal", 2)
    assert Decimal(answer["totals"]["EUR"]["effective_cost"]) == Decimal("10.25")


@pytest.mark.parametrize("said", ["not = a = table", "[1]", 'colour = "red"', 'date_order = "ymd"', "separator = 1"])
def test_a_mapping_that_cannot_be_followed_is_refused(rows, tmp_path, said):
    mapping = tmp_path / "own.toml"
    mapping.write_text(said)

    code, answer = run("import_costs", rows, "--source", "own", "--mapping", mapping)

    assert (code, answer["error"]["code"]) == (2, "bad_mapping")


def test_a_mapping_that_is_not_there_is_refused(rows, tmp_path):
    code, answer = run("import_costs", rows, "--source", "own", "--mapping", tmp_path / "none.toml")

    assert (code, answer["error"]["code"]) == (2, "file_unreadable")


@pytest.mark.parametrize("name", ["x" * 5000, "", ".", "/dev/null", "/dev/zero"])
def test_a_name_of_no_file_is_refused(name):
    code, answer = run("import_costs", name, "--source", "own")

    assert (code, answer["error"]["code"]) == (2, "file_unreadable")


@pytest.mark.parametrize("name", [b"li\nne.csv", b"-dash.csv", b"q'\"uote.csv", b"x" * 250, b"\xff\xfe.csv", b" "])
def test_a_file_of_an_odd_name_is_taken_for_what_it_holds(name, tmp_path):
    path = os.path.join(os.fsencode(tmp_path), name)
    with open(path, "wb") as file:
        file.write(b"date,service,amount,currency\n2026-05-03,Rack,1,EUR\n")

    assert take_in(os.fsdecode(path), "own")["rows"] == 1


@pytest.mark.parametrize("arguments", [["--source", "\udcff"], ["--by", "tag:\udcff"]])
def test_totals_of_what_is_no_text_are_refused(arguments):
    code, answer = run("cost_totals", *arguments)

    assert (code, answer["error"]["code"]) == (2, "not_text")
