"""The council app."""

from django.apps import AppConfig


class CouncilConfig(AppConfig):
    """Register the council's models."""

    name = "council"
    verbose_name = "Council"
