import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from projects.initiatives.models import Initiative, OpeningDecision
from projects.people.models import Organisation, RoleGrant, User

pytestmark = pytest.mark.django_db
FIXTURES = Path(__file__).resolve().parents[4] / "fixtures" / "portfolio"
AT = datetime(2026, 11, 1, tzinfo=UTC)


def run(*arguments):
    out = StringIO()
    call_command("import_portfolio", *map(str, arguments), "--json", stdout=out)
    return json.loads(out.getvalue())


def refused(*arguments):
    out = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("import_portfolio", *map(str, arguments), "--json", stdout=out)
    assert stopped.value.code == 2
    return json.loads(out.getvalue())["error"]


@pytest.fixture
def finance(db):
    Organisation.objects.create(name="Acme")
    people = [User.objects.create(username=name, full_name=name.title()) for name in ("ann", "ben", "cleo")]
    for user, granter, confirmer in ((0, 1, 2), (1, 0, 2)):
        RoleGrant.objects.create(
            user=people[user],
            role="finance",
            granted_by=people[granter],
            confirmed_by=people[confirmer],
            granted_at=AT,
            confirmed_at=AT,
        )
    return people


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.csv"
    path.write_text("id,name,stage\n1,Grid,Pilot\n2,Chat,Odd\n")
    return path


@pytest.mark.parametrize(
    ("file", "mapping", "rows", "refusals"),
    [
        ("us_ai_use_cases_2023.csv.gz", "us_ai_use_cases", 710, 4),
        ("uk_gmpp_2015.csv.gz", "uk_gmpp", 188, 0),
        ("uk_algorithmic_transparency_records.csv", "uk_algorithmic_transparency", 136, 0),
    ],
)
def test_a_public_portfolio_comes_in_with_counts_that_add_up_and_again_changes_nothing(
    finance, file, mapping, rows, refusals
):
    arguments = (FIXTURES / file, "--mapping", FIXTURES / f"{mapping}.toml")

    first, second = run(*arguments), run(*arguments)

    assert (first["rows"], first["accepted"], first["merged"], first["refused"]) == (rows, rows - refusals, 0, refusals)
    assert (second["accepted"], second["merged"], second["refused"]) == (0, rows - refusals, refusals)
    assert sum(first["by_stage"].values()) == rows - refusals
    assert first["by_stage"] == second["by_stage"]
    assert len(first["refusals"]) == refusals
    assert Initiative.objects.count() == rows - refusals


def test_milestones_come_with_their_projects(finance):
    report = run(
        FIXTURES / "us_hhs_it_projects_2013.csv",
        "--mapping",
        FIXTURES / "us_hhs_it.toml",
        "--milestones",
        FIXTURES / "us_hhs_it_milestones_2013.csv.gz",
    )

    assert (report["accepted"], report["milestones"]["accepted"], report["milestones"]["refused"]) == (106, 592, 0)
    assert report["totals"]["budget"] == {"rows": 61, "zero": 0, "sums": {"USD": "94989000.00"}}


def test_without_a_mapping_everything_is_proposed_and_said_so(finance, small):
    report = run(small)

    assert 'Proposed: stage from "stage".' in report["notes"]
    assert report["refusals"] == [
        {
            "line": 3,
            "column": "stage",
            "value": "Odd",
            "reason": "is no stage we know: say under [stages] of the mapping which one it is",
        }
    ]


def test_the_first_two_who_may_sign_the_opening(finance, small):
    report = run(small)

    assert report["opening"]["signed_by"] == ["Ann", "Ben"]
    assert Initiative.objects.get().stage == "pilot"


def test_people_may_be_named(finance, small):
    report = run(small, "--by", "ben", "--second", "ann", "--owner", "cleo")

    assert report["opening"]["signed_by"] == ["Ben", "Ann"]
    assert Initiative.objects.get().business_owner.username == "cleo"


def test_an_unsigned_import_begins_in_concept(finance, small):
    report = run(small, "--unsigned")

    assert report["opening"]["waiting_in_concept"] == 1
    assert not OpeningDecision.objects.exists()


def test_a_preview_writes_nothing(finance, small):
    assert run(small, "--preview")["accepted"] == 1
    assert not Initiative.objects.exists()


def test_an_empty_database_takes_a_portfolio_too(db, small):
    assert run(small)["accepted"] == 1
    assert Initiative.objects.get().stage == "concept"


def test_a_refused_file_exits_with_code_and_places(finance, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("colour\nred\n")

    error = refused(path)

    assert error["code"] == "columns_missing"
    assert error["rows"][0]["column"] == "name"
    assert not Initiative.objects.exists()


def test_a_file_that_is_not_there_and_a_broken_mapping_are_refused(finance, tmp_path, small):
    mapping = tmp_path / "broken.toml"
    mapping.write_text("[columns\n")

    assert refused(tmp_path / "absent.csv")["code"] == "file_unreadable"
    assert refused(small, "--mapping", mapping)["code"] == "mapping_invalid"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--by", "nobody"], "person_unknown"),
        (["--by", "cleo"], "not_permitted"),
        (["--second", "cleo"], "not_permitted"),
        (["--by", "ann", "--second", "ann"], "second_signature_refused"),
    ],
)
def test_people_who_may_not_are_refused(finance, small, arguments, code):
    assert refused(small, *arguments)["code"] == code
    assert not Initiative.objects.exists()


def test_lines_are_printed_where_nobody_asks_for_json(finance, small):
    out = StringIO()

    call_command("import_portfolio", str(small), stdout=out)

    assert "accepted: 1" in out.getvalue()
