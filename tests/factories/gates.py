"""Initiatives and gate requests by the state they stand in, made by the services."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from projects.gates.models import GateRequest
from projects.gates.proofs import prove_by_text
from projects.gates.section_services import save_section
from projects.gates.services import draft_gate_request, put_on_agenda, submit_gate_request
from projects.initiatives.models import Initiative
from projects.initiatives.services import Registration, register_initiative
from projects.people.models import Organisation, RoleGrant, User
from projects.people.roles import Role
from projects.reviews.selectors import items_for
from projects.reviews.services import Opinion, submit_review
from tests.factories.people import GRANTED_AT, person

AT = datetime(2026, 11, 16, 9, tzinfo=UTC)
ON = AT.date()
DUE = date(2027, 3, 26)


@dataclass
class Cast:
    """The people of a request: Olga owns, Tom builds, Sam sponsors, Carol chairs, Rita reviews, Fay is finance."""

    olga: User
    tom: User
    sam: User
    max: User
    reader: User
    rita: User
    fay: User
    sue: User


def cast() -> Cast:
    """Return the cast with its roles; Max is a stranger and holds none."""
    Organisation.objects.get_or_create(name="Northmark", defaults={"currency": "USD"})
    return Cast(
        olga=person("olga", Role.REGISTRANT),
        tom=person("tom", Role.REGISTRANT),
        sam=person("sam"),
        max=person("max"),
        reader=person("reader", Role.MEMBER),
        rita=reviewer("rita", "finops", "architecture", "security", "data"),
        fay=person("fay", Role.FINANCE),
        sue=person("sue", Role.SECRETARY),
    )


def reviewer(username: str, *topics: str) -> User:
    """Return a new expert reviewer for these topics."""
    user = person(username)
    granting, confirming = User.objects.get(username="granting"), User.objects.get(username="confirming")
    for topic in topics:
        RoleGrant.objects.create(
            user=user,
            role=Role.REVIEWER,
            topic=topic,
            granted_by=granting,
            granted_at=GRANTED_AT,
            confirmed_by=confirming,
            confirmed_at=GRANTED_AT,
        )
    return user


def concept(people: Cast, name: str = "Policy wording answers", **fields: object) -> Initiative:
    """Return a registered Concept with three owners."""
    initiative = register_initiative(
        registration=Registration(name, "Answers questions on wordings.", people.olga, "CC-1", Decimal(9000)),
        by=people.olga,
        at=AT,
    )
    for field, value in {"technical_owner": people.tom, "budget_owner": people.olga, **fields}.items():
        setattr(initiative, field, value)
    initiative.save()
    return Initiative.objects.get(pk=initiative.pk)


def drafted(people: Cast, initiative: Initiative | None = None, kind: str = "advance") -> GateRequest:
    """Return a draft with nothing in it."""
    initiative = initiative or concept(people)
    return draft_gate_request(initiative_id=initiative.pk, kind=kind, by=people.olga, at=AT)


ASK = {
    "minimum": Decimal(90000),
    "ask": Decimal(130000),
    "maximum": Decimal(150000),
    "layers": {"model_api": "30000", "platform": "100000"},
    "milestone_name": "Error below 9% in 12 branches",
    "milestone_test": "Twelve branches report six weeks below 9%.",
    "milestone_due_on": DUE,
    "ends_on": DUE,
    "if_refused": "We stop at the end of December.",
    "assumption": "Branches use the forecast.",
}


def filled(people: Cast, gate: GateRequest) -> GateRequest:
    """Fill the ask and the risks, and prove every evidence must by a text."""
    sections = [("ask", ASK)] if gate.has_milestone else []
    for code, columns in (*sections, ("risk", {"top_risks": "Branches may not use it.", "rebuttal": ""})):
        save_section(
            gate_request_id=gate.pk,
            code=code,
            answers={"typed": "yes"},
            columns=dict(columns),
            problems={},
            revision=0,
            finish=True,
            by=people.olga,
            at=AT,
        )
    for proof in gate.proofs.filter(criterion__proof="e", criterion__must=True):
        prove_by_text(gate_request_id=gate.pk, code=proof.criterion.code, text="What was found.", by=people.olga, at=AT)
    return GateRequest.objects.get(pk=gate.pk)


def waive_computed(gate: GateRequest, people: Cast) -> None:
    """Waive every computed must, as two people may."""
    gate.proofs.filter(criterion__proof="c").update(
        state="waived",
        waived_by=people.fay,
        waived_second_by=people.sue,
        waived_until=date(2026, 12, 31),
        waiver_reason="Not needed in this test.",
    )


def sendable(people: Cast, initiative: Initiative | None = None, kind: str = "advance") -> GateRequest:
    """Return a draft that lacks nothing."""
    gate = filled(people, drafted(people, initiative, kind))
    waive_computed(gate, people)
    return gate


def in_review(people: Cast, initiative: Initiative | None = None) -> GateRequest:
    """Return a request that the experts judge."""
    gate = sendable(people, initiative)
    return submit_gate_request(gate_request_id=gate.pk, policy_read=None, by=people.olga, at=AT)


def accept_all(gate: GateRequest) -> None:
    """Let every reviewer accept everything."""
    for review in gate.reviews.filter(state="open"):
        answers = {item.code: "accept" for item in items_for(review)}
        submit_review(review_id=review.pk, opinion=Opinion(answers, {}, "ready"), by=review.reviewer, at=AT)


def ready(people: Cast, initiative: Initiative | None = None) -> GateRequest:
    """Return a request that waits for an agenda."""
    gate = in_review(people, initiative)
    accept_all(gate)
    return GateRequest.objects.get(pk=gate.pk)


def on_agenda(people: Cast, initiative: Initiative | None = None) -> GateRequest:
    """Return a request on an agenda."""
    return put_on_agenda(gate_request_id=ready(people, initiative).pk, by=people.sue, at=AT)


def moneyless(people: Cast, initiative: Initiative | None = None, kind: str = "advance") -> GateRequest:
    """Return a draft that lacks nothing and asks for no money."""
    gate = sendable(people, initiative, kind)
    gate.needs_money, gate.minimum, gate.ask, gate.maximum = False, None, None, None
    gate.save()
    return gate


def sent(people: Cast, gate: GateRequest) -> GateRequest:
    """Submit a draft as its owner."""
    return submit_gate_request(gate_request_id=gate.pk, policy_read=None, by=people.olga, at=AT)
