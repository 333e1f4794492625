"""Signing: bound to a person and a list, once, within five minutes."""

from datetime import timedelta
from decimal import Decimal

import pytest

from council.decisions import services as decisions
from council.spend_lists.models import SignatureTicket, SpendList
from council.spend_lists.rules import list_hash
from council.spend_lists.selectors import list_content
from council.spend_lists.services import NotAuthenticated, NotSignable, issue_ticket, sign_list
from projects.audit.models import AuditEvent
from projects.common.outcomes import Conflicted, NotPermitted
from tests.factories.council import AT, in_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(board, envelope, ready_request):
    found = in_session(board)
    motion = decisions.put_motion(
        item_id=found.items.get().pk,
        outcome="go",
        amount=Decimal(120000),
        reason="The proof holds.",
        conditions=[],
        details={},
        by=board.carol,
        at=AT,
    )
    for name in ("carol", "dora", "finn", "rick"):
        decisions.cast_vote(motion_id=motion.pk, choice="for", by=board.people[name], at=AT)
    decisions.declare_result(motion_id=motion.pk, by=board.carol, at=AT)
    for name in ("carol", "dora"):
        board.people[name].set_password("right")
        board.people[name].save()
    return found


def ticket(board, meeting, name="carol", password="right"):
    return issue_ticket(meeting_id=meeting.pk, password=password, by=board.people[name], at=AT)


def sign(board, meeting, given, *, name="carol", after=0, sha256=None):
    return sign_list(
        meeting_id=meeting.pk,
        ticket_id=given.pk,
        sha256=sha256 or given.sha256,
        by=board.people[name],
        at=AT + timedelta(seconds=after),
    )


def test_chair_signs_the_list_as_a_whole(board, meeting):
    signed = sign(board, meeting, ticket(board, meeting))

    line = signed.lines.get()
    assert (signed.number, signed.version, signed.supersedes) == ("ASL-2026-11-19-1", 1, None)
    assert signed.sha256 == list_hash(list_content(meeting))
    assert signed.totals == {"USD": "120000.00"}
    assert (line.amount, line.currency, line.outcome) == (Decimal(120000), "USD", "go")
    assert AuditEvent.objects.filter(verb="spend_list.signed").count() == 1


@pytest.mark.parametrize(("seconds", "holds"), [(299, True), (300, True), (301, False)])
def test_confirmation_holds_for_five_minutes(board, meeting, seconds, holds):
    given = ticket(board, meeting)

    if holds:
        assert sign(board, meeting, given, after=seconds).version == 1
    else:
        with pytest.raises(NotAuthenticated, match="older than five minutes"):
            sign(board, meeting, given, after=seconds)
        assert not SpendList.objects.exists()


def test_wrong_password_signs_nothing_and_leaves_no_ticket(board, meeting):
    with pytest.raises(NotAuthenticated, match="not your password"):
        ticket(board, meeting, password="wrong")

    assert not SignatureTicket.objects.exists()


def test_used_ticket_does_not_sign(board, meeting):
    given = ticket(board, meeting)
    given.used_at = AT
    given.save()

    with pytest.raises(NotAuthenticated, match="was used"):
        sign(board, meeting, given)


def test_ticket_of_somebody_else_does_not_sign(board, meeting):
    given = ticket(board, meeting, "dora")

    with pytest.raises(NotAuthenticated, match="Enter your password"):
        sign(board, meeting, given)


def test_list_that_changed_is_not_signed(board, meeting):
    given = ticket(board, meeting)

    with pytest.raises(Conflicted, match="has changed"):
        sign(board, meeting, given, sha256="0" * 64)

    assert SignatureTicket.objects.get().used_at is None


def test_signed_list_that_says_the_same_is_not_signed_again(board, meeting):
    sign(board, meeting, ticket(board, meeting))

    with pytest.raises(NotSignable, match="signed already"):
        ticket(board, meeting)


def test_member_may_not_sign(board, meeting):
    with pytest.raises(NotPermitted):
        ticket(board, meeting, "arno")
