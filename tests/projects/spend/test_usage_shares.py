"""Usage of charges that initiatives share: divided as the money is, or told by the log that splits the bill."""

import json
from datetime import date
from decimal import Decimal

import pytest

from projects.attribution.aliases import add_alias
from projects.attribution.drafts import DetailDraft, RuleDraft, ShareDraft
from projects.attribution.models import Basis
from projects.attribution.services import make_rule, retire_rule
from projects.sources.models import Source
from projects.spend.reattribution import reattribute
from projects.usage.models import UsageDay
from projects.usage.selectors import usage_totals
from projects.usage.services import price_unpriced_usage
from tests.factories.initiatives import initiative
from tests.projects.spend.samples import take_in, totals

pytestmark = pytest.mark.django_db
NOVEMBER = date(2026, 11, 1), date(2026, 12, 1)


@pytest.fixture
def claims(olga):
    return initiative(olga, "mvp", name="Claims triage")


@pytest.fixture
def deliver(tmp_path):
    """Take requests in as a bill and as a gateway's log."""

    def take(source, role, *rows):
        usual = {
            "api_key": "k",
            "startTime": "2026-11-10T09:00:00Z",
            "endTime": "2026-11-10T09:00:01Z",
            "custom_llm_provider": "openai",
            "call_type": "acompletion",
            "model": "gpt-4o",
            "completion_tokens": 1,
        }
        lines = [json.dumps({**usual, "request_id": f"r{place}", **row}) for place, row in enumerate(rows)]
        (tmp_path / "rows.jsonl").write_text("\n".join(lines) + "\n")
        (tmp_path / "mapping.json").write_text(json.dumps({"role": role}))
        return take_in(tmp_path / "rows.jsonl", source, "--mapping", tmp_path / "mapping.json")

    return take


@pytest.fixture
def teams(fraud, claims, fiona, now):
    make_rule(draft=RuleDraft("sub_account", "fraud", fraud), by=fiona, at=now)
    make_rule(draft=RuleDraft("sub_account", "claims", claims), by=fiona, at=now)


def request(team, spend, tokens, **more):
    return {"team_id": team, "spend": spend, "prompt_tokens": tokens, **more}


def by_detail(**detail):
    bill = Source.objects.get(name="bill")
    log = DetailDraft(Source.objects.get(name="gateway"), **detail)
    return RuleDraft("sub_account", "whole", basis=Basis.DETAIL, source=bill, detail=log)


def tokens(*initiatives):
    return [usage_totals(who and who.pk, *NOVEMBER).counts.input_tokens for who in initiatives]


def money():
    return {key: effective for key, (_, _, effective) in totals("--by", "initiative", "--source", "bill")[0].items()}


def test_usage_is_divided_as_its_money_is_and_sums_exactly(deliver, fraud, claims, fiona, now):
    shares = (ShareDraft(fraud, Decimal("33.3")), ShareDraft(claims, Decimal("66.7")))
    rule = make_rule(draft=RuleDraft("sub_account", "whole", basis=Basis.FIXED, shares=shares), by=fiona, at=now)

    deliver("bill", "fact", request("whole", 0.10, 100), request("whole", 0.20, 101), request("x", 0.5, 7))
    divided = tokens(fraud, claims, None)
    calls = [usage_totals(who.pk, *NOVEMBER).counts.calls for who in (fraud, claims)]
    stated = [row.stated_cost for row in UsageDay.objects.filter(shared_of__isnull=False).order_by("initiative_id")]
    price_unpriced_usage(at=now, by=fiona)
    retire_rule(rule_id=rule.pk, by=fiona, at=now)
    reattribute(by=fiona, at=now)

    assert divided == [66, 135, 7]  # of 201, a third less a little, and the rest
    assert calls == [0, 2]
    assert stated == [Decimal("0.0999"), Decimal("0.2001")]
    assert tokens(fraud, claims, None) == [0, 0, 208]
    assert not UsageDay.objects.filter(is_shared=True).exists()


def test_a_log_tells_the_usage_of_its_initiatives_and_the_bill_only_that_of_the_rest(
    deliver, teams, fraud, claims, fiona, now
):
    deliver("bill", "fact", request("whole", 1.0, 1000))
    deliver("gateway", "detail", request("fraud", 0.5, 480), request("claims", 0.3, 310))
    make_rule(draft=by_detail(), by=fiona, at=now)

    reattribute(by=fiona, at=now)

    assert money() == {fraud.key: Decimal("0.5"), claims.key: Decimal("0.3"), None: Decimal("0.2")}
    assert tokens(fraud, claims, None) == [480, 310, 200]


def test_charges_of_a_model_are_split_by_the_calls_of_that_model(deliver, teams, fraud, claims, fiona, now):
    deliver("bill", "fact", request("whole", 9.0, 1), request("whole", 1.0, 1, model="mini-4"))
    deliver(
        "gateway",
        "detail",
        request("fraud", 9.0, 1),
        request("claims", 1.0, 1, model="openai-mini"),
    )
    make_rule(draft=by_detail(by_model=True), by=fiona, at=now)

    reattribute(by=fiona, at=now)
    by_name = money()
    add_alias(alias="openai-mini", value="mini-4", tag_key="model", by=fiona, at=now)
    reattribute(by=fiona, at=now)

    assert by_name == {fraud.key: 9, None: 1}
    assert money() == {fraud.key: 9, claims.key: 1}


def test_a_log_without_cost_splits_by_tokens(deliver, teams, fraud, claims, fiona, now):
    deliver("bill", "fact", request("whole", 8.0, 1))
    deliver("gateway", "detail", request("fraud", 0, 299), request("claims", 0, 99))
    make_rule(draft=by_detail(), by=fiona, at=now)

    reattribute(by=fiona, at=now)
    first = money()
    deliver("gateway", "detail", request("fraud", 0, 199), request("claims", 0, 99), request("other", 0, 99))

    assert first == {fraud.key: 6, claims.key: 2}
    assert money() == {fraud.key: 4, claims.key: 2, None: 2}
