"""Gate templates, requests, and what requests hold."""

from projects.gates.models.contents import CriterionProof, EvidenceFile, FrozenInputs, RequestSection
from projects.gates.models.requests import GateRequest, GateRequestQuerySet, RequestInterest, RequestMove
from projects.gates.models.templates import Criterion, GateTemplate

__all__ = [
    "Criterion",
    "CriterionProof",
    "EvidenceFile",
    "FrozenInputs",
    "GateRequest",
    "GateRequestQuerySet",
    "GateTemplate",
    "RequestInterest",
    "RequestMove",
    "RequestSection",
]
