"""Why an act is refused: reasons with a code and a sentence, and the errors that carry them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Blocker:
    """One reason: a stable code, a sentence that names entity, rule, figures and remedy, and who owes the remedy."""

    code: str
    message: str
    owed_by: str = ""


class Refused(Exception):
    """An act that policy forbids; ``blockers`` say why and ``status`` is the HTTP answer."""

    status = 422
    code = "refused"

    def __init__(self, blockers: Sequence[Blocker] | str) -> None:
        """Keep the reasons; a plain sentence becomes one blocker with the error's own code."""
        reasons = [Blocker(self.code, blockers)] if isinstance(blockers, str) else list(blockers)
        self.blockers: list[Blocker] = reasons
        super().__init__(" ".join(blocker.message for blocker in reasons))

    @property
    def details(self) -> dict[str, Any]:
        """Return the figures behind the reasons as JSON, for a page that shows more than a sentence."""
        return {}


class NotPermitted(Refused):
    """The person may see the thing and may not do this to it."""

    status = 403
    code = "not_permitted"


class WrongState(Refused):
    """The thing is in a state from which this act is impossible."""

    status = 409
    code = "wrong_state"


class Conflicted(Refused):
    """Somebody else changed the thing since it was read."""

    status = 409
    code = "changed_since_read"
