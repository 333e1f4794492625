"""Commands as somebody types them: one JSON object on standard output, whatever else there is to say, on any database."""

import gzip
import json
import subprocess
import sys
import zipfile

import pytest

from launch.places import CHECKOUT
from tests.launch.machine import empty_home, machine

BILL = CHECKOUT / "fixtures" / "focus" / "focus_1_0_anonymised_real.csv"


@pytest.fixture(scope="module")
def home():
    """A database that was migrated and holds nothing: no organisation, nobody."""
    with empty_home() as folder:
        assert manage(folder, "migrate", "--verbosity", "0").returncode == 0
        yield folder


def manage(home, *arguments):
    command = [sys.executable, "manage.py", *map(str, arguments)]
    return subprocess.run(
        command, cwd=CHECKOUT, env=machine(home), capture_output=True, text=True, timeout=300, check=False
    )


def said(home, *arguments):
    """Return the exit code and the one object on standard output."""
    ended = manage(home, *arguments, "--json")
    assert "Traceback" not in ended.stderr, ended.stderr
    assert ended.stdout.count("\n") == 1
    return ended.returncode, json.loads(ended.stdout)


def test_every_command_answers_on_an_empty_database(home, tmp_path):
    payloads, portfolio = tmp_path / "payloads.json", tmp_path / "portfolio.csv"
    payloads.write_text("[]")
    portfolio.write_text("name,stage\nClaims triage,Idea\n")
    asked = {
        ("cost_totals",): {"totals", "groups"},
        ("cost_totals", "--by", "layer", "--from", "2026-01-01", "--to", "2026-02-01"): {"totals", "groups"},
        ("evaluate_escalations",): {"policy_version", "raised", "open", "cleared"},
        ("reattribute", "--dry-run"): {"dry_run", "rows", "moves", "initiatives", "closed_rows"},
        ("verify_rollups",): {"differences"},
        ("price_usage", payloads): {"expectations", "matched", "unpriced", "differences"},
        ("import_costs", BILL, "--source", "aws"): {"delivery", "rows", "totals", "unchanged", "notes"},
        ("import_portfolio", portfolio): {"rows", "accepted", "merged", "refused", "by_stage"},
        ("evaluate_escalations", "--on", "2026-01-31", "--write"): {"policy_version", "raised", "open", "cleared"},
        ("load_prices",): {"sheets", "models_entered"},
    }

    for command, keys in asked.items():
        code, answer = said(home, *command)
        assert code == 0, (command, answer)
        assert keys <= set(answer), command
    assert said(home, "seed_demo")[1]["error"]["code"] == "not_empty"


def test_refused_input_exits_with_two_and_one_object(home, tmp_path):
    files = {name: tmp_path / name for name in ("empty.csv", "picture.png", "bomb.zip", "bomb.csv.gz", "short.csv")}
    files["empty.csv"].touch()
    files["picture.png"].write_bytes(bytes.fromhex("89504e470d0a1a0a0000000d49484452") + bytes(100))
    with zipfile.ZipFile(files["bomb.zip"], "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.csv", b"0" * 20_000_000)
    files["bomb.csv.gz"].write_bytes(gzip.compress(b"0" * 50_000_000, compresslevel=1))
    files["short.csv"].write_text(BILL.read_text().replace("BillingCurrency", "Colour", 1))
    refused = [
        *(("import_costs", path, "--source", "aws") for path in files.values()),
        ("import_costs", tmp_path / "none.csv", "--source", "aws"),
        ("import_portfolio", files["picture.png"]),
        ("import_portfolio", tmp_path / "none.csv"),
        ("cost_totals", "--by", "colour"),
        ("cost_totals", "--from", "yesterday"),
        ("cost_totals", "--source", "nobody"),
        ("evaluate_escalations", "--on", "someday"),
        ("price_usage", files["empty.csv"]),
        ("price_usage", files["empty.csv"], "--on", "someday"),
    ]

    for command in refused:
        code, answer = said(home, *command)
        assert code == 2, command
        assert set(answer["error"]) == {"code", "message", "rows"}, command
