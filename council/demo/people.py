"""The people of the demo: owners, the council, finance, reviewers, administrators, an auditor."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from council.demo.plan import Plan
from council.seats.models import Seat, SeatTerm
from projects.audit.services import record
from projects.people.models import Organisation, RoleGrant, Team, User
from projects.people.roles import Role

SEATS: tuple[tuple[str, str, str, dict[str, bool]], ...] = (
    ("Helena Marsh", "Chair", "executive", {"is_chair": True}),
    ("Ruth Adeyemi", "Finance", "finance", {}),
    ("Tomás Oliveira", "Technology", "ai_lead", {"is_deputy_chair": True}),
    ("Kenji Watanabe", "FinOps", "finops", {}),
    ("Marcus Bell", "Security and risk", "risk", {}),
    ("Sofia Lindqvist", "Enterprise architecture", "architecture", {}),
    ("Daniel Roth", "AI platform", "platform", {}),
    ("Amara Nwosu", "Procurement", "procurement", {}),
    ("Ingrid Halvorsen", "Infrastructure", "infrastructure", {}),
)
DEPUTIES = (("Elena Petrov", "Finance", "finance"), ("Samuel Okafor", "Security and risk", "risk"))
STAFF: tuple[tuple[str, str, tuple[tuple[Role, str], ...]], ...] = (
    ("Ada Kowalski", "Administrator", ((Role.ADMINISTRATOR, ""),)),
    ("Bruno Silva", "Administrator", ((Role.ADMINISTRATOR, ""),)),
    ("Grace Whitfield", "Council secretary", ((Role.SECRETARY, ""),)),
    ("Nils Bergman", "Finance controller", ((Role.FINANCE, ""),)),
    ("Paula Fischer", "FinOps analyst", ((Role.FINANCE, ""), (Role.REVIEWER, "finops"))),
    ("Ines Moreau", "Security reviewer", ((Role.REVIEWER, "security"), (Role.REVIEWER, "data"))),
    ("Theo Brandt", "Architecture reviewer", ((Role.REVIEWER, "architecture"),)),
    ("Lucia Conti", "Procurement and legal reviewer", ((Role.REVIEWER, "procurement"), (Role.REVIEWER, "legal"))),
    ("Wilma Sorensen", "Internal audit", ((Role.AUDITOR, ""),)),
)
SHOWN = (
    ("Helena Marsh", "Chair of the council"),
    ("Oskar Lind", "Owner of Fraud network detection"),
    ("Fatima Zahra", "Owner of Policy wording Q&A"),
    ("Chloe Martin", "Owner of Contract clause redlining"),
    ("Grace Whitfield", "Council secretary"),
    ("Nils Bergman", "Finance controller"),
    ("Kenji Watanabe", "FinOps lead, member"),
    ("Marcus Bell", "Security and risk, member"),
    ("Ruth Adeyemi", "Finance Director, member"),
    ("Ines Moreau", "Security reviewer"),
    ("Ada Kowalski", "Administrator"),
    ("Bruno Silva", "Administrator"),
    ("Wilma Sorensen", "Auditor"),
)


@dataclass
class People:
    """Everybody by name, and the members' terms."""

    by_name: dict[str, User] = field(default_factory=dict)

    def __getitem__(self, name: str) -> User:
        return self.by_name[name]


def username(name: str) -> str:
    """Return a sign-in name: the first name in plain letters."""
    plain = name.lower().split()[0].replace("á", "a").replace("ã", "a")
    return "".join(letter for letter in plain if letter.isascii() and letter.isalpha())


