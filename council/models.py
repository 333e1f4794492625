"""The index of the council's models, for Django."""

from council.decisions.models import Decision, Motion, Proposal, Ratification, StrawView, StruckVote, Vote
from council.escalations.models import Escalation, EscalationRun
from council.meetings.models import AgendaItem, Attendance, Meeting
from council.packs.models import Pack
from council.portfolio.models import SavedView
from council.seats.models import Seat, SeatTerm
from council.spend_lists.models import SignatureTicket, SpendList, SpendListLine

__all__ = [
    "AgendaItem",
    "Attendance",
    "Decision",
    "Escalation",
    "EscalationRun",
    "Meeting",
    "Motion",
    "Pack",
    "Proposal",
    "Ratification",
    "SavedView",
    "Seat",
    "SeatTerm",
    "SignatureTicket",
    "SpendList",
    "SpendListLine",
    "StrawView",
    "StruckVote",
    "Vote",
]
