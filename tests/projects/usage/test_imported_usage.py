"""Usage of a real gateway log, taken in with its money."""

import json
from decimal import Decimal

import pytest

from projects.attribution.models import AttributionRule
from projects.signals import spend_reattributed
from projects.usage.models import UsageAlarm, UsageDay
from projects.usage.selectors import usage_totals
from tests.projects.spend.samples import EXPECTED, ROOT, take_in
from tests.projects.usage.conftest import AT

pytestmark = pytest.mark.django_db
LOG = ROOT / "fixtures" / "costs" / "litellm_spendlogs_code.jsonl.gz"
FOCUS = ROOT / "fixtures" / "focus" / "focus_1_0_anonymised_real.csv"
LOG_TOTALS = EXPECTED["llm/litellm_spendlogs_code.jsonl.gz"]


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def request_line(**changes: object) -> str:
    fields = {
        "request_id": "r1",
        "api_key": "key-1",
        "spend": 0.001,
        "startTime": "2026-11-10T09:00:00Z",
        "endTime": "2026-11-10T09:00:01Z",
        "model": "gpt-4o",
        "custom_llm_provider": "openai",
        "team_id": "team-claims",
        "prompt_tokens": 100,
        "completion_tokens": 10,
        "call_type": "acompletion",
    }
    return json.dumps({**fields, **changes})


def log(path, *lines: str):
    path.write_text("\n".join(lines) + "\n")
    return path


def test_the_computed_cost_of_a_real_log_is_exact_to_the_last_decimal(public_prices):
    take_in(LOG, "gateway")

    rows = list(UsageDay.objects.current())
    assert sum(row.calls for row in rows) == LOG_TOTALS["rows"]
    assert sum(row.input_tokens + row.cached_read_tokens for row in rows) == LOG_TOTALS["prompt_tokens"]
    assert sum(row.output_tokens + row.reasoning_tokens for row in rows) == LOG_TOTALS["completion_tokens"]
    assert sum(row.computed_cost for row in rows) == Decimal(LOG_TOTALS["exact_cost_usd"])


def test_without_a_price_sheet_the_cost_is_unknown_and_an_alarm_names_the_model():
    take_in(LOG, "gateway")

    assert {row.computed_cost for row in UsageDay.objects.all()} == {None}
    assert UsageAlarm.objects.open().get().reason == "No price sheet is loaded."


def test_a_bill_without_calls_or_tokens_makes_no_usage(public_prices):
    take_in(FOCUS, "bill")

    assert not UsageDay.objects.exists()


def test_the_same_log_again_changes_nothing(public_prices):
    take_in(LOG, "gateway")
    before = sorted(UsageDay.objects.values_list("pk", flat=True))

    take_in(LOG, "gateway")

    assert sorted(UsageDay.objects.values_list("pk", flat=True)) == before


def test_a_newer_log_of_the_same_month_replaces_the_usage(public_prices, tmp_path):
    take_in(log(tmp_path / "one.jsonl", request_line(), request_line(request_id="r2")), "gateway")
    take_in(log(tmp_path / "two.jsonl", request_line(prompt_tokens=900)), "gateway")

    (row,) = UsageDay.objects.current()
    assert (row.calls, row.input_tokens, row.latency_p50_ms) == (1, 900, 1000)


def test_usage_belongs_to_whom_its_spend_belongs_and_moves_with_it(public_prices, tmp_path, initiative, fiona):
    take_in(log(tmp_path / "one.jsonl", request_line(), request_line(request_id="r2", team_id="team-hr")), "gateway")
    assert usage_totals(initiative.pk, AT.date().replace(day=1), AT.date()).counts.calls == 0

    AttributionRule.objects.create(
        number=7,
        kind="sub_account",
        position=50,
        value="team-claims",
        initiative=initiative,
        made_by=fiona,
        made_at=AT,
    )
    spend_reattributed.send(sender=AttributionRule, initiative_ids=[initiative.pk], by=fiona, at=AT)

    assert usage_totals(initiative.pk, AT.date().replace(day=1), AT.date()).counts.calls == 1
    assert UsageDay.objects.filter(initiative__isnull=True).get().calls == 1


def test_a_rule_with_days_moves_only_usage_of_its_days(public_prices, tmp_path, initiative, fiona):
    next_day = {"startTime": "2026-11-11T09:00:00Z", "endTime": "2026-11-11T09:00:01Z", "request_id": "r2"}
    take_in(log(tmp_path / "one.jsonl", request_line(), request_line(**next_day)), "gateway")

    AttributionRule.objects.create(
        number=7,
        kind="sub_account",
        position=50,
        value="team-claims",
        initiative=initiative,
        starts_on=AT.date().replace(day=11),
        made_by=fiona,
        made_at=AT,
    )
    spend_reattributed.send(sender=AttributionRule, initiative_ids=[initiative.pk], by=fiona, at=AT)

    assert [row.day.day for row in UsageDay.objects.filter(initiative=initiative)] == [11]
