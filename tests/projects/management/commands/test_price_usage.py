import gzip
import json

import pytest
from django.core.management import call_command

from projects.prices.shipped import FOLDER

PUBLISHED = FOLDER / "usage_payloads_with_expected_prices.json.gz"


@pytest.fixture
def published(tmp_path):
    path = tmp_path / "payloads.json"
    path.write_bytes(gzip.decompress(PUBLISHED.read_bytes()))
    return path


def answer(capsys, *arguments: str) -> dict:
    call_command("price_usage", *arguments, "--json")
    return json.loads(capsys.readouterr().out)


def test_it_answers_for_every_published_payload(published, capsys):
    assert answer(capsys, str(published)) == {
        "expectations": 1731,
        "matched": 1731,
        "unpriced": 0,
        "differences": [],
    }


def test_prices_of_another_day_differ_and_say_where(published, capsys):
    found = answer(capsys, str(published), "--on", "2026-11-23")

    assert found["matched"] + found["unpriced"] + len(found["differences"]) == 1731
    assert set(found["differences"][0]) == {"payload", "provider", "api", "field", "expected", "got"}


def test_without_json_it_prints_lines(published, capsys):
    call_command("price_usage", str(published))

    assert "matched: 1731" in capsys.readouterr().out


def test_a_missing_file_exits_with_two_and_names_it(tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        answer(capsys, str(tmp_path / "none.json"))

    error = json.loads(capsys.readouterr().out)["error"]
    assert stopped.value.code == 2
    assert error["code"] == "file_unreadable"
    assert "none.json" in error["message"]


def test_a_payload_of_another_shape_exits_with_two_and_shows_it(tmp_path, capsys):
    path = tmp_path / "payloads.json"
    path.write_text('[{"extracted": [{"usage": 1}]}]')

    with pytest.raises(SystemExit) as stopped:
        answer(capsys, str(path))

    row = json.loads(capsys.readouterr().out)["error"]["rows"][0]
    assert stopped.value.code == 2
    assert row["line"] == 1
    assert row["value"] == '{"extracted": [{"usage": 1}]}'


def test_a_sheet_of_the_library_is_taken_once_a_day(tmp_path, capsys):
    arguments = ("take_price_sheet", "--on", "2026-11-09", "--folder", str(tmp_path), "--json")
    call_command(*arguments)
    taken = json.loads(capsys.readouterr().out)

    assert taken["entries"] > 1000
    assert (tmp_path / taken["file"]).exists()
    with pytest.raises(SystemExit):
        call_command(*arguments)
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "sheet_exists"
