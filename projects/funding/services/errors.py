"""Why an act on money is refused."""

from projects.common.outcomes import Refused, WrongState


class FundingRefused(Refused):
    """An amount, window or ask that does not hold together."""

    code = "funding_refused"


class OverHeadroom(Refused):
    """An envelope, or one above it, cannot give that much."""

    code = "over_headroom"


class ReleaseBlocked(Refused):
    """Something still stands between a tranche and its release."""

    code = "release_blocked"


class FreezeStands(WrongState):
    """A freeze must be lifted first."""

    code = "tranche_frozen"
