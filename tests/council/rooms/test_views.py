"""The room's pages as each person meets them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from council.decisions.models import Decision, Motion, StrawView, Vote
from council.meetings.models import Attendance, Meeting
from tests.factories.council import in_session, planned

pytestmark = pytest.mark.django_db
DAY = "/meetings/2026-11-19/"
ROOM = f"{DAY}room/"
ITEM = f"{DAY}items/1/"
PAGES = ("/meetings/", DAY, ROOM, f"{ROOM}live/")
MEMBERS = ("carol", "dora", "finn", "rick", "arno", "pia")


@pytest.fixture(autouse=True)
def clock(settings):
    settings.TOLLGATE_NOW = "2026-11-19T09:00:00Z"


@pytest.fixture
def session(board, envelope, ready_request):
    return in_session(board)


def seen(client, user, path):
    client.force_login(user)
    return client.get(path)


def sent(client, user, path, data=None):
    client.force_login(user)
    return client.post(path, data or {})


def motion_of(people, board, **changes):
    first = {
        "text": "Report two branches first",
        "owner": people.olga.pk,
        "due_on": "2026-12-18",
        "verifier": board.finn.pk,
        "blocks": "next_gate",
    }
    second = first | {"text": "Show the run costs", "blocks": "release"}
    forms = {
        f"conditions-{number}-{name}": value
        for number, part in enumerate((first, second))
        for name, value in part.items()
    }
    return {
        "outcome": "go_with_conditions",
        "amount": "120,000",
        "reason": "The proof holds.",
        "release_by": "2026-12-17",
        "conditions-TOTAL_FORMS": "2",
        "conditions-INITIAL_FORMS": "0",
        **forms,
        **changes,
    }


def without_conditions(**changes):
    return {
        "outcome": "go",
        "amount": "120000",
        "reason": "The proof holds.",
        "conditions-TOTAL_FORMS": "2",
        "conditions-INITIAL_FORMS": "0",
        **changes,
    }


@pytest.mark.parametrize("page", PAGES)
def test_nobody_reads_meetings_unsigned(client, session, page):
    answer = client.get(page)

    assert answer.status_code == 302
    assert "/login/" in answer["Location"]


@pytest.mark.parametrize("page", PAGES)
def test_stranger_finds_no_meeting(client, people, session, page):
    assert seen(client, people.max, page).status_code == 404


@pytest.mark.parametrize("act", ["agenda", "notice", "freeze", "open", "adjourn", "cancel"])
def test_owner_may_do_nothing_to_a_meeting(client, people, session, act):
    assert sent(client, people.olga, f"{DAY}{act}/").status_code in {403, 404}


@pytest.mark.parametrize("act", ["call", "postpone", "declare", "withdraw"])
def test_member_may_not_act_for_the_chair(client, people, board, session, act):
    sent(client, board.carol, f"{ITEM}motion/", motion_of(people, board))

    assert sent(client, board.arno, f"{ITEM}{act}/", {"reason": "No"}).status_code == 403


def test_reader_without_a_seat_may_not_vote(client, people, board, session):
    sent(client, board.carol, f"{ITEM}motion/", motion_of(people, board))

    assert sent(client, people.reader, f"{ITEM}vote/", {"choice": "for"}).status_code == 403
    assert not Vote.objects.exists()


@pytest.mark.parametrize("page", PAGES)
def test_member_reads_every_page(client, board, session, page):
    assert seen(client, board.arno, page).status_code == 200


def test_day_without_a_meeting_is_not_found(client, board, session):
    assert seen(client, board.arno, "/meetings/2026-11-20/").status_code == 404
    assert seen(client, board.arno, "/meetings/2026-13-45/").status_code == 404
    assert sent(client, board.carol, f"{DAY}dance/").status_code == 404
    assert sent(client, board.carol, f"{ITEM}dance/").status_code == 404


def test_chairs_form_begins_with_the_ask_and_the_last_day_of_release(client, board, session):
    page = seen(client, board.carol, ROOM).content.decode()

    assert 'value="130,000"' in page
    assert 'value="2026-12-17"' in page  # 28 days on, as policy has it


def test_member_is_shown_no_tool_of_the_chair(client, board, session):
    page = seen(client, board.arno, ROOM).content.decode()

    assert "Put the motion" not in page
    assert "Note attendance" not in page
    assert "Your private view" in page


def test_whole_item_is_walked_from_views_to_decision(client, people, board, session):
    sent(client, board.arno, f"{ITEM}view/", {"outcome": "go"})
    put = sent(client, board.carol, f"{ITEM}motion/", motion_of(people, board))
    for name in MEMBERS:
        assert sent(client, board.people[name], f"{ITEM}vote/", {"choice": "for"}).status_code == 302
    declared = sent(client, board.carol, f"{ITEM}declare/")

    decision = Decision.objects.get()
    page = seen(client, board.arno, ROOM).content.decode()
    assert (put.status_code, declared.status_code) == (302, 302)
    assert [row["text"] for row in decision.conditions] == ["Report two branches first", "Show the run costs"]
    assert decision.reference in page
    assert "Go with conditions, $120k" in page
    assert "Straw views: Go 1" in page


def test_how_members_vote_is_told_only_after_the_result(client, people, board, session):
    sent(client, board.carol, f"{ITEM}motion/", motion_of(people, board))
    sent(client, board.arno, f"{ITEM}vote/", {"choice": "against"})

    page = seen(client, board.pia, ROOM).content.decode()

    assert "Voted" in page
    assert "</svg>Against</span>" not in page


def test_straw_view_is_shown_to_its_member_only(client, board, session):
    sent(client, board.arno, f"{ITEM}view/", {"outcome": "kill"})

    own, other = (seen(client, board.people[name], ROOM).content.decode() for name in ("arno", "pia"))

    assert 'value="kill" checked' in own
    assert " checked" not in other.split('id="ballot"')[1].split("</section>")[0]


def test_refused_motion_keeps_what_was_typed_and_says_why_at_the_form(client, people, board, session):
    answer = sent(client, board.carol, f"{ITEM}motion/", motion_of(people, board, amount="999,000"))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "lies outside the request" in page
    assert 'value="999,000"' in page
    assert "Report two branches first" in page
    assert "<title>Error:" in page
    assert not Motion.objects.exists()


def test_go_with_conditions_without_one_is_refused_at_the_outcome(client, board, session):
    answer = sent(client, board.carol, f"{ITEM}motion/", without_conditions(outcome="go_with_conditions"))

    assert answer.status_code == 422
    assert 'href="#id_outcome">Name at least one condition' in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": ""}, "Give one line of reason."),
        ({"amount": "lots"}, "Write the amount in figures"),
        ({"outcome": "dance"}, "Select a valid choice"),
        ({"conditions-0-text": "Only a text"}, "Name who owes it."),
    ],
)
def test_incomplete_motion_comes_back_with_what_is_missing(client, board, session, changes, words):
    answer = sent(client, board.carol, f"{ITEM}motion/", without_conditions(**changes))

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Motion.objects.exists()


def test_result_without_quorum_is_refused_in_the_room(client, people, board, session):
    sent(client, board.carol, f"{ITEM}motion/", motion_of(people, board))
    sent(client, board.sybil, f"{DAY}attendance/", {"present": [board.terms["carol"].pk]})

    answer = sent(client, board.carol, f"{ITEM}declare/")

    assert answer.status_code == 422
    assert "voting members are present" in answer.content.decode()
    assert not Decision.objects.exists()


def test_second_vote_is_refused_in_the_room(client, people, board, session):
    sent(client, board.carol, f"{ITEM}motion/", motion_of(people, board))
    sent(client, board.arno, f"{ITEM}vote/", {"choice": "for"})

    answer = sent(client, board.arno, f"{ITEM}vote/", {"choice": "against"})

    assert answer.status_code == 409
    assert "a vote stands" in answer.content.decode()
    assert Vote.objects.get().choice == "for"


def test_recused_member_loses_the_item(client, people, board, session):
    sent(client, board.arno, f"{ITEM}view/", {"outcome": "go"})

    gone = sent(client, board.arno, f"{ITEM}conflict/", {"reason": "My brother works there"})

    page = seen(client, board.arno, f"{ROOM}?item=1").content.decode()
    assert gone.status_code == 302
    assert not StrawView.objects.exists()
    assert "Policy wording answers" not in page
    assert "There is no item that you may see" in page
    assert sent(client, board.arno, f"{ITEM}view/", {"outcome": "go"}).status_code == 404


def test_unchanged_room_is_answered_without_a_page(client, board, session):
    revision = Meeting.objects.get().revision

    answer = seen(client, board.arno, f"{ROOM}live/?revision={revision}&item=1")

    assert answer.status_code == 204
    assert answer.content == b""


def test_changed_room_leaves_alone_what_people_type_in(client, people, board, session):
    shown = seen(client, board.arno, ROOM)
    key = shown.context["ballot_key"]
    sent(client, board.pia, f"{ITEM}view/", {"outcome": "go"})

    page = seen(client, board.arno, f"{ROOM}live/?revision=1&item=1&ballot={key}").content.decode()

    assert 'id="votes"' in page
    assert 'id="ballot"' not in page
    assert "conflict-reason" not in page
    assert "id_reason" not in page


def test_ballot_is_swapped_when_a_motion_is_put(client, people, board, session):
    key = seen(client, board.arno, ROOM).context["ballot_key"]
    sent(client, board.carol, f"{ITEM}motion/", motion_of(people, board))

    page = seen(client, board.arno, f"{ROOM}live/?revision=1&item=1&ballot={key}").content.decode()

    assert 'id="ballot"' in page
    assert "Your vote" in page


def test_secretary_notes_who_is_there(client, board, session):
    answer = sent(client, board.sybil, f"{DAY}attendance/", {"present": [board.terms["carol"].pk], "back": "room"})

    assert answer["Location"] == ROOM
    assert list(Attendance.objects.filter(is_present=True).values_list("term__user__username", flat=True)) == ["carol"]


def test_meeting_goes_from_plan_to_session_on_the_page(client, board, envelope, ready_request):
    planned(board)

    for user, act in (("sybil", "agenda"), ("sybil", "notice"), ("sybil", "freeze"), ("carol", "open")):
        assert sent(client, board.people[user], f"{DAY}{act}/").status_code == 302

    assert Meeting.objects.get().state == "in_session"
    assert sent(client, board.carol, f"{DAY}open/").status_code == 409


def test_secretary_plans_a_meeting_and_a_day_without_date_comes_back(client, board, people):
    data = {"held_on": "2026-12-17", "starts_at": "10:00", "title": "December council", "place": ""}

    wrong = sent(client, board.sybil, "/meetings/", data | {"held_on": "soon"})
    right = sent(client, board.sybil, "/meetings/", data)

    assert wrong.status_code == 422
    assert right["Location"] == "/meetings/2026-12-17/"
    assert sent(client, board.arno, "/meetings/", data | {"held_on": "2026-12-18"}).status_code == 403
    assert sent(client, board.sybil, "/meetings/", data).status_code == 409


def test_next_meeting_has_an_address(client, board, session):
    assert seen(client, board.arno, "/meetings/next/")["Location"] == DAY


def test_polling_asks_few_queries(client, board, session):
    client.force_login(board.arno)
    revision = Meeting.objects.get().revision

    with CaptureQueriesContext(connection) as quiet:
        client.get(f"{ROOM}live/?revision={revision}&item=1")

    assert len(quiet) <= 8
