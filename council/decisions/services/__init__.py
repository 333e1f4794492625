"""Every act of deciding: at a meeting, between meetings, by delegation, by the board."""

from council.decisions.services.acting import (
    act_between_meetings,
    list_for_ratification,
    refuse_unratified,
)
from council.decisions.services.boards import confirm_board_minute, record_board_minute
from council.decisions.services.declaring import declare_result
from council.decisions.services.delegating import (
    decide_in_the_sandbox,
    drop_proposal,
    propose_delegated,
    sign_delegated,
)
from council.decisions.services.errors import MotionRefused, NotYours, Recused, VoteRefused
from council.decisions.services.restating import record_restated
from council.decisions.services.voting import (
    cast_vote,
    declare_conflict,
    give_straw_view,
    put_motion,
    withdraw_motion,
)

__all__ = [
    "MotionRefused",
    "NotYours",
    "Recused",
    "VoteRefused",
    "act_between_meetings",
    "cast_vote",
    "confirm_board_minute",
    "decide_in_the_sandbox",
    "declare_conflict",
    "declare_result",
    "drop_proposal",
    "give_straw_view",
    "list_for_ratification",
    "propose_delegated",
    "put_motion",
    "record_board_minute",
    "record_restated",
    "refuse_unratified",
    "sign_delegated",
    "withdraw_motion",
]
