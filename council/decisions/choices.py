"""The words of decisions."""

from django.db import models


class Outcome(models.TextChoices):
    """The six outcomes."""

    GO = "go", "Go"
    GO_WITH_CONDITIONS = "go_with_conditions", "Go with conditions"
    RECYCLE = "recycle", "Recycle"
    HOLD = "hold", "Hold"
    KILL = "kill", "Kill"
    SUNSET = "sunset", "Sunset"


class Route(models.TextChoices):
    """By whose authority a decision was made."""

    SANDBOX = "sandbox", "Sandbox"
    FINOPS = "finops", "FinOps lead and finance"
    CHAIR = "chair", "Chair's action"
    COUNCIL = "council", "Council"
    BOARD = "board", "Executive board"


DELEGATED = (Route.SANDBOX, Route.FINOPS)
BETWEEN_MEETINGS = (Route.SANDBOX, Route.FINOPS, Route.CHAIR)


class ProposalState(models.TextChoices):
    """Where a decision with two signatures stands."""

    SIGNED = "signed", "Waits for the second signature"
    DECIDED = "decided", "Decided"
    DROPPED = "dropped", "Dropped"


PROPOSAL_MOVES = (("signed", "decided"), ("signed", "dropped"))


class RatificationState(models.TextChoices):
    """Where a chair's action stands before the council."""

    WAITING = "waiting", "To be ratified"
    RATIFIED = "ratified", "Ratified"
    REFUSED = "refused", "Not ratified"


RATIFICATION_MOVES = (("waiting", "ratified"), ("waiting", "refused"))
