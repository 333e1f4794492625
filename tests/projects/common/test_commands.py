import json
from datetime import date
from decimal import Decimal
from io import BytesIO, TextIOWrapper

import pytest
from django.core.management import call_command
from django.db import connection

from projects.common.commands import BadRow, InputRefused, JsonCommand, plain, read_input


class Counting(JsonCommand):
    def answer(self, **options):
        if self.refusal:
            raise self.refusal
        return {"total": Decimal("1E-7"), "on": date(2026, 11, 19), "rows": [{"cost": Decimal("2.50")}]}

    refusal = None


def test_an_answer_is_one_json_object_with_exact_decimals(capsys):
    call_command(Counting(), "--json")

    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert json.loads(out) == {"total": "0.0000001", "on": "2026-11-19", "rows": [{"cost": "2.50"}]}


def test_an_answer_is_lines_without_json(capsys):
    call_command(Counting())

    assert capsys.readouterr().out.splitlines()[1] == "on: 2026-11-19"


def test_a_refusal_exits_with_two_and_names_the_rows(capsys):
    command = Counting()
    command.refusal = InputRefused("bad_rows", "Two rows are bad.", [BadRow(3, "BilledCost", "x", "not a number")])

    with pytest.raises(SystemExit) as stopped:
        call_command(command, "--json")

    assert stopped.value.code == 2
    assert json.loads(capsys.readouterr().out) == {
        "error": {
            "code": "bad_rows",
            "message": "Two rows are bad.",
            "rows": [{"line": 3, "column": "BilledCost", "value": "x", "reason": "not a number"}],
        }
    }


def test_a_command_line_that_cannot_be_understood_is_answered_with_an_object_too(capsys):
    with pytest.raises(SystemExit) as stopped:
        Counting().run_from_argv(["manage.py", "count", "--json", "--colour"])

    assert stopped.value.code == 2
    said = capsys.readouterr()
    assert json.loads(said.out)["error"]["code"] == "usage"
    assert "--colour" in said.err


def test_a_refusal_is_answered_once(capsys):
    command = Counting()
    command.refusal = InputRefused("bad_rows", "Two rows are bad.")

    with pytest.raises(SystemExit):
        command.run_from_argv(["manage.py", "count", "--json"])

    assert json.loads(capsys.readouterr().out)["error"]["code"] == "bad_rows"


def test_loose_bytes_in_an_answer_are_spelled_out(capsys):
    command = Counting()
    command.refusal = InputRefused("file_unreadable", "\udcff.csv cannot be read.")

    with pytest.raises(SystemExit):
        call_command(command, "--json")

    assert json.loads(capsys.readouterr().out)["error"]["message"] == "\udcff.csv cannot be read."


def test_an_answer_for_a_terminal_of_another_encoding_is_plain_ascii():
    out = TextIOWrapper(BytesIO(), encoding="iso-8859-1")
    command = Counting()
    command.refusal = InputRefused("bad_rows", "Zürich – 東京")

    with pytest.raises(SystemExit):
        call_command(command, "--json", stdout=out)

    out.flush()
    assert json.loads(out.buffer.getvalue().decode("ascii"))["error"]["message"] == "Zürich – 東京"


def test_an_argument_of_loose_bytes_is_refused(capsys):
    command = Counting()
    command.refusal = UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed")

    with pytest.raises(SystemExit) as stopped:
        call_command(command, "--json")

    assert (stopped.value.code, json.loads(capsys.readouterr().out)["error"]["code"]) == (2, "not_text")


@pytest.mark.django_db
def test_a_database_without_tables_is_named_with_what_to_run(capsys):
    class Asking(JsonCommand):
        def answer(self, **options):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM projects_nothing_of_the_kind")

    with pytest.raises(SystemExit) as stopped:
        call_command(Asking(), "--json")

    error = json.loads(capsys.readouterr().out)["error"]
    assert (stopped.value.code, error["code"]) == (1, "database_not_prepared")
    assert "manage.py migrate" in error["message"]


def test_a_value_without_a_json_form_is_an_error():
    with pytest.raises(TypeError):
        plain(object())


def test_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(InputRefused, match="cannot be read"):
        read_input(str(tmp_path))
