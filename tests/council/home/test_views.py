from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from council.escalations.sweeps import sweep
from council.home.heads import TABS, tab_url
from projects.initiatives.models import Initiative
from projects.initiatives.services import close_initiative
from projects.milestones.models import Milestone
from tests.factories.council import AT
from tests.factories.spend import spent

HTMX = {"HX-Request": "true"}
CODES = [code for code, _ in TABS]
DAY = AT.date()
MOST_QUERIES = 64


def test_anonymous_signs_in_first(client, bare):
    answer = client.get(tab_url(bare.key, "overview"))

    assert answer.status_code == 302
    assert "/account/login/" in answer["Location"]


@pytest.mark.parametrize("tab", CODES)
def test_a_stranger_finds_nothing(client, people, bare, tab):
    client.force_login(people.max)

    assert client.get(tab_url(bare.key, tab)).status_code == 404


def test_a_tab_that_does_not_exist_is_not_found(client, people, bare):
    client.force_login(people.olga)

    assert client.get(f"/initiatives/{bare.key}/astrology/").status_code == 404


@pytest.mark.parametrize("tab", CODES)
def test_each_tab_is_a_whole_page_and_a_region(client, people, bare, tab):
    client.force_login(people.olga)

    page = client.get(tab_url(bare.key, tab)).content.decode()
    region = client.get(tab_url(bare.key, tab), headers=HTMX).content.decode()

    assert "<h1>Contract clause redlining</h1>" in page
    assert 'aria-current="page"' in page
    assert "<h1>" not in region
    assert '<div id="tab">' in region
    assert region.startswith(f"<title>{bare.key}")


def test_an_initiative_with_nothing_says_so_and_prints_no_zero_for_the_unknown(client, people, bare, text):
    client.force_login(people.olga)

    shown = text(client.get(tab_url(bare.key, "overview")))

    assert "No tranche released yet" in shown
    assert "No charge is tied to it yet" in shown
    assert "No forecast" in shown
    assert "Due from Pilot" in shown
    assert "Because no value is verified" in shown
    assert "Nothing is asked of the council" in shown
    assert f"/requests/new/?initiative={bare.key}" in shown


def test_a_reader_sees_the_page_without_the_owners_acts(client, people, bare, text):
    client.force_login(people.reader)

    shown = text(client.get(tab_url(bare.key, "overview")))

    assert "Contract clause redlining" in shown
    assert "Request next tranche" not in shown
    assert "/edit/" not in shown


def test_after_a_decision_the_owner_sees_decision_conditions_money_and_spend(client, people, decided, text):
    spent(decided, DAY, "4200.50", by=people.fay, at=AT)
    client.force_login(people.olga)

    shown = text(client.get(tab_url(decided.key, "overview")))

    assert "AIC-2026-001" in shown
    assert "Go with conditions" in shown
    assert "6 for, 0 against" in shown
    assert "The proof holds." in shown
    assert "Release only when two branches report." in shown
    assert f"/initiatives/{decided.key}/conditions/1/" in shown
    assert "$120,000</a> released 19 Nov 2026" in shown
    assert '<b class="b">$4,200</b> since 19 Nov 2026' in shown
    assert "Error below 9% in 12 branches" in shown


def test_money_that_waits_for_its_conditions_is_not_shown_as_released(client, people, decide, text):
    key = decide(blocks="release").initiative.key
    client.force_login(people.olga)

    shown = text(client.get(tab_url(key, "funding")))

    assert "$120,000</a> decided, not released yet" in shown
    assert "blocks the release" in shown
    assert "Awaits conditions" in shown


def test_a_decision_without_money_shows_no_amount(client, people, decide, text):
    key = decide(outcome="hold", amount=Decimal(0), conditions=[]).initiative.key
    client.force_login(people.olga)

    shown = text(client.get(tab_url(key, "overview")))

    assert "On hold" in shown
    assert "No conditions." in shown
    assert "Spent against it" not in shown


