"""Found the organisation with its first administrators, where nobody is there who could grant them their role."""

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction

from projects.audit.services import record, record_many
from projects.common.outcomes import Blocker, Refused, WrongState
from projects.people.models import Organisation, RoleGrant, User
from projects.people.roles import Role
from projects.people.services import policy_service, setup_service

FEWEST = 2  # what one administrator grants, another confirms


class FoundingRefused(Refused):
    """An organisation that could not be run as it was asked for."""

    code = "founding_refused"


class FoundedAlready(WrongState):
    """Somebody is there already; people are added by those who may."""

    code = "founded_already"


@dataclass(frozen=True)
class Founder:
    """One of the first administrators: what they sign in with, their name and their address."""

    login: str
    name: str
    email: str


@transaction.atomic
def found_organisation(
    *, name: str, currency: str, time_zone: str, administrators: Sequence[Founder], at: datetime
) -> dict[str, str]:
    """Found the organisation and return its administrators' first passwords by login, which nothing keeps.

    Their grants stand in the name of the set-up and of the policy: nobody is there to give or to confirm them. Only who
    holds the machine can ask for it. Raise FoundedAlready, FoundingRefused.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('organisation', 0))")
    if Organisation.objects.exists() or User.objects.filter(is_service=False).exists():
        raise FoundedAlready("Somebody is there already. An organisation is founded in an empty database only.")
    if blockers := _blockers(name, currency, time_zone, administrators):
        raise FoundingRefused(blockers)
    organisation = Organisation.objects.create(name=name.strip(), currency=currency, time_zone=time_zone)
    record(verb="organisation.founded", target=organisation, by=None, at=at)
    passwords = {founder.login: secrets.token_urlsafe(12) for founder in administrators}
    people = [_person(founder, passwords[founder.login]) for founder in administrators]
    User.objects.bulk_create(people)
    grants = RoleGrant.objects.bulk_create(_grants(people, at))
    record_many(verb="role.granted", targets=[(grant, {}) for grant in grants], by=None, at=at)
    return passwords


def _person(founder: Founder, password: str) -> User:
    person = User(username=founder.login, full_name=founder.name.strip(), email=founder.email, title="Administrator")
    person.set_password(password)
    return person


def _grants(people: Sequence[User], at: datetime) -> list[RoleGrant]:
    by, confirming = setup_service(), policy_service()
    return [
        RoleGrant(
            user=person,
            role=Role.ADMINISTRATOR,
            granted_by=by,
            granted_at=at,
            confirmed_by=confirming,
            confirmed_at=at,
        )
        for person in people
    ]


def _blockers(name: str, currency: str, time_zone: str, administrators: Sequence[Founder]) -> list[Blocker]:
    """Say why an organisation could not be run as it is asked for."""
    blockers = []
    if not _is_line(name, 200):
        blockers.append(Blocker("name", "Name the organisation, in at most 200 characters on one line."))
    if currency not in list_currencies():
        blockers.append(Blocker("currency", f"{currency} is no currency. Write its ISO 4217 code, such as EUR."))
    if time_zone not in available_timezones():
        blockers.append(Blocker("time_zone", f"{time_zone} is no time zone. Write it as Europe/Berlin or UTC."))
    if len(administrators) < FEWEST:
        message = f"Name at least {FEWEST} administrators: what one grants, another confirms."
        blockers.append(Blocker("administrators", message))
    times = Counter(founder.login.lower() for founder in administrators)
    for founder in administrators:
        blockers += _founder_blockers(founder, is_double=times[founder.login.lower()] > 1)
    return blockers


def _founder_blockers(founder: Founder, *, is_double: bool) -> list[Blocker]:
    blockers = []
    if is_double:
        blockers.append(
            Blocker("login_double", f"{founder.login} is named twice. Give each person a login of their own.")
        )
    try:
        User._meta.get_field("username").run_validators(founder.login)
    except ValidationError:
        message = f"{founder.login} cannot be a login. Use letters, digits and . _ + - only, at most 150."
        blockers.append(Blocker("login", message))
    if not _is_line(founder.name, 200):
        blockers.append(Blocker("person_name", f"Write the name of {founder.login}, in at most 200 characters."))
    try:
        validate_email(founder.email)
    except ValidationError:
        blockers.append(Blocker("email", f"{founder.email} is no mail address: notices for {founder.login} go there."))
    return blockers


def _is_line(text: str, most: int) -> bool:
    return 0 < len(text.strip()) <= most and text.isprintable()
