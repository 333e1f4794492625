"""Who is refused what: every act of the thread by everybody who may not do it, with nothing changed by the attempt.

Who cannot see a thing finds nothing (404); who sees it and may not act is told so (403).
"""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from council.decisions.services import put_motion
from council.meetings.models import Meeting
from council.policy.services import draft_policy, edit_draft, propose_policy
from council.seats.models import Seat
from council.seats.services import grant_seat
from projects.common.outcomes import NotPermitted
from projects.initiatives.models import Participation
from projects.people.models import User
from projects.people.roles import Role
from tests.factories.council import AT, council, frozen, in_session, noticed, planned
from tests.factories.gates import cast, concept, in_review, ready, sendable
from tests.factories.initiatives import initiative
from tests.factories.money import envelope, tranche
from tests.factories.people import person

pytestmark = pytest.mark.django_db

DAY = "/meetings/2026-11-19/"
NAMES = {
    "stranger": "max",
    "owner": "olga",
    "contributor": "carl",
    "reviewer": "rita",
    "member": "arno",
    "chair": "carol",
    "secretary": "sybil",
    "finance": "fay",
    "administrator": "ada",
    "auditor": "audrey",
}
ROLES = tuple(NAMES)


@pytest.fixture(autouse=True)
def clock(settings, tmp_path):
    settings.TOLLGATE_NOW = AT.isoformat()
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def people():
    people = cast()
    board = council()
    for name, role in (("ada", Role.ADMINISTRATOR), ("abel", Role.ADMINISTRATOR), ("audrey", Role.AUDITOR)):
        person(name, role)
    person("carl")
    for user in User.objects.all():
        user.set_password("password")
        user.save()
    return SimpleNamespace(**vars(people), board=board)


def funds(people, **changes):
    made = initiative(people.olga, "pilot", name="Claims triage")
    paying = envelope(people.fay, AT.replace(month=1))
    return tranche(made, paying, people.fay, AT, **changes)


def invite(people, target):
    return Participation.objects.create(
        initiative=target, user=User.objects.get(username="carl"), part="contributor", since=AT
    )


def proposed(people):
    ada = User.objects.get(username="ada")
    version = draft_policy(by=ada, at=AT)
    changes = {"over_budget_percent": "14"}
    edit_draft(version_id=version.pk, changes=changes, reason="Earlier.", revision=version.revision, by=ada, at=AT)
    return propose_policy(version_id=version.pk, by=ada, at=AT)


def everything():
    """Return every row of the product, but for when people signed in."""
    models = [model for label in ("projects", "council") for model in apps.get_app_config(label).get_models()]
    return {
        model.__name__: list(
            model.objects.order_by("pk").values_list(
                *(field.attname for field in model._meta.concrete_fields if field.name != "last_login")
            )
        )
        for model in models
    }


REGISTRATION = {
    "name": "Another",
    "value_proposition": "Worth it.",
    "cost_centre": "CC-1",
    "expected_monthly_cost": "100",
}


def registering(people):
    return "/initiatives/new/", {**REGISTRATION, "business_owner": people.olga.pk}


def submitting(people):
    gate = sendable(people)
    invite(people, gate.initiative)
    return f"/requests/{gate.key}/submit/", {}


def reviewing(people):
    gate = in_review(people)
    invite(people, gate.initiative)
    return f"/reviews/{gate.key}/finish/", {"topic": "finops", "recommendation": "ready"}


def importing(people):
    file = SimpleUploadedFile("costs.csv", b"BilledCost\n1\n")
    return "/spend/import/", {"source": "cloud", "file": file}


def claiming(people):
    made = initiative(people.olga, "mvp")
    return "/spend/unclaimed/", {"act": "claim", "initiative": made.key, "claim": "service", "heap": 1}


def releasing(people):
    waiting = funds(people, awaits_conditions=True)
    return f"/initiatives/{waiting.initiative.key}/tranches/{waiting.number}/release/", {}


def building(people):
    ready(people)
    planned(people.board)
    return f"{DAY}agenda/", {}


def freezing(people):
    ready(people)
    noticed(people.board)
    return f"{DAY}freeze/", {}


def opening(people):
    ready(people)
    frozen(people.board)
    return f"{DAY}open/", {}


def sitting(people):
    ready(people)
    envelope(people.fay, AT.replace(month=1), ends_on=date(2027, 7, 1))
    return in_session(people.board).items.get()