def test_the_gates_tab_keeps_reference_authority_and_tally(client, people, decided, text):
    client.force_login(people.olga)

    shown = text(client.get(tab_url(decided.key, "gates")))

    assert "AIC-2026-001" in shown
    assert "The proof holds. 6 for, 0 against." in shown
    assert "Condition 1" in shown
    assert "Next gate: MVP to Pilot (G2)" in shown


def test_an_open_request_shows_its_criteria_as_they_stand(client, people, ready_request, text):
    client.force_login(people.olga)

    shown = text(client.get(tab_url(ready_request.initiative.key, "gates")))

    assert f"{ready_request.key}: Advance, Concept to MVP" in shown
    assert "musts met" in shown
    assert f"Open request {ready_request.key}" in shown


@pytest.mark.parametrize("tab", CODES)
def test_a_banner_with_its_sum_stands_on_every_tab(client, people, decided, tab, text):
    spent(decided, DAY, "138000.01", by=people.fay, at=AT)
    sweep(initiative_ids=[decided.pk], on=DAY, at=AT)
    client.force_login(people.olga)

    shown = text(client.get(tab_url(decided.key, tab)))

    assert "over approved budget. The limit is 15%." in shown
    assert "<b>$138,000.01</b> − approved <b>$120,000</b> = <b>$18,000.01 over</b>" in shown
    assert "Escalated: budget" in shown


def test_at_the_limit_exactly_there_is_no_banner(client, people, decided, text):
    spent(decided, DAY, "138000.00", by=people.fay, at=AT)
    sweep(initiative_ids=[decided.pk], on=DAY, at=AT)
    client.force_login(people.olga)

    shown = text(client.get(tab_url(decided.key, "overview")))

    assert "over approved budget" not in shown
    assert "$138,000" in shown


def test_after_cost_data_stop_spend_is_unknown_and_not_forecast(client, people, decided, settings, text):
    spent(decided, DAY, "1000", by=people.fay, at=AT)
    later = AT + timedelta(days=20)
    settings.TOLLGATE_NOW = later.isoformat()
    sweep(initiative_ids=[decided.pk], on=later.date(), at=later)
    client.force_login(people.olga)

    shown = text(client.get(tab_url(decided.key, "overview")))

    assert "No cost data for 20 days" in shown
    assert "Spent, to 19 Nov" in shown
    assert "Unknown after 19 Nov" in shown
    assert "Cost data stopped" in shown


def test_a_closed_initiative_says_how_it_ended_and_offers_nothing(client, people, bare, text):
    close_initiative(
        initiative_id=bare.pk, closed_as="learned", decision_reference="AIC-2026-009", by=people.fay, at=AT
    )
    client.force_login(people.olga)

    shown = text(client.get(tab_url(bare.key, "overview")))

    assert "Closed, learned" in shown
    assert "Request next tranche" not in shown


@pytest.mark.parametrize("tab", CODES)
def test_no_tab_asks_more_of_the_database_for_more_rows(client, people, decided, tab):
    client.force_login(people.olga)
    client.get(tab_url(decided.key, tab))
    with CaptureQueriesContext(
        connection,
    ) as first:
        client.get(tab_url(decided.key, tab))
    for number in range(5, 10):
        Milestone.objects.create(
            initiative=Initiative.objects.get(pk=decided.pk),
            sequence=number,
            name=f"Step {number}",
            acceptance_test="It runs",
        )
        spent(decided, DAY, "10", by=people.fay, at=AT)
    client.get(tab_url(decided.key, tab))  # figures are added up once for what is delivered

    with CaptureQueriesContext(connection) as more:
        client.get(tab_url(decided.key, tab))

    assert len(more) <= len(first)
    assert len(more) <= MOST_QUERIES


def test_the_page_varies_by_who_asks_for_a_fragment(client, people, bare):
    client.force_login(people.olga)

    assert "HX-Request" in client.get(reverse("council:initiative", args=[bare.key]))["Vary"]
