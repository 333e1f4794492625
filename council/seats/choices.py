"""The personas of seats."""

from django.db import models


class Persona(models.TextChoices):
    """What a seat speaks for."""

    EXECUTIVE = "executive", "Senior executive"
    BUSINESS = "business", "Business or product"
    AI_LEAD = "ai_lead", "AI or technology lead"
    ARCHITECTURE = "architecture", "Enterprise architecture"
    PLATFORM = "platform", "AI platform"
    INFRASTRUCTURE = "infrastructure", "Infrastructure"
    RISK = "risk", "Security and risk"
    FINANCE = "finance", "Finance and IT finance"
    FINOPS = "finops", "FinOps"
    PROCUREMENT = "procurement", "Procurement"
