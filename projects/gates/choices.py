"""The words of gate templates, requests and proofs."""

from django.db import models


class ProofKind(models.TextChoices):
    """How a criterion is proved."""

    COMPUTED = "c", "Computed"
    EVIDENCE = "e", "Evidence"
    JUDGED = "j", "Judged by a reviewer"


class TemplateState(models.TextChoices):
    """A draft binds nobody; an approved version binds from its date."""

    DRAFT = "draft", "Draft"
    APPROVED = "approved", "Approved"
    WITHDRAWN = "withdrawn", "Discarded"


class Waiver(models.TextChoices):
    """Who may waive a criterion; always two people without an interest."""

    COUNCIL = "council", "The chair with a member or the deputy"
    CHAIRS = "chairs", "Only the chair with the deputy chair"
    NOBODY = "nobody", "Nobody"


class Kind(models.TextChoices):
    """What is asked: to move on, to stay with money, or to be looked at."""

    ADVANCE = "advance", "Advance"
    STAY = "stay", "Stay in the stage"
    POST_DECISION = "post_decision", "Post-decision review"
    REASSESSMENT = "reassessment", "Quarterly reassessment"
    SUNSET = "sunset", "Sunset"


class State(models.TextChoices):
    """Where a request stands."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    READINESS_CHECK = "readiness_check", "Readiness check"
    EXPERT_REVIEW = "expert_review", "Expert review"
    RETURNED = "returned", "Returned to the owner"
    READY = "ready", "Ready"
    ON_AGENDA = "on_agenda", "On the agenda"
    STALE = "stale", "A proof expired"
    WITH_BOARD = "with_board", "With the executive board"
    DECIDED = "decided", "Decided"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Route(models.TextChoices):
    """Who decides: the council, or nobody has to meet."""

    UNKNOWN = "", "Not known before the readiness check"
    COUNCIL = "council", "Council review"
    DELEGATED = "delegated", "Delegated: no trigger, inside the budget"


class Outcome(models.TextChoices):
    """The six outcomes, and their delegated form, which is a Go."""

    GO = "go", "Go"
    GO_WITH_CONDITIONS = "go_with_conditions", "Go with conditions"
    RECYCLE = "recycle", "Recycle"
    HOLD = "hold", "Hold"
    KILL = "kill", "Kill"
    SUNSET = "sunset", "Sunset"


class ProofState(models.TextChoices):
    """What a criterion's proof is worth today."""

    UNPROVED = "unproved", "Not proved"
    PROVED = "proved", "Proved"
    STALE = "stale", "Expired"
    FAILED = "failed", "Failed"
    WAIVED = "waived", "Waived"
    DOES_NOT_APPLY = "does_not_apply", "Does not apply"


OPEN_STATES = tuple(state.value for state in State if state not in (State.DECIDED, State.WITHDRAWN))
OWNER_HOLDS = (State.DRAFT, State.RETURNED)
