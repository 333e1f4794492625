"""Rules as pages show them: who sees them, what a change moves, and what typing them wrong says."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.attribution.drafts import RuleDraft
from projects.attribution.models import AttributionRule
from projects.attribution.services import make_rule
from projects.jobs.models import Job
from projects.rulebook.models import RuleChange
from projects.sources.models import Source
from tests.browser.looking import look_at
from tests.projects.spend.samples import take_in, write_focus
from tests.projects.spend.test_import_pages import perform

pytestmark = pytest.mark.django_db
TYPED = {"kind": "sub_account", "value": "sub-1", "basis": "whole", "note": "Theirs"}


@pytest.fixture
def bill(tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {"EffectiveCost": "10"}), "c")


def test_rules_are_for_those_who_read_spend(client, max_the_stranger, audrey):
    assert client.get("/spend/rules/").status_code == 302
    client.force_login(max_the_stranger)
    for path in ("", "new/", "1/", "changes/1/"):
        assert client.get(f"/spend/rules/{path}").status_code == 404
    client.force_login(audrey)
    assert client.get("/spend/rules/").status_code == 200
    assert client.get("/spend/rules/1/").status_code == 200
    assert client.get("/spend/rules/new/").status_code == 403
    assert client.post("/spend/rules/1/retire/").status_code == 403


def test_a_rule_is_typed_looked_at_and_kept(client, bill, fraud, fiona):
    client.force_login(fiona)

    client.post("/spend/rules/new/", {**TYPED, "receivers": fraud.key.lower()})
    tried, _ = perform(Job.objects.get())
    shown = client.get(tried["location"]).content.decode()
    kept = client.post(f"{tried['location']}keep/")
    result, _ = perform(Job.objects.get(kind="keep_rule_change"))

    assert "1 charge would change hands: <b>$10.00</b>, net by initiative and month." in shown
    assert "$10.00" in shown
    assert kept.url == f"/jobs/{Job.objects.get(kind='keep_rule_change').pk}/"
    assert result["location"] == f"/jobs/{Job.objects.get(kind='reattribute').pk}/"
    assert AttributionRule.objects.get(value="sub-1").initiative == fraud
    assert "sub-1" in client.get("/spend/rules/").content.decode()


def test_the_money_that_changes_hands_is_summed_once_and_by_currency():
    def moves(initiative, currency, moved):
        return {"initiative": initiative, "currency": currency, "moved": moved}

    rows = [
        moves(None, "USD", "-12.50"),
        moves("AI-001", "USD", "10"),
        moves("AI-002", "USD", "2.50"),
        moves(None, "EUR", "-3"),
        moves("AI-001", "EUR", "3"),
        moves("AI-003", "GBP", "0"),
    ]

    assert RuleChange(figures={"initiatives": rows}).gains == [("EUR", Decimal(3)), ("USD", Decimal("12.50"))]
    assert RuleChange(figures={}).gains == []


def test_what_each_one_gains_in_all_months_stands_under_the_months():
    rows = [
        {"initiative": initiative, "currency": currency, "moved": moved}
        for initiative, currency, moved in (
            (None, "USD", "-12.50"),
            (None, "USD", "-1"),
            ("AI-001", "USD", "13.50"),
            ("AI-001", "EUR", "2"),
        )
    ]

    assert RuleChange(figures={"initiatives": rows}).nets == [
        (None, "USD", Decimal("-13.50")),
        ("AI-001", "USD", Decimal("13.50")),
        ("AI-001", "EUR", Decimal(2)),
    ]


def test_a_rule_by_gateway_detail_is_typed_previewed_kept_and_changed(client, bill, tmp_path, fraud, fiona, now):
    (tmp_path / "mapping.json").write_text('{"role": "detail"}')
    rows = write_focus(tmp_path / "b.csv", {"EffectiveCost": "4", "SubAccountId": "team"})
    take_in(rows, "gateway", "--mapping", tmp_path / "mapping.json")
    make_rule(draft=RuleDraft("sub_account", "team", fraud), by=fiona, at=now)
    names = dict(Source.objects.values_list("name", "pk"))
    typed = {**TYPED, "basis": "detail", "source": names["c"], "detail": names["gateway"], "detail_provider": "aws"}
    client.force_login(fiona)

    client.post("/spend/rules/new/", {**typed, "detail_period": "month"})
    tried, _ = perform(Job.objects.get())
    shown = client.get(tried["location"]).content.decode()
    client.post(f"{tried['location']}keep/")
    perform(Job.objects.get(kind="keep_rule_change"))
    rule = AttributionRule.objects.get(basis="detail")
    client.post(f"/spend/rules/{rule.number}/", {**typed, "detail_model": "same", "note": "By model"})
    changed = RuleChange.objects.order_by("pk").last()

    assert "whom gateway names of aws, month by month" in shown
    assert "$4.00" in shown
    assert (rule.detail_id, rule.detail_provider, rule.detail_by_month) == (names["gateway"], "aws", True)
    assert "Whom gateway names" in client.get("/spend/rules/").content.decode()
    page = client.get(f"/spend/rules/{rule.number}/").content.decode()
    assert "whom gateway names of aws, month by month" in page
    assert 'value="month" selected' in page
    assert "day by day and model by model" in client.get(f"/spend/rules/changes/{changed.pk}/").content.decode()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"receivers": ""}, "A rule needs who receives. Name the initiative"),
        ({"receivers": "", "basis": "detail"}, "Name the log that splits the charges"),
        ({"receivers": "AI-999"}, "There is no initiative AI-999"),
        ({"receivers": "AI-001\nAI-001"}, "A rule for one initiative names one, not several"),
        ({"receivers": "AI-001 many"}, "write the key and a percentage"),
        ({"receivers": "AI-001 100", "basis": "fixed"}, "at least two initiatives"),
        ({"receivers": "AI-001", "value": ""}, "A rule needs “Value”. Write"),
        ({"receivers": "AI-001", "kind": "service", "value": "*"}, "take every charge"),
        ({"receivers": "AI-001", "starts_on": "2026-02-02", "ends_on": "2026-02-02"}, "ends before it begins"),
    ],
)
def test_what_cannot_be_a_rule_is_said_beside_the_form(typed, says, client, fraud, fiona):
    client.force_login(fiona)

    answer = client.post("/spend/rules/new/", {**TYPED, **typed})

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert RuleChange.objects.count() == 0


def test_the_standing_rule_has_no_form_and_refuses_to_go(client, fiona):
    client.force_login(fiona)

    assert "Change it" not in client.get("/spend/rules/1/").content.decode()
    assert client.post("/spend/rules/1/retire/").status_code == 409


def test_more_rules_cost_no_more_queries(client, bill, fraud, fiona, now):
    client.force_login(fiona)
    make_rule(draft=RuleDraft("sub_account", "a", fraud), by=fiona, at=now)
    client.get("/spend/rules/")
    with CaptureQueriesContext(connection) as few:
        client.get("/spend/rules/")
    for number in range(15):
        make_rule(draft=RuleDraft("sub_account", f"s{number}", fraud), by=fiona, at=now)

    with CaptureQueriesContext(connection) as many:
        client.get("/spend/rules/")

    assert len(many) == len(few)


@pytest.mark.django_db(transaction=True)
def test_rules_and_a_change_can_be_read_by_everybody(open_browser, bill, fraud, fiona, now):
    from projects.rulebook.models import Act
    from projects.rulebook.services import Asked, propose_change

    rule = make_rule(draft=RuleDraft("sub_account", "sub-1", fraud, note="Theirs"), by=fiona, at=now)
    change = propose_change(asked=Asked(Act.RETIRE, rule.pk), by=fiona, at=now)
    for width, dark in ((1280, False), (390, True)):
        page = open_browser(fiona, width=width, dark=dark)
        for name, path in (
            ("rules", ""),
            ("rule", f"{rule.number}/"),
            ("rule-change", f"changes/{change.pk}/"),
            ("rule-new", "new/"),
        ):
            page.goto(f"/spend/rules/{path}")
            look_at(page, f"attribution-{name}")
