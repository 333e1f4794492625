"""The index of the council's models, for Django."""

from council.escalations.models import Escalation, EscalationRun
from council.seats.models import Seat, SeatTerm

__all__ = ["Escalation", "EscalationRun", "Seat", "SeatTerm"]
