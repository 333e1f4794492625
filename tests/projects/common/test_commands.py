import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command

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


def test_a_value_without_a_json_form_is_an_error():
    with pytest.raises(TypeError):
        plain(object())


def test_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(InputRefused, match="cannot be read"):
        read_input(str(tmp_path))