def moving(people):
    item = sitting(people)
    data = {"outcome": "go", "amount": "130000", "reason": "Sound.", "conditions-TOTAL_FORMS": "0"}
    return f"{DAY}items/{item.number}/motion/", {**data, "conditions-INITIAL_FORMS": "0"}


def put(people):
    item = sitting(people)
    put_motion(
        item_id=item.pk,
        outcome="go",
        amount=Decimal(130000),
        reason="Sound.",
        conditions=[],
        details={},
        by=people.board.carol,
        at=AT,
    )
    return item


def voting(people):
    return f"{DAY}items/{put(people).number}/vote/", {"choice": "for"}


def declaring(people):
    return f"{DAY}items/{put(people).number}/declare/", {}


def signing(people):
    sitting(people)
    return f"{DAY}spend-list/sign/", {"password": "password", "sha256": "0" * 64}


def drafting(people):
    return "/policy/draft/", {}


def approving(people):
    return f"/policy/versions/{proposed(people).number}/approve/", {"effective_on": "2026-12-01"}


UNSEEN = {"stranger": 404}
ELSEWHERE = dict.fromkeys(("stranger", "contributor"), 404)
OUTSIDE = dict.fromkeys(("stranger", "owner", "contributor", "administrator"), 404)


def but(allowed, **known):
    """Refuse everybody but some with 403, or as said."""
    return {role: known.get(role, 403) for role in ROLES if role not in allowed}


MATRIX = {
    registering: but(("owner",)),
    submitting: but(("owner",), **UNSEEN),
    reviewing: but(("reviewer",), **UNSEEN),
    importing: but(("finance",), **ELSEWHERE),
    claiming: but(("finance",), **ELSEWHERE),
    releasing: but(("finance",), **ELSEWHERE),
    building: but(("secretary",), **OUTSIDE),
    freezing: but(("secretary", "finance"), **OUTSIDE),
    opening: but(("chair",), **OUTSIDE),
    moving: but(("chair",), **OUTSIDE),
    voting: but(("chair", "member"), **OUTSIDE),
    declaring: but(("chair",), **OUTSIDE),
    signing: but(("chair",), **OUTSIDE),
    drafting: but(("administrator",)),
    approving: but(("chair",)),
}


@pytest.mark.parametrize("act", MATRIX)
def test_who_may_not_is_refused_and_changes_nothing(client, people, act):
    path, data = act(people)
    before, found = everything(), {}

    found["nobody"] = client.post(path, data)["Location"].split("?")[0]
    for role in MATRIX[act]:
        client.force_login(User.objects.get(username=NAMES[role]))
        found[role] = client.post(path, data).status_code

    assert found == {"nobody": "/account/login/", **MATRIX[act]}
    assert everything() == before


@pytest.mark.parametrize("act", MATRIX)
def test_who_may_is_not_refused_for_who_they_are(client, people, act):
    path, data = act(people)
    may = next(role for role in reversed(ROLES) if role not in MATRIX[act])
    client.force_login(User.objects.get(username=NAMES[may]))

    assert client.post(path, data).status_code not in (403, 404)


def test_nobody_approves_a_policy_that_they_drafted(client, people):
    path, data = approving(people)
    client.force_login(User.objects.get(username="ada"))

    assert client.post(path, data).status_code == 403
    client.force_login(User.objects.get(username="abel"))
    assert client.post(path, data).status_code == 302


def test_nobody_gives_themselves_a_seat(people):
    seat = Seat.objects.create(name="Procurement", persona="procurement")
    ada, before = User.objects.get(username="ada"), everything()

    with pytest.raises(NotPermitted):
        grant_seat(seat_id=seat.pk, user=ada, by=ada, at=AT)
    with pytest.raises(NotPermitted):
        grant_seat(seat_id=seat.pk, user=ada, by=people.fay, at=AT)
    assert everything() == before


def test_an_interested_member_finds_neither_item_nor_vote(client, people):
    gate = concept(people, sponsor=people.board.arno)
    ready(people, gate)
    meeting = in_session(people.board)
    item = Meeting.objects.get(pk=meeting.pk).items.get()
    client.force_login(User.objects.get(username="arno"))
    before = everything()

    assert client.post(f"{DAY}items/{item.number}/view/", {"outcome": "go"}).status_code == 404
    assert gate.name not in client.get(f"{DAY}room/").content.decode()
    assert everything() == before
