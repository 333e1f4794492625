"""Above the council: it recommends, the secretary records the board's minute, finance confirms."""

from decimal import Decimal

import pytest

from council.decisions import services
from council.decisions.models import Decision, Motion, Proposal
from council.meetings.models import AgendaItem
from council.spend_lists.selectors import list_content
from projects.common.outcomes import NotPermitted, WrongState
from projects.funding.models import Tranche
from projects.funding.services import change_envelope
from projects.gates.models import GateRequest
from projects.initiatives.models import Initiative
from tests.factories.council import AT, in_session

MEMBERS = ("carol", "dora", "finn", "rick", "arno", "pia")
LARGE = Decimal("2000000.01")


@pytest.fixture
def recommended(board, people, envelope, ready_request):
    """A motion for more than the council may give, carried."""
    change_envelope(
        envelope_id=envelope.pk, change=Decimal(9_000_000), reason="The board agreed.", by=people.fay, at=AT
    )
    GateRequest.objects.filter(pk=ready_request.pk).update(ask=LARGE, maximum=LARGE)
    item = AgendaItem.objects.get(meeting=in_session(board))
    motion = services.put_motion(
        item_id=item.pk, outcome="go", amount=LARGE, reason="Worth it.", conditions=[], details={},
        by=board.carol, at=AT,
    )  # fmt: skip
    for name in MEMBERS:
        services.cast_vote(motion_id=motion.pk, choice="for", by=board.people[name], at=AT)
    assert services.declare_result(motion_id=motion.pk, by=board.carol, at=AT) is None
    return motion


def minute(gate, by, **changes):
    values = {"outcome": "go", "amount": LARGE, "minute": "Board minute 2026-31: agreed.", "conditions": []}
    return services.record_board_minute(gate_request_id=gate.pk, **values | changes, details={}, by=by, at=AT)


def test_the_council_only_recommends_what_the_board_decides(recommended, ready_request):
    assert Motion.objects.get().state == "carried"
    assert AgendaItem.objects.get().state == "decided"
    assert GateRequest.objects.get(pk=ready_request.pk).state == "with_board"
    assert Initiative.objects.get(pk=ready_request.initiative_id).stage == "concept"
    assert not Decision.objects.exists()


def test_the_minute_takes_effect_once_finance_confirms(board, people, recommended, ready_request):
    proposal = minute(ready_request, board.sybil)
    assert not Decision.objects.exists()

    decision = services.confirm_board_minute(proposal_id=proposal.pk, by=people.fay, at=AT)

    assert (decision.route, decision.decided_by, decision.second_by) == ("board", board.sybil, people.fay)
    assert decision.authority.endswith("the executive board decides.")
    assert decision.tally == {"for": 6, "against": 0, "abstain": 0, "present": 6}
    assert Tranche.objects.get().amount == LARGE
    assert GateRequest.objects.get(pk=ready_request.pk).state == "decided"
    assert list_content(recommended.item.meeting)["lines"][0]["decision"] == decision.reference


def test_secretary_and_finance_are_two_and_nobody_else(board, people, recommended, ready_request):
    with pytest.raises(NotPermitted):
        minute(ready_request, board.carol)
    proposal = minute(ready_request, board.sybil)

    for somebody in (board.sybil, board.carol, people.olga, people.max):
        with pytest.raises(NotPermitted):
            services.confirm_board_minute(proposal_id=proposal.pk, by=somebody, at=AT)
    with pytest.raises(WrongState, match="is recorded"):
        minute(ready_request, board.sybil)


def test_a_dropped_minute_is_recorded_anew(board, people, recommended, ready_request):
    services.drop_proposal(proposal_id=minute(ready_request, board.sybil).pk, by=people.fay, at=AT)

    assert minute(ready_request, board.sybil, outcome="hold", amount=Decimal(0)).state == "signed"
    assert Proposal.objects.count() == 2


def test_the_board_stays_inside_the_ask(board, recommended, ready_request):
    with pytest.raises(services.MotionRefused, match="lies outside"):
        minute(ready_request, board.sybil, amount=LARGE + 1)


def test_nothing_waits_for_the_board_without_a_recommendation(board, ready_request):
    with pytest.raises(WrongState, match="No recommendation"):
        minute(ready_request, board.sybil)
