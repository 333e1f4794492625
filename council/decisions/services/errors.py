"""Why an act of deciding is refused."""

from projects.common.outcomes import NotPermitted, Refused, WrongState


class MotionRefused(Refused):
    """The motion, or what is decided between meetings, says what policy forbids."""

    code = "motion_refused"


class VoteRefused(WrongState):
    """There is nothing to vote on, or the member has voted."""

    code = "vote_refused"


class Recused(NotPermitted):
    """The member has an interest in the item."""

    code = "recused"


class NotYours(NotPermitted):
    """The amount belongs to another row of the authorities, or the second person is the first."""

    code = "not_your_authority"
