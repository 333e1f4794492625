"""The index of the projects' models, for Django."""

from projects.audit.models import AuditEvent, AuditHead
from projects.common.models import KeyCounter
from projects.conditions.models import Condition
from projects.conflicts.models import StandingConflict
from projects.estimates.models import Estimate, EstimateLine
from projects.funding.models import (
    Envelope,
    Freeze,
    FundingRequest,
    LedgerEntry,
    LedgerLine,
    PlannedEvent,
    Tranche,
    TranchePart,
)
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
from projects.milestones.models import Milestone, MilestoneBaseline
from projects.people.models import Organisation, RoleGrant, Team, User
from projects.prices.models import ModelEntry, PriceOverride, PriceSheet
from projects.quality.models import QualityGate, QualityReading
from projects.reviews.models import Review, Verdict
from projects.value.models import Benefit, KpiCard, KpiReading, ValueClaim

__all__ = [
    "AuditEvent",
    "AuditHead",
    "Benefit",
    "Condition",
    "Criterion",
    "CriterionProof",
    "Envelope",
    "Estimate",
    "EstimateLine",
    "EvidenceFile",
    "Freeze",
    "FrozenInputs",
    "FundingRequest",
    "GateRequest",
    "GateTemplate",
    "Guardrail",
    "Initiative",
    "Job",
    "KeyCounter",
    "KpiCard",
    "KpiReading",
    "LedgerEntry",
    "LedgerLine",
    "Milestone",
    "MilestoneBaseline",
    "ModelEntry",
    "OpeningDecision",
    "Organisation",
    "Participation",
    "PlannedEvent",
    "PolicyAcknowledgement",
    "PolicyVersion",
    "PriceOverride",
    "PriceSheet",
    "QualityGate",
    "QualityReading",
    "RequestInterest",
    "RequestMove",
    "RequestSection",
    "Review",
    "RoleGrant",
    "StageMove",
    "StandingConflict",
    "Team",
    "Tranche",
    "TranchePart",
    "User",
    "ValueClaim",
    "Verdict",
]
