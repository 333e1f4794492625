"""An initiative that the council has just decided about, and one with nothing."""

from decimal import Decimal

import pytest

from council.decisions import services
from council.meetings.models import AgendaItem
from projects.initiatives.models import Initiative
from tests.factories.council import AT, in_session
from tests.factories.gates import concept

MEMBERS = ("carol", "dora", "finn", "rick", "arno", "pia")


@pytest.fixture(autouse=True)
def _clock(settings):
    settings.TOLLGATE_NOW = AT.isoformat()


@pytest.fixture
def bare(people):
    """A Concept that was registered and nothing more."""
    return concept(people, "Contract clause redlining")


@pytest.fixture
def decide(board, people, envelope, ready_request):
    """Let the council decide the ready request with six votes for."""
    meeting = in_session(board)
    item = AgendaItem.objects.get(meeting=meeting)

    def decide(blocks="next_gate", **changes):
        condition = {
            "text": "Release only when two branches report.",
            "owner": people.olga.pk,
            "owner_name": "Olga",
            "due_on": "2026-12-18",
            "verifier": board.finn.pk,
            "verifier_name": "Finn",
            "blocks": blocks,
        }
        values = {
            "outcome": "go_with_conditions",
            "amount": Decimal(120000),
            "reason": "The proof holds.",
            "conditions": [condition],
            "details": {},
        }
        motion = services.put_motion(item_id=item.pk, **values | changes, by=board.carol, at=AT)
        for name in MEMBERS:
            services.cast_vote(motion_id=motion.pk, choice="for", by=board.people[name], at=AT)
        return services.declare_result(motion_id=motion.pk, by=board.carol, at=AT)

    return decide


@pytest.fixture
def decided(decide):
    """The initiative after a Go with one condition and $120,000."""
    return Initiative.objects.get(pk=decide().initiative_id)


@pytest.fixture
def text():
    """Give an answer's words without line breaks."""
    return lambda answer: " ".join(answer.content.decode().split())
