"""Cost files of a few rows, written as a test needs them, and the command that takes them in."""

import json
from decimal import Decimal
from io import StringIO
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.management import call_command

ROOT = Path(__file__).parents[3]
FOCUS = ROOT / "fixtures" / "focus"
COSTS = ROOT / "fixtures" / "costs"
EXPECTED = json.loads((COSTS / "expected_totals.json").read_text())

DEFAULTS = {
    "ProviderName": "AWS",
    "BillingAccountId": "111",
    "SubAccountId": "sub-1",
    "BillingPeriodStart": "2026-05-01T00:00:00Z",
    "BillingPeriodEnd": "2026-06-01T00:00:00Z",
    "ChargePeriodStart": "2026-05-03T00:00:00Z",
    "ChargePeriodEnd": "2026-05-04T00:00:00Z",
    "ChargeCategory": "Usage",
    "ServiceName": "Bedrock",
    "ServiceCategory": "AI and Machine Learning",
    "BilledCost": "1",
    "EffectiveCost": "1",
    "BillingCurrency": "USD",
    "ResourceId": "",
    "Tags": "",
}


def write_focus(path, *rows):
    """Write FOCUS rows that differ from the usual one as told."""
    lines = [",".join(DEFAULTS)]
    for row in rows:
        cells = {**DEFAULTS, **row}
        lines.append(",".join('"' + str(cells[name]).replace('"', '""') + '"' for name in DEFAULTS))
    path.write_text("\n".join(lines) + "\n")
    return path


def run(command, *arguments):
    """Run a command with --json; return its exit code and its answer."""
    out = StringIO()
    try:
        call_command(command, *map(str, arguments), "--json", stdout=out)
    except SystemExit as ended:
        return ended.code, json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def take_in(path, source, *arguments):
    """Import a file that must be accepted and return the answer."""
    code, answer = run("import_costs", path, "--source", source, *arguments)
    assert code == 0, answer
    return answer


def totals(*arguments):
    """Return the groups of cost_totals as {key: (rows, billed, effective)}, and its totals by currency."""
    code, answer = run("cost_totals", *arguments)
    assert code == 0, answer
    groups = {group["key"]: figures(group) for group in answer["groups"]}
    return groups, {total["currency"]: figures(total) for total in answer["totals"]}


def figures(row):
    """Return rows and money of one line of an answer."""
    return row["rows"], Decimal(row["billed_cost"]), Decimal(row["effective_cost"])


def take_in_as_bill(path, source):
    """Import a gateway's export of money that no bill has."""
    with NamedTemporaryFile("w", suffix=".json") as mapping:
        mapping.write('{"role": "fact"}')
        mapping.flush()
        return take_in(path, source, "--mapping", mapping.name)
