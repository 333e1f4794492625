"""The words an initiative's fields may hold."""

from django.db import models


class Stage(models.TextChoices):
    """The six stages, in order."""

    CONCEPT = "concept", "Concept"
    MVP = "mvp", "MVP"
    PILOT = "pilot", "Pilot"
    LAUNCH = "launch", "Launch"
    SCALE = "scale", "Scale"
    SUNSET = "sunset", "Sunset"


class Condition(models.TextChoices):
    """Beside the stage."""

    ACTIVE = "active", "Active"
    ON_HOLD = "on_hold", "On hold"
    CLOSED = "closed", "Closed"


class ClosedAs(models.TextChoices):
    """Why an initiative is closed; learned counts as success."""

    COMPLETED = "completed", "Completed"
    KILLED = "killed", "Killed"
    MERGED = "merged", "Merged"
    SUNSET = "sunset", "Sunset"
    LEARNED = "learned", "Learned"


class WorkloadClass(models.TextChoices):
    """What models are asked to do; the policy asks a share of small models and of cached input by it."""

    EXTRACTION = "extraction", "Extraction, classification, formatting, intent, short summaries"
    DRAFTING = "drafting", "Drafting, moderate analysis"
    SYNTHESIS = "synthesis", "Synthesis, judgement, code, high-impact drafting"
    DELIBERATION = "deliberation", "Long deliberation"


class Level(models.TextChoices):
    """Low, medium or high."""

    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"


class Autonomy(models.TextChoices):
    """How far it acts by itself."""

    ASSISTIVE = "assistive", "Assistive"
    SUPERVISED = "supervised", "Supervised"
    AUTONOMOUS = "autonomous", "Autonomous agent"


class DataClass(models.TextChoices):
    """Data classification."""

    PUBLIC = "public", "Public"
    INTERNAL = "internal", "Internal"
    CONFIDENTIAL = "confidential", "Confidential"
    RESTRICTED = "restricted", "Restricted"


class PurchaseMode(models.TextChoices):
    """How the models are bought."""

    DIRECT_API = "direct_api", "Direct API"
    MARKETPLACE = "marketplace", "Cloud marketplace"
    SELF_HOSTED = "self_hosted", "Self-hosted"
    EMBEDDED_SAAS = "embedded_saas", "Embedded in SaaS"
    SUBSCRIPTION = "subscription", "Team subscription or developer tool"


class Deployment(models.TextChoices):
    """Where the models run."""

    API = "api", "API"
    SELF_HOSTED = "self_hosted", "Self-hosted"
    HYBRID = "hybrid", "Hybrid"


class TrackedFirst(models.TextChoices):
    """What is tracked first."""

    COST = "cost", "Cost"
    PERFORMANCE = "performance", "Performance"
    BOTH = "both", "Both"


class ModelTier(models.TextChoices):
    """Tier of model."""

    SMALL = "small", "Small"
    MID = "mid", "Mid-tier"
    FRONTIER = "frontier", "Frontier"
    REASONING = "reasoning", "Reasoning"
