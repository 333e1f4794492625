"""The cast of the journeys, an envelope, and two MVPs whose money was released before the imported months."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from projects.funding.models import Envelope
from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.people.roles import Role
from projects.prices.services import load_shipped_sheets
from tests.factories.council import Council, council
from tests.factories.gates import reviewer
from tests.factories.initiatives import initiative, organisation
from tests.factories.money import envelope, tranche
from tests.factories.people import person

OPENED_AT = datetime(2024, 1, 2, 9, tzinfo=UTC)
RELEASED_AT = datetime(2024, 8, 1, 9, tzinfo=UTC)
PASSWORD = "signing-takes-a-password"


@dataclass
class Cast:
    """Olga owns, Tom builds, Fay and Felix are finance, Rita and Ravi review, Ada and Abel administer."""

    olga: User
    tom: User
    sam: User
    fay: User
    felix: User
    rita: User
    ravi: User
    ada: User
    abel: User
    max: User
    audrey: User
    board: Council


def cast() -> Cast:
    """Return everybody whom the rules need, and the council."""
    organisation()
    return Cast(
        olga=person("olga", Role.REGISTRANT),
        tom=person("tom", Role.REGISTRANT),
        sam=person("sam"),
        fay=person("fay", Role.FINANCE),
        felix=person("felix", Role.FINANCE),
        rita=reviewer("rita", "finops", "architecture"),
        ravi=reviewer("ravi", "security", "data"),
        ada=person("ada", Role.ADMINISTRATOR),
        abel=person("abel", Role.ADMINISTRATOR),
        max=person("max"),
        audrey=person("audrey", Role.AUDITOR),
        board=council(),
    )


def give_password(user: User) -> None:
    """Let somebody sign with a password."""
    user.set_password(PASSWORD)
    user.save()


def prices() -> None:
    """Load the price sheets that ship with the product."""
    load_shipped_sheets(at=OPENED_AT)


def mvp(people: Cast, name: str, amount: str) -> Initiative:
    """Return an MVP by opening decision, with three owners and a tranche that runs since August 2024."""
    made = initiative(
        people.olga,
        "mvp",
        name=name,
        technical_owner=people.tom,
        budget_owner=people.olga,
        sponsor=people.sam,
        stage_since=OPENED_AT,
        registered_at=OPENED_AT,
    )
    fund(people, made, amount)
    return Initiative.objects.get(pk=made.pk)


def fund(people: Cast, made: Initiative, amount: str) -> None:
    """Release the first tranche out of the company's envelope, opened when there is none yet."""
    years_on = date(date.today().year + 2, 1, 1)
    paying = Envelope.objects.first() or envelope(
        people.fay, OPENED_AT, kind="company", name="AI", starts_on=date(2024, 1, 1), ends_on=years_on
    )
    tranche(made, paying, people.fay, RELEASED_AT, amount, decision_reference="OPENING-1", ends_on=years_on)