def bring_people(plan: Plan, at: datetime) -> tuple[People, str]:
    """Found the organisation with its teams and people and return them with the one password of the demo."""
    organisation = Organisation.objects.get_or_create(defaults={"name": "Northmark Group"})[0]
    organisation.name, organisation.currency, organisation.is_demo = "Northmark Group", "USD", True
    organisation.save()
    people, password = People(), secrets.token_urlsafe(9)
    names: list[tuple[str, str, str]] = [(name, title, "") for name, title, _ in STAFF]
    names += [(name, f"{seat} seat", "") for name, seat, _, _ in SEATS]
    names += [(name, f"{seat} deputy", "") for name, seat, _ in DEPUTIES]
    for row in plan.initiatives:
        names += [(row["owner"], "Business owner", row["business_unit"]), (row["sponsor"], "Sponsor", "")]
        names.append((engineer(row), "Technical owner", row["business_unit"]))
    for name, title, unit in names:
        if name not in people.by_name:
            people.by_name[name] = _person(people, name, title, unit)
    hashed = _hash(password)
    User.objects.filter(pk__in=[user.pk for user in people.by_name.values()]).update(password=hashed)
    _grants(people, plan, at)
    _seats(people, at)
    record(verb="organisation.founded", target=organisation, by=people["Ada Kowalski"], at=at)
    return people, password


def engineer(row: dict[str, Any]) -> str:
    """Name the technical owner of an initiative."""
    names = {
        "AI-009": "Pavel Novak", "AI-014": "Joana Reis", "AI-021": "Emre Kaya", "AI-027": "Hugo Laurent",
        "AI-031": "Ines Duarte", "AI-033": "Liam Byrne", "AI-036": "Noor Haddad", "AI-038": "Vera Popescu",
        "AI-040": "Rafael Costa", "AI-041": "Yara Haddad", "AI-044": "Simon Weber", "AI-045": "Mina Park",
    }  # fmt: skip
    return names[str(row["code"])]


def _person(people: People, name: str, title: str, unit: str) -> User:
    login = username(name)
    if User.objects.filter(username=login).exists():
        login = "".join(name.lower().split()).encode("ascii", "ignore").decode()
    team = None
    if unit:
        parent = Team.objects.get_or_create(name=unit)[0]
        team = Team.objects.get_or_create(name=f"{unit} AI team", defaults={"parent": parent})[0]
    return User.objects.create(
        username=login, email=f"{login}@northmark.example", full_name=name, title=title, team=team
    )


def _hash(password: str) -> str:
    somebody = User()
    somebody.set_password(password)
    return somebody.password


def _grants(people: People, plan: Plan, at: datetime) -> None:
    grants = [(people[name], role, topic) for name, _, roles in STAFF for role, topic in roles]
    grants += [(people["Kenji Watanabe"], Role.FINANCE, "")]
    for row in plan.initiatives:
        grants += [(people[row["owner"]], Role.REGISTRANT, ""), (people[engineer(row)], Role.REGISTRANT, "")]
    first, second = people["Ada Kowalski"], people["Bruno Silva"]
    for user, role, topic in dict.fromkeys(grants):
        granting, confirming = (first, second) if user != first else (second, people["Helena Marsh"])
        if user == second:
            confirming = people["Helena Marsh"]
        grant = RoleGrant.objects.create(
            user=user,
            role=role,
            topic=topic,
            granted_by=granting,
            granted_at=at,
            confirmed_by=confirming,
            confirmed_at=at,
        )
        record(verb="role.granted", target=grant, by=granting, at=at)


def _seats(people: People, at: datetime) -> None:
    first, second = people["Ada Kowalski"], people["Bruno Silva"]
    seats = {}
    for order, (name, seat_name, persona, facts) in enumerate(SEATS):
        seats[seat_name] = seat = Seat.objects.create(name=seat_name, persona=persona, order=order, **facts)
        SeatTerm.objects.create(seat=seat, user=people[name], granted_by=first, confirmed_by=second, since=at)
    for order, (name, seat_name, persona) in enumerate(DEPUTIES, start=20):
        seat = Seat.objects.create(
            name=f"{seat_name}, deputy", persona=persona, order=order, is_voting=False, deputy_of=seats[seat_name]
        )
        SeatTerm.objects.create(seat=seat, user=people[name], granted_by=first, confirmed_by=second, since=at)


def write_logins(people: People, password: str) -> None:
    """Write who can sign in beside the data, for the sign-in page and the start-up message; never into the database."""
    rows = [{"login": people[name].username, "password": password, "name": name, "role": role} for name, role in SHOWN]
    path = settings.TOLLGATE_HOME / "demo_logins.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
