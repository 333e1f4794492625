"""The index of the projects' models, for Django."""

from projects.attribution.models import AttributionRule, RuleShare, SplitMeasure, TagAlias, TaggingKey
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
from projects.harness.models import HarnessLine
from projects.initiatives.models import Initiative, JoinRequest, OpeningDecision, Participation, StageMove
from projects.intake.models import (
    ImportedMilestone,
    ImportedRow,
    PortfolioFile,
    PortfolioImport,
    PortfolioMapping,
    PortfolioUpload,
)
from projects.interface.models import KeptAnswer
from projects.jobs.models import Job
from projects.limits.models import PolicyAcknowledgement, PolicyVersion
from projects.milestones.models import Milestone, MilestoneBaseline
from projects.people.models import Organisation, RoleGrant, Team, User
from projects.prices.models import ModelEntry, PriceOverride, PriceSheet
from projects.quality.models import QualityGate, QualityReading
from projects.rates.models import MonthlyRate
from projects.reviews.models import Review, Verdict
from projects.rulebook.models import RuleChange
from projects.sources.models import ClosedPeriod, CostGroup, CostKey, Delivery, DeliveryPart, RefusedRow, Source
from projects.spend.models import KeptFigures, Reattribution, SpendDay, SpendFact, SpendMonth, SwitchOff
from projects.sunsets.models import SunsetCriterion
from projects.tokens.models import ApiToken
from projects.usage.models import UsageAlarm, UsageDay
from projects.value.models import Benefit, KpiCard, KpiReading, ValueClaim
from projects.wallets.models import UnusedDay, WalletDay

__all__ = [
    "ApiToken",
    "AttributionRule",
    "AuditEvent",
    "AuditHead",
    "Benefit",
    "ClosedPeriod",
    "Condition",
    "CostGroup",
    "CostKey",
    "Criterion",
    "CriterionProof",
    "Delivery",
    "DeliveryPart",
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
    "HarnessLine",
    "ImportedMilestone",
    "ImportedRow",
    "Initiative",
    "Job",
    "JoinRequest",
    "KeptAnswer",
    "KeptFigures",
    "KeyCounter",
    "KpiCard",
    "KpiReading",
    "LedgerEntry",
    "LedgerLine",
    "Milestone",
    "MilestoneBaseline",
    "ModelEntry",
    "MonthlyRate",
    "OpeningDecision",
    "Organisation",
    "Participation",
    "PlannedEvent",
    "PolicyAcknowledgement",
    "PolicyVersion",
    "PortfolioFile",
    "PortfolioImport",
    "PortfolioMapping",
    "PortfolioUpload",
    "PriceOverride",
    "PriceSheet",
    "QualityGate",
    "QualityReading",
    "Reattribution",
    "RefusedRow",
    "RequestInterest",
    "RequestMove",
    "RequestSection",
    "Review",
    "RoleGrant",
    "RuleChange",
    "RuleShare",
    "Source",
    "SpendDay",
    "SpendFact",
    "SpendMonth",
    "SplitMeasure",
    "StageMove",
    "StandingConflict",
    "SunsetCriterion",
    "SwitchOff",
    "TagAlias",
    "TaggingKey",
    "Team",
    "Tranche",
    "TranchePart",
    "UnusedDay",
    "UsageAlarm",
    "UsageDay",
    "User",
    "ValueClaim",
    "Verdict",
    "WalletDay",
]
