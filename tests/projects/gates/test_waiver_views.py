import pytest

from projects.people import selectors
from projects.people.roles import Role
from tests.factories.gates import cast, in_review
from tests.factories.people import person

pytestmark = pytest.mark.django_db
WAIVER = {"reason": "Scanned in May.", "until_day": "31", "until_month": "12", "until_year": "2026"}


@pytest.fixture(autouse=True)
def clock(settings):
    settings.TOLLGATE_NOW = "2026-11-16T09:00:00Z"


@pytest.fixture
def people(monkeypatch):
    people = cast()
    people.carol = person("carol")
    monkeypatch.setattr(
        selectors, "_sources", [*selectors._sources, lambda user: [Role.CHAIR] if user.username == "carol" else []]
    )
    return people


@pytest.fixture
def gate(people):
    return in_review(people)


def sign(client, user, gate, **changes):
    client.force_login(user)
    scan = gate.proofs.get(criterion__code="risk_scan")
    return client.post(f"/requests/{gate.key}/waive/", {"criterion": scan.pk, **WAIVER, **changes})


def confirm(client, user, gate):
    client.force_login(user)
    scan = gate.proofs.get(criterion__code="risk_scan")
    return client.post(f"/requests/{gate.key}/waivers/{scan.pk}/confirm/")


def test_chair_signs_and_a_member_confirms(client, people, gate):
    assert sign(client, people.carol, gate)["Location"] == f"/requests/{gate.key}/"
    assert "not confirmed yet" in client.get(f"/requests/{gate.key}/").content.decode()
    assert confirm(client, people.carol, gate).status_code == 403
    assert confirm(client, people.reader, gate).status_code == 302
    assert gate.proofs.get(criterion__code="risk_scan").state == "waived"


@pytest.mark.parametrize("name", ["olga", "reader", "rita", "fay"])
def test_others_may_not_waive(client, people, gate, name):
    assert sign(client, getattr(people, name), gate).status_code == 403


def test_stranger_finds_nothing_to_waive(client, people, gate):
    assert sign(client, people.max, gate).status_code == 404
    assert confirm(client, people.max, gate).status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": ""}, "Say why it is waived"),
        ({"until_day": ""}, "Give day, month and year in figures"),
        ({"until_year": "2027"}, "A waiver ends between"),
        ({"criterion": "999"}, "valid choice"),
    ],
)
def test_wrong_waiver_is_named(client, people, gate, changes, words):
    answer = sign(client, people.carol, gate, **changes)

    assert answer.status_code == 422
    assert words in answer.content.decode()
