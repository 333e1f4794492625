"""What the tables of who may do what when stand on: one person for each role, and acts that are tried and taken back."""

from contextlib import contextmanager

from django.db import transaction

from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted, Refused, WrongState
from projects.initiatives.services import invite_contributor
from projects.initiatives.staffing import end_contribution
from projects.people.models import User
from projects.people.roles import Role
from tests.factories.gates import AT, concept
from tests.factories.people import person

OWNERS = {"owner", "owner_who_sits"}
WRITERS = OWNERS | {"contributor"}
CHAIRS = {"chair", "deputy_chair"}
JUDGES = {"reviewer", "member", "finance", *CHAIRS}
INTERESTED = ("owner_who_sits", "former_contributor", "line_manager")
JUDGING = (Role.REVIEWER, Role.MEMBER, Role.CHAIR, Role.FINANCE, Role.FINOPS_LEAD)
GRANTED = (
    *("reviewer", "member", "adviser", "chair", "deputy_chair", "secretary", "finance", "finops_lead", "risk"),
    *("administrator", "auditor", "registrant"),
)


class Undone(Exception):
    """What was allowed is taken back, so that the next may try."""


def one_a_role(people):
    """Return one person for each role; three of them would judge but are, were or lead owners or contributors."""
    made = {"stranger": people.max, "owner": people.olga, "contributor": person("colin"), "sponsor": people.sam}
    made |= {name: person(f"the-{name}", Role(name)) for name in GRANTED}
    made |= {name: person(f"the-{name}", *JUDGING) for name in INTERESTED}
    User.objects.filter(pk=people.olga.pk).update(line_manager=made["line_manager"])
    return made


def staffed(people, roles, made=None):
    """Return an initiative, a new Concept by default, in which the roles take or took their parts."""
    made = made or concept(people, sponsor=people.sam)
    made.technical_owner, made.budget_owner = roles["owner_who_sits"], people.olga
    made.save()
    for name in ("contributor", "former_contributor"):
        invite_contributor(initiative_id=made.pk, user=roles[name], by=people.olga, at=AT)
    end_contribution(initiative_id=made.pk, user=roles["former_contributor"], by=people.olga, at=AT)
    return type(made).objects.get(pk=made.pk)


def answer_of(act, by):
    """Try an act for one person: "may", or the status with which it is refused."""
    try:
        with transaction.atomic():
            act(by)
            raise Undone
    except Undone:
        return "may"
    except NotPermitted:
        return 403
    except WrongState:
        return 409
    except Refused as refused:
        return f"refused {refused.status}: {refused}"


@contextmanager
def nothing_changes(rows):
    before = list(rows.order_by("pk").values()), AuditEvent.objects.count()
    yield
    assert (list(rows.order_by("pk").values()), AuditEvent.objects.count()) == before


def assert_table(rows, roles, state, acts, lawful):
    """Hold each act in one state for each role to the table: the act's lawful states and the roles that may."""
    wrong = {}
    with nothing_changes(rows):
        for name, act in acts.items():
            states, allowed = lawful[name]
            for role, somebody in roles.items():
                given = answer_of(act, somebody)
                is_lawful, may = state in states, role in allowed
                right = {"may"} if is_lawful and may else {403} if is_lawful else {409} if may else {403, 409}
                if given not in right:
                    wrong[state, name, role] = (given, right)
    assert not wrong, wrong
