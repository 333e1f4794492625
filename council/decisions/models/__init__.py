"""Straw views, motions, votes, decisions, and what still waits for a signature or for the council."""

from council.decisions.choices import Outcome, ProposalState, RatificationState, Route
from council.decisions.models.decisions import Decision
from council.decisions.models.proposals import Proposal, Ratification
from council.decisions.models.voting import Choice, Motion, MotionState, StrawView, StruckVote, Vote

__all__ = [
    "Choice",
    "Decision",
    "Motion",
    "MotionState",
    "Outcome",
    "Proposal",
    "ProposalState",
    "Ratification",
    "RatificationState",
    "Route",
    "StrawView",
    "StruckVote",
    "Vote",
]
