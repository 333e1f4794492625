from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from council.escalations.services import file_plan
from council.escalations.sweeps import sweep
from council.home.context import counts_for
from council.home.waiting import waits_for
from council.policy.services import acknowledge_policy
from projects.conditions.models import Condition
from projects.conditions.services import meet_condition
from projects.people.roles import Role
from tests.factories.council import AT, planned
from tests.factories.gates import drafted, in_review
from tests.factories.people import person
from tests.factories.spend import spent

DAY = AT.date()


def acts(user, at=AT):
    return [wait.act for wait in waits_for(user, at=at)]


def test_a_draft_waits_for_its_owner_and_for_nobody_else(people):
    gate = drafted(people)

    assert f"Finish request {gate.key}" in acts(people.olga)
    assert acts(people.max) == []
    assert counts_for(people.olga)["Requests"] == 1
    assert counts_for(people.reader)["Requests"] == 0


def test_a_review_waits_for_its_reviewer_until_it_is_due(people):
    gate = in_review(people)

    waits = [wait for wait in waits_for(people.rita, at=AT) if wait.kind == "Review"]

    assert waits
    assert all(gate.key in wait.act and wait.due_on is not None for wait in waits)
    assert counts_for(people.rita)["Reviews"] == len(waits)
    assert not [wait for wait in waits_for(people.olga, at=AT) if wait.kind == "Review"]


def test_an_escalation_waits_for_the_owners_answer_until_a_plan_is_filed(people, decided):
    spent(decided, DAY, "200000", by=people.fay, at=AT)
    sweep(initiative_ids=[decided.pk], on=DAY, at=AT)

    answers = [wait for wait in waits_for(people.olga, at=AT) if wait.act.startswith("Answer escalation")]
    assert len(answers) == 1
    assert counts_for(people.olga)["Escalations"] == 1
    key = answers[0].url.strip("/").split("/")[-1]
    from council.escalations.models import Escalation

    file_plan(escalation_id=Escalation.objects.get(key=key).pk, plan="Cap the loops.", by=people.olga, at=AT)

    assert not [act for act in acts(people.olga) if act.startswith("Answer escalation")]


def test_finance_may_acknowledge_what_the_owner_may_not(people, decided):
    spent(decided, DAY, "200000", by=people.fay, at=AT)
    sweep(initiative_ids=[decided.pk], on=DAY, at=AT)

    assert any(act.startswith("Acknowledge ES-") for act in acts(people.fay))
    assert not any(act.startswith("Acknowledge ES-") for act in acts(people.olga))


def test_a_condition_waits_for_who_owes_it_and_then_for_who_checks_it(people, board, decided):
    assert "Show that it is met: Release only when two branches report." in acts(people.olga)
    assert not [act for act in acts(board.finn) if act.startswith("Check: ")]

    meet_condition(condition_id=Condition.objects.get().pk, evidence="Two report.", by=people.olga, at=AT)

    assert "Check: Release only when two branches report." in acts(board.finn)
    assert not [act for act in acts(people.olga) if act.startswith("Show that")]


def test_a_release_waits_for_finance_once_nothing_stands_before_it(people, decide):
    decide(blocks="release")

    assert not [act for act in acts(people.fay) if act.startswith("Release")]

    condition = Condition.objects.get()
    meet_condition(condition_id=condition.pk, evidence="Two report.", by=people.olga, at=AT)
    from projects.conditions.services import verify_condition

    verify_condition(condition_id=condition.pk, by=condition.verifier, at=AT)

    assert "Release T1, $120,000" in acts(people.fay)
    assert not [act for act in acts(people.olga) if act.startswith("Release")]


def test_the_next_meeting_waits_for_members_and_says_so_to_no_owner(board, people):
    planned(board)

    assert "Build the agenda" in acts(board.sybil)
    assert not [wait for wait in waits_for(people.olga, at=AT) if wait.kind == "Meeting"]


def test_an_owner_acknowledges_the_policy_in_force_once(people, bare):
    version_acts = [act for act in acts(people.olga) if act.startswith("Acknowledge policy")]
    acknowledge_policy(by=people.olga, at=AT)

    assert len(version_acts) <= 1
    assert not [act for act in acts(people.olga) if act.startswith("Acknowledge policy")]


def test_what_is_late_comes_first_and_says_so(client, people, decided, settings, text):
    settings.TOLLGATE_NOW = (AT + timedelta(days=40)).isoformat()
    client.force_login(people.olga)

    shown = text(client.get(reverse("council:home")))

    assert "Fri 18 Dec, late" in shown


def test_nothing_waiting_is_said_in_words(client, people, text):
    client.force_login(people.reader)

    assert "Nothing waits for you" in text(client.get(reverse("council:home")))


@pytest.mark.parametrize("name", ["land", "home", "search"])
def test_anonymous_signs_in_first(client, db, name):
    assert "/account/login/" in client.get(reverse(f"council:{name}"))["Location"]


def test_each_lands_where_the_work_is(client, people, board):
    planned(board)
    admin = person("adam", Role.ADMINISTRATOR)
    for user, place in (
        (board.carol, "/meetings/next/"),
        (board.sybil, "/meetings/next/"),
        (people.fay, "/spend/"),
        (people.rita, "/reviews/"),
        (admin, "/policy/"),
        (people.olga, "/home/"),
    ):
        client.force_login(user)
        assert client.get("/")["Location"] == place, user


def test_the_council_lands_on_what_waits_when_no_meeting_is_planned(client, board):
    client.force_login(board.arno)

    assert client.get("/")["Location"] == "/home/"


def test_counts_take_few_queries_and_are_kept_for_the_request(client, people, bare):
    drafted(people, bare)

    with CaptureQueriesContext(connection) as asked:
        counts_for(people.olga)

    assert len(asked) <= 3


def test_the_bar_counts_and_marks_where_the_reader_is(client, people, bare, text):
    drafted(people, bare)
    client.force_login(people.olga)

    shown = text(client.get(reverse("council:initiative", args=[bare.key])))

    assert '<a href="/portfolio/" aria-current="page">Portfolio</a>' in shown
    assert 'Requests<span class="n">1<span class="vh"> open</span></span>' in shown
    assert 'action="/search/"' in shown


def test_the_bar_leads_nobody_to_meetings_that_they_may_not_see(client, people, board):
    said = []
    for reader in (people.olga, board.carol):
        client.force_login(reader)
        said.append('href="/meetings/"' in client.get("/spend/").content.decode())

    assert said == [False, True]
