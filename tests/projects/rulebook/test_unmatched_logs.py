"""A split by a log that asks for a provider the log never names agrees with nothing: said wherever the rule is looked at."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.attribution.models import TagAlias
from projects.attribution.services import make_rule, retire_rule
from projects.rulebook.models import Act
from projects.rulebook.services import Asked, propose_change
from projects.spend.unmatched_logs import providers_in_logs, unmatched_logs
from tests.browser.looking import look_at
from tests.factories.people import person
from tests.projects.spend.details import by_detail, charge, claims, deliver, fraud_and_claims, teams
from tests.projects.spend.samples import run

pytestmark = pytest.mark.django_db
__all__ = ["claims", "deliver", "teams"]


@pytest.fixture
def delivered(deliver, teams):
    """A bill of OpenAI and a log that names OpenAI and Anthropic."""
    bill, log = deliver
    bill(charge("100", ProviderName="OpenAI, LLC"))
    first, second = fraud_and_claims("60", "40")
    log({**first, "ProviderName": "openai"}, {**second, "ProviderName": "anthropic"})


def found():
    return [(row["rule"], row["provider"], row["log"], row["named"]) for row in unmatched_logs()]


@pytest.mark.parametrize("provider", ["", "openai", "OpenAI, LLC", "open*", "Anthropic, PBC"])
def test_a_provider_that_the_log_names_in_any_spelling_is_no_warning(provider, delivered, fiona, now):
    make_rule(draft=by_detail(provider=provider), by=fiona, at=now)

    assert found() == []


@pytest.mark.parametrize("provider", ["Mistral", "openrouter*", "Open AI Inc"])
def test_a_provider_that_the_log_never_names_is_told_with_what_it_names(provider, delivered, fiona, now):
    rule = make_rule(draft=by_detail(provider=provider), by=fiona, at=now)

    assert found() == [(rule.number, provider, "gateway", ["anthropic", "openai"])]
    assert unmatched_logs([rule.number + 1]) == []


def test_an_alias_of_the_provider_settles_it(delivered, fiona, now):
    make_rule(draft=by_detail(provider="Our gateway"), by=fiona, at=now)
    TagAlias.objects.create(tag_key="provider", alias="Our gateway", value="OpenAI", made_by=fiona, made_at=now)

    assert found() == []


def test_an_undone_rule_is_not_told(delivered, fiona, now):
    rule = make_rule(draft=by_detail(provider="Mistral"), by=fiona, at=now)
    retire_rule(rule_id=rule.pk, by=fiona, at=now)

    assert found() == []


def test_the_dry_run_warns_before_the_rule_counts(client, delivered, fiona, now):
    change = propose_change(asked=Asked(Act.MAKE, draft=by_detail(provider="Mistral")), by=fiona, at=now)
    client.force_login(fiona)

    page = " ".join(client.get(f"/spend/rules/changes/{change.pk}/").content.decode().split())

    assert [row["provider"] for row in change.figures["unmatched"]] == ["Mistral"]
    assert "This rule asks gateway for Mistral, and agrees with nothing in it. gateway names anthropic, openai." in page
    assert found() == [], "it was only tried out"


def test_another_rules_dry_run_does_not_repeat_it(delivered, fiona, now):
    make_rule(draft=by_detail(provider="Mistral"), by=fiona, at=now)

    change = propose_change(asked=Asked(Act.MAKE, draft=by_detail("sub-2")), by=fiona, at=now)

    assert change.figures["unmatched"] == []


def test_the_command_tells_it_too(delivered, fiona, now):
    rule = make_rule(draft=by_detail(provider="Mistral"), by=fiona, at=now)

    _, answer = run("reattribute", "--dry-run")

    assert answer["unmatched"] == [
        {"rule": rule.number, "provider": "Mistral", "log": "gateway", "named": ["anthropic", "openai"]}
    ]


def test_the_form_says_which_providers_logs_name(client, delivered, fiona):
    client.force_login(fiona)

    page = client.get("/spend/rules/new/").content.decode()

    assert providers_in_logs() == [("gateway", ["anthropic", "openai"])]
    assert "gateway: anthropic, openai" in page


def test_the_rule_and_the_page_of_estimates_warn_for_as_long_as_it_stands(client, delivered, fiona, now):
    rule = make_rule(draft=by_detail(provider="Mistral"), by=fiona, at=now)
    client.force_login(fiona)

    own, estimates = (
        client.get(path).content.decode() for path in (f"/spend/rules/{rule.number}/", "/spend/estimates/")
    )

    assert "This rule asks gateway for Mistral" in own
    assert f'/spend/rules/{rule.number}/">Rule {rule.number}</a> asks gateway for Mistral' in estimates


def test_more_rules_cost_no_more_queries(delivered, fiona, now):
    make_rule(draft=by_detail(provider="Mistral"), by=fiona, at=now)
    with CaptureQueriesContext(connection) as one:
        assert len(unmatched_logs()) == 1
    make_rule(draft=by_detail("sub-2", provider="Cohere"), by=fiona, at=now)

    with CaptureQueriesContext(connection) as two:
        assert len(unmatched_logs()) == 2

    assert len(one) == len(two) == 2


def test_a_stranger_sees_no_warning(client, delivered, fiona, now):
    rule = make_rule(draft=by_detail(provider="Mistral"), by=fiona, at=now)
    client.force_login(person("max"))

    assert client.get(f"/spend/rules/{rule.number}/").status_code == 404
    assert client.get("/spend/estimates/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_warning_can_be_read_by_everybody(open_browser, delivered, fiona, now):
    rule = make_rule(draft=by_detail(provider="Mistral"), by=fiona, at=now)
    change = propose_change(
        asked=Asked(Act.CHANGE, rule.pk, by_detail(provider="Cohere"), now.date()), by=fiona, at=now
    )

    for width, dark in ((1280, False), (390, True)):
        page = open_browser(fiona, width=width, dark=dark)
        for name, path in (
            ("rule", f"/spend/rules/{rule.number}/"),
            ("change", f"/spend/rules/changes/{change.pk}/"),
            ("estimates", "/spend/estimates/"),
        ):
            assert page.goto(path).status == 200
            look_at(page, f"unmatched-{name}")
