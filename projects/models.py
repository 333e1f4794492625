"""The index of the projects' models, for Django."""

from projects.audit.models import AuditEvent, AuditHead
from projects.common.models import KeyCounter
from projects.gates.models import (
    Criterion,
    CriterionProof,
    EvidenceFile,
    FrozenInputs,
    GateRequest,
    GateTemplate,
    RequestInterest,
    RequestMove,
    RequestSection,
)
from projects.guardrails.models import Guardrail
from projects.initiatives.models import Initiative, OpeningDecision, Participation, StageMove
from projects.jobs.models import Job
from projects.limits.models import PolicyAcknowledgement, PolicyVersion
from projects.people.models import Organisation, RoleGrant, Team, User
from projects.prices.models import ModelEntry, PriceOverride, PriceSheet
from projects.reviews.models import Review, Verdict
from projects.value.models import Benefit, KpiCard, KpiReading, ValueClaim

__all__ = [
    "AuditEvent",
    "AuditHead",
    "Benefit",
    "Criterion",
    "CriterionProof",
    "EvidenceFile",
    "FrozenInputs",
    "GateRequest",
    "GateTemplate",
    "Guardrail",
    "Initiative",
    "Job",
    "KeyCounter",
    "KpiCard",
    "KpiReading",
    "ModelEntry",
    "OpeningDecision",
    "Organisation",
    "Participation",
    "PolicyAcknowledgement",
    "PolicyVersion",
    "PriceOverride",
    "PriceSheet",
    "RequestInterest",
    "RequestMove",
    "RequestSection",
    "Review",
    "RoleGrant",
    "StageMove",
    "Team",
    "User",
    "ValueClaim",
    "Verdict",
]
