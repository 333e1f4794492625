"""Escalations, policy and the spend list as pages: who reads them, who acts, and what comes back."""

from datetime import date, datetime

import pytest

from council.escalations.models import Escalation
from council.escalations.sweeps import sweep
from projects.limits.models import PolicyVersion
from projects.people.roles import Role
from tests.factories.council import AT, in_session
from tests.factories.initiatives import initiative
from tests.factories.money import tranche
from tests.factories.people import person
from tests.factories.spend import spent

pytestmark = pytest.mark.django_db
LIST = "/meetings/2026-11-19/spend-list/"


@pytest.fixture(autouse=True)
def clock(settings):
    settings.TOLLGATE_NOW = "2026-11-19T09:00:00Z"


@pytest.fixture
def tripped(people, board, envelope):
    made = initiative(people.olga, "pilot")
    tranche(made, envelope, people.fay, datetime(2026, 11, 1, 9, tzinfo=AT.tzinfo))
    spent(made, date(2026, 11, 10), "130000", by=people.fay, at=AT)
    sweep(on=AT.date(), at=AT)
    return Escalation.objects.get(rule="over_budget")


def seen(client, user, path):
    client.force_login(user)
    return client.get(path)


def sent(client, user, path, data=None):
    client.force_login(user)
    return client.post(path, data or {})


@pytest.mark.parametrize("page", ["/escalations/", "/policy/", LIST])
def test_nobody_reads_unsigned(client, db, page):
    assert client.get(page).status_code == 302


def test_stranger_finds_neither_escalation_nor_list(client, people, board, tripped):
    assert seen(client, people.max, f"/escalations/{tripped.key}/").status_code == 404
    assert sent(client, people.max, f"/escalations/{tripped.key}/acknowledge/").status_code == 404
    assert seen(client, people.max, LIST).status_code == 404


def test_reader_may_not_act_on_an_escalation(client, people, tripped):
    assert sent(client, people.reader, f"/escalations/{tripped.key}/acknowledge/").status_code == 403
    assert sent(client, people.reader, f"/escalations/{tripped.key}/plan/", {"plan": "Cap it."}).status_code == 403


def test_inbox_shows_the_sum_and_the_rule(client, people, tripped):
    page = seen(client, people.reader, "/escalations/").content.decode()

    assert "$130,000" in page
    assert "$100,000" in page
    assert "limit 15%" in page


def test_owner_answers_and_an_empty_answer_comes_back(client, people, tripped):
    empty = sent(client, people.olga, f"/escalations/{tripped.key}/plan/", {"plan": " "})
    filed = sent(client, people.olga, f"/escalations/{tripped.key}/plan/", {"plan": "Loops capped by Friday."})

    assert empty.status_code == 422
    assert "Say what will be done" in empty.content.decode()
    assert filed.status_code == 302
    assert "Loops capped by Friday." in seen(client, people.reader, f"/escalations/{tripped.key}/").content.decode()


def test_cause_that_stands_is_not_closed(client, board, tripped):
    assert sent(client, board.carol, f"/escalations/{tripped.key}/close/", {"note": ""}).status_code == 409
    assert sent(client, board.carol, f"/escalations/{tripped.key}/dance/").status_code == 404


def test_policy_is_drafted_saved_and_refused_on_the_page(client, people, board):
    ada = person("ada", Role.ADMINISTRATOR)
    begun = sent(client, ada, "/policy/draft/")
    number = PolicyVersion.objects.get().number
    wrong = sent(client, ada, f"/policy/versions/{number}/edit/", {"revision": "1", "over_budget_percent": "-4"})
    saved = sent(
        client,
        ada,
        f"/policy/versions/{number}/edit/",
        {"revision": "1", "over_budget_percent": "10", "reason": "Earlier."},
    )
    proposed = sent(client, ada, f"/policy/versions/{number}/propose/")
    own = sent(client, ada, f"/policy/versions/{number}/approve/", {"effective_on": "2026-12-01"})

    assert [begun.status_code, saved.status_code, proposed.status_code] == [302, 302, 302]
    assert wrong.status_code == 422
    assert own.status_code == 403
    assert "What would change" in seen(client, people.reader, "/policy/").content.decode()


def test_member_may_not_draft_policy(client, people, board):
    assert sent(client, people.reader, "/policy/draft/").status_code == 403


def test_list_without_a_decision_says_so_and_is_not_signed(client, people, board, envelope, ready_request):
    in_session(board)

    assert seen(client, board.arno, LIST).status_code == 200
    assert sent(client, board.carol, f"{LIST}sign/", {"password": "x"}).status_code == 409
    assert sent(client, board.arno, f"{LIST}sign/", {"password": "x"}).status_code == 403
